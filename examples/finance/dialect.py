"""How Finance Management speaks of jobs: its types, statuses, priority numbers and job records."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from tidemill import Job, Priority, State, errors
from tidemill.client.job import LogLine
from tidemill.core.instants import to_datetime
from tidemill.core.job import Progress, Snapshot
from tidemill.core.query import Bucket

EMAIL: Final = "finance-email"
IMPORT: Final = "finance-import"
REPORT: Final = "finance-report"
INSIGHTS: Final = "finance-insights"
BUDGET: Final = "finance-budget"
NOTIFICATION: Final = "finance-notification"
MAINTENANCE: Final = "finance-maintenance"
RECONCILIATION: Final = "finance-reconciliation"
EXPORT: Final = "finance-export"

QUEUES: Final = (
    EMAIL, IMPORT, REPORT, INSIGHTS, BUDGET, NOTIFICATION, MAINTENANCE, RECONCILIATION, EXPORT,
)  # fmt: skip
"""The queues that are this application's own."""

TYPES: Final[Mapping[str, str]] = {
    "EMAIL_SYNC": "finance.email_sync",
    "TRANSACTION_IMPORT": "finance.transaction_import",
    "REPORT_GENERATION": "finance.report.build",
    "INSIGHTS_GENERATION": "finance.insights",
    "BUDGET_REFRESH": "finance.budget_refresh",
    "NOTIFICATION_DIGEST": "finance.notification_digest",
    "CACHE_CLEANUP": "finance.cleanup.clean",
    "BACKUP_VERIFICATION": "finance.backup.verify",
    "ACCOUNT_RECONCILIATION": "finance.account_reconciliation",
    "DATA_EXPORT": "finance.export.run",
}
"""The ten types of jobs, and their tasks."""

_TYPE_OF: Final = {task: type_ for type_, task in TYPES.items()}

PRIORITIES: Final[Mapping[int, Priority]] = {
    1: Priority.LOW,
    2: Priority.NORMAL,
    3: Priority.HIGH,
    4: Priority.CRITICAL,
}
"""Here a large number is urgent: 1 is low, 4 is critical."""

STATUSES: Final[Mapping[str, tuple[State, ...]]] = {
    "PENDING": (State.WAITING, State.BLOCKED),
    "DELAYED": (State.SCHEDULED,),
    "ACTIVE": (State.RUNNING,),
    "RETRYING": (State.RETRYING,),
    "COMPLETED": (State.COMPLETED,),
    "FAILED": (State.FAILED,),
    "CANCELLED": (State.CANCELLED,),
}
"""What each status is among the states of tidemill."""

_STATUS_OF: Final = {state: status for status, states in STATUSES.items() for state in states}

LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "DEBUG": ("debug",),
    "INFO": ("info",),
    "WARNING": ("warning",),
    "ERROR": ("error", "critical"),
}
"""Four levels of lines; what is critical elsewhere is an error here."""

_LEVEL_OF: Final = {ours: theirs for theirs, levels in LEVELS.items() for ours in levels}
_TRACE: Final = "traceback"
_USER: Final = "user:"
_EXTERNAL: Final = "external:"


def priority_number(priority: int) -> int:
    """The number of a priority, of any of ours.

    Example:
        >>> [priority_number(each) for each in (-100, -50, 0, 49, 50, 90, 100)]
        [1, 1, 2, 2, 3, 4, 4]
    """
    return max([number for number, ours in PRIORITIES.items() if ours <= priority], default=1)


def type_of(task: str) -> str:
    """The type of a task's jobs; of one that is none of the ten, its own name.

    Example:
        >>> type_of("finance.insights"), type_of("finance.check_stuck")
        ('INSIGHTS_GENERATION', 'CHECK_STUCK')
    """
    return _TYPE_OF.get(task) or task.removeprefix("finance.").replace(".", "_").upper()


def task_of(type_: str) -> str:
    """The task of a type of jobs.

    Raises:
        InvalidOption: there is no such type.
    """
    if type_ not in TYPES:
        raise errors.InvalidOption(
            f"{type_!r} is no type of jobs", hint=f"there are {', '.join(TYPES)}"
        )
    return TYPES[type_]


def status_of(state: State) -> str:
    """What a state is called."""
    return _STATUS_OF[state]


def states_of(status: str) -> tuple[State, ...]:
    """The states that a status stands for.

    Raises:
        InvalidOption: there is no such status.
    """
    if status not in STATUSES:
        raise errors.InvalidOption(
            f"{status!r} is no status", hint=f"there are {', '.join(STATUSES)}"
        )
    return STATUSES[status]


def tags_of(user: str = "", external: str = "") -> list[str]:
    """The tags by which a job is found by its user and by the id it has elsewhere."""
    return [*([_USER + user] if user else []), *([_EXTERNAL + external] if external else [])]


