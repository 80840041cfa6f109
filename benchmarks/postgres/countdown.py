"""What the drain of every peer has in common: when it is warm, and when it has run every job."""

import asyncio
from typing import Final

from benchmarks.harness import Meter, Sample
from benchmarks.scale import Scale

PAYLOAD: Final = "x" * 200
BULK: Final = 1_000
WARM_UP: Final = 1_000
SPARE: Final = 1_000


class Countdown:
    """Counts the jobs that are run in this process.

    Attributes:
        jobs: how many there are, those included that run before the clock starts and after it has
            stopped: what a worker does where it runs short of work is not in the figure.
    """

    def __init__(self, scale: Scale) -> None:
        """Count from the number of a peer's jobs."""
        self._timed = scale.peer_backlog
        self.jobs = WARM_UP + self._timed + SPARE
        self._left = WARM_UP + self._timed
        self._warm, self._empty = asyncio.Event(), asyncio.Event()

    def tick(self) -> None:
        """One has run."""
        self._left -= 1
        if self._left == self._timed:
            self._warm.set()
        elif not self._left:
            self._empty.set()

    async def measured(self) -> Sample:
        """Wait until they have run; the rate of those between the first and the last thousand."""
        await self._warm.wait()
        with Meter() as meter:
            await self._empty.wait()
        return meter.rate(self._timed)
