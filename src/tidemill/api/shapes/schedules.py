"""Schedules as they travel."""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Raw
from pydantic import Field

from tidemill.api.masking import shown
from tidemill.api.shapes.jobs import PriorityIn
from tidemill.api.shapes.shape import (
    At,
    In,
    Json,
    Key,
    Moment,
    Name,
    Out,
    Span,
    Words,
    moment,
    seconds,
)
from tidemill.core.instants import from_datetime
from tidemill.core.state import State
from tidemill.schedules.schedule import Schedule
from tidemill.tasks.secret import MASK

OverlapName = Literal["allow", "skip", "queue", "replace"]
Catchup = Literal["none", "latest", "all"] | Annotated[int, Field(ge=0, le=1_000)]
Cron = Annotated[str, Field(min_length=1, max_length=500, examples=["0 2 * * *"])]
Zone = Annotated[str, Field(max_length=100, examples=["Australia/Sydney"])]
Place = Annotated[
    str,
    Field(
        pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$",
        description="A country or a part of it by ISO 3166, or nothing.",
        examples=["AU-NSW"],
    ),
]
MOST_TICKS = 100


class ScheduleRulesIn(In):
    """When a schedule comes; what is not there is as it was, or as by default."""

    pattern: Annotated[Cron | None, Field(description="Cron expression.")] = None
    every: Annotated[Span | None, Field(description="Interval, at least a second.")] = None
    tz: Annotated[Zone | None, Field(description="A zone of the IANA database.")] = None
    overlap: Annotated[
        OverlapName | None, Field(description="What a tick does while an earlier one runs.")
    ] = None
    catchup: Annotated[
        Catchup | None, Field(description="How many missed ticks are made up for.")
    ] = None
    jitter: Annotated[Span | None, Field(description="Put off by up to so long.")] = None
    business_days: bool | None = None
    holidays: Annotated[Place | None, Field(description="It rests on those of this place.")] = None
    blackouts: Annotated[list[tuple[Moment, Moment]] | None, Field(max_length=200)] = None


class ScheduleIn(ScheduleRulesIn):
    """A schedule that is to be made."""

    name: Name
    task: Name
    arguments: Annotated[dict[str, Json], Field(default_factory=dict)]
    queue: Name | None = None
    timeout: Annotated[
        Span | None, Field(description="Longest run of one attempt; by default as the task has it.")
    ] = None
    attempts: Annotated[
        int | None, Field(ge=1, le=1_000, description="How often each job may start.")
    ] = None
    priority: PriorityIn | None = None
    tags: Annotated[list[Key], Field(max_length=50, default_factory=list)]
    paused: Annotated[
        bool, Field(description="It stands still from the start, until it is resumed.")
    ] = False


class PauseIn(In):
    """Why."""

    note: Words = ""


class ScheduleOut(Out):
    """A schedule."""

    name: Annotated[str, Field(description="One of a tenant is `tenant/name` to everybody else.")]
    task: str
    queue: str
    tenant: str
    arguments: dict[str, Any] | Literal["***"]
    masked: bool
    timeout: Annotated[float | None, Field(description="Seconds; `null`: no end.")]
    attempts: int
    priority: int
    tags: list[str]
    pattern: str
    every: Annotated[float, Field(description="Seconds; 0: by its pattern, or by hand only.")]
    tz: str
    overlap: OverlapName
    catchup: int
    jitter: float
    business_days: bool
    holidays: str
    blackouts: list[tuple[At, At]]
    paused: bool
    note: Annotated[str, Field(description="Why it is paused.")]
    paused_by: Annotated[str, Field(description="As the audit log names them.")]
    paused_at: At | None
    origin: Literal["code", "person"]
    next_at: At | None
    last_at: At | None
    last_job: Annotated[str | None, Field(description="It is not there if its tick was skipped.")]
    last_state: Annotated[State | None, Field(description="In which that job is.")]
    skipped_at: Annotated[
        At | None, Field(description="The last tick that the quota of the tenant did not allow.")
    ]
    skipped_for: str
    version: int


class SchedulesOut(Out):
    """Schedules, by name."""

    schedules: list[ScheduleOut]


class TickOut(Out):
    """A moment at which a schedule comes."""

    at: At
    local: Annotated[At, Field(description="In the zone of the schedule, with its offset.")]


class TicksOut(Out):
    """The next moments at which a schedule comes."""

    ticks: list[TickOut]
    warning: Annotated[str, Field(description="Where the pattern may mean something else.")]


class RunOut(Out):
    """The job that a run by hand has made."""

    job: str


class PreviewIn(In):
    """A pattern that is looked ahead."""

    pattern: Cron
    tz: Zone = "UTC"
    count: Annotated[int, Field(ge=1, le=MOST_TICKS)] = 10
    since: Moment | None = None


def tick_out(tick: datetime, where: ZoneInfo) -> dict[str, str]:
    """A moment at which a schedule comes."""
    try:
        local = tick.astimezone(where)
    except OverflowError:  # an interval of a thousand years is soon at the end of all dates
        local = tick
    return {"at": str(moment(from_datetime(tick))), "local": local.isoformat()}


def schedule_out(
    schedule: Schedule, last: State | None, *, masked: bool, confined: bool
) -> dict[str, Any]:
    """A schedule as it travels.

    Args:
        last: the state of its last job; `None`: there is none, or none any more.
    """
    calendar = schedule.calendar
    return {
        "name": schedule.name if confined else schedule.key,
        "task": schedule.job.task,
        "queue": schedule.job.queue,
        "tenant": schedule.job.tenant,
        "arguments": MASK if masked else Raw(shown(schedule.job.args)),
        "masked": masked,
        "timeout": seconds(schedule.job.timeout),
        "attempts": schedule.job.retry.attempts,
        "priority": schedule.job.priority,
        "tags": schedule.job.tags,
        "pattern": schedule.cron,
        "every": seconds(schedule.every),
        "tz": schedule.zone,
        "overlap": schedule.overlap,
        "catchup": schedule.catchup,
        "jitter": seconds(schedule.jitter),
        "business_days": calendar.business_days,
        "holidays": calendar.holidays,
        "blackouts": [(moment(first), moment(last)) for first, last in calendar.blackouts],
        "paused": schedule.paused,
        "note": schedule.note,
        "paused_by": schedule.paused_by,
        "paused_at": moment(schedule.paused_at),
        "origin": schedule.origin,
        "next_at": moment(schedule.next_at),
        "last_at": moment(schedule.last_at),
        "last_job": schedule.last_job,
        "last_state": last,
        "skipped_at": moment(schedule.skipped_at),
        "skipped_for": schedule.skipped_for,
        "version": schedule.version,
    }
