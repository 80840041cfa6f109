"""What the hub's endpoints take and answer, in the hub's words."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from examples.compliance_hub.jobs import BY_NAME, STATES, Stock, number_of
from tidemill.core.instants import Instant, to_datetime
from tidemill.core.job import Snapshot
from tidemill.schedules.schedule import Schedule


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Trigger(_In):
    """Which job is to run now.

    Attributes:
        name: its type.
        priority: another urgency than it has: 1 critical, 5 high, 10 normal, 15 low.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    priority: Literal[1, 5, 10, 15] | None = None


class Resume(_In):
    """How a job is to go on; what is left out stays as it is."""

    pattern: Annotated[str, Field(min_length=9, max_length=100)] | None = None
    tz: Annotated[str, Field(min_length=1, max_length=60)] | None = None


class Reason(_In):
    """Why something is paused."""

    reason: Annotated[str, Field(max_length=500)] = ""


class Clean(_In):
    """Which finished jobs are to go.

    Attributes:
        status: how they ended.
        grace: only those that were asked for longer ago than so many milliseconds.
    """

    status: Literal["completed", "failed", "cancelled"] = "completed"
    grace: Annotated[int, Field(ge=0, le=10 * 365 * 86_400_000)] = 86_400_000


class _Out(BaseModel):
    """An answer: its names are told as the hub has them, `lastRun` and the like."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class JobOut(_Out):
    """A job of the hub: when it comes, when it last came, and what of that."""

    type: str
    name: str
    status: Literal["active", "paused"]
    note: str
    pattern: str
    tz: str
    priority: int
    last_run: str | None
    last_status: str | None
    last_result: Any
    next_run: str | None


class RunOut(_Out):
    """One run of a job."""

    id: str
    type: str
    name: str
    queue: str
    status: str
    priority: int
    attempts_made: int
    attempts: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    duration: int | None
    result: Any
    error: str | None


class TriggeredOut(_Out):
    """What was asked for."""

    id: str
    type: str


class CountOut(_Out):
    """How many jobs were changed."""

    count: int


class JobsOut(_Out):
    """All jobs of the hub."""

    jobs: list[JobOut]


class RunsOut(_Out):
    """Runs, newest first."""

    jobs: list[RunOut]


class TypeOut(_Out):
    """How the runs of one job fared."""

    completed: int
    failed: int
    average_duration: float | None


class MetricsOut(_Out):
    """How all of it fared.

    Attributes:
        since: from when on runs are counted.
        success_rate: completed runs among those that ended by themselves, in percent.
        average_duration: milliseconds.
    """

    since: str
    completed: int
    failed: int
    retried: int
    success_rate: float | None
    average_duration: float | None
    waiting: int
    active: int
    delayed: int
    by_type: dict[str, TypeOut]


class QueueOut(_Out):
    """The queue of the hub."""

    name: str
    is_paused: bool
    note: str
    concurrency: int | None
    workers: int
    counts: dict[str, int]


def job_out(stock: Stock, schedule: Schedule, last: Snapshot | None, result: Any) -> JobOut:
    """A job as its schedule and its last run have it."""
    return JobOut(
        type=stock.type,
        name=stock.title,
        status="paused" if schedule.paused else "active",
        note=schedule.note,
        pattern=schedule.cron,
        tz=schedule.zone,
        priority=number_of(schedule.job.priority),
        last_run=None if last is None else moment(last.started_at or last.created_at),
        last_status=None if last is None else STATES[last.state],
        last_result=result,
        next_run=moment(schedule.next_at),
    )


def run_out(job: Snapshot, result: Any) -> RunOut:
    """A run as the store has it."""
    stock = BY_NAME.get(job.task)
    took = None
    if job.started_at is not None and job.finished_at is not None:
        took = job.finished_at - job.started_at
    return RunOut(
        id=job.id,
        type=stock.type if stock else job.task,
        name=stock.title if stock else job.task,
        queue=job.queue,
        status=STATES[job.state],
        priority=number_of(job.priority),
        attempts_made=job.attempt,
        attempts=job.max_attempts,
        created_at=moment(job.created_at) or "",
        started_at=moment(job.started_at),
        finished_at=moment(job.finished_at),
        duration=took,
        result=result,
        error=f"{job.error.kind}: {job.error.message}" if job.error else job.reason or None,
    )


def moment(instant: Instant | None) -> str | None:
    """A point in time, in UTC."""
    if instant is None:
        return None
    at: datetime = to_datetime(instant)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
