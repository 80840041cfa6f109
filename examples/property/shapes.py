"""What the endpoints take and answer, in the words of property management."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from examples.property.tickets import Ticket
from examples.property.words import STATES
from tidemill.core.instants import Instant, to_datetime
from tidemill.core.job import Snapshot


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


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


class QueueOut(_Out):
    """A queue, and how many of its jobs are in which state."""

    name: str
    is_paused: bool
    counts: dict[str, int]


class QueuesOut(_Out):
    """All queues."""

    queues: list[QueueOut]


class JobOut(_Out):
    """A job as a row of the list."""

    id: str
    queue: str
    name: str
    key: str | None
    status: str
    progress: float
    attempts_made: int
    max_attempts: int
    priority: int
    created_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    reason: str


class LineOut(_Out):
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
    stack_trace: str | None
    logs: list[LineOut]


class PageOut(_Out):
    """A queue, and a page of its jobs."""

    queue: QueueOut
    jobs: list[JobOut]
    page_size: int
    next: str | None


class DoneOut(_Out):
    """What was done to a job."""

    id: str
    queue: str
    action: Literal["retry", "remove", "cancel"]
    reason: str


class AuditOut(_Out):
    """Who did what to a job, and why."""

    id: int
    actor_user_id: str
    queue: str
    job_id: str
    action: Literal["retry", "remove", "cancel"]
    reason: str | None
    timestamp: datetime


class AuditsOut(_Out):
    """A page of it, newest first."""

    entries: list[AuditOut]
    next: int | None


class TicketOut(_Out):
    """A ticket."""

    reference: str
    unit: int
    title: str
    description: str
    trade: str | None
    urgency: str
    status: str
    contractor: int | None
    quote_cents: int | None
    appointment_at: datetime | None
    created_at: datetime


class StepOut(_Out):
    """A step in the life of a ticket."""

    status: str
    note: str
    at: datetime


class TicketDetailOut(TicketOut):
    """A ticket, and its life."""

    steps: list[StepOut]


class HealthOut(_Out):
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
        "attempts_made": job.attempt,
        "max_attempts": job.max_attempts,
        "priority": job.priority,
        "created_at": to_datetime(job.created_at),
        "run_at": to_datetime(job.ready_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
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
        "quote_cents": ticket.quote_cents,
        "appointment_at": moment(ticket.appointment_at),
        "created_at": to_datetime(ticket.created_at),
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
    """The key by which the job was asked for, without whose it is."""
    return None if unique_key is None else unique_key.partition("/")[2]
