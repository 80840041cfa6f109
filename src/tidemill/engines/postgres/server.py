"""The server: how it is reached, and what its errors mean for whoever uses the store."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import psycopg
from msgspec import Struct
from psycopg import errors

from tidemill.core.errors import (
    InvalidOption,
    SchemaMismatch,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreUnavailable,
)
from tidemill.core.instants import millis
from tidemill.engines.postgres.connections import Connections, OwnConnection
from tidemill.engines.postgres.link import Connection, PostgresLink

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,40}")
MOST_CONNECTIONS: Final = 8

_FOR_ANSWERS: Final = 0.9
"""Share of our patience after which a server that says nothing is given up."""

_LONGEST_GREETING: Final = 4
"""Seconds to wait for a connection: what is sent into the void while a network is cut must not keep
one from trying again when it is mended."""


class Address(Struct, frozen=True):
    """Where a store is.

    Attributes:
        conninfo: as libpq reads it, our own options taken out.
        shown: the same without its password, for messages.
        schema: the schema that holds the tables.
        patience: seconds to wait for a connection, a lock, or an answer.
        wake_window: seconds for which hints are gathered before other processes are told.
    """

    conninfo: str
    shown: str
    schema: str
    patience: float
    wake_window: float


def read_address(url: str) -> Address:
    """Take a URL apart: `postgresql://user@host/database?schema=jobs&patience=10s`.

    Raises:
        InvalidOption: libpq could not read it, or one of our own options is wrong.
    """
    base, _, query = url.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    schema = options.pop("schema", "tidemill")
    if not _NAME.fullmatch(schema):
        raise InvalidOption(
            f"schema={schema!r} is no name for a schema of ours",
            hint="small letters, digits and _, at most 41 of them, not a digit first",
        )
    patience = millis(options.pop("patience", "10s")) / 1_000
    window = options.pop("wake_window", "4ms")
    wake_window = 0 if window == "0" else millis(window) / 1_000
    conninfo = base + (f"?{urlencode(options)}" if options else "")
    shown = re.sub(r"(://[^:/@]*):[^@]*@", r"\1@", base)
    try:
        psycopg.conninfo.conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError as error:
        # What libpq says of a URL may quote the whole of it.
        is_secret = shown != base or "password" in options
        raise InvalidOption(
            f"{shown} cannot be read" + ("" if is_secret else f": {str(error).strip()}"),
            hint="write postgresql://user:password@host:5432/database",
        ) from None
    return Address(conninfo, shown, schema, patience, wake_window)


class Server:
    """One server: connections to it, and what its errors mean."""

    def __init__(self, address: Address) -> None:
        """Connect to nothing yet."""
        self.address = address
        self._connections: Connections | None = None

    def open(self) -> None:
        """Keep connections from now on."""
        self._connections = Connections(self.connect, self.address.schema, MOST_CONNECTIONS)

    def close(self) -> None:
        """Take every connection back and end it."""
        connections, self._connections = self._connections, None
        if connections is not None:
            connections.close()

    def connect(self, *, patient: bool = False) -> OwnConnection:
        """A connection of one's own.

        Args:
            patient: wait for answers for ever; else no longer than the URL says.

        Raises:
            StoreError: the one that names what is wrong.
        """
        try:
            connection = OwnConnection.connect(self.address.conninfo, **self._manners())
        except psycopg.Error as error:
            raise self.explain(error) from error
        connection.patience = None if patient else self.address.patience * _FOR_ANSWERS
        return connection

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A patient connection, closed in the end, whose errors are said in our words."""
        with self.connect(patient=True) as connection:
            try:
                yield connection
            except psycopg.Error as error:
                raise self.explain(error) from error

    @contextmanager
    def lent(self) -> Iterator[tuple[OwnConnection, PostgresLink]]:
        """A connection for a while, and the link that runs statements on it.

        Raises:
            StoreUnavailable: the store is not open, or no connection was free in time.
            StoreError: another one, that names why the server does not let us in.
        """
        connections = self._connections
        if connections is None:
            raise StoreUnavailable(
                f"{self.address.shown} is not open", hint="open the engine first"
            )
        connection, link = connections.take(self.address.patience)
        try:
            yield connection, link
        finally:
            connections.give_back(connection, link)

    def explain(self, error: BaseException) -> Exception:
        """Say an error of the driver in our own words, with what to do about it."""
        if not isinstance(error, psycopg.Error):
            return (
                error
                if isinstance(error, Exception)
                else StoreUnavailable(
                    "the write was interrupted", hint="it may or may not have been stored"
                )
            )
        where, said = self.address.shown, str(error).strip()
        for kinds, raised, what, hint in _MEANINGS:
            if isinstance(error, kinds):
                return raised(f"{where}: {what}: {said}", hint=hint)
        if isinstance(error, psycopg.OperationalError):
            return StoreUnavailable(
                f"{where} cannot be reached: {said}",
                hint="see that the server runs, and that host, port and password are right",
            )
        return StoreError(f"{where}: {said}")

    def _manners(self) -> dict[str, Any]:
        return {
            "autocommit": True,
            "cursor_factory": psycopg.RawCursor,
            "prepare_threshold": 2,
            "connect_timeout": min(max(int(self.address.patience), 2), _LONGEST_GREETING),
        }


_MEANINGS: Final[tuple[tuple[Any, type[StoreError], str, str], ...]] = (
    (
        (errors.InvalidPassword, errors.InvalidAuthorizationSpecification),
        StoreUnavailable,
        "it does not let this user in",
        "check user and password in the URL, and pg_hba.conf",
    ),
    (errors.InvalidCatalogName, StoreMissing, "there is no such database", "createdb makes one"),
    (
        (errors.UndefinedTable, errors.InvalidSchemaName, errors.UndefinedFunction),
        SchemaMismatch,
        "the schema is not there, or not whole",
        "run `tidemill engine migrate`",
    ),
    (
        errors.InsufficientPrivilege,
        StoreReadOnly,
        "this user may not do that",
        "grant it rights on the schema, its tables and sequences",
    ),
    (
        errors.ReadOnlySqlTransaction,
        StoreReadOnly,
        "it takes no writes",
        "name the primary server, not a replica",
    ),
    (errors.TooManyConnections, StoreUnavailable, "it is full", "raise max_connections"),
    (errors.DiskFull, StoreFull, "its disk is full", "make room; nothing accepted is lost"),
    (
        (errors.LockNotAvailable, errors.DeadlockDetected),
        StoreLocked,
        "a lock was not free in time",
        "end the transaction that holds it; pg_stat_activity names it",
    ),
)
