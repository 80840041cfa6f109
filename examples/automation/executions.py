"""Executions: jobs of the platform, told in the words of those who define them."""

from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from tidemill import State

Status = Literal["PENDING", "RUNNING", "COMPLETED", "FAILED", "TIMEOUT", "CANCELLED"]

STATES: Final[dict[Status, tuple[State, ...]]] = {
    "PENDING": (State.SCHEDULED, State.BLOCKED, State.WAITING, State.RETRYING),
    "RUNNING": (State.RUNNING,),
    "COMPLETED": (State.COMPLETED,),
    "FAILED": (State.FAILED,),
    "TIMEOUT": (State.FAILED,),
    "CANCELLED": (State.CANCELLED,),
}
"""What each status is here; of what has failed, the last error tells two of them apart."""

_TIMED_OUT: Final = "TimedOut"


def status_of(seen: Any) -> Status:
    """The status of an execution."""
    if seen.state is State.FAILED and seen.error is not None and seen.error.kind == _TIMED_OUT:
        return "TIMEOUT"
    return next(status for status, states in STATES.items() if seen.state in states)


def moment(instant: int | None) -> str | None:
    """A point in time as it travels.

    Example:
        >>> moment(0)
        '1970-01-01T00:00:00.000Z'
    """
    if instant is None:
        return None
    at = datetime.fromtimestamp(instant / 1_000, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant % 1_000:03}Z"


def execution_out(seen: Any, job_id: str, *, shows: bool) -> dict[str, Any]:
    """An execution as it travels.

    Args:
        seen: the job as the store has it.
        job_id: the definition that it is of.
        shows: whether what it was given and answered may be shown.
    """
    ended = seen.finished_at or seen.started_at
    return {
        "id": seen.id,
        "jobId": job_id,
        "moduleId": seen.task.rpartition(".")[0],
        "handler": seen.task.rpartition(".")[2],
        "status": status_of(seen),
        "trigger": seen.source or "manual",
        "attempt": seen.attempt,
        "maxAttempts": seen.max_attempts,
        "createdAt": moment(seen.created_at),
        "startedAt": moment(seen.started_at),
        "completedAt": moment(seen.finished_at),
        "duration": ended - seen.started_at if seen.finished_at and seen.started_at else None,
        "progress": seen.progress.percent if seen.progress else None,
        "message": seen.progress.message if seen.progress else "",
        "result": msgspec.json.decode(seen.result) if shows and seen.result else None,
        "error": _error(seen, shows=shows),
        "reason": seen.reason,
    }


def _error(seen: Any, *, shows: bool) -> dict[str, Any] | None:
    if seen.error is None or seen.state is State.COMPLETED:
        return None
    error = seen.error
    return {
        "name": error.kind,
        "message": error.message if shows else "***",
        "stack": error.traceback if shows else "",
    }


def line_out(line: Any) -> dict[str, Any]:
    """A line of the log of an execution as it travels."""
    return {
        "timestamp": moment(line.at),
        "level": line.level,
        "message": line.message,
        "fields": line.fields,
    }
