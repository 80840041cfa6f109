"""What a change of many jobs can be taken back to, and until when."""

from typing import Final, Literal

from msgspec import Struct

from tidemill.core.change import FROM, Cancel, Change, Move, Reprioritise, Retry
from tidemill.core.instants import Instant, Millis
from tidemill.core.job import Snapshot
from tidemill.core.state import State

WINDOW: Final[Millis] = 600_000
"""So long after it a change can be undone."""

Refusal = Literal["verb", "rest", "nothing", "late", "undone"]
"""Why a change cannot be undone: of its kind, for a job goes on with it, for nothing was changed
that could be, for it is too long ago, or for it has been."""


class Earlier(Struct, frozen=True, array_like=True):
    """What a job was before it was changed, as far as that is needed to make it so again."""

    id: str
    state: State
    queue: str
    priority: int


def remembers(change: Change) -> bool:
    """Whether it is worth knowing what jobs were before a change.

    Example:
        >>> remembers(Move("slow")), remembers(Retry())
        (True, False)
    """
    return isinstance(change, Cancel | Move | Reprioritise)


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
    if not remembers(change):
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


def way_back(
    change: Change, before: Earlier, job: Snapshot, began_at: Instant, ended_at: Instant
) -> Change | None:
    """The change that makes a job again what it was; `None`: others have changed it since.

    Args:
        change: what was done to it.
        before: what it was.
        job: what it is now.
        began_at: when the change began.
        ended_at: when it was done.
    """
    match change:
        case Cancel():
            ours = job.finished_at is not None and began_at <= job.finished_at <= ended_at
            return Retry() if job.state is State.CANCELLED and ours else None
        case Move(queue):
            stays = job.state not in FROM[Move] or job.queue != queue or before.queue == queue
            return None if stays else Move(before.queue)
        case Reprioritise(priority):
            stays = job.state not in FROM[Reprioritise] or job.priority != priority
            return None if stays or before.priority == priority else Reprioritise(before.priority)
        case _:
            return None
