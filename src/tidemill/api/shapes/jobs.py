"""Jobs as they travel."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Raw
from pydantic import Field, Strict

from tidemill.api.masking import gate_shown, key_shown, shown
from tidemill.api.shapes.shape import (
    At,
    In,
    Json,
    Key,
    Limit,
    Moment,
    Name,
    Out,
    Past,
    Span,
    moment,
    seconds,
)
from tidemill.client.failures import failure_of
from tidemill.client.job import LogLine
from tidemill.client.why import Cause, Kind, said
from tidemill.core.error_info import ErrorInfo
from tidemill.core.job import Attempt, Progress, Snapshot
from tidemill.core.state import State
from tidemill.tasks.options import Priority
from tidemill.tasks.secret import MASK

MOST_AT_ONCE = 1_000
"""Jobs that one call enqueues, or names by their ids."""

PriorityName = Literal["critical", "high", "normal", "low"]
PriorityIn = Annotated[
    Annotated[int, Strict(), Field(ge=-100, le=100)] | PriorityName,
    Field(description="-100 to 100, larger sooner, or a name.", examples=["high", 10]),
]
States = Annotated[list[State], Field(max_length=len(State))]
Names = Annotated[list[Name], Field(max_length=50)]
Ids = Annotated[list[Key], Field(min_length=1, max_length=MOST_AT_ONCE)]


class EnqueueIn(In):
    """A job that is asked for."""

    task: Annotated[Name, Field(description="Name of a task of the application.")]
    arguments: Annotated[
        dict[str, Json],
        Field(description="JSON values by the names of the parameters.", default_factory=dict),
    ]
    queue: Annotated[Name | None, Field(description="By default the task's own.")] = None
    delay: Annotated[Span | None, Field(description="Not before so long from now.")] = None
    at: Annotated[Moment | None, Field(description="Not before this moment.")] = None
    priority: PriorityIn | None = None
    key: Annotated[
        Key | None, Field(description="A unique key: while a live job holds it, no other is made.")
    ] = None
    tags: Annotated[list[Key], Field(max_length=50, default_factory=list)]
    expires: Annotated[
        Span | None, Field(description="Cancelled if it has not started so long after it was due.")
    ] = None
    timeout: Annotated[Span | None, Field(description="Longest run of one attempt.")] = None
    attempts: Annotated[
        int | None, Field(ge=1, le=1_000, description="How often it may start.")
    ] = None
    after: Annotated[
        list[Key],
        Field(max_length=100, description="Ids of jobs to wait for.", default_factory=list),
    ]
    on_parent_failure: Annotated[
        Literal["cancel", "run"] | None, Field(description="What a failure of these means.")
    ] = None
    tenant: Annotated[
        Name | None,
        Field(description="Whose job it is; only for callers who reach every tenant."),
    ] = None


class EnqueueManyIn(In):
    """Jobs that are asked for, all or none."""

    jobs: Annotated[list[EnqueueIn], Field(min_length=1, max_length=MOST_AT_ONCE)]


class ErrorOut(Out):
    """What an attempt failed with."""

    kind: str
    message: str
    traceback: str


class ProgressOut(Out):
    """How far a job has come, in its own words."""

    percent: float
    message: str
    step: int
    of: int
    at: At


class AttemptOut(Out):
    """One try of a job by a worker."""

    number: int
    worker: int
    started_at: At
    ended_at: At | None
    ending: Annotated[str | None, Field(description="`null` while it runs.")]
    error: ErrorOut | None


class JobOut(Out):
    """A job as the store had it at one moment."""

    id: str
    task: str
    queue: str
    tenant: str
    state: State
    arguments: Annotated[
        dict[str, Any] | Literal["***"],
        Field(description="By name; `***` for callers without `payloads.read`."),
    ]
    result: Json = None
    masked: bool
    priority: int
    attempt: int
    max_attempts: int
    crashes: int
    created_at: At
    ready_at: At
    started_at: At | None
    finished_at: At | None
    expires_at: At | None
    timeout: Annotated[float | None, Field(description="Seconds.")]
    duration: Annotated[float | None, Field(description="Seconds of the last run.")]
    gate: Annotated[str, Field(description="Where a blocked job stands.")]
    waits_for: Annotated[int, Field(description="Jobs that it still waits for.")]
    worker: Annotated[int | None, Field(description="Session of the worker that holds it.")]
    cancel_requested: bool
    unique_key: str | None
    limit_key: str | None
    rate_key: str | None
    batch: str | None
    tags: list[str]
    source: str
    error: ErrorOut | None
    failure: Annotated[
        str | None,
        Field(description="Fingerprint of the failure that it is part of; `null`: of none."),
    ]
    reason: str
    progress: ProgressOut | None
    attempts: list[AttemptOut] | None = None


class JobPageOut(Out):
    """Jobs, newest first.

    A page may be short, or empty, while it has a cursor: where what is meant is rare among very
    many jobs, so far was looked. Only a page whose cursor is `null` is the last one.
    """

    jobs: list[JobOut]
    cursor: Annotated[
        str | None,
        Field(description="For the next page, however short this one is; `null` on the last one."),
    ]


class EnqueuedOut(Out):
    """What became of a job that was asked for."""

    id: str
    task: str
    created: Annotated[
        bool, Field(description="`false`: another one of its unique key stands for it.")
    ]


class EnqueuedManyOut(Out):
    """What became of jobs that were asked for, in order."""

    jobs: list[EnqueuedOut]


class SoughtIn(In):
    """Which jobs are meant, whatever their state; every one given must hold."""

    queues: Names | None = None
    tasks: Names | None = None
    tags: Annotated[list[Key] | None, Field(max_length=20)] = None
    tenant: Annotated[
        Name | None, Field(description="Only for callers who reach every tenant.")
    ] = None
    created_from: Past | None = None
    created_before: Past | None = None
    text: Annotated[str | None, Field(max_length=1_000, description="Found in the arguments.")] = (
        None
    )


class FilterIn(SoughtIn):
    """Which jobs are meant; every one given must hold."""

    states: States | None = None
    batch: Key | None = None
    unique_key: Annotated[str | None, Field(max_length=1_000)] = None
    source: Key | None = None


class ListIn(FilterIn):
    """A page of jobs."""

    cursor: Annotated[str | None, Field(max_length=100, description="Of the page before.")] = None
    limit: Limit = 25


class StateCountOut(Out):
    """How many jobs that are meant are in one state."""

    state: State
    count: int
    more: Annotated[bool, Field(description="There may be more of them than were counted.")]


class TallyOut(Out):
    """How many jobs match, by state."""

    states: list[StateCountOut]


class LogLineOut(Out):
    """A line of what a job said while it ran."""

    at: At
    level: str
    message: str
    fields: dict[str, Any]


class LogOut(Out):
    """What a job said while it ran, in order."""

    lines: list[LogLineOut]
    masked: bool


class CauseOut(Out):
    """One reason for which a job does not run now."""

    kind: Kind
    text: str
    what: Annotated[str, Field(description="The name of what stands in the way.")]
    jobs: Annotated[list[str], Field(description="Ids of the jobs that do.")]
    count: Annotated[
        int | None,
        Field(description="How many do, where that may be told; in a line, up to 10,000."),
    ]
    most: Annotated[int | None, Field(description="How many may run at once, or start in `per`.")]
    per: Annotated[
        float | None, Field(description="The length of time that a rate is for, in seconds.")
    ]
    until: Annotated[At | None, Field(description="When it is over by itself.")]
    since: At | None
    by: Annotated[str, Field(description="Who has brought it about.")]
    note: str


class WhyOut(Out):
    """Why a job does not run: when the last one is gone, it does."""

    causes: list[CauseOut]


def cause_out(cause: Cause) -> dict[str, Any]:
    """A cause as it travels."""
    return msgspec.structs.asdict(cause) | {
        "per": seconds(cause.per),
        "until": moment(cause.until),
        "since": moment(cause.since),
    }


def priority_of(written: int | PriorityName) -> int:
    """A priority as a number.

    Example:
        >>> priority_of("high"), priority_of(7)
        (50, 7)
    """
    return written if isinstance(written, int) else int(Priority[written.upper()])


def job_out(job: Snapshot, *, masked: bool, attempts: bool = False) -> dict[str, Any]:
    """A job as it travels."""
    ended = job.finished_at
    out = {
        "id": job.id,
        "task": job.task,
        "queue": job.queue,
        "tenant": job.tenant,
        "state": job.state.value,
        "arguments": MASK if masked else Raw(shown(job.args)),
        "result": _hidden(job.result, masked=masked),
        "masked": masked,
        "priority": job.priority,
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "crashes": job.crashes,
        "created_at": moment(job.created_at),
        "ready_at": moment(job.ready_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(ended),
        "expires_at": moment(job.expires_at),
        "timeout": seconds(job.timeout),
        "duration": seconds(ended - job.started_at)
        if ended is not None and job.started_at is not None
        else None,
        "gate": gate_shown(job.gate, masked=masked),
        "waits_for": job.waits_for,
        "worker": job.worker,
        "cancel_requested": job.cancel_requested,
        "unique_key": key_shown(job.unique_key, masked=masked),
        "limit_key": key_shown(job.limit_key, masked=masked),
        "rate_key": key_shown(job.rate_key, masked=masked),
        "batch": job.batch,
        "tags": job.tags,
        "source": job.source,
        "error": _error(job.error, masked=masked),
        "failure": failure_of(job),
        "reason": said(job.reason, masked=masked),
        "progress": _progress(job.progress, masked=masked),
    }
    if attempts:
        out["attempts"] = [attempt_out(each, masked=masked) for each in job.attempts]
    return out


def log_line_out(line: LogLine) -> dict[str, Any]:
    """A line of what a job said, as it travels."""
    return {
        "at": moment(line.at),
        "level": line.level,
        "message": line.message,
        "fields": line.fields,
    }


def _hidden(held: bytes | None, *, masked: bool) -> Any:
    if held is None:
        return None
    return MASK if masked else Raw(shown(held))


def _error(error: ErrorInfo | None, *, masked: bool) -> dict[str, str] | None:
    """An error; what it said may repeat what the job was given."""
    if error is None:
        return None
    return {
        "kind": error.kind,
        "message": MASK if masked else error.message,
        "traceback": MASK if masked and error.traceback else error.traceback,
    }


def _progress(progress: Progress | None, *, masked: bool) -> dict[str, Any] | None:
    if progress is None:
        return None
    told = msgspec.structs.asdict(progress) | {"at": moment(progress.at)}
    return told | {"message": MASK} if masked and progress.message else told


def attempt_out(attempt: Attempt, *, masked: bool) -> dict[str, Any]:
    """An attempt as it travels."""
    return {
        "number": attempt.number,
        "worker": attempt.worker,
        "started_at": moment(attempt.started_at),
        "ended_at": moment(attempt.ended_at),
        "ending": attempt.ending.value if attempt.ending else None,
        "error": _error(attempt.error, masked=masked),
    }
