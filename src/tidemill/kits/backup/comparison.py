"""Comparing two states of one thing, table by table and row by row, in little memory."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from tidemill.kits.backup.manifest import Tell
from tidemill.kits.backup.outcome import Difference, Measure
from tidemill.kits.backup.sql import statement

_MOST_EXAMPLES: Final = 5
_OFTEN: Final = 5_000
_WHOLE: Final = 1 << 256


class Row(NamedTuple):
    """A row.

    Attributes:
        key: what tells it from the others of its table; empty: it has nothing.
        content: all of it.
    """

    key: bytes
    content: bytes


class Readable(Protocol):
    """A state that can be read."""

    def tables(self) -> list[str]:
        """What there is."""
        ...

    def rows(self, table: str) -> Iterable[Row]:
        """What is in it, in any order."""
        ...


class Tally:
    """Measures rows as they come.

    Attributes:
        rows: how many.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.rows = 0
        self._total = 0

    def add(self, row: Row) -> None:
        """Count one."""
        self.rows += 1
        self._total += int.from_bytes(_digest(row), "big")

    @property
    def measure(self) -> Measure:
        """How many, and what, whatever their order."""
        return Measure(self.rows, f"{self._total % _WHOLE:064x}")


def measured(state: Readable, tell: Tell) -> dict[str, Measure]:
    """How much each table holds, and what."""
    found = {}
    names = state.tables()
    for number, table in enumerate(names):
        tally = Tally()
        for row in state.rows(table):
            tally.add(row)
            if tally.rows % _OFTEN == 0:
                tell(f"Reading {table}: {tally.rows:,} rows", number / len(names))
        found[table] = tally.measure
        tell(f"Reading {table}: {tally.rows:,} rows", (number + 1) / len(names))
    return found


def compared(
    backup: Readable, known: dict[str, Measure], live: Readable, scratch: Path, tell: Tell
) -> list[Difference]:
    """How two states differ, table by table.

    Where the digests of all rows of a table are the same, so are the rows. Otherwise keys and
    digests are sorted on disk: a table may be larger than memory.

    Args:
        backup: one of them.
        known: what its tables measure.
        live: the other one.
        scratch: a folder for what is only needed meanwhile.
        tell: is told now and then.
    """
    now = measured(live, tell)
    names = sorted(known.keys() | now.keys())
    found = []
    for number, table in enumerate(names):
        tell(f"Comparing {table}", number / len(names))
        one, other = known.get(table), now.get(table)
        if one is not None and one == other:
            found.append(Difference(table=table, rows=one.rows, live=one.rows))
            continue
        parts = [
            state.rows(table) if measure else ()
            for state, measure in ((backup, one), (live, other))
        ]
        found.append(_one(table, parts, scratch / "rows.sqlite", tell))
    tell("Compared", 1)
    return found


def _one(table: str, parts: list[Iterable[Row]], path: Path, tell: Tell) -> Difference:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as scratch:
        # What is lost in a crash would be thrown away anyway.
        scratch.execute("PRAGMA journal_mode = OFF")
        scratch.execute("PRAGMA synchronous = OFF")
        scratch.execute(statement("create_row"))
        counts = []
        for side, rows in enumerate(parts):
            counter = _Counter(table, side, tell)
            scratch.execute("BEGIN")
            scratch.executemany(statement("add_row"), counter.through(rows))
            scratch.execute("COMMIT")
            counts.append(counter.count)
        difference = _difference(table, counts, scratch.execute(statement("differences")))
    path.unlink()
    return difference


class _Counter:
    """Counts the rows of one side on their way."""

    def __init__(self, table: str, side: int, tell: Tell) -> None:
        self._table = table
        self._side = side
        self._tell = tell
        self.count = 0

    def through(self, rows: Iterable[Row]) -> Iterator[tuple[int, bytes, bytes]]:
        for row in rows:
            self.count += 1
            if self.count % _OFTEN == 0:
                self._tell(f"Comparing {self._table}: {self.count:,} rows", self._side / 2)
            digest = _digest(row)
            yield self._side, row.key or digest, digest


def _difference(
    table: str, counts: list[int], differing: Iterable[tuple[bytes, int, int]]
) -> Difference:
    only_backup = only_live = changed = 0
    examples: list[str] = []
    for key, of_backup, of_live in differing:
        if of_backup == of_live:
            changed += 1
        else:  # one of the two is 0, unless rows without a key are there several times
            only_backup += max(0, of_backup - of_live)
            only_live += max(0, of_live - of_backup)
        if len(examples) < _MOST_EXAMPLES:
            examples.append(key.decode("utf-8", "backslashreplace")[:200])
    return Difference(
        table=table,
        rows=counts[0],
        live=counts[1],
        only_backup=only_backup,
        only_live=only_live,
        changed=changed,
        examples=examples,
    )


def _digest(row: Row) -> bytes:
    return hashlib.sha256(len(row.key).to_bytes(8, "big") + row.key + row.content).digest()
