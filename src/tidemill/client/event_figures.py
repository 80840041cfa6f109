"""What the log of events comes to: how many, of which names, from which sources, when."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from tidemill.client.scan import MOST_LOOKED_AT
from tidemill.client.steps import Steps, ask
from tidemill.core.instants import Instant, Millis
from tidemill.core.record import EVENTS, Entry
from tidemill.engines.protocol import Engine

TOP: Final = 20
"""Names and sources that are told."""

MINUTE: Final[Millis] = 60_000

_PAGE: Final = 500
"""Events that are looked at in one step."""


class EventFigures(Struct, frozen=True, kw_only=True):
    """Events of one stretch of time, counted.

    Attributes:
        since: from here on they are counted; later than was asked for, if there were too many.
        whole: whether the stretch is counted from its beginning.
        count: all of them.
        names: how many of each name, the most frequent first; the first twenty.
        sources: how many of each source, in the same way.
        minutes: how many in each minute, oldest first; minutes without any are left out.
    """

    since: Instant
    whole: bool
    count: int
    names: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    minutes: tuple[tuple[Instant, int], ...]


def entries_since(
    engine: Engine, since: Instant, tenant: str | None
) -> Steps[tuple[list[Entry], bool]]:
    """The events since a moment, newest first, and whether these are all: so many at most.

    Args:
        tenant: whose; `None`: anybody's.
    """
    found: list[Entry] = []
    before = None
    while len(found) < MOST_LOOKED_AT:
        entries = yield from ask(
            engine.records.read(EVENTS, before=before, limit=_PAGE, newest=True, tenant=tenant)
        )
        recent = [entry for entry in entries if entry.at >= since]
        found += recent
        if len(recent) < _PAGE:
            return found, True
        before = entries[-1].position
    return found, False


def count_up(entries: Sequence[Entry], since: Instant, *, whole: bool) -> EventFigures:
    """Count events.

    Args:
        entries: newest first.
        since: the moment from which on they were looked for.
        whole: whether all of them are here.
    """
    names = Counter(entry.topic for entry in entries)
    sources = Counter(entry.source for entry in entries if entry.source)
    minutes = Counter(entry.at - entry.at % MINUTE for entry in entries)
    return EventFigures(
        since=since if whole or not entries else entries[-1].at,
        whole=whole,
        count=len(entries),
        names=tuple(names.most_common(TOP)),
        sources=tuple(sources.most_common(TOP)),
        minutes=tuple(sorted(minutes.items())),
    )
