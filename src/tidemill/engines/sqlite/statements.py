"""The statements in `sql/`, one per file, run by their names; each begins with what it does."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

from tidemill.core.instants import Instant
from tidemill.core.job import NewJob
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.link import Dialect, Row, Values
from tidemill.engines.relational.rows import place, plain_row, text
from tidemill.engines.sqlite.driver import Link
from tidemill.loops.clock import Clock, steady

DIALECT: Final = Dialect(
    id_is_listed="id IN (SELECT value FROM json_each(?))",
    # SQLite's `lower` knows the letters A to Z.
    args_contain="instr(lower(CAST(args AS TEXT)), lower(?)) > 0",
    is_tagged="EXISTS (SELECT 1 FROM tagged WHERE tag = ? AND job = seq)",
    through="{table}",
    along_tag="tagged CROSS JOIN {table} ON seq = job",
    # The sign keeps SQLite from reading an index to its end and sorting what it found.
    passing="+{column}",
    stretch=None,
)

ROWS_A_STEP: Final = 20
"""Rows of values that one step of SQLite takes in bulk.

Each step has a price of its own, and lets Python's other threads in between: twenty rows a step
take a half to three quarters of the time of one. More of them gain little.
"""

_VALUES: Final = "VALUES "

_FOLDER: Final = Path(__file__).parent / "sql"


@cache
def sql(name: str) -> str:
    """The statement in `sql/<name>.sql`, without its header."""
    lines = (_FOLDER / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


@cache
def _with_rows(name: str, rows: int) -> str:
    """The statement with its row of values repeated."""
    head, values, tail = sql(name).partition(_VALUES)
    row, end, rest = tail.partition(")")
    return head + values + ", ".join([row + end] * rows) + rest


class NamedLink:
    """A connection that runs the statements of this engine by their names."""

    __slots__ = ("_link",)

    dialect = DIALECT

    def __init__(self, link: Link) -> None:
        """Run them on this connection."""
        self._link = link

    def rows(self, name: str, values: Values = (), **parts: str) -> list[Row]:
        """Run a statement to its end and answer its rows; `parts` fill the gaps in its text."""
        text = sql(name)
        return self._link.rows(text.format(**parts) if parts else text, values)

    def stream(self, name: str, values: Values, about: int) -> Iterator[Row]:  # noqa: ARG002 - SQLite reads on step by step
        """Run a query and answer its rows one by one, as they are asked for."""
        return self._link.stream(sql(name), values)

    def run(self, name: str, values: Values = ()) -> int:
        """Run a statement and answer how many rows it changed."""
        return self._link.run(sql(name), values)

    def many(self, name: str, rows: Iterable[Values]) -> int:
        """Run a statement once for each row of values and answer how many rows it changed."""
        return self._link.many(sql(name), rows)

    def append(self, lines: Sequence[Row]) -> int:
        """Add lines to logs, in order; answer the position of the last one."""
        self.bulk("append_entry", lines)
        found = self.rows("last_position")
        return int(found[0][0]) if found else 0

    def end_of_chain(self) -> bytes:
        """The digest of the newest line of the chained log; whoever writes is alone anyway."""
        found = self.rows("last_digest")
        return bytes(found[0][0]) if found else b""

    def store_plain(
        self,
        jobs: Sequence[NewJob],
        now: Instant,
        *,
        fresh_ids: bool = False,  # noqa: ARG002 - the looks into the indexes draw the numbers, too
    ) -> Sequence[bool]:
        """Store jobs that nothing but their ids decides about; whether each is new."""
        if len(jobs) != 1:
            ids = {job.id for job in jobs}
            if len(ids) == len(jobs) and self._store_all(jobs, ids, now):
                return (True,) * len(jobs)
        return [self._store_one(job, now) for job in jobs]

    def _store_one(self, job: NewJob, now: Instant) -> bool:
        ((seq, is_there),) = self.rows("draw_row", (job.id,))
        row = plain_row(seq, job, *place(job, now), now)
        return not is_there and bool(self.run("insert_plain", row))

    def _store_all(self, jobs: Sequence[NewJob], ids: set[str], now: Instant) -> bool:
        """Store them, if all of them are new."""
        if not jobs:
            return True
        ((first, near),) = self.rows("draw_rows", (min(ids), max(ids)))
        if near and self.rows("ids_are_there", (text(ids),))[0][0]:
            return False
        rows = [plain_row(seq, job, *place(job, now), now) for seq, job in enumerate(jobs, first)]
        self.bulk("insert_plain", rows)
        return True

    def bulk(self, name: str, rows: Sequence[Values]) -> int:
        """Run a statement for many rows; answer how many it changed.

        One with a row of `VALUES` takes several a step; any other one takes them one by one.
        """
        whole = len(rows) - len(rows) % ROWS_A_STEP if _VALUES in sql(name) else 0
        changed = 0
        if whole:
            steps = [
                tuple(chain.from_iterable(rows[start : start + ROWS_A_STEP]))
                for start in range(0, whole, ROWS_A_STEP)
            ]
            changed = self._link.many(_with_rows(name, ROWS_A_STEP), steps)
        if whole < len(rows):
            changed += self._link.many(sql(name), rows[whole:])
        return changed


def work_on(link: Link, clock: Clock, queues: AbstractSet[str] = frozenset()) -> Transaction:
    """What work sees of the transaction that a connection is in; this is when the clock is read."""
    return Transaction(NamedLink(link), clock.now(), steady(clock), queues)
