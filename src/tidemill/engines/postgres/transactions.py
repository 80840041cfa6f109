"""The driver's connection beneath a transaction of the caller's own."""

from typing import Any

import psycopg

from tidemill.core.errors import WrongTransaction
from tidemill.engines.postgres.link import Connection


def connection_of(tx: Any) -> Connection:
    """The connection beneath what the caller handed over.

    Args:
        tx: a `psycopg.Connection`, or a SQLAlchemy `Connection` or `Session` on psycopg.

    Raises:
        WrongTransaction: it is something else, or commits every statement by itself.
    """
    if isinstance(tx, psycopg.Connection):
        connection: Any = tx
    else:
        # SQLAlchemy is recognised by its shape: it need not be installed. A Session gives its
        # Connection, a Connection the pooled one, and that the driver's own.
        inner = tx.connection() if callable(getattr(tx, "connection", None)) else tx
        connection = getattr(getattr(inner, "connection", None), "driver_connection", None)
    if not isinstance(connection, psycopg.Connection):
        raise WrongTransaction(
            f"jobs cannot be stored through a {type(tx).__module__}.{type(tx).__qualname__}",
            hint="hand over a psycopg.Connection, or a synchronous SQLAlchemy one on psycopg",
        )
    idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    if connection.autocommit and idle:
        raise WrongTransaction(
            "the connection commits every statement by itself",
            hint="open `with connection.transaction():` first, or leave out tx=",
        )
    return connection
