"""Transactions of the caller's own: recognised by their shape, for no driver but ours is imported.

A SQLAlchemy session gives its connection, a connection the pooled one, and that the driver's own;
Django's wrapper keeps the driver's connection as an attribute.
"""

import sys
from collections.abc import Callable
from typing import Any, Final

import psycopg

from tidemill.core.errors import WrongTransaction
from tidemill.engines.postgres.bridge import Asyncpg, AsyncPsycopg, Remote
from tidemill.engines.postgres.session import PsycopgSession, Session

_TAKEN: Final = (
    "hand over a connection of psycopg or asyncpg, SQLAlchemy's connection or session over one,"
    " or Django's connection"
)

_UNTOLD: Final = "tidemill.untold"
"""Where a session of SQLAlchemy keeps what is to be told of its commit."""


def is_asynchronous(tx: Any) -> bool:
    """Whether the transaction belongs to an event loop."""
    return isinstance(tx, psycopg.AsyncConnection) or _is_asyncpg(tx) or _is_async_alchemy(tx)


def session_of(tx: Any) -> Session:
    """The session beneath a synchronous transaction of the caller's.

    Args:
        tx: a `psycopg.Connection`, a SQLAlchemy `Connection` or `Session` on psycopg, or Django's
            connection.

    Raises:
        WrongTransaction: it is something else, closed, or commits every statement by itself.
    """
    if is_asynchronous(tx):
        raise WrongTransaction(
            f"a {_name(tx)} belongs to an event loop",
            hint="await the verb with an `a` before it: `aenqueue`, `aemit`, `acomplete`",
        )
    connection = _connection_of(tx)
    if not isinstance(connection, psycopg.Connection):
        raise WrongTransaction(f"jobs cannot be stored through a {_name(tx)}", hint=_TAKEN)
    _check_psycopg(connection)
    return PsycopgSession(connection)


async def remote_of(tx: Any) -> Remote:
    """The connection beneath an asynchronous transaction of the caller's.

    Args:
        tx: a `psycopg.AsyncConnection`, an `asyncpg.Connection`, or a SQLAlchemy `AsyncConnection`
            or `AsyncSession` over one.

    Raises:
        WrongTransaction: it is something else, closed, or commits every statement by itself.
    """
    connection = tx
    if _is_async_alchemy(tx):
        alchemy = await tx.connection() if hasattr(tx, "sync_session") else tx
        connection = (await alchemy.get_raw_connection()).driver_connection
        if _is_asyncpg(connection) and not connection.is_in_transaction():
            # SQLAlchemy begins with the first statement that goes through it.
            await alchemy.exec_driver_sql("SELECT 1")
    if isinstance(connection, psycopg.AsyncConnection):
        _check_psycopg(connection)
        return AsyncPsycopg(connection)
    if not _is_asyncpg(connection):
        raise WrongTransaction(f"jobs cannot be stored through a {_name(tx)}", hint=_TAKEN)
    _refuse_closed(closed=connection.is_closed())
    if not connection.is_in_transaction():
        raise _no_transaction("async with connection.transaction():")
    return Asyncpg(connection)


def tell_of_commit(tx: Any, tell: Callable[[], None]) -> None:
    """Have this called once the caller has committed, where the caller's library lets one know.

    Django and SQLAlchemy's sessions do. SQLAlchemy's connections tell just before they commit, when
    nobody else could see anything yet, and a bare driver's connection does not tell at all.
    """
    if hasattr(tx, "on_commit"):
        tx.on_commit(tell)
        return
    session = getattr(tx, "sync_session", tx)
    if type(session).__module__.startswith("sqlalchemy.orm."):
        if _UNTOLD not in session.info:
            session.info[_UNTOLD] = []
            sys.modules["sqlalchemy"].event.listen(session, "after_commit", _tell_all)
        session.info[_UNTOLD].append(tell)


def _tell_all(session: Any) -> None:
    """Tell what a session has to tell; of one that is rolled back with its next commit, harmlessly.

    A savepoint that is released is a commit to the session, too, and none to anybody else.
    """
    if session.in_nested_transaction():
        return
    untold, session.info[_UNTOLD] = session.info[_UNTOLD], []
    for tell in untold:
        tell()


def _connection_of(tx: Any) -> Any:
    if isinstance(tx, psycopg.Connection):
        return tx
    if hasattr(tx, "in_atomic_block"):
        if not tx.in_atomic_block:
            raise _no_transaction("with transaction.atomic():")
        return tx.connection
    inner = tx.connection() if callable(getattr(tx, "connection", None)) else tx
    return getattr(getattr(inner, "connection", None), "driver_connection", None)


def _is_asyncpg(tx: Any) -> bool:
    return type(tx).__module__.startswith("asyncpg.") and hasattr(tx, "is_in_transaction")


def _is_async_alchemy(tx: Any) -> bool:
    return type(tx).__module__.startswith("sqlalchemy.ext.asyncio")


def _check_psycopg(connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> None:
    _refuse_closed(closed=connection.closed)
    idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    if connection.autocommit and idle:
        raise _no_transaction("with connection.transaction():")


def _refuse_closed(*, closed: bool) -> None:
    if closed:
        raise WrongTransaction("the connection is closed", hint="hand over one that is open")


def _no_transaction(opening: str) -> WrongTransaction:
    return WrongTransaction(
        "the connection commits every statement by itself",
        hint=f"open `{opening}` first, or leave out tx=",
    )


def _name(tx: Any) -> str:
    return f"{type(tx).__module__}.{type(tx).__qualname__}"
