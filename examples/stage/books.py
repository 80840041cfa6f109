"""A database of an application's own: SQLite or PostgreSQL, and its transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url

_READS: Final = "reads"
"""The option of a connection that changes nothing."""

_DRIVERS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}


class Books:
    """The tables of one application.

    Example:
        >>> books = Books("sqlite://", MetaData())
        >>> books.make()
        >>> with books.begin() as tx:
        ...     tx.exec_driver_sql("SELECT 1").scalar_one()
        1
        >>> books.close()
    """

    def __init__(self, url: str, tables: MetaData) -> None:
        """Name it; nothing is opened.

        Args:
            url: `sqlite:///…` or `postgresql://…`.
            tables: what is kept in it.
        """
        self._tables = tables
        self.engine = engine_of(url)

    def make(self) -> None:
        """Make the tables that are not there."""
        self._tables.create_all(self.engine)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: all of it counts when the block ends, and nothing if it raises."""
        with self.engine.begin() as tx:
            yield tx

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """One that changes nothing, and waits for nobody who does."""
        with self.engine.connect() as connection:
            reading = connection.execution_options(**{_READS: True})
            with reading.begin():
                yield reading


def engine_of(url: str) -> Engine:
    """The engine of a database; nothing is opened.

    On SQLite whoever may write says so first, and waits for others then: one that turns into a
    writer later may fail instead. A reader is in nobody's way.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
    """
    read = make_url(url)
    driver = _DRIVERS.get(read.drivername, read.drivername)
    engine = create_engine(read.set(drivername=driver), pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin by itself, and later
    for pragma in ("journal_mode = wal", "busy_timeout = 30000", "foreign_keys = on"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
