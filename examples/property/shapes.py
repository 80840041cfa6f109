"""What the endpoints take and answer, in the words of property management."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from examples.property.tickets import Ticket
from examples.property.words import STATES
from tidemill.core.instants import Instant, to_datetime
from tidemill.core.job import Snapshot


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Reason(_In):
    """Why something is done to a job."""

    reason: Annotated[str, Field(max_length=500)] = ""


class TicketIn(_In):
    """What is broken, and where."""

    unit: int
    title: Annotated[str, Field(min_length=1, max_length=120)]
    description: Annotated[str, Field(max_length=2_000)] = ""
    urgency: Literal["emergency", "urgent", "routine", "cosmetic"] = "routine"


class QuoteIn(_In):
    """What a contractor would do it for."""

    contractor: int
    cents: Annotated[int, Field(ge=1, le=100_000_000)]


class NoteIn(_In):
    """What there is to say."""

    note: Annotated[str, Field(max_length=500)] = ""


class AppointmentIn(_In):
    """When somebody comes, and who, if it is not who has quoted."""

    at: AwareDatetime
    contractor: int | None = None


class QueueOut(BaseModel):
    """A queue, and how many of its jobs are in which state."""

    name: str
    isPaused: bool
    counts: dict[str, int]


class QueuesOut(BaseModel):
    """All queues."""

    queues: list[QueueOut]


class JobOut(BaseModel):
    """A job as a row of the list."""

    id: str
    queue: str
    name: str
    key: str | None
    status: str
    progress: float
    attemptsMade: int
    maxAttempts: int
    priority: int
    createdAt: datetime
    runAt: datetime
    startedAt: datetime | None
    finishedAt: datetime | None
    reason: str


class LineOut(BaseModel):
    """What a job has said."""

    at: datetime
    level: str
    message: str


class JobDetailOut(JobOut):
    """All that is known of a job."""

    data: Any
    result: Any
    message: str
    error: str | None
    stackTrace: str | None
    logs: list[LineOut]


class PageOut(BaseModel):
    """A queue, and a page of its jobs."""

    queue: QueueOut
    jobs: list[JobOut]
    pageSize: int
    next: str | None


class DoneOut(BaseModel):
    """What was done to a job."""

    id: str
    queue: str
    action: Literal["retry", "remove", "cancel"]
    reason: str


class AuditOut(BaseModel):
    """Who did what to a job, and why."""

    id: int
    actorUserId: str
    queue: str
    jobId: str
    action: Literal["retry", "remove", "cancel"]
    reason: str | None
    timestamp: datetime


class AuditsOut(BaseModel):
    """A page of it, newest first."""

    entries: list[AuditOut]
    next: int | None


class TicketOut(BaseModel):
    """A ticket."""

    reference: str
    unit: int
    title: str
    description: str
    trade: str | None
    urgency: str
    status: str
    contractor: int | None
    quoteCents: int | None
    appointmentAt: datetime | None
    createdAt: datetime


class StepOut(BaseModel):
    """A step in the life of a ticket."""

    status: str
    note: str
    at: datetime


class TicketDetailOut(TicketOut):
    """A ticket, and its life."""

    steps: list[StepOut]


class HealthOut(BaseModel):
    """How it is.

    Attributes:
        db: its own database.
        store: the store of jobs.
        spooled: what the store is still to be told.
    """

    status: Literal["ok", "degraded"]
    db: Literal["ok", "down"]
    store: Literal["ok", "down"]
    spooled: int | None


def job_out(job: Snapshot) -> dict[str, Any]:
    """A job, by the fields of `JobOut`."""
    return {
        "id": job.id,
        "queue": job.queue,
        "name": job.task,
        "key": _key(job.unique_key),
        "status": STATES[job.state],
        "progress": 100.0 if STATES[job.state] == "completed" else _percent(job),
        "attemptsMade": job.attempt,
        "maxAttempts": job.max_attempts,
        "priority": job.priority,
        "createdAt": to_datetime(job.created_at),
        "runAt": to_datetime(job.ready_at),
        "startedAt": moment(job.started_at),
        "finishedAt": moment(job.finished_at),
        "reason": job.reason,
    }


def ticket_out(ticket: Ticket) -> dict[str, Any]:
    """A ticket, by the fields of `TicketOut`."""
    return {
        "reference": ticket.reference,
        "unit": ticket.unit,
        "title": ticket.title,
        "description": ticket.description,
        "trade": ticket.trade,
        "urgency": ticket.urgency,
        "status": ticket.status,
        "contractor": ticket.contractor,
        "quoteCents": ticket.quote_cents,
        "appointmentAt": moment(ticket.appointment_at),
        "createdAt": to_datetime(ticket.created_at),
    }


def moment(instant: Instant | None) -> datetime | None:
    """A moment, if there is one."""
    return None if instant is None else to_datetime(instant)


def plain(written: bytes | None) -> Any:
    """What a job was given, or has come to."""
    return None if written is None else msgspec.json.decode(written)


def _percent(job: Snapshot) -> float:
    return 0.0 if job.progress is None else job.progress.percent


def _key(unique_key: str | None) -> str | None:
    """The key by which the job was asked for, without whose and which task's it is."""
    return None if unique_key is None else unique_key.rpartition(":")[2]
