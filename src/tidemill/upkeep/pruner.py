"""Duty: what has been kept long enough is deleted, in slices with pauses between."""

from typing import Final

from tidemill.core.instants import Millis
from tidemill.core.retention import Keep
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock

MOST_AT_ONCE: Final = 1_000

PAUSE: Final = 0.05
"""Seconds between two slices, so that claims and settlements come in between."""


class Pruner:
    """Keeps the store from growing for ever."""

    name = "prune"

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        keep: Keep | None = None,
        *,
        every: Millis = 60_000,
        limit: int = MOST_AT_ONCE,
    ) -> None:
        """Delete what is older than `keep` says, so many rows at a time."""
        self.every = every
        self._engine = engine
        self._clock = clock
        self._keep = keep or Keep()
        self._limit = limit

    async def run_once(self) -> None:
        """Prune until nothing is due."""
        while (await self._engine.jobs.prune(self._keep, self._limit)).more:
            await self._clock.sleep(PAUSE)
