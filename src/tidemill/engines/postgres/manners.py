"""How we behave in a session whose defaults others have set, and which a pooler may lend to them.

A user or a database may have defaults of its own: another isolation, a time-out of a few
milliseconds. Whatever we need is said for one transaction at a time. Setting it for the session
would reach others behind a pooler, and be gone with the next transaction.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

import psycopg

from tidemill.core.instants import Millis
from tidemill.engines.postgres.session import PsycopgSession, Session
from tidemill.engines.relational.link import Row, Values

_LONGEST_REST: Final = 10_000
"""Milliseconds for which a process may stand still inside a transaction, before the server ends it
and frees what it has locked."""

_FOR_LOCKS: Final = 0.8
"""Share of our patience that a lock is waited for, so that the server still says it was in vain."""

_KNOWS_TRANSACTION_TIMEOUT: Final = 170_000
"""The first version of a server that has it."""


def to_write(patience: float | None) -> str:
    """What begins a transaction in which each statement sees what was committed before it.

    Args:
        patience: seconds to wait for an answer; `None`: for ever.
    """
    return f"BEGIN ISOLATION LEVEL READ COMMITTED; {_limits(patience)}"


def to_read(patience: float | None) -> str:
    """What begins a transaction that sees the store at one moment.

    Each question is planned for its own values: a plan that is to serve a name of half of all jobs
    as well as a rare one walks along all of history for the latter.
    """
    return (
        f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_limits(patience)};"
        " SET LOCAL plan_cache_mode = force_custom_plan"
    )


def suits(
    isolation: str,
    for_statements: Millis,
    until_locks: Millis,
    for_transactions: Millis,
    patience: float | None,
) -> bool:
    """Whether a statement alone does well under these defaults of a session.

    Args:
        isolation: of a transaction for which none is named.
        for_statements: after which the server ends a statement; 0: never.
        until_locks: after which it gives up a lock; 0: never.
        for_transactions: after which it ends a transaction; 0: never.
        patience: as of `to_write`.
    """
    return (
        isolation == "read committed"
        and _outlasts(for_statements, _longest(patience))
        and _outlasts(until_locks, for_locks(patience))
        and _outlasts(for_transactions, _longest(patience))
    )


def _outlasts(given: Millis, wanted: Millis) -> bool:
    return not given or 0 < wanted <= given


def _longest(patience: float | None) -> Millis:
    return 0 if patience is None else int(patience * 1_000)


def for_locks(patience: float | None) -> Millis:
    """How long a lock is waited for: not as long as for an answer, so the server can still say."""
    return int(_longest(patience) * _FOR_LOCKS)


def _limits(patience: float | None) -> str:
    return (
        f"SET LOCAL idle_in_transaction_session_timeout = {_LONGEST_REST};"
        f" SET LOCAL lock_timeout = {for_locks(patience)};"
        f" SET LOCAL statement_timeout = {_longest(patience)}"
    )


def ends_transactions(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server may end a transaction for how long it has been open."""
    return connection.info.server_version >= _KNOWS_TRANSACTION_TIMEOUT


@lru_cache(maxsize=64)
def _endless(begin: str) -> str:
    """The same, and first of all that nothing ends it: what follows may wait for a lock."""
    head, _, rest = begin.partition(";")
    return f"{head}; SET LOCAL transaction_timeout = 0;{rest}"


@contextmanager
def in_utf8(session: Session) -> Iterator[None]:
    """Every letter can be sent and read meanwhile, whatever a caller's transaction is set to.

    If anything is raised, it is the caller's savepoint that sets it back.
    """
    encoding = session.encoding
    if encoding == "UTF8":
        yield
        return
    session.run("SET LOCAL client_encoding = 'UTF8'")
    yield
    session.run(f"SET LOCAL client_encoding = '{encoding}'")


@contextmanager
def begun(connection: psycopg.Connection[Any], begin: str) -> Iterator[None]:
    """A transaction that begins with this, and is undone if anything is raised."""
    try:
        connection.execute(_endless(begin) if ends_transactions(connection) else begin)
        yield
    except BaseException:
        if not connection.closed:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


class SetSession(PsycopgSession):
    """A session whose defaults would fail us: a statement alone is given a transaction, too."""

    __slots__ = ("_begin", "_own")

    def __init__(self, connection: psycopg.Connection[Any], begin: str) -> None:
        """Begin with this where no transaction is open."""
        super().__init__(connection)
        self._own = connection
        self._begin = begin

    def rows(self, text: str, values: Values) -> list[Row]:
        """Run a statement to its end and answer its rows."""
        with self._transaction():
            return super().rows(text, values)

    def run(self, text: str, values: Values = ()) -> int:
        """Run a statement and answer how many rows it changed."""
        with self._transaction():
            return super().run(text, values)

    def many(self, text: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values, without waiting for each."""
        with self._transaction():
            return super().many(text, rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._own.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            yield
            return
        with begun(self._own, self._begin):
            yield
