"""What errors of the server and of its driver mean for whoever uses the store, and what to do.

Once connected, an error has a code. When no connection comes about, libpq has words alone, so there
they are read: the server's, a pooler's, and libpq's own. Words that nobody knows, such as those of
a server that speaks another language, are passed on as they are.
"""

import re
from typing import Final

import psycopg
from msgspec import Struct
from psycopg import errors

from tidemill.core.errors import (
    InvalidArguments,
    SchemaMismatch,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreUnavailable,
    TidemillError,
)

_BEFORE_THE_CAUSE: Final = re.compile(
    r"^connection (failed|is bad): (connection to server .*? failed: )?((FATAL|ERROR):\s+)?"
    r"|\s+Is the server running .*\?$"
)

_OF_A_VALUE: Final = (
    errors.CharacterNotInRepertoire,
    errors.UntranslatableCharacter,
    errors.NumericValueOutOfRange,
    errors.DataException,  # what asyncpg could not send
)
"""What the server says of a value that it cannot hold; those that cannot be sent have no code."""

_AGAIN: Final = "make the call again in a moment"


class Meaning(Struct, frozen=True):
    """What some errors mean.

    Attributes:
        raised: as which error of ours they are told.
        what: what has happened, after the server's name.
        hint: what to do about it.
        kinds: errors of the driver, by their code.
        said: what libpq has when no connection came about; with kinds, what these say, too.
    """

    raised: type[StoreError]
    what: str
    hint: str
    kinds: tuple[type[psycopg.Error], ...] = ()
    said: str = ""

    def fits(self, error: psycopg.Error, said: str) -> bool:
        """Whether this is meant."""
        if error.sqlstate is None and self.said:
            return re.search(self.said, said) is not None
        if not isinstance(error, self.kinds):
            return False
        return error.sqlstate is None or not self.said or bool(re.search(self.said, said))


def explained(error: psycopg.Error, where: str, *, is_replica: bool = False) -> TidemillError:
    """Say an error of the driver in our own words, with what to do about it.

    Args:
        error: as it was raised.
        where: the server's name.
        is_replica: whether the server was one when we last connected.
    """
    if is_replica and isinstance(error, errors.ReadOnlySqlTransaction):
        return StoreReadOnly(
            f"{where}: it takes no writes, for it is a replica: {error}",
            hint="name the primary; of several hosts, target_session_attrs=read-write finds it",
        )
    said = " ".join(_BEFORE_THE_CAUSE.sub("", str(error).strip()).split())
    is_unsent = isinstance(error, psycopg.DataError) and error.sqlstate is None
    if is_unsent or isinstance(error, _OF_A_VALUE):
        return InvalidArguments(f"a value cannot be stored: {said}")
    for each in _ALL:
        if each.fits(error, said):
            return each.raised(f"{where}: {each.what}: {said}", hint=each.hint)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StoreUnavailable(
            f"{where} cannot be reached: {said}",
            hint="see that the server runs, and that host, port and password are right",
        )
    return StoreError(f"{where}: {said}")


_WHO: Final = (
    Meaning(
        StoreUnavailable,
        "it asks for a password, and none was given",
        "write it into the URL, postgresql://user:password@host/database, or into ~/.pgpass",
        said="no password supplied",
    ),
    Meaning(
        StoreUnavailable,
        "it does not let this user in with this password",
        "check both in the URL, where @ : / ? # % are written %40 %3A %2F %3F %23 %25",
        (errors.InvalidPassword,),
        "(password|SASL|PAM|LDAP) authentication failed",
    ),
    Meaning(
        StoreUnavailable,
        "there is no such user",
        "name another one in the URL, or make it: CREATE ROLE ... LOGIN",
        said=r"role .* does not exist|no such user",
    ),
    Meaning(
        StoreUnavailable,
        "this user may not log in",
        "name another one in the URL, or ALTER ROLE ... LOGIN",
        said="is not permitted to log in",
    ),
    Meaning(
        StoreUnavailable,
        "it does not let this user in from this machine",
        "allow it in pg_hba.conf and SELECT pg_reload_conf(); where that asks for encryption, "
        "add ?sslmode=require",
        (errors.InvalidAuthorizationSpecification,),
        r"pg_hba\.conf",
    ),
    Meaning(
        StoreMissing,
        "there is no such database",
        "name another one in the URL, or make it: createdb",
        (errors.InvalidCatalogName,),
        r"database .* does not exist|no such database",
    ),
    Meaning(
        StoreUnavailable,
        "this user may not enter the database",
        "GRANT CONNECT ON DATABASE ... TO it",
        said="permission denied for database",
    ),
    Meaning(
        StoreUnavailable,
        "the database lets nobody in",
        "ALTER DATABASE ... ALLOW_CONNECTIONS true",
        said="not currently accepting connections",
    ),
)

