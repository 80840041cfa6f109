"""A job as commands show it: a row of a list, facts, its attempts, a line of its log, JSON."""

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from tidemill.cli import render
from tidemill.cli.options import Asked
from tidemill.client.job import Job, LogLine
from tidemill.client.lookup import FilterKeywords
from tidemill.core.instants import Instant
from tidemill.core.job import Attempt, Snapshot
from tidemill.tasks.secret import masked

if TYPE_CHECKING:
    from tidemill.remote.jobs import RemoteJob

AnyJob: TypeAlias = "Job[Any] | RemoteJob"

_INSIDE: Final = frozenset({"policy", "fence", "headers", "checkpoint"})
"""What the platform keeps with a job for itself."""


def found(app: Asked, which: FilterKeywords, limit: int) -> list[Snapshot]:
    """The newest jobs that match."""
    jobs: Iterable[AnyJob] = app.jobs.find(**which)
    return [seen(job) for job in islice(jobs, limit)]


def seen(job: AnyJob) -> Snapshot:
    """What is known of a job that was just looked up."""
    return job.seen or job.snapshot()


def row(job: Snapshot, now: Instant) -> dict[str, str]:
    """A job among others."""
    return {
        "id": job.id,
        "state": job.state.value,
        "task": job.task,
        "queue": job.queue,
        "attempt": f"{job.attempt}/{job.max_attempts}",
        "enqueued": render.ago(job.created_at, now),
        "note": note(job),
    }


def note(job: Snapshot) -> str:
    """What one wants to know beside its state: its error, how far it is, or why it stands."""
    if job.error is not None:
        return _error(job)
    return ("" if job.state.finished else _progress(job)) or _why(job)


def _error(job: Snapshot) -> str:
    return f"{job.error.kind}: {job.error.message}" if job.error is not None else ""


def _progress(job: Snapshot) -> str:
    if job.progress is None:
        return ""
    return f"{job.progress.percent:.0f} % {job.progress.message}".rstrip()


def _why(job: Snapshot) -> str:
    return job.gate or job.reason


def facts(job: Snapshot) -> dict[str, str]:
    """Everything about one job but its attempts."""
    return {
        "id": job.id,
        "state": job.state.value,
        "why": _why(job),
        "error": _error(job),
        "progress": _progress(job),
        "task": job.task,
        "queue": job.queue,
        "tenant": job.tenant,
        "priority": str(job.priority),
        "arguments": masked(job.args).decode(),
        "result": job.result.decode() if job.result is not None else "",
        "tags": ", ".join(job.tags),
        "batch": job.batch or "",
        "caused by": job.source,
        "unique key": job.unique_key or "",
        "limit key": job.limit_key or "",
        "rate key": job.rate_key or "",
        "waits for": render.number(job.waits_for, "job") if job.waits_for else "",
        "attempt": f"{job.attempt} of {job.max_attempts}",
        "enqueued": render.moment(job.created_at),
        "ready": render.moment(job.ready_at),
        "started": render.moment(job.started_at),
        "finished": render.moment(job.finished_at),
        "expires": render.moment(job.expires_at),
        "timeout": render.length(job.timeout),
    }


def attempt_row(attempt: Attempt) -> dict[str, str]:
    """One attempt among others."""
    ended = attempt.ended_at
    return {
        "attempt": str(attempt.number),
        "worker": str(attempt.worker),
        "started": render.moment(attempt.started_at),
        "ran": render.length(ended - attempt.started_at) if ended is not None else "",
        "ending": attempt.ending.value if attempt.ending else "running",
        "error": f"{attempt.error.kind}: {attempt.error.message}" if attempt.error else "",
    }


def as_json(job: Snapshot) -> dict[str, Any]:
    """A job as JSON, what is JSON inside it included."""
    plain: dict[str, Any] = msgspec.to_builtins(job)
    plain["args"] = msgspec.json.decode(masked(job.args))
    plain["result"] = None if job.result is None else msgspec.json.decode(job.result)
    return {name: value for name, value in plain.items() if name not in _INSIDE}


def log_line(line: LogLine) -> str:
    """One line of what a job has logged."""
    fields = "".join(f" {name}={value}" for name, value in line.fields.items())
    # Further lines stand apart, so that none of them looks like one that was logged by itself.
    said = f"{line.message}{fields}".replace("\n", "\n    ")
    return f"{render.moment(line.at)}  {line.level:<7} {said}"
