"""A driver's connection as statements need it: run one, and answer its rows or how many changed."""

from collections.abc import Iterable
from typing import Any, Protocol

import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.types.array import ListBinaryDumper
from psycopg.types.numeric import Int8BinaryDumper

from tidemill.engines.relational.link import Row, Values


class Session(Protocol):
    """A connection of some driver, used from one thread; values are numbered, `$1`, `$2`."""

    def rows(self, text: str, values: Values) -> list[Row]:
        """Run a statement to its end and answer its rows."""
        ...

    def run(self, text: str, values: Values = ()) -> int:
        """Run a statement and answer how many rows it changed."""
        ...

    def many(self, text: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values and answer how many rows it changed."""
        ...

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be run any more."""
        ...


class PsycopgSession:
    """A synchronous connection of psycopg."""

    __slots__ = ("_connection", "_cursor")

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Keep a cursor, because a cursor learns how values of each type are sent."""
        self._connection = connection
        self._cursor: psycopg.RawCursor[Row] = psycopg.RawCursor(connection)
        teach(self._cursor.adapters)

    def rows(self, text: str, values: Values) -> list[Row]:
        """Run a statement to its end and answer its rows."""
        return self._cursor.execute(text, values, binary=True).fetchall()

    def run(self, text: str, values: Values = ()) -> int:
        """Run a statement and answer how many rows it changed."""
        return self._cursor.execute(text, values).rowcount

    def many(self, text: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values, without waiting for each."""
        self._cursor.executemany(text, list(rows))
        return self._cursor.rowcount

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be run any more."""
        return self._connection.closed


def teach(adapters: AdaptersMap) -> None:
    """Have psycopg send numbers and lists as statements want them."""
    # One width for every number: a statement prepared for one value then serves all, and a
    # list of large numbers is not written in the width of a list of small ones before it.
    adapters.register_dumper(int, Int8BinaryDumper)
    # A list as text is read letter by letter: bulk inserts took half as long again.
    adapters.register_dumper(list, ListBinaryDumper)
