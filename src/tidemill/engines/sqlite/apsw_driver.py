"""The SQLite that the apsw package brings along: newer than most systems' own."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import apsw

from tidemill.engines.sqlite.driver import Link, Row, Values


class ApswLink:
    """A connection of apsw, which is in autocommit mode by nature."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Take over the connection."""
        self._connection = connection

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """Run a statement to its end and answer its rows."""
        return self._connection.execute(sql, values).fetchall()

    def stream(self, sql: str, values: Values = ()) -> Iterator[Row]:
        """Run a query and answer its rows one by one, as they are asked for."""
        return self._connection.execute(sql, values)

    def run(self, sql: str, values: Values = ()) -> int:
        """Run a statement and answer how many rows it changed."""
        before = self._connection.total_changes()
        self._connection.execute(sql, values).fetchall()
        return self._connection.total_changes() - before

    def many(self, sql: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values and answer how many rows it changed."""
        before = self._connection.total_changes()
        self._connection.executemany(sql, rows).fetchall()
        return self._connection.total_changes() - before

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class ApswDriver:
    """SQLite as packaged by apsw."""

    name = "apsw"

    @property
    def version(self) -> tuple[int, ...]:
        """Version of the SQLite inside."""
        return tuple(int(part) for part in apsw.sqlite_lib_version().split("."))

    @property
    def errors(self) -> type[Exception]:
        """What its errors are."""
        return apsw.Error

    def connect(self, path: Path, *, create: bool = False) -> Link:
        """Open the file; make it only if asked to."""
        flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
        return ApswLink(apsw.Connection(str(path), flags, statementcachesize=256))

    def code(self, error: Exception) -> int:
        """SQLite's primary result code of an error."""
        return int(getattr(error, "result", 0)) & 0xFF
