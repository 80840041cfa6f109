"""Looking through logs and jobs, newest first, for those that are meant."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from tidemill.client.steps import Steps, ask
from tidemill.core.job import Snapshot
from tidemill.core.query import JobFilter
from tidemill.core.record import Entry
from tidemill.engines.protocol import Engine

MOST_LOOKED_AT: Final = 20_000
"""Lines that one question looks at, so that an answer comes soon however rare they are."""

MOST_PAGES: Final = 20
"""Pages of jobs that one question looks at, full or not: where those meant are rare, few are on
each."""

_PAGE: Final = 1_000


class Found(Struct, frozen=True):
    """Lines of a log, newest first.

    Attributes:
        cursor: hand it back for what comes before; `None`: there is no more. A page may hold less
            than was asked for, or nothing, and yet have one: so far it was looked.
    """

    entries: tuple[Entry, ...]
    cursor: int | None


def newest(
    engine: Engine,
    log: str,
    means: Callable[[Entry], bool],
    *,
    limit: int,
    cursor: int | None = None,
    tenant: str | None = None,
) -> Steps[Found]:
    """Lines that are meant, newest first.

    Args:
        means: whether a line is one of them.
        limit: so many at most.
        cursor: where the page before ended.
        tenant: only lines of this tenant; `None`: of any.
    """
    found: list[Entry] = []
    before, looked_at = cursor, 0
    while looked_at < MOST_LOOKED_AT and len(found) < limit:
        entries = yield from ask(
            engine.records.read(log, before=before, limit=_PAGE, newest=True, tenant=tenant)
        )
        looked_at += len(entries)
        for entry in entries:
            before = entry.position
            if means(entry):
                found.append(entry)
                if len(found) == limit:
                    break
        else:
            if len(entries) < _PAGE:
                return Found(tuple(found), None)
    return Found(tuple(found), before)


def newest_jobs(engine: Engine, which: JobFilter, limit: int) -> Steps[tuple[Snapshot, ...]]:
    """The newest jobs that match, so many at most, however many pages it takes to find them."""
    found: tuple[Snapshot, ...] = ()
    cursor = None
    while True:
        part = yield from ask(engine.reader.find(which, cursor=cursor, limit=limit - len(found)))
        found += part.jobs
        if (cursor := part.cursor) is None or len(found) >= limit:
            return found


def look_through(
    engine: Engine, which: JobFilter, most: int, see: Callable[[Sequence[Snapshot]], object]
) -> Steps[tuple[int, bool]]:
    """Show jobs that match page by page, newest first; how many, and whether there may be more.

    Args:
        most: with so many it is enough.
        see: is shown each page.
    """
    count, cursor = 0, None
    for _ in range(MOST_PAGES):
        part = yield from ask(engine.reader.find(which, cursor=cursor, limit=_PAGE))
        see(part.jobs)
        count, cursor = count + len(part.jobs), part.cursor
        if cursor is None or count >= most:
            break
    return count, cursor is not None
