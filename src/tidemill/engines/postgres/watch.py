"""Notices when the server's clock is set, by the machine's own clock, which nobody can set."""

import threading
import time
from typing import Final

from msgspec import Struct

from tidemill.core.instants import Instant, Millis

SHORTEST: Final[Millis] = 5_000
"""A jump by less is taken for none: it may be a slow answer, and leases have as much to spare."""

DRIFT: Final = 0.001
"""Share by which two clocks that nobody sets may go apart."""

_CLOCK: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Counts while the machine sleeps, too: the server's clock goes on meanwhile."""


def own_seconds() -> float:
    """The machine's clock."""
    return time.clock_gettime(_CLOCK)


class Reading(Struct, frozen=True):
    """What the server's clock said between two moments of ours.

    Attributes:
        wall: what it said.
        asked_at: when we asked, in seconds of our own clock.
        heard_at: when we heard.
    """

    wall: Instant
    asked_at: float
    heard_at: float


class ClockWasSet(Exception):
    """The server's clock has jumped between two readings.

    Attributes:
        by: how far, forward or, below zero, back; rather too far forward than too little.
        last: what it said before.
        before: a lease that was renewed until then, by the old time, has yet to be moved.
        reading: what it says now.
    """

    def __init__(self, by: Millis, last: Instant, before: Instant, reading: Reading) -> None:
        """See above."""
        super().__init__(f"the server's clock was set by {by / 1_000:+.0f} s")
        self.by = by
        self.last = last
        self.before = before
        self.reading = reading


class ClockWatch:
    """Compares each reading with the one before; the first one is believed."""

    def __init__(self) -> None:
        """Begin without a reading."""
        self._lock = threading.Lock()
        self._last: Reading | None = None

    def look(self, reading: Reading) -> None:
        """Look whether the server's clock has gone on as ours has.

        Raises:
            ClockWasSet: it has not. It will be raised again until `believe` is called.
        """
        with self._lock:
            last = self._last
            if last is None:
                self._last = reading
                return
            least = max(round((reading.asked_at - last.heard_at) * 1_000), 0)
            most = max(round((reading.heard_at - last.asked_at) * 1_000), 0)
            moved = reading.wall - last.wall
            slack = SHORTEST + round(most * DRIFT)
            if least - slack <= moved <= most + slack:
                if reading.heard_at > last.heard_at:
                    self._last = reading
                return
        by = moved - least
        raise ClockWasSet(by, last.wall, last.wall + min(most, by - 1), reading)

    def believe(self, reading: Reading) -> None:
        """Go on from this reading: what hangs on the clock has been put right."""
        with self._lock:
            self._last = reading
