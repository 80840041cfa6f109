"""What is planned: the ticks of all schedules in a stretch of time, as far as one can draw them."""

from collections.abc import Iterable
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
    ticks: list[Instant] = []
    tick = None if schedule.paused else schedule.tick_after(since - 1)
    while tick is not None and tick < before:
        if len(ticks) == most:
            return Plan(schedule, tuple(ticks), more=True)
        ticks.append(tick)
        tick = schedule.tick_after(tick)
    return Plan(schedule, tuple(ticks), more=False)
