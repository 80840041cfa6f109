"""A bell that wakes one waiter, from any thread; and many at once."""

import asyncio
import threading
from collections.abc import Iterable

from tidemill.loops.clock import Clock


class Bell:
    """Rung by many, heard by one; rings that come before it is waited for again count as one.

    Example:
        >>> import asyncio
        >>> from tidemill.loops.clock import SystemClock
        >>> bell = Bell(SystemClock())
        >>> bell.ring()  # from any thread
        >>> asyncio.run(bell.wait(10))  # at once, for it has been rung
    """

    __slots__ = ("_clock", "_loop", "_rung", "_thread", "_waiter")

    def __init__(self, clock: Clock) -> None:
        """Hang it up; waiting with an end goes by this clock."""
        self._clock = clock
        self._rung = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake whoever waits, or who waits next."""
        if self._rung:
            return
        self._rung = True
        loop = self._loop
        if loop is None:
            return
        if threading.get_ident() == self._thread:
            self._wake()
            return
        try:
            loop.call_soon_threadsafe(self._wake)
        except RuntimeError:
            return  # the loop has been closed, so nobody waits any more

    async def wait(self, seconds: float | None = None) -> None:
        """Wait until it is rung, or until so much time has passed; `None`: without end.

        One at a time may wait.
        """
        if seconds is not None and seconds <= 0:
            self._rung = False
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        waiter = self._waiter = loop.create_future()
        # The ringer sets the flag and then looks for a loop; here it is the other way round, so
        # that one of the two always sees the other.
        self._loop = loop
        try:
            if not self._rung:
                await self._wait(waiter, seconds)
        finally:
            self._loop = self._waiter = None
            self._rung = False

    async def _wait(self, waiter: "asyncio.Future[None]", seconds: float | None) -> None:
        if seconds is None:
            await waiter
            return
        alarm = asyncio.ensure_future(self._clock.sleep(seconds))
        # This waiter, not the one of that time: a cancelled alarm is done a moment later.
        alarm.add_done_callback(lambda _: _end(waiter))
        try:
            await waiter
        finally:
            alarm.cancel()

    def _wake(self) -> None:
        if self._waiter is not None:
            _end(self._waiter)


def wake(waiters: "Iterable[asyncio.Future[None]]") -> None:
    """Let all of these go on, from any thread; an event loop is woken once for all of its own.

    Safe twice: who is interrupted in it does it anew.
    """
    by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for waiter in waiters:
        by_loop.setdefault(waiter.get_loop(), []).append(waiter)
    for loop, its in by_loop.items():
        try:
            loop.call_soon_threadsafe(_end_all, its)
        except RuntimeError:
            continue  # the loop has been closed, so nobody waits any more


def _end_all(waiters: "list[asyncio.Future[None]]") -> None:
    for waiter in waiters:
        _end(waiter)


def _end(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
