"""Notices when the server's clock is set, by the machine's own clock, which nobody can set.

A reading says W of the server's clock, and was made at a moment s of our own clock that nobody
knows, but that we asked before, at a, and heard after, at h: a <= s <= h. Of two readings, the last
and the new one, it follows for the time that lies between them, whichever was made first:

    a(new) - h(last)  <=  s(new) - s(last)  <=  h(new) - a(last)

As long as nobody sets the server's clock, W(new) - W(last) is that time, give or take the drift of
two clocks. Both bounds may be below zero: an answer that was long under way may be looked at after
another one that was both asked for and heard meanwhile. Cut off at zero they would be wrong.

When W(new) - W(last) is beyond a bound, the clock was set between the two readings. How it was set
follows only if it is known that the new one was made later, and it is if it was asked for after
the last one was heard. Otherwise it may be one from before a jump that has been seen already, and
to take it for another jump, back again, would end leases. Whoever has such a reading asks anew.

The last reading is there to tell of the time until the next one, so of two that agree the one is
kept that tells more: with less time between its two moments, counting what drift has added since.
"""

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


class Overtaken(Exception):
    """A reading that does not agree with another one, and was perhaps made before it: ask anew."""


class ClockWatch:
    """Compares each reading with one before; the first one is believed."""

    def __init__(self) -> None:
        """Begin without a reading."""
        self._lock = threading.Lock()
        self._last: Reading | None = None

    def look(self, reading: Reading) -> None:
        """Look whether the server's clock has gone on as ours has.

        Raises:
            ClockWasSet: it has not. It will be raised again until `believe` is called.
            Overtaken: it has not, or this is what it said before.
        """
        with self._lock:
            last = self._last
            if last is None:
                self._last = reading
                return
            least = round((reading.asked_at - last.heard_at) * 1_000)
            most = round((reading.heard_at - last.asked_at) * 1_000)
            moved = reading.wall - last.wall
            slack = SHORTEST + round(max(-least, most) * DRIFT)
            if least - slack <= moved <= most + slack:
                if _width(reading) <= _width(last) + (reading.heard_at - last.heard_at) * DRIFT:
                    self._last = reading
                return
        if reading.asked_at < last.heard_at:
            raise Overtaken
        by = moved - least
        raise ClockWasSet(by, last.wall, last.wall + min(most, by - 1), reading)

    def believe(self, reading: Reading) -> None:
        """Go on from this reading: what hangs on the clock has been put right."""
        with self._lock:
            self._last = reading


def _width(reading: Reading) -> float:
    """Seconds of our own clock within which it was made."""
    return reading.heard_at - reading.asked_at
