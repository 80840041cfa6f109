"""Hears soon of jobs that a person has cancelled while they run here."""

import math
from typing import Final

from tidemill.core.instants import Millis
from tidemill.core.signal import Signal
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.ticker import Ticker
from tidemill.worker.floor import Floor

LOOK_EVERY: Final[Millis] = 1_000
"""However many hints there are, one looks no more often."""

_REST: Final[Millis] = 3_600_000


class Canceller:
    """Asks the store about the running jobs when there was a hint that one may be cancelled.

    The renewal of the lease tells the same, surely but late; a hint makes it prompt. It is a
    question, not a write, so that workers of one store do not wake each other by looking.

    Attributes:
        ticker: the loop; to be started with the worker.
    """

    def __init__(self, engine: Engine, clock: Clock, floor: Floor) -> None:
        """Prepare."""
        self._engine = engine
        self._clock = clock
        self._floor = floor
        self._hinted = False
        self._next_at = 0.0
        self.ticker = Ticker("looking for cancelled jobs", clock, _REST, self._look)

    def hear(self, signal: Signal) -> None:
        """Notice that a job may have been cancelled; from any thread."""
        if signal.kind in ("control", "resync") and not self._hinted and len(self._floor):
            self._hinted = True
            self.ticker.wake()

    async def _look(self) -> Millis | None:
        if not self._hinted:
            return None
        now = self._clock.monotonic()
        if now < self._next_at:
            return math.ceil((self._next_at - now) * 1_000)
        self._hinted = False
        self._next_at = now + LOOK_EVERY / 1_000
        ids = [run.claim.id for run in self._floor.begun if run.asked is None]
        snapshots = await self._engine.reader.get(ids) if ids else ()
        self._floor.cancel(job.id for job in snapshots if job is not None and job.cancel_requested)
        return None
