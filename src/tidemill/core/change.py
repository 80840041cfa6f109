"""What a person may ask to be done to jobs, and from which states it can be done."""

from typing import Final

from msgspec import Struct

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


Change = Cancel | Retry | RunNow | Postpone | Reprioritise | Move | Delete

_RESTING: Final = LIVE - {State.RUNNING}

FROM: Final[dict[type[Change], frozenset[State]]] = {
    Cancel: LIVE,
    Retry: frozenset({State.FAILED, State.CANCELLED}),
    RunNow: frozenset({State.SCHEDULED, State.RETRYING}),
    Postpone: frozenset({State.SCHEDULED, State.RETRYING, State.WAITING}),
    Reprioritise: _RESTING,
    Move: _RESTING,
    Delete: _RESTING | FINISHED,
}
"""From which states each change can be made; other jobs are left alone and not counted."""


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
    """

    ids: tuple[str, ...]
    cursor: str | None
