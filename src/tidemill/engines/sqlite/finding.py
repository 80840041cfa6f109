"""Reading jobs: the queries behind the reader, and behind changes that go by a filter."""

from collections import defaultdict
from collections.abc import Sequence

from tidemill.core.job import Attempt, Snapshot
from tidemill.core.query import JobFilter, Page
from tidemill.core.state import FINISHED, LIVE
from tidemill.engines.sqlite.driver import Link, Row
from tidemill.engines.sqlite.filters import condition, may_be_finished, may_be_live
from tidemill.engines.sqlite.rows import last_attempt, numbers, past_attempt, snapshot, text
from tidemill.engines.sqlite.statements import sql


def newest(link: Link, which: JobFilter, below: int | None, limit: int) -> list[Row]:
    """Rows of both tables, newest first; a job is in one of them, so nothing comes twice."""
    rows: list[Row] = []
    if may_be_live(which):
        where, values = condition(which, LIVE, below)
        rows += link.rows(sql("snapshot_job").format(where=where), (*values, limit))
    if may_be_finished(which):
        where, values = condition(which, FINISHED, below)
        rows += link.rows(sql("snapshot_done").format(where=where), (*values, limit))
    rows.sort(key=lambda row: -int(row[0]))
    return rows[:limit]


def find(link: Link, which: JobFilter, cursor: str | None, limit: int) -> Page:
    """One page; a row more than the page tells whether there is another."""
    rows = newest(link, which, int(cursor) if cursor else None, limit + 1)
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(tuple([snapshot(row) for row in shown]), str(shown[-1][0]) if more else None)


def by_ids(link: Link, ids: Sequence[str]) -> list[Row]:
    """The rows of these ids, in no order."""
    listed = text(list(ids))
    where = "id IN (SELECT value FROM json_each(?))"
    rows = link.rows(sql("snapshot_job").format(where=where), (listed, len(ids)))
    return rows + link.rows(sql("snapshot_done").format(where=where), (listed, len(ids)))


def get(link: Link, ids: Sequence[str]) -> tuple[Snapshot | None, ...]:
    """The jobs of these ids, with their attempts."""
    rows = by_ids(link, ids)
    past: defaultdict[int, list[Attempt]] = defaultdict(list)
    for row in link.rows(sql("attempts"), (numbers([row[0] for row in rows]),)):
        past[row[0]].append(past_attempt(row))
    found = {}
    for row in rows:
        last = last_attempt(row)
        attempts = (*past[row[0]], last) if last else tuple(past[row[0]])
        found[row[1]] = snapshot(row, attempts)
    return tuple([found.get(id_) for id_ in ids])
