"""A clock that is wound by hand, so that an hour takes no time and a test knows what it is."""

import asyncio
import heapq
import itertools
import math
import threading
from typing import Final

from tidemill.core.instants import Duration, Instant, Millis, millis

START: Final[Instant] = 1_767_225_600_000
"""2026-01-01T00:00:00Z, where every hand-wound clock begins: where a minute and a day begin."""

_Sleeper = tuple[Millis, int, asyncio.AbstractEventLoop, asyncio.Future[None]]


class ManualClock:
    """A `tidemill.loops.clock.Clock` on which time passes only when it is told to.

    It may be read and advanced from any thread; whoever sleeps by it is woken in the order of
    their times, each on its own event loop.

    Example:
        >>> clock = ManualClock()
        >>> before = clock.now()
        >>> clock.advance("1h30m")
        >>> clock.now() - before
        5400000
    """

    def __init__(self, start: Instant = START) -> None:
        """Stop the clock at this moment."""
        self._start = start
        self._passed: Millis = 0
        self._lock = threading.Lock()
        self._sleepers: list[_Sleeper] = []
        self._turns = itertools.count()

    @property
    def asleep(self) -> int:
        """How many sleep by this clock now, so that a test can see that a loop has come to rest."""
        with self._lock:
            return sum(not sleeper.done() for *_, sleeper in self._sleepers)

    def now(self) -> Instant:
        """The moment at which the clock has been stopped."""
        return self._start + self._passed

    def monotonic(self) -> float:
        """Seconds by which the clock has been advanced."""
        return self._passed / 1_000

    def advance(self, duration: Duration) -> None:
        """Let so much time pass at once, and wake those whose time has come.

        Raises:
            InvalidOption: the duration cannot be read, or is negative: time does not go back.
        """
        length = millis(duration)
        with self._lock:
            self._passed += length
            due = []
            while self._sleepers and self._sleepers[0][0] <= self._passed:
                due.append(heapq.heappop(self._sleepers))
        for _, _, loop, sleeper in due:
            # The loop of a sleeper that was given up may have been closed since.
            if not loop.is_closed():
                loop.call_soon_threadsafe(_wake, sleeper)

    def jump(self, length: Millis) -> None:
        """Set the wall clock forward, or back by less than nothing, as a time server would.

        No time passes by that: the monotonic clock goes on, and nobody is woken.
        """
        self._start += length

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock has been advanced by so much; less than nothing only gives way."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        sleeper: asyncio.Future[None] = loop.create_future()
        with self._lock:
            wakes_at = self._passed + math.ceil(seconds * 1_000)
            heapq.heappush(self._sleepers, (wakes_at, next(self._turns), loop, sleeper))
        await sleeper


def _wake(sleeper: asyncio.Future[None]) -> None:
    """End one sleep, unless whoever slept has been cancelled meanwhile."""
    if not sleeper.done():
        sleeper.set_result(None)
