"""The next ticks of many schedules together, the soonest first."""

import heapq
from collections.abc import Iterable, Iterator

from tidemill.core.instants import Instant
from tidemill.schedules.schedule import Schedule


def ticks_ahead(
    schedules: Iterable[Schedule], until: Instant
) -> Iterator[tuple[Instant, Schedule]]:
    """Every tick before a moment, in order; those that are paused or run by hand have none.

    Each tick is computed when it is asked for, so that whoever has seen enough pays for no more.

    Example:
        >>> from tidemill.core.job import NewJob
        >>> job = NewJob(id="", task="close_day")
        >>> often = Schedule(name="often", job=job, every=2_000, next_at=2_000)
        >>> once = Schedule(name="once", job=job, every=5_000, next_at=5_000)
        >>> [(at, each.name) for at, each in ticks_ahead([once, often], 6_001)]
        [(2000, 'often'), (4000, 'often'), (5000, 'once'), (6000, 'often')]
    """
    coming = [
        (each.next_at, each.key, each)
        for each in schedules
        if each.next_at is not None and each.next_at < until
    ]
    heapq.heapify(coming)
    while coming:
        at, key, schedule = coming[0]
        yield at, schedule
        following = schedule.tick_after(at)
        if following is None or following >= until:
            heapq.heappop(coming)
        else:
            heapq.heapreplace(coming, (following, key, schedule))
