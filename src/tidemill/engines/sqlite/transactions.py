"""Writing inside a transaction of the caller's own: `sqlite3`, SQLAlchemy, on the same file."""

import sqlite3
from pathlib import Path
from typing import Any

from tidemill.core.errors import WrongTransaction
from tidemill.engines.sqlite.driver import Link, StandardLink


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
    return StandardLink(connection)


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
