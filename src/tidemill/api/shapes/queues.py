"""Queues, tasks and keys of limits as they travel."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from tidemill.api.shapes.shape import At, In, Key, Out, Span, Words, moment, seconds
from tidemill.core.limits import Rate
from tidemill.core.query import QueueCounts
from tidemill.core.rules import KeyRules, QueueRules, TaskRules
from tidemill.core.state import LIVE, State

Most = Annotated[int | None, Field(ge=1, le=1_000_000, description="`null` takes it away.")]


class RateLimitShape(In):
    """So many starts in so long a time."""

    count: Annotated[int, Field(ge=1, le=1_000_000)]
    per: Span
    burst: Annotated[int, Field(ge=0, le=1_000_000, description="0: as many as `count`.")] = 0


class RateOut(Out):
    """So many starts in so long a time."""

    count: int
    per: Annotated[float, Field(description="Seconds.")]
    burst: int


class CountsOut(Out):
    """Live jobs by state."""

    scheduled: int
    blocked: int
    waiting: int
    running: int
    retrying: int


class RetentionOut(Out):
    """Seconds for which finished jobs are kept; `null`: as the settings say for every queue."""

    completed: float | None
    failed: float | None
    cancelled: float | None


class QueueOut(Out):
    """A queue: its jobs that are not finished, and its rules."""

    queue: str
    counts: CountsOut
    oldest_waiting_at: At | None
    paused: bool
    note: Annotated[str, Field(description="Why it is paused.")]
    paused_by: Annotated[str, Field(description="As the audit log names them.")]
    paused_at: At | None
    most: int | None
    rate: RateOut | None
    fair: bool
    tenant_most: int | None
    retention: RetentionOut
    version: int


class QueuesOut(Out):
    """Queues, by name."""

    queues: list[QueueOut]


class PauseIn(In):
    """Why."""

    note: Words = ""


class QueueRulesIn(In):
    """Rules that are to change; what is not there stays, `null` takes a limit away."""

    most: Most = None
    rate: RateLimitShape | None = None
    tenant_most: Most = None
    fair: bool = False


class RetentionIn(In):
    """How long finished jobs are to be kept; what is not there stays."""

    completed: Span | None = None
    failed: Span | None = None
    cancelled: Span | None = None


class CleanIn(In):
    """Which finished jobs of a queue are to go."""

    states: Annotated[
        list[State],
        Field(
            min_length=1,
            max_length=3,
            default_factory=lambda: [State.COMPLETED, State.CANCELLED],
        ),
    ]
    older_than: Annotated[Span, Field(description="Enqueued so long ago, at least.")] = "0s"


class DrainIn(In):
    """Which jobs of a queue are to be cancelled."""

    later: Annotated[bool, Field(description="Those that are due later, too.")] = False


class KeyLimitOut(Out):
    """The limit of a key, as somebody has set it."""

    key: str
    most: int | None
    rate: RateOut | None
    version: int


class KeyLimitsOut(Out):
    """Keys whose limits somebody has set, by name."""

    keys: list[KeyLimitOut]


class KeyLimitIn(In):
    """What is to be the limit of a key; what is not there stays, `null` takes it away."""

    key: Key
    most: Most = None
    rate: RateLimitShape | None = None


def queue_out(rules: QueueRules, counts: Iterable[QueueCounts]) -> dict[str, Any]:
    """A queue as it travels."""
    mine = [each for each in counts if each.queue == rules.queue]
    waiting = [each.oldest_at for each in mine if each.state is State.WAITING]
    return {
        "queue": rules.queue,
        "counts": counts_out(mine),
        "oldest_waiting_at": moment(min(waiting, default=None)),
        **_pause_out(rules),
        "most": rules.most,
        "rate": rate_out(rules.rate),
        "fair": rules.fair,
        "tenant_most": rules.tenant_most,
        "retention": {
            "completed": seconds(rules.retention.completed),
            "failed": seconds(rules.retention.failed),
            "cancelled": seconds(rules.retention.cancelled),
        },
        "version": rules.version,
    }


def counts_out(counts: Iterable[QueueCounts]) -> dict[str, int]:
    """Live jobs by state, each state named."""
    by_state: Counter[State] = Counter()
    for each in counts:
        by_state[each.state] += each.count
    return {state.value: by_state[state] for state in State if state in LIVE}


def rate_out(rate: Rate | None) -> dict[str, Any] | None:
    """A rate as it travels."""
    if rate is None:
        return None
    return {"count": rate.count, "per": rate.per / 1_000, "burst": rate.burst}


def key_out(rules: KeyRules) -> dict[str, Any]:
    """The limit of a key as it travels."""
    return {
        "key": rules.key,
        "most": rules.most,
        "rate": rate_out(rules.rate),
        "version": rules.version,
    }


def task_rules_out(rules: TaskRules | None) -> dict[str, Any]:
    """Whether a task is paused, and why."""
    version = rules.version if rules else 0
    return {**_pause_out(rules or TaskRules(task="")), "version": version}


def _pause_out(rules: QueueRules | TaskRules) -> dict[str, Any]:
    return {
        "paused": rules.paused,
        "note": rules.note,
        "paused_by": rules.paused_by,
        "paused_at": moment(rules.paused_at),
    }
