"""A connection of psycopg that runs the statements of this engine by their names."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import psycopg
from psycopg.types.numeric import Int8Dumper

from tidemill.core.instants import Instant
from tidemill.core.job import NewJob
from tidemill.engines.postgres.statements import DIALECT, numbered, statement
from tidemill.engines.relational.link import Row, Values
from tidemill.engines.relational.rows import place, plain_row

Connection = psycopg.Connection[Row]

_FIRST: Final = (-(1 << 31), -(1 << 62), 0)
"""A place before every job of a line."""

_LARGEST_CHUNK: Final = 512


class PostgresLink:
    """A connection inside a transaction."""

    __slots__ = ("_cursor", "_schema")

    dialect = DIALECT

    def __init__(self, connection: Connection, schema: str) -> None:
        """Run the statements on this connection, in this schema."""
        self._cursor: psycopg.RawCursor[Row] = psycopg.RawCursor(connection)
        # One width for every number: a statement prepared for one value then serves all.
        self._cursor.adapters.register_dumper(int, Int8Dumper)
        self._schema = schema

    def rows(self, name: str, values: Values = (), **parts: str) -> list[Row]:
        """Run a statement to its end and answer its rows; `parts` fill the gaps in its text."""
        text = statement(name, self._schema)
        if parts:
            text = numbered(text.format(**parts), self._schema)
        return self._cursor.execute(text, values, binary=True).fetchall()

    def stream(self, name: str, values: Values, about: int) -> Iterator[Row]:
        """Run a query of a line piece by piece; its rows begin with their place."""
        place_: Values = _FIRST
        chunk = min(about, _LARGEST_CHUNK)
        while True:
            rows = self.rows(name, (*values, *place_, chunk))
            yield from rows
            if len(rows) < chunk:
                return
            place_ = rows[-1][:3]
            chunk = min(chunk * 2, _LARGEST_CHUNK)

    def run(self, name: str, values: Values = ()) -> int:
        """Run a statement and answer how many rows it changed."""
        return self._cursor.execute(statement(name, self._schema), values).rowcount

    def many(self, name: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values and answer how many rows it changed."""
        listed = list(rows)
        if not listed:
            return 0
        if len(listed) == 1:
            return self.run(name, listed[0])
        self._cursor.executemany(statement(name, self._schema), listed)
        return self._cursor.rowcount

    def bulk(self, name: str, rows: Sequence[Values]) -> int:
        """Run a statement that takes a list for each of its values; answer how many it changed."""
        return self.run(name, [list(column) for column in zip(*rows, strict=True)])

    def store_plain(self, jobs: Sequence[NewJob], now: Instant) -> Sequence[bool]:
        """Store jobs that nothing but their ids decides about; whether each is new."""
        if not jobs:
            return ()
        rows = [plain_row(0, job, *place(job, now), now) for job in jobs]
        _, *columns = zip(*rows, strict=True)
        created, args = columns.pop(7)[0], columns.pop()
        values: list[Any] = [list(column) for column in columns]
        found = self.rows("insert_plain", (*values, created, list(args)))
        if len(found) == len(jobs):
            return (True,) * len(jobs)
        new = {id_ for (id_,) in found}
        first = {job.id: number for number, job in reversed(list(enumerate(jobs)))}
        return [job.id in new and first[job.id] == number for number, job in enumerate(jobs)]
