"""What a change of many jobs can be taken back to, and until when."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from tidemill.core.change import (
    FROM,
    Cancel,
    Change,
    Move,
    Postpone,
    PutBack,
    Reprioritise,
    Retry,
    RunNow,
    moment_given,
)
from tidemill.core.earlier import Earlier
from tidemill.core.instants import Instant, Millis
from tidemill.core.job import Snapshot
from tidemill.core.state import State

WINDOW: Final[Millis] = 600_000
"""So long after it a change can be undone."""

Refusal = Literal["verb", "rest", "nothing", "late", "undone"]
"""Why a change cannot be undone: of its kind, for a job goes on with it, for nothing was changed
that could be, for it is too long ago, or for it has been."""


def refusal(
    change: Change,
    *,
    earlier: int,
    rest: bool,
    undone: bool,
    ended_at: Instant,
    now: Instant,
) -> Refusal | None:
    """Why a change cannot be undone; `None`: it can.

    Args:
        earlier: of how many jobs it is known what they were.
        rest: whether a job has gone on with the change, beyond what is known of.
        undone: whether it has been undone already.
        ended_at: when it was made.

    Example:
        >>> refusal(Move("slow"), earlier=2, rest=False, undone=False, ended_at=0, now=600_000)
        'late'
    """
    if moment_given(change, now) is None:
        return "verb"
    if rest:
        return "rest"
    if undone:
        return "undone"
    if now >= ended_at + WINDOW:
        return "late"
    return None if earlier else "nothing"


def is_undoable(change: Change, before: Earlier) -> bool:
    """Whether a job that was so can be made so again: of what is cancelled, what waited."""
    return not isinstance(change, Cancel) or before.state is State.WAITING


def ways_back(
    change: Change, known: Sequence[tuple[Earlier, Snapshot]]
) -> Mapping[Change, Sequence[str]]:
    """The changes that make jobs again what they were, and of which jobs each is to be asked.

    Jobs that others have changed since are in none of them, as far as that is seen here; `PutBack`
    sees to it by itself.

    Args:
        change: what was done to them.
        known: of each what it was, and what it is now.
    """
    if isinstance(change, Retry | RunNow | Postpone):
        before = tuple([each for each, _ in known])
        return {PutBack(before): [each.id for each in before]} if before else {}
    ways: defaultdict[Change, list[str]] = defaultdict(list)
    for earlier, job in known:
        if (back := way_back(change, earlier, job)) is not None:
            ways[back].append(job.id)
    return ways


def way_back(change: Change, before: Earlier, job: Snapshot) -> Change | None:
    """The change that makes a job again what it was; `None`: others have changed it since.

    Args:
        change: what was done to it: it was cancelled, moved or given another priority.
        before: what it was.
        job: what it is now.
    """
    match change:
        case Cancel():
            ours = job.finished_at == before.left_at
            return Retry() if job.state is State.CANCELLED and ours else None
        case Move(queue):
            stays = job.state not in FROM[Move] or job.queue != queue or before.queue == queue
            return None if stays else Move(before.queue)
        case Reprioritise(priority):
            stays = job.state not in FROM[Reprioritise] or job.priority != priority
            return None if stays or before.priority == priority else Reprioritise(before.priority)
        case _:
            return None
