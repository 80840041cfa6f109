"""Reading jobs: the queries behind the reader, and behind changes that go by a filter."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from tidemill.core.job import Attempt, Snapshot
from tidemill.core.query import JobFilter, Page, at_most, read_cursor
from tidemill.core.state import FINISHED, LIVE
from tidemill.engines.relational.filters import (
    condition,
    finished_parts,
    is_served,
    may_be_live,
    way,
)
from tidemill.engines.relational.link import Link, Row
from tidemill.engines.relational.rows import last_attempt, numbers, past_attempt, snapshot, text
from tidemill.engines.relational.searching import PAGE, Effort, search
from tidemill.engines.unstorable import refuse_nul

RARE: Final = 20_000
"""Jobs of a tag up to which one looks along it; more of them are met soon enough elsewhere."""

_MOST_IDS: Final = str(1_000_000)
"""More than anyone asks for at once: jobs looked up by their ids have no page."""


def newest(
    link: Link, which: JobFilter, cursor: str | None, limit: int, effort: Effort
) -> tuple[list[Row], str | None]:
    """At most so many rows of both tables, newest first, and the cursor behind them.

    A job is in one of the two, so nothing comes twice. Where no index leads to what is meant there
    may be fewer rows, or none, although there is a cursor: so far was looked.

    Args:
        effort: how much is looked at where no index leads there.
    """
    most, below = at_most(limit), read_cursor(cursor)
    tag = rare_tag(link, which.tags)
    if most and tag is None and not is_served(which):
        rows, onward = search(link, which, below, most, effort)
        return rows, None if onward is None else str(onward)
    # A row more than asked for tells whether there is another.
    rows = _served(link, which, below, most + 1, tag)
    more = most and len(rows) > most
    return rows[:most], str(rows[most - 1][0]) if more else None


def _served(
    link: Link, which: JobFilter, below: int | None, limit: int, tag: str | None
) -> list[Row]:
    """Rows to which an index leads, in one statement for each table."""
    rows: list[Row] = []
    # Written out: of a value that is still to come PostgreSQL takes it to be a tenth of all.
    most = str(limit)
    if may_be_live(which):
        where, values = condition(link.dialect, which, LIVE, below, tag)
        rows += link.rows(
            "snapshot_job", values, **way(link.dialect, "job", tag), where=where, limit=most
        )
    for part in finished_parts(which):
        where, values = condition(link.dialect, part, FINISHED, below, tag)
        rows += link.rows(
            "snapshot_done", values, **way(link.dialect, "done", tag), where=where, limit=most
        )
    rows.sort(key=lambda row: -int(row[0]))
    return rows[:limit]


def rare_tag(link: Link, tags: Sequence[str]) -> str | None:
    """The rarest of these tags, if it is rare."""
    counts = {tag: link.rows("count_tagged", (tag, RARE))[0][0] for tag in tags}
    rarest = min(counts, key=counts.__getitem__, default=None)
    return rarest if rarest is not None and counts[rarest] < RARE else None


def find(
    link: Link, which: JobFilter, cursor: str | None, limit: int, effort: Effort = PAGE
) -> Page:
    """One page, as far as one looks for it."""
    rows, onward = newest(link, which, cursor, limit, effort)
    return Page(tuple([snapshot(row) for row in rows]), onward)


def by_ids(link: Link, ids: Sequence[str]) -> list[Row]:
    """The rows of these ids, in no order."""
    refuse_nul(*ids)
    listed = text(list(ids))
    where = link.dialect.id_is_listed
    rows: list[Row] = []
    for name, table in (("snapshot_job", "job"), ("snapshot_done", "done")):
        source = way(link.dialect, table, None)
        rows += link.rows(name, (listed,), **source, where=where, limit=_MOST_IDS)
    return rows


def get(link: Link, ids: Sequence[str]) -> tuple[Snapshot | None, ...]:
    """The jobs of these ids, with their attempts."""
    rows = by_ids(link, ids)
    past: defaultdict[int, list[Attempt]] = defaultdict(list)
    for row in link.rows("attempts", (numbers([row[0] for row in rows]),)):
        past[row[0]].append(past_attempt(row))
    found = {}
    for row in rows:
        last = last_attempt(row)
        attempts = (*past[row[0]], last) if last else tuple(past[row[0]])
        found[row[1]] = snapshot(row, attempts)
    return tuple([found.get(id_) for id_ in ids])
