"""Runs the statements of this engine by their names."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import psycopg
from msgspec.structs import replace

from tidemill.core.instants import Instant
from tidemill.core.job import NewJob
from tidemill.engines.postgres.session import Session
from tidemill.engines.postgres.statements import DIALECT, numbered, statement
from tidemill.engines.relational.link import Row, Values
from tidemill.engines.relational.rows import policy_text, rank, text_or_none

Connection = psycopg.Connection[Row]


_FIRST: Final = (-(1 << 31), -(1 << 62), 0)
"""A place before every job of a line."""

_LARGEST_CHUNK: Final = 512


class PostgresLink:
    """A session inside a transaction."""

    __slots__ = ("_schema", "_session")

    dialect = DIALECT

    def __init__(self, session: Session, schema: str) -> None:
        """Run the statements in this session, in this schema."""
        self._session = session
        self._schema = schema

    def rows(self, name: str, values: Values = (), **parts: str) -> list[Row]:
        """Run a statement to its end and answer its rows; `parts` fill the gaps in its text."""
        text = statement(name, self._schema)
        if parts:
            text = numbered(text.format(**parts), self._schema)
        return self._session.rows(text, values)

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
        return self._session.run(statement(name, self._schema), values)

    def many(self, name: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values and answer how many rows it changed."""
        listed = list(rows)
        if not listed:
            return 0
        if len(listed) == 1:
            return self.run(name, listed[0])
        return self._session.many(statement(name, self._schema), listed)

    def bulk(self, name: str, rows: Sequence[Values]) -> int:
        """Run a statement that takes a list for each of its values; answer how many it changed."""
        return self.run(name, columns(rows))

    def append(self, lines: Sequence[Row]) -> int:
        """Add lines to logs, in order; answer the position of the last one."""
        if not lines:
            return int(self.rows("last_position")[0][0])
        return int(self.rows("append_entries", columns(lines))[0][0])

    def end_of_chain(self) -> bytes:
        """The digest of the newest line of the chained log, which nobody else adds to meanwhile."""
        self.rows("lock_chain")
        found = self.rows("last_digest")
        return bytes(found[0][0]) if found else b""

    def store_plain(
        self, jobs: Sequence[NewJob], now: Instant | None, *, fresh_ids: bool = False
    ) -> Sequence[bool]:
        """Store jobs that nothing but their ids decides about; whether each is new.

        Args:
            now: the time; `None`: the server knows.
            fresh_ids: whether no store can know the ids, as in `Jobs.insert`.
        """
        if not jobs:
            return ()
        if fresh_ids:
            self._store_fresh(jobs, now)
            return (True,) * len(jobs)
        found = self.rows("insert_plain", (*columns(map(_plain, jobs)), now))
        if len(found) == len(jobs):
            return (True,) * len(jobs)
        new = {id_ for (id_,) in found}
        # Of two with one id in one call it is the first that is stored.
        first = {job.id: number for number, job in reversed(list(enumerate(jobs)))}
        return [job.id in new and first[job.id] == number for number, job in enumerate(jobs)]

    def _store_fresh(self, jobs: Sequence[NewJob], now: Instant | None) -> None:
        """Store jobs of which nobody knows, sending but once what they have in common."""
        first, *others = jobs
        if not others:
            self.run("insert_one", (*_plain(first), now))
            return
        pattern = _pattern(first)
        if all(_pattern(job) == pattern for job in others):
            ids, arguments = [job.id for job in jobs], [job.args for job in jobs]
            self.run("insert_alike", (ids, arguments, *_shared(first), now))
        else:
            self.run("insert_fresh", (*columns(map(_plain, jobs)), now))


def columns(rows: Iterable[Values]) -> list[list[Any]]:
    """Rows as lists that `unnest` takes apart, one for each column."""
    return [list(column) for column in zip(*rows, strict=True)]


def _pattern(job: NewJob) -> NewJob:
    """The job without what is its own."""
    return replace(job, id="", args=b"")


def _plain(job: NewJob) -> Row:
    """The values of `insert_plain`, but for the time."""
    return (job.id, job.args, *_shared(job))


def _shared(job: NewJob) -> Row:
    """What jobs on the same terms have in common."""
    return (
        job.task,
        job.queue,
        job.tenant,
        rank(job.priority),
        job.due_at,
        job.retry.attempts,
        job.expires_at,
        job.timeout,
        text_or_none(job.tags),
        job.source,
        text_or_none(job.headers),
        policy_text(job),
    )