_ROOM: Final = (
    Meaning(
        StoreUnavailable,
        "this user has all the connections that it may have",
        "end some, or ALTER ROLE ... CONNECTION LIMIT; each process of ours takes up to ten",
        (errors.TooManyConnections,),
        "too many connections for role",
    ),
    Meaning(
        StoreUnavailable,
        "the database has all the connections that it may have",
        "end some, or ALTER DATABASE ... CONNECTION LIMIT; each process of ours takes up to ten",
        (errors.TooManyConnections,),
        "too many connections for database",
    ),
    Meaning(
        StoreUnavailable,
        "it is full, all its connections are taken",
        "end some, raise max_connections, or put a pooler in front; each process of ours takes up "
        "to ten",
        (errors.TooManyConnections,),
        "too many clients|connection slots are reserved|no more connections allowed",
    ),
    Meaning(
        StoreUnavailable,
        "the pooler had no connection to the server in time",
        "raise its pool_size or query_wait_timeout; open transactions hold what it has",
        said="query_wait_timeout",
    ),
)

_AWAY: Final = (
    Meaning(
        StoreUnavailable,
        "it is starting, or stopping",
        _AGAIN,
        (errors.CannotConnectNow, errors.AdminShutdown, errors.CrashShutdown),
        "database system is|not accepting connections|terminating connection due to admin",
    ),
    Meaning(
        StoreUnavailable,
        "it cannot be reached, there is no such host",
        "check the host in the URL, and that this machine can look up names",
        said="failed to resolve host|could not translate host name",
    ),
    Meaning(
        StoreUnavailable,
        "it cannot be reached, nobody listens there",
        "see that the server runs, that host and port are right, and what its listen_addresses are",
        said="Connection refused|No such file or directory",
    ),
    Meaning(
        StoreUnavailable,
        "it cannot be reached, nobody answers there",
        "see that host and port are right, and that no firewall is in between",
        (errors.ConnectionTimeout,),
        "timeout expired|No route to host|Network is unreachable|timed out",
    ),
    Meaning(
        StoreUnavailable,
        "what listens there is no PostgreSQL",
        "check host and port in the URL",
        said="invalid response to SSL negotiation|expected authentication request from server",
    ),
    Meaning(
        StoreUnavailable,
        "no encryption was agreed on with it",
        "see sslmode= and sslrootcert= in the URL, and ssl in postgresql.conf",
        said="does not support SSL|certificate",
    ),
    Meaning(
        StoreUnavailable,
        "it is not of the kind that the URL asks for",
        "see target_session_attrs= in the URL, and which of the hosts is the primary",
        said="session is (not )?read-only|in hot standby mode",
    ),
    Meaning(
        StoreUnavailable,
        "it does not know what the URL asks for",
        "take it out of the part behind the question mark",
        said="unrecognized configuration parameter|unsupported startup parameter",
    ),
    Meaning(
        StoreUnavailable,
        "the pooler does not reach the server",
        "see that the server runs, and the pooler's log",
        said="server login|cannot connect to server|connect failed|server_login_retry",
    ),
)

_WORK: Final = (
    Meaning(
        SchemaMismatch,
        "the schema is not there, or not whole",
        "run `tidemill engine migrate`; after an upgrade, stop what is of the older release",
        (
            errors.UndefinedTable,
            errors.UndefinedColumn,
            errors.InvalidSchemaName,
            errors.UndefinedFunction,
        ),
    ),
    Meaning(
        StoreReadOnly,
        "this user may not make the schema",
        "GRANT CREATE ON DATABASE ... TO it, or let one who may run `tidemill engine migrate`",
        (errors.InsufficientPrivilege,),
        "permission denied for database",
    ),
    Meaning(
        StoreReadOnly,
        "this user may not do that",
        "grant it rights on the schema, its tables and sequences; `tidemill doctor` names them",
        (errors.InsufficientPrivilege,),
    ),
    Meaning(
        StoreReadOnly,
        "it takes no writes, for default_transaction_read_only is on",
        "turn that off for the user or the database; `tidemill doctor` says where it is set",
        (errors.ReadOnlySqlTransaction,),
    ),
    Meaning(
        StoreFull,
        "its disk is full",
        "make room; nothing accepted is lost",
        (errors.DiskFull,),
    ),
    Meaning(
        StoreUnavailable,
        "it has no memory left for that, as when one transaction takes more locks than it has room"
        " for",
        "commit more often, or raise max_locks_per_transaction and restart it; where it says"
        " nothing of shared memory, it needs more memory",
        (errors.OutOfMemory,),
    ),
    Meaning(
        StoreLocked,
        "a lock was not free in time",
        "end the transaction that holds it; pg_stat_activity names it",
        (errors.LockNotAvailable, errors.DeadlockDetected),
    ),
    Meaning(
        StoreLocked,
        "another transaction stood in the way each time",
        _AGAIN,
        (errors.SerializationFailure,),
    ),
    Meaning(
        StoreUnavailable,
        "it ended a statement that took too long",
        "raise statement_timeout for this user, or see what the server is busy with",
        (errors.QueryCanceled,),
    ),
    Meaning(
        StoreUnavailable,
        "it ended a session that stood still for too long",
        _AGAIN,
        (
            errors.IdleInTransactionSessionTimeout,
            errors.IdleSessionTimeout,
            errors.TransactionTimeout,
        ),
    ),
    Meaning(
        StoreUnavailable,
        "a prepared statement was lost, as behind a pooler that hands out sessions",
        "leave out ?prepare=on; on your own connection, set prepare_threshold=None",
        (errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement),
    ),
)

_ALL: Final = (*_WHO, *_ROOM, *_AWAY, *_WORK)
