"""The only reading of time. Everything that needs the time is handed a clock."""

import time
from typing import Protocol

from tidemill.core.instants import Instant, Millis


class Clock(Protocol):
    """Tells the time and lets it pass; tests wind their own by hand."""

    def now(self) -> Instant:
        """The point in time that stores and people agree on."""
        ...

    def monotonic(self) -> float:
        """Seconds from an unknown start; never goes back, so lengths are measured with it."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let so much of this clock's time pass."""
        ...


def steady(clock: Clock) -> Millis:
    """The monotonic clock in milliseconds: leases are counted by it, for nobody can set it."""
    return round(clock.monotonic() * 1_000)


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """Milliseconds since the Unix epoch, by the machine's wall clock."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds by the machine's monotonic clock, which all its processes share."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Give way to other tasks for so long."""
        import asyncio  # noqa: PLC0415 - a quarter of what `import tidemill` would take

        await asyncio.sleep(seconds)
