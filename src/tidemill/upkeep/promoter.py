"""Duty: scheduled and retrying jobs that are due become waiting; gates that have room open."""

from typing import Final

from tidemill.core.instants import Millis
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.failpoint import failpoint

MOST_AT_ONCE: Final = 500


class Promoter:
    """Moves what is due, in slices, and comes back when the next job will be due."""

    name = "promote"

    def __init__(
        self, engine: Engine, clock: Clock, *, every: Millis = 1_000, limit: int = MOST_AT_ONCE
    ) -> None:
        """Come back after `every` at the latest: jobs may have been added meanwhile."""
        self.every = every
        self._engine = engine
        self._clock = clock
        self._limit = limit

    async def run_once(self) -> Millis:
        """Promote one slice; answer when the next job will be due, 0 while some still are."""
        promoted = await self._engine.jobs.promote(self._limit)
        failpoint("promote.middle")
        if promoted.more:
            return 0
        if promoted.next_at is None:
            return self.every
        return min(max(promoted.next_at - self._clock.now(), 1), self.every)
