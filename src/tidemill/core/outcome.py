"""What running a job came to. A runner, a rescuer and a shutdown all speak in these values."""

from enum import StrEnum

from msgspec import Struct

from tidemill.core.error_info import ErrorInfo
from tidemill.core.instants import Instant, Millis


class Ending(StrEnum):
    """How one attempt ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    CANCELLED = "cancelled"
    SNOOZED = "snoozed"
    INTERRUPTED = "interrupted"


class Done(Struct, frozen=True):
    """The handler returned; `result` is its JSON."""

    result: bytes | None = None


class Failed(Struct, frozen=True):
    """The handler raised, or its arguments or result could not be used.

    Attributes:
        retryable: `False` when trying again cannot help.
        again_after: the wait that the handler itself asked for, instead of its policy's.
    """

    error: ErrorInfo
    retryable: bool = True
    again_after: Millis | None = None


class TimedOut(Struct, frozen=True):
    """The attempt ran longer than it may.

    Attributes:
        stopped: whether the code was really ended; a thread cannot be.
    """

    error: ErrorInfo
    stopped: bool = True


class Crashed(Struct, frozen=True):
    """The process that ran the job died in the middle of it, while its worker lives on."""

    error: ErrorInfo


class Abandoned(Struct, frozen=True):
    """The worker's lease ran out: it died, or it cannot reach the store."""

    error: ErrorInfo


class Snoozed(Struct, frozen=True):
    """The handler asked to be run again at another time; no attempt is spent."""

    until: Instant


class Cancelled(Struct, frozen=True):
    """The handler gave up by itself, or stopped when it was asked to."""

    reason: str = ""


class Interrupted(Struct, frozen=True):
    """The worker stops and hands the job back; no attempt is spent."""


Outcome = Done | Failed | TimedOut | Crashed | Abandoned | Snoozed | Cancelled | Interrupted
