"""Writing inside a transaction of the caller's own: `sqlite3`, SQLAlchemy, on the same file."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tidemill.core.errors import WrongTransaction
from tidemill.engines.sqlite.driver import Link, Row, Values


def link_into(tx: Any, path: Path) -> Link:
    """A link over the caller's connection, inside its transaction.

    Args:
        tx: a `sqlite3.Connection`, or a SQLAlchemy `Connection` or `Session` on `sqlite3`.
        path: the store's file; the caller's connection must be on the same one.

    Raises:
        WrongTransaction: it is something else, is on another file, or commits every statement by
            itself.
    """
    connection = _connection_of(tx)
    file = next(
        (row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main"), ""
    )
    if not file or Path(file).resolve() != path.resolve():
        raise WrongTransaction(
            f"the transaction is on {file or 'a database in memory'}, the jobs are in {path}",
            hint="jobs join your transaction only when they live in the same file",
        )
    if not connection.in_transaction:
        _begin(connection)
    return BorrowedLink(connection)


class BorrowedLink:
    """A caller's connection, which may make other things of its rows than tuples."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use it for a while; it stays the caller's."""
        self._connection = connection

    def _cursor(self) -> sqlite3.Cursor:
        cursor = self._connection.cursor()
        cursor.row_factory = None
        return cursor

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """Run a statement to its end and answer its rows."""
        return self._cursor().execute(sql, values).fetchall()

    def stream(self, sql: str, values: Values = ()) -> Iterator[Row]:
        """Run a query and answer its rows one by one, as they are asked for."""
        return self._cursor().execute(sql, values)

    def run(self, sql: str, values: Values = ()) -> int:
        """Run a statement and answer how many rows it changed."""
        return self._cursor().execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values and answer how many rows it changed."""
        return self._cursor().executemany(sql, rows).rowcount

    def close(self) -> None:
        """Leave it open: it is the caller's."""


def _connection_of(tx: Any) -> sqlite3.Connection:
    """The driver's connection beneath what the caller handed over."""
    if isinstance(tx, sqlite3.Connection):
        return tx
    # SQLAlchemy is recognised by its shape: it need not be installed. A Session gives its
    # Connection, a Connection the pooled one, and that the driver's own.
    inner = tx.connection() if callable(getattr(tx, "connection", None)) else tx
    pooled = getattr(inner, "connection", None)
    driver = getattr(pooled, "driver_connection", None)
    if isinstance(driver, sqlite3.Connection):
        return driver
    raise WrongTransaction(
        f"jobs cannot be stored through a {type(tx).__module__}.{type(tx).__qualname__}",
        hint="hand over a sqlite3.Connection or a synchronous SQLAlchemy Connection or Session",
    )


def _begin(connection: sqlite3.Connection) -> None:
    """Open the transaction that the caller's commit will close.

    The standard library's connections begin one by themselves at the first change; a savepoint
    would not make them, so it is begun here in the same way.
    """
    if connection.isolation_level is None:
        raise WrongTransaction(
            "the connection commits every statement by itself",
            hint='run "BEGIN IMMEDIATE" on it first, or leave out tx=',
        )
    connection.execute("BEGIN IMMEDIATE")
