"""A service that does one thing again and again."""

import random
from collections.abc import Awaitable, Callable

from tidemill.core.instants import Millis
from tidemill.loops.clock import Clock
from tidemill.loops.patience import Patience
from tidemill.loops.service import Service


class Ticker(Service):
    """Calls a function every so often, and sooner when it is woken.

    The function may answer how long to wait before its next turn; `None` means as long as usual.
    When it raises, the ticker waits longer from failure to failure and goes on for ever.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        every: Millis,
        run_once: Callable[[], Awaitable[Millis | None]],
        *,
        jitter: float = 0.0,
        patience: Patience | None = None,
    ) -> None:
        """Prepare.

        Args:
            name: as it reads behind "trouble with".
            clock: whose time is waited for.
            every: the usual wait between two turns.
            run_once: one turn.
            jitter: share of the usual wait by which it is shortened or lengthened at random.
            patience: how to wait after a failure.
        """
        super().__init__(name, clock)
        self._every = every
        self._run_once = run_once
        self._jitter = jitter
        self._patience = patience or Patience(name)

    def wake(self) -> None:
        """Let the next turn come at once; from any thread."""
        self.bell.ring()

    async def run(self) -> None:
        """Take turns until it is stopped."""
        while not self.stopping:
            wait = await self._turn()
            if not self.stopping:
                await self.bell.wait(wait / 1_000)

    async def _turn(self) -> Millis:
        try:
            answer = await self._run_once()
        except Exception as error:  # noqa: BLE001 - a ticker outlives whatever its turn raises
            return self._patience.failed(error)
        self._patience.succeeded()
        return self._usual() if answer is None else answer

    def _usual(self) -> Millis:
        swing = self._jitter * (2 * random.random() - 1)  # noqa: S311 - spreads load, guards nothing
        return int(self._every * (1 + swing))
