"""Duty: the room that ended jobs have left in the store is made free."""

from tidemill.core.instants import Millis
from tidemill.engines.protocol import Engine


class Tidier:
    """Looks often: a store without much to do answers at once."""

    name = "tidy"

    def __init__(self, engine: Engine, *, every: Millis = 2_000) -> None:
        """Look every so often."""
        self.every = every
        self._engine = engine

    async def run_once(self) -> Millis | None:
        """Tidy up once."""
        await self._engine.tidy()
        return None
