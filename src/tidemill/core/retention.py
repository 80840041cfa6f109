"""How long finished things are kept."""

from typing import Final

from msgspec import Struct

from tidemill.core.instants import Millis
from tidemill.core.state import State

DAY: Final[Millis] = 86_400_000


class Keep(Struct, frozen=True, kw_only=True):
    """How long each kind of finished thing is kept; a queue's own rules go before these.

    Attributes:
        completed: finished jobs that did well.
        failed: the dead-letter queue.
        cancelled: jobs that were ended by a person, a policy or their expiry.
        entries: events and job logs.
        audit: who did what.
        minutes: statistics by the minute; older ones are folded into hours.
        hours: statistics by the hour; older ones are folded into days, which are kept.
    """

    completed: Millis = 90 * DAY
    failed: Millis = 90 * DAY
    cancelled: Millis = 90 * DAY
    entries: Millis = 30 * DAY
    audit: Millis = 365 * DAY
    minutes: Millis = 2 * DAY
    hours: Millis = 90 * DAY

    def of(self, state: State) -> Millis:
        """How long a job that finished in this state is kept."""
        match state:
            case State.COMPLETED:
                return self.completed
            case State.FAILED:
                return self.failed
            case _:
                return self.cancelled


class Pruned(Struct, frozen=True):
    """What one slice of pruning removed.

    Attributes:
        more: whether something that is due to go may be left; if not, nothing is.
    """

    jobs: int = 0
    entries: int = 0
    more: bool = False
