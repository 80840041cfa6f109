"""What lies ahead, as it travels: when schedules come, and when jobs are due."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from tidemill.api.shapes.shape import At, In, Moment, Out, moment, seconds
from tidemill.core.instants import Instant, Millis
from tidemill.core.query import STEPS, Coming
from tidemill.core.state import State
from tidemill.schedules.ahead import MOST_OF_ONE, Plan
from tidemill.schedules.schedule import Schedule

Tick = tuple[Instant, Schedule]


class UpcomingIn(In):
    """How far ahead is looked."""

    until: Annotated[Moment | None, Field(description="By default in 12 hours.")] = None
    limit: Annotated[int, Field(ge=1, le=200, description="Ticks that are told, at most.")] = 50


class UpcomingTickOut(Out):
    """A tick of a schedule."""

    at: At
    schedule: Annotated[str, Field(description="One of a tenant is `tenant/name`.")]
    task: str
    queue: str
    run: Annotated[
        float | None, Field(description="Median seconds of the task's runs of the last day.")
    ]


class UpcomingHourOut(Out):
    """What is due in one hour."""

    at: Annotated[At, Field(description="Its start; hours are those of UTC.")]
    ticks: int
    scheduled: int
    retrying: int
    work: Annotated[
        float, Field(description="Seconds that it takes, as far as medians of run times are known.")
    ]


class UpcomingOut(Out):
    """What is due until a moment; what is overdue counts in the first hour."""

    since: At
    until: Annotated[
        At, Field(description="Before the moment asked for, where there are more ticks than told.")
    ]
    ticks: list[UpcomingTickOut]
    hours: list[UpcomingHourOut]
    more: Annotated[bool, Field(description="Whether more is due until then than was looked at.")]


def upcoming_out(
    ticks: Sequence[Tick],
    jobs: Sequence[Coming],
    medians: Mapping[str, Millis],
    since: Instant,
    limit: int,
) -> dict[str, Any]:
    """What is due, as it travels: the first ticks, and everything by the hour."""
    hour = STEPS["hour"]
    counts: defaultdict[Instant, dict[str, int]] = defaultdict(
        lambda: {"ticks": 0, "scheduled": 0, "retrying": 0, "work": 0}
    )

    def add(at: Instant, kind: str, task: str, count: int) -> None:
        sums = counts[max(at, since) // hour * hour]
        sums[kind] += count
        sums["work"] += count * medians.get(task, 0)

    for at, schedule in ticks:
        add(at, "ticks", schedule.job.task, 1)
    for each in jobs:
        kind = "retrying" if each.state is State.RETRYING else "scheduled"
        add(each.at, kind, each.task, each.count)
    return {
        "ticks": [
            {
                "at": moment(at),
                "schedule": schedule.key,
                "task": schedule.job.task,
                "queue": schedule.job.queue,
                "run": seconds(medians.get(schedule.job.task)),
            }
            for at, schedule in ticks[:limit]
        ],
        "hours": [
            {"at": moment(at), **sums, "work": seconds(sums["work"])}
            for at, sums in sorted(counts.items())
        ],
    }


class PlanIn(In):
    """A stretch of time: by default the week from now."""

    since: Moment | None = None
    until: Annotated[Moment | None, Field(description="At most 32 days behind `since`.")] = None


class PlannedOut(Out):
    """When one schedule comes."""

    name: str
    task: str
    ticks: Annotated[list[At], Field(description=f"In order; the first {MOST_OF_ONE} at most.")]
    more: Annotated[bool, Field(description="Whether it comes more often than that.")]


class PlanOut(Out):
    """When all schedules come, by the names of these."""

    plan: list[PlannedOut]


def planned_out(plan: Plan, *, confined: bool) -> dict[str, Any]:
    """The plan of one schedule as it travels."""
    schedule = plan.schedule
    return {
        "name": schedule.name if confined else schedule.key,
        "task": schedule.job.task,
        "ticks": [moment(tick) for tick in plan.ticks],
        "more": plan.more,
    }
