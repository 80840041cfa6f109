"""What every executor offers to the floor that hands it runs."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from tidemill.core.outcome import Outcome
from tidemill.worker.run import Run

Deliver = Callable[[Run, Outcome], None]
"""Takes a run whose code has ended, and what it came to; called on the event loop."""


class Executor(Protocol):
    """A place with room for so many runs; what it is handed beyond that waits in its line.

    Attributes:
        capacity: runs whose code may run at once.
        patience: seconds after which a run that was asked to stop because of its timeout is
            reported as one that could not be stopped.
    """

    capacity: int
    patience: float

    @property
    def waiting(self) -> int:
        """How many runs wait in its line."""
        ...

    def push(self, runs: Sequence[Run]) -> None:
        """Take runs, to be begun in this order; each is delivered once, when its code has ended."""
        ...

    def take_back(self, came_before: float) -> list[Run]:
        """Give back the runs in line that came before this moment; they are not delivered."""
        ...

    def stop(self, run: Run) -> None:
        """End the code of a run that has been asked to stop, as far as that is possible."""
        ...

    def kill(self) -> None:
        """End at once whatever can be ended; what is asked to stop later has no patience."""
        ...

    def close(self) -> None:
        """Let go of threads and processes; what still runs in a thread runs on."""
        ...


def take_old(line: deque[Run], came_before: float) -> list[Run]:
    """Take from the front of a line the runs that came before this moment."""
    taken = []
    try:
        while line[0].came_at < came_before:
            taken.append(line.popleft())
    except IndexError:
        pass  # it is empty, perhaps because a thread of the pool was quicker
    return taken
