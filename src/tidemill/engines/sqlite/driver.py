"""How SQLite is spoken to: a small surface that the standard library and apsw both fit."""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from tidemill.core.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreUnavailable,
)

Row = tuple[Any, ...]
Values = Sequence[Any]

_BUSY, _LOCKED, _READ_ONLY, _IO_ERROR, _CORRUPT, _FULL, _CANNOT_OPEN, _NOT_A_DATABASE = (
    5, 6, 8, 10, 11, 13, 14, 26,
)  # fmt: skip
BUSY_CODES = frozenset({_BUSY, _LOCKED})

_LOG_INDEX = 32_768
"""Bytes that SQLite needs beside a file to read it, see https://sqlite.org/walformat.html 2."""


class Link(Protocol):
    """A connection to the file."""

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """Run a statement to its end and answer its rows."""
        ...

    def stream(self, sql: str, values: Values = ()) -> Iterator[Row]:
        """Run a query and answer its rows one by one, as they are asked for."""
        ...

    def run(self, sql: str, values: Values = ()) -> int:
        """Run a statement and answer how many rows it changed."""
        ...

    def many(self, sql: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values and answer how many rows it changed."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Driver(Protocol):
    """A library that holds SQLite."""

    name: str

    @property
    def version(self) -> tuple[int, ...]:
        """Version of the SQLite inside."""
        ...

    @property
    def errors(self) -> type[Exception]:
        """What its errors are."""
        ...

    def connect(self, path: Path, *, create: bool = False) -> Link:
        """Open the file; make it only if asked to."""
        ...

    def code(self, error: Exception) -> int:
        """SQLite's primary result code of an error."""
        ...


class StandardLink:
    """A connection of the standard library, in its autocommit mode."""

    def __init__(self, connection: sqlite3.Connection) -> None:
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
        return self._connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values and answer how many rows it changed."""
        return self._connection.executemany(sql, rows).rowcount

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class StandardDriver:
    """The SQLite that Python was built with."""

    name = "sqlite3"

    @property
    def version(self) -> tuple[int, ...]:
        """Version of the SQLite inside."""
        return sqlite3.sqlite_version_info

    @property
    def errors(self) -> type[Exception]:
        """What its errors are."""
        return sqlite3.Error

    def connect(self, path: Path, *, create: bool = False) -> Link:
        """Open the file; make it only if asked to."""
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
            timeout=0,
        )
        return StandardLink(connection)

    def code(self, error: Exception) -> int:
        """SQLite's primary result code of an error."""
        return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_full(folder: Path) -> bool:
    """Whether not even the index of the log finds room there, of which SQLite says no more."""
    try:
        return shutil.disk_usage(folder).free < _LOG_INDEX
    except OSError:
        return False


def translate(driver: Driver, path: Path, error: Exception) -> StoreError:
    """Say an error of SQLite in our own words, with what to do about it."""
    code = driver.code(error)
    if code in BUSY_CODES:
        return StoreLocked(
            f"{path} has been locked by another process for too long",
            hint="end the transaction that is open on it; `fuser -v` names the process",
        )
    if code == _READ_ONLY:
        return StoreReadOnly(
            f"{path} cannot be written",
            hint="give this user the right to write the file and its directory",
        )
    if code == _FULL or (code == _IO_ERROR and _is_full(path.parent)):
        return StoreFull(
            f"the disk that holds {path} is full",
            hint="make room; nothing that was accepted is lost and work goes on by itself",
        )
    # The standard library has no code for a text in the file that is none.
    if code in (_CORRUPT, _NOT_A_DATABASE) or "decode to UTF-8" in str(error):
        return StoreCorrupt(
            f"{path} is damaged or is not a tidemill store: {error}",
            hint="restore it from a backup; `sqlite3 FILE .recover` saves what can be read",
        )
    if code in (_CANNOT_OPEN, _IO_ERROR):
        return StoreUnavailable(
            f"{path} cannot be read or written: {error}",
            hint="check the disk, and that the directory exists",
        )
    return StoreError(f"{path}: {error}")
