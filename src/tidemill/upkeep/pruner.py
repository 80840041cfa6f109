"""Duty: what has been kept long enough is deleted, in slices with pauses between."""

from typing import Final

from tidemill.core.instants import Millis
from tidemill.core.retention import Keep
from tidemill.engines.protocol import Engine

MOST_AT_ONCE: Final = 1_000

PAUSE: Final[Millis] = 50
"""Between two slices, so that claims and settlements come in between."""


class Pruner:
    """Keeps the store from growing for ever."""

    name = "prune"

    def __init__(
        self,
        engine: Engine,
        keep: Keep | None = None,
        *,
        every: Millis = 60_000,
        limit: int = MOST_AT_ONCE,
    ) -> None:
        """Delete what is older than `keep` says, so many rows at a time."""
        self.every = every
        self._engine = engine
        self._keep = keep or Keep()
        self._limit = limit

    async def run_once(self) -> Millis | None:
        """Prune one slice; answer when the next one is to follow, if something is left."""
        pruned = await self._engine.jobs.prune(self._keep, self._limit)
        return PAUSE if pruned.more else None
