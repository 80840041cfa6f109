"""A driver's connection as statements need it: run one, and answer its rows or how many changed."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

import psycopg
from psycopg.adapt import AdaptersMap, Loader
from psycopg.rows import tuple_row
from psycopg.types.array import ListBinaryDumper
from psycopg.types.bool import BoolBinaryDumper, BoolBinaryLoader
from psycopg.types.none import NoneDumper
from psycopg.types.numeric import (
    Float8BinaryLoader,
    Int4BinaryLoader,
    Int8BinaryDumper,
    Int8BinaryLoader,
    OidBinaryLoader,
)
from psycopg.types.string import (
    ByteaBinaryLoader,
    BytesBinaryDumper,
    StrBinaryDumper,
    StrDumperUnknown,
    TextBinaryLoader,
)

from tidemill.engines.relational.link import Row, Values

_LOADERS: Final[Mapping[str, type[Loader]]] = {
    "bool": BoolBinaryLoader,
    "int4": Int4BinaryLoader,
    "int8": Int8BinaryLoader,
    "oid": OidBinaryLoader,
    "float8": Float8BinaryLoader,
    "text": TextBinaryLoader,
    "name": TextBinaryLoader,
    "bytea": ByteaBinaryLoader,
}
"""What is read of the types that statements answer."""


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
    def encoding(self) -> str:
        """How text is sent and answered, as the server calls it."""
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
        self._cursor: psycopg.RawCursor[Row] = psycopg.RawCursor(connection, row_factory=tuple_row)
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
    def encoding(self) -> str:
        """How text is sent and answered, as the server calls it."""
        return encoding_of(self._connection)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be run any more."""
        return self._connection.closed


def encoding_of(connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> str:
    """How text is sent and answered on a connection, as the server has told it."""
    return connection.info.parameter_status("client_encoding") or ""


def teach(adapters: AdaptersMap) -> None:
    """Have psycopg send and read values as statements want it, whatever others have taught it.

    A caller may have taught a connection, or all of them, to read numbers as decimals, or bytes as
    something else.
    """
    for type_, loader in _LOADERS.items():
        adapters.register_loader(type_, loader)
    # The last one of a kind is the one that is used, but for what stands in a list.
    adapters.register_dumper(str, StrBinaryDumper)
    adapters.register_dumper(str, StrDumperUnknown)
    adapters.register_dumper(bytes, BytesBinaryDumper)
    adapters.register_dumper(bool, BoolBinaryDumper)
    adapters.register_dumper(type(None), NoneDumper)
    # One width for every number: a statement prepared for one value then serves all, and a
    # list of large numbers is not written in the width of a list of small ones before it.
    adapters.register_dumper(int, Int8BinaryDumper)
    # A list as text is read letter by letter: bulk inserts took half as long again.
    adapters.register_dumper(list, ListBinaryDumper)
