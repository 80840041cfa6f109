"""What lies ahead: when schedules come, each by itself or all of them in order."""

import heapq
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from msgspec import Struct

from tidemill.core.instants import Instant
from tidemill.schedules.schedule import Schedule

MOST_OF_ONE: Final = 200
"""Ticks of one schedule: one for each hour of a week, and some."""
MOST_OF_ALL: Final = 20_000


class Plan(Struct, frozen=True):
    """When one schedule comes in a stretch of time.

    Attributes:
        ticks: the first of them, in order.
        more: whether it comes more often than that.
    """

    schedule: Schedule
    ticks: tuple[Instant, ...]
    more: bool


def planned(
    schedules: Iterable[Schedule],
    since: Instant,
    before: Instant,
    *,
    most: int = MOST_OF_ONE,
    whole: int = MOST_OF_ALL,
) -> tuple[Plan, ...]:
    """The ticks of each schedule from one moment on, before another; none of one that is paused.

    Args:
        most: ticks of one schedule.
        whole: ticks of all together; those that come after are told to have more.
    """
    plans = []
    left = whole
    for schedule in schedules:
        plan = _plan_of(schedule, since, before, min(most, left))
        left -= len(plan.ticks)
        plans.append(plan)
    return tuple(plans)


def _plan_of(schedule: Schedule, since: Instant, before: Instant, most: int) -> Plan:
    ticks = tuple(islice(_ticks(schedule, since, before), most + 1))
    return Plan(schedule, ticks[:most], more=len(ticks) > most)


def _ticks(schedule: Schedule, since: Instant, before: Instant) -> Iterator[Instant]:
    tick = None if schedule.paused else schedule.tick_after(since - 1)
    while tick is not None and tick < before:
        yield tick
        tick = schedule.tick_after(tick)


def ticks_of(schedule: Schedule, count: int) -> tuple[Instant, ...]:
    """The next ticks of a schedule."""
    ticks: list[Instant] = []
    tick = schedule.next_at
    while tick is not None and len(ticks) < count:
        ticks.append(tick)
        tick = schedule.tick_after(tick)
    return tuple(ticks)


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