def record(
    seen: Snapshot, workers: Mapping[int, str], repeats: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """A job as the documented record.

    Args:
        workers: names of those that work now, by session.
        repeats: how often each job was asked for again.
    """
    error, last = seen.error, seen.attempts[-1] if seen.attempts else None
    ended = seen.finished_at
    worker = last.worker if last else seen.worker
    key = seen.unique_key
    return {
        "id": seen.id,
        "externalId": _tagged(seen.tags, _EXTERNAL),
        "queue": seen.queue,
        "type": type_of(seen.task),
        "status": status_of(seen.state),
        "priority": priority_number(seen.priority),
        "data": msgspec.json.decode(seen.args),
        "progress": progress(seen),
        "result": None if seen.result is None else msgspec.json.decode(seen.result),
        "error": None if error is None else f"{error.kind}: {error.message}",
        "stackTrace": None if error is None else error.traceback or None,
        "attempts": seen.attempt,
        "maxAttempts": seen.max_attempts,
        "userId": _tagged(seen.tags, _USER),
        "startedAt": _moment(seen.started_at),
        "completedAt": _moment(ended if seen.state is State.COMPLETED else None),
        "failedAt": _moment(ended if seen.state is State.FAILED else None),
        "processedBy": None if worker is None else workers.get(worker, f"worker {worker}"),
        "duration": _duration(seen),
        "timeout": seen.timeout,
        "isDuplicate": False,  # one that is asked for again is no second job, see the metadata
        "deduplicationKey": None if key is None else key.removeprefix(f"{seen.tenant}/"),
        "rateLimitKey": seen.rate_key,
        "metadata": {
            "source": seen.source,
            "reason": seen.reason,
            "waitsFor": seen.gate,
            "crashes": seen.crashes,
            "duplicates": (repeats or {}).get(seen.id, 0),
        },
        "createdAt": _moment(seen.created_at),
        "updatedAt": _moment(_updated(seen)),
    }


def progress(seen: Snapshot) -> dict[str, Any]:
    """How far a job has come, and how long it will take if it goes on like this."""
    told = seen.progress or Progress(0.0)
    done = seen.state is State.COMPLETED
    percent = 100.0 if done else told.percent
    left: int | None = 0 if done else None
    if seen.state is State.RUNNING and seen.started_at is not None and told.percent:
        so_far = max(told.at - seen.started_at, 0)
        left = round(so_far * (100 - told.percent) / told.percent)
    return {
        "percentage": percent,
        "currentStep": told.step,
        "totalSteps": told.of,
        "completedSteps": told.of if done else max(told.step - 1, 0),
        "message": told.message,
        "estimatedTimeRemaining": left,
    }


def log_record(line: LogLine) -> dict[str, Any]:
    """A line of a job's log."""
    return {
        "level": _LEVEL_OF[line.level],
        "message": line.message,
        "context": {name: value for name, value in line.fields.items() if name != _TRACE},
        "stackTrace": line.fields.get(_TRACE),
        "createdAt": _moment(line.at),
    }


def figures(by_type: Mapping[str, Mapping[str, int]], ran: Sequence[Bucket]) -> dict[str, Any]:
    """Counts of jobs as the documented statistics.

    Args:
        by_type: how many jobs of each type have each status.
        ran: what has ended, summed up.
    """
    by_status = dict.fromkeys(STATUSES, 0)
    for counts in by_type.values():
        for status, count in counts.items():
            by_status[status] += count
    ended = by_status["COMPLETED"] + by_status["FAILED"]
    mine = [each for each in ran if each.task in _TYPE_OF]
    tries = sum(each.count for each in mine)
    return {
        "totalJobs": sum(by_status.values()),
        "successRate": by_status["COMPLETED"] / ended if ended else None,
        "averageDuration": sum(each.run for each in mine) / tries if tries else None,
        "activeJobs": by_status["ACTIVE"],
        "byStatus": by_status,
        "byType": {type_: sum(counts.values()) for type_, counts in by_type.items()},
    }


def asked(job: Job[Any]) -> dict[str, Any]:
    """What is answered to whoever asks for a job."""
    return {"id": job.id, "type": type_of(job.task), "isDuplicate": not job.created}


def _tagged(tags: Iterable[str], mark: str) -> str | None:
    return next((tag.removeprefix(mark) for tag in tags if tag.startswith(mark)), None)


def _moment(instant: int | None) -> str | None:
    return None if instant is None else to_datetime(instant).isoformat(timespec="milliseconds")


def _duration(seen: Snapshot) -> int | None:
    last = seen.attempts[-1] if seen.attempts else None
    if last is None or last.ended_at is None:
        return None
    return last.ended_at - last.started_at


def _updated(seen: Snapshot) -> int:
    moments = [seen.created_at, seen.started_at, seen.finished_at]
    moments += [seen.progress.at] if seen.progress else []
    moments += [attempt.ended_at for attempt in seen.attempts]
    return max(moment for moment in moments if moment is not None)
