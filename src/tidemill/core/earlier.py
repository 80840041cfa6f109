"""What a job was before somebody changed it, kept so that it can be made so again."""

from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import Struct

from tidemill.core.instants import Instant
from tidemill.core.job import Snapshot
from tidemill.core.state import State

_DIGEST: Final = 8
"""Bytes that tell one form of a job from another: nobody gains by making two alike."""


class Earlier(Struct, frozen=True, array_like=True):
    """What a job was before a change, as far as that is needed to make it so again.

    A job that is brought back keeps its error, its progress and its attempts that have ended, so
    these are not repeated here.

    Attributes:
        expires_at: by when it was to have started; a retry forgets it.
        fence: of its last claim, which every later one is larger than.
        likeness: tells whether it is still the same job; see `likeness`.
        left_at: the moment that the change gave it: when it ended, or has been due since.
        attempt: the last one's number, as the others below of the end that it had.
    """

    id: str
    state: State
    queue: str
    priority: int
    ready_at: Instant
    expires_at: Instant | None
    fence: int
    likeness: str
    left_at: Instant
    reason: str = ""
    attempt: int = 0
    crashes: int = 0
    worker: int | None = None
    started_at: Instant | None = None
    finished_at: Instant | None = None


def earlier_of(job: Snapshot, left_at: Instant) -> Earlier:
    """What is to be remembered of a job that is about to be changed.

    Args:
        left_at: the moment that the change gives it.
    """
    return Earlier(
        id=job.id,
        state=job.state,
        queue=job.queue,
        priority=job.priority,
        ready_at=job.ready_at,
        expires_at=job.expires_at,
        fence=job.fence,
        likeness=likeness(job),
        left_at=left_at,
        reason=job.reason,
        attempt=job.attempt,
        crashes=job.crashes,
        worker=job.worker,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def likeness(job: Snapshot) -> str:
    """A digest of what others may change about a job that rests: its place, and what it is to do.

    A later request of the same unique key may have put its own arguments and options into it.
    """
    whole = (job.queue, job.priority, job.args, job.tags, job.timeout, job.policy)
    return blake2b(msgspec.json.encode(whole), digest_size=_DIGEST).hexdigest()


def has_begun(job: Snapshot, earlier: Earlier) -> bool:
    """Whether a worker has taken the job since it was changed."""
    return job.fence > earlier.fence


def is_as_left(job: Snapshot, earlier: Earlier) -> bool:
    """Whether a job that rests is as the change has left it: not begun, and changed by nobody.

    Args:
        job: what it is now.
        earlier: what it was before a retry, or before it was made due at another time.
    """
    expires_at = None if earlier.state.finished else earlier.expires_at
    return (
        not has_begun(job, earlier)
        and job.ready_at == earlier.left_at
        and job.expires_at == expires_at
        and likeness(job) == earlier.likeness
    )
