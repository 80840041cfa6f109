"""Looking for jobs to which no index leads: newest first, stretch by stretch, and not for long.

A stretch is so many rows of each table, along whichever index passes over most of what is not
meant. What is counted is rows, not their numbers, so that a gap that deleted jobs have left costs
nothing, and a stretch behind it is no longer than others.
"""

import time
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from tidemill.core.query import JobFilter
from tidemill.engines.relational.leads import Leads, Meant, along, parts_meant, within
from tidemill.engines.relational.link import Link, Row

Onward = int | None
"""Before which row to go on; `None`: there are none."""


class Effort(Struct, frozen=True):
    """How much is looked at for one answer.

    Attributes:
        rows: of each table in the first stretch; twice as many in the next one while that is quick.
        patience: seconds; a further stretch is begun while one like the last would fit into them.
    """

    rows: int = 1_000
    patience: float = 0.1


PAGE: Final = Effort()
"""For whoever looks."""

SLICE: Final = Effort(patience=0.02)
"""For whoever changes: others wait meanwhile to write."""

_ROOMY: Final = 4
"""How often the time that a stretch took must be left for the next one to be twice as long."""


def search(
    link: Link, which: JobFilter, below: int | None, limit: int, effort: Effort
) -> tuple[list[Row], Onward]:
    """At most so many rows, at least one, newest first, and where to go on."""
    parts = parts_meant(which)
    found: list[Row] = []
    ends_at = time.monotonic() + effort.patience
    size = effort.rows
    while True:
        begun_at = time.monotonic()
        # One more tells whether there are any.
        rows, below = _look(link, parts, below, size, limit - len(found) + 1)
        found += rows
        if len(found) > limit:
            return found[:limit], int(found[limit - 1][0])
        now = time.monotonic()
        took, left = now - begun_at, ends_at - now
        if below is None or len(found) == limit or left <= took:
            return found, below
        if left > took * _ROOMY:
            size *= 2


def _look(
    link: Link, parts: Sequence[Meant], below: int | None, size: int, limit: int
) -> tuple[list[Row], Onward]:
    """Look at one stretch: as far as all parts are looked at, each by so many rows at most."""
    chosen = [(part, *_farthest(link, part, below, size)) for part in parts]
    above = max((reach for _, _, reach in chosen if reach is not None), default=None)
    rows: list[Row] = []
    stretch = above, below
    for part, leads, _ in chosen:
        for lead in leads:
            look = within(link.dialect, part, lead, stretch, size)
            rows += link.rows(part.statement, look.values, **look.gaps, limit=str(limit))
    rows.sort(key=lambda row: -int(row[0]))
    return rows[:limit], above


def _farthest(link: Link, part: Meant, below: int | None, size: int) -> tuple[Leads, Onward]:
    """The way on which so many rows reach farthest back, and how far; `None`: to the first one."""
    best, farthest = part.ways[0], _reach(link, part, part.ways[0], below, size)
    for leads in part.ways[1:]:
        if farthest is None:
            break
        reach = _reach(link, part, leads, below, size)
        if reach is None or reach < farthest:
            best, farthest = leads, reach
    return best, farthest


def _reach(link: Link, part: Meant, leads: Leads, below: int | None, size: int) -> Onward:
    """How far back so many rows reach on each of these ways."""
    reached = []
    for lead in leads:
        look = along(link.dialect, part.table, lead, below)
        reached += link.rows("reach", look.values, **look.gaps, others=str(size - 1))
    return max((int(row[0]) for row in reached), default=None)
