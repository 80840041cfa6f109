"""The plan as it travels: when all schedules come."""

from typing import Annotated, Any

from pydantic import Field

from tidemill.api.shapes.shape import At, In, Moment, Out, moment
from tidemill.schedules.plan import MOST_OF_ONE, Plan


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
