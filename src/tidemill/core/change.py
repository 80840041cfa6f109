"""What a person may ask to be done to jobs, and from which states it can be done."""

from typing import Final

from msgspec import Struct

from tidemill.core.earlier import Earlier
from tidemill.core.instants import Instant
from tidemill.core.query import JobFilter
from tidemill.core.state import FINISHED, LIVE, State


class Cancel(Struct, frozen=True):
    """End it: at once if it does not run, else as soon as it hears of it.

    Attributes:
        reason: why, in the words of whoever asks; the job keeps it as its reason. Of several who
            ask a running job, the last one's words count, and before them those with which its
            handler stops, if it has any. A job that fails for good all the same keeps that reason.
    """

    reason: str = ""


class Retry(Struct, frozen=True):
    """Run a failed or cancelled job again, with all its attempts before it."""


class RunNow(Struct, frozen=True):
    """Make a scheduled or retrying job due at once."""


class Postpone(Struct, frozen=True):
    """Make a job that is scheduled, retrying or waiting due at this time."""

    until: Instant


class Reprioritise(Struct, frozen=True):
    """Give a job that does not run yet another priority."""

    priority: int


class Move(Struct, frozen=True):
    """Put a job that does not run yet into another queue."""

    queue: str


class Delete(Struct, frozen=True):
    """Remove a job that does not run, and its history, for good."""


class PutBack(Struct, frozen=True):
    """Make jobs that were retried, or made due at another time, again what they were before.

    Those that have begun since, that somebody has changed otherwise, or for whose end others have
    come to wait, are left alone.

    Attributes:
        to: what they were, as the change has answered it.
    """

    to: tuple[Earlier, ...]


Change = Cancel | Retry | RunNow | Postpone | Reprioritise | Move | Delete | PutBack

_RESTING: Final = LIVE - {State.RUNNING}

FROM: Final[dict[type[Change], frozenset[State]]] = {
    Cancel: LIVE,
    Retry: frozenset({State.FAILED, State.CANCELLED}),
    RunNow: frozenset({State.SCHEDULED, State.RETRYING}),
    Postpone: frozenset({State.SCHEDULED, State.RETRYING, State.WAITING}),
    Reprioritise: _RESTING,
    Move: _RESTING,
    Delete: _RESTING | FINISHED,
    PutBack: frozenset({State.SCHEDULED, State.BLOCKED, State.WAITING}),
}
"""From which states each change can be made; other jobs are left alone and not counted."""


def moment_given(change: Change, now: Instant) -> Instant | None:
    """When a job ends, or is due, by a change that can be taken back; `None`: it cannot be.

    Example:
        >>> moment_given(Postpone(5_000), now=1_000), moment_given(Delete(), now=1_000)
        (5000, None)
    """
    match change:
        case Postpone(until):
            return until
        case Delete() | PutBack():
            return None
        case _:
            return now


class Which(Struct, frozen=True):
    """The jobs meant: these ids, or all that match a filter. One of the two is given.

    Attributes:
        tenant: of the ids, those of jobs of this tenant; `None`: of any. A filter has its own.
    """

    ids: tuple[str, ...] = ()
    filter: JobFilter | None = None
    tenant: str | None = None


class Changed(Struct, frozen=True):
    """What one slice of a change did.

    Attributes:
        ids: jobs that were changed; there may be none, and yet a cursor: so far was looked.
        cursor: hand it back to go on; `None` when every job meant has been seen.
        earlier: what each of them was just before, where that can be made so again.
    """

    ids: tuple[str, ...]
    cursor: str | None
    earlier: tuple[Earlier, ...] = ()
