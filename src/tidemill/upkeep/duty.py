"""A chore that one node at a time does for all."""

from typing import Protocol

from tidemill.core.instants import Millis


class Duty(Protocol):
    """A chore with a name of its own; doing it twice at once must do no harm, only be in vain.

    Attributes:
        name: what its turn is won by.
        every: the usual time between two turns.
    """

    name: str
    every: Millis

    async def run_once(self) -> Millis | None:
        """Do one slice of it; answer how long to wait before the next, `None`: as long as usual.

        Raises:
            StoreError: the store does not answer; the next turn goes on where this one ended.
        """
        ...
