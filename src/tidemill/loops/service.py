"""Something that runs along in the background, from its start to its end."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

from tidemill.loops.bell import Bell
from tidemill.loops.clock import Clock


class Service(ABC):
    """Runs once: `start()` it, and `stop()` it; both are safe twice, in any order, at any time.

    A kind of service writes `run()`, which does its work while `stopping` is false and waits at
    the `bell`; the bell rings when it is to stop, so that it ends soon by itself. What it is in
    the middle of is never torn off.

    Attributes:
        name: what it is called in logs.
        stopping: whether it has been asked to end.
        bell: where it waits.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        """Prepare; nothing runs yet."""
        self.name = name
        self.stopping = False
        self.bell = Bell(clock)
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def run(self) -> None:
        """Do the work until `stopping`; an exception that leaves it is the service's death."""

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._task is not None and not self._task.done()

    @property
    def failure(self) -> BaseException | None:
        """What it died of; `None` while it lives, and when it ended as it should."""
        if self._task is None or not self._task.done():
            return None
        if self._task.cancelled():
            return asyncio.CancelledError(f"{self.name} was cancelled")
        return self._task.exception()

    def start(self) -> None:
        """Begin to run on this event loop; nothing happens if it runs, or has been stopped."""
        if self._task is None and not self.stopping:
            self._task = asyncio.get_running_loop().create_task(self.run(), name=self.name)

    def ask_to_stop(self) -> None:
        """Ask it to end, without waiting until it has."""
        self.stopping = True
        self.bell.ring()

    async def stop(self) -> None:
        """Ask it to end and wait until it has; it never raises, see `failure`."""
        self.ask_to_stop()
        await self.ended()

    def abandon(self) -> None:
        """Tear it off where it stands: for one that waits for what may never come."""
        self.stopping = True
        if self._task is not None:
            self._task.cancel()

    def when_ended(self, tell: Callable[[], None]) -> None:
        """Call this when it has ended; never, if it never began."""
        if self._task is not None:
            self._task.add_done_callback(lambda _: tell())

    async def ended(self) -> None:
        """Wait until it has ended; at once if it never began, or if it is the one that asks."""
        if self._task is not None and self._task is not asyncio.current_task():
            await asyncio.wait({self._task})
