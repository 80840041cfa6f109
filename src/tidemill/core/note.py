"""What a running job says of itself: progress, a checkpoint, log lines."""

from msgspec import Struct

from tidemill.core.job import Claim, Progress
from tidemill.core.record import NewEntry


class Note(Struct, frozen=True):
    """One message from a running job, kept only while its claim's fence holds.

    Attributes:
        checkpoint: JSON to be handed to the next attempt, should there be one.
        lines: lines for the job's log.
    """

    claim: Claim
    progress: Progress | None = None
    checkpoint: bytes | None = None
    lines: tuple[NewEntry, ...] = ()
