"""Limits as values: how many at once, how many in a time, and the arithmetic of rates."""

from typing import Final

from msgspec import Struct

from tidemill.core.errors import InvalidOption
from tidemill.core.identity import is_whole
from tidemill.core.instants import Duration, Instant, Millis, millis

MOST: Final = 1_000_000


class Rate(Struct, frozen=True):
    """So many starts in so long a time, spread evenly, with at most `burst` at one moment.

    The burst comes on top of the even flow: less than `count + burst` start in any such time.

    Attributes:
        count: starts.
        per: in this many milliseconds.
        burst: starts that may come at once after a pause; 0: as many as `count`.
    """

    count: int
    per: Millis
    burst: int = 0


class KeyLimit(Struct, frozen=True):
    """At most `most` jobs of one key run at once."""

    key: str
    most: int


class KeyRate(Struct, frozen=True):
    """Jobs of one key start at this rate."""

    key: str
    rate: Rate


def rate(count: int, per: Duration, *, burst: int = 0) -> Rate:
    """Allow `count` starts per time, evenly spread after a first burst.

    Raises:
        InvalidOption: a count below 1, a burst above the count, or a time of nothing.

    Example:
        >>> rate(100, "1m")
        Rate(count=100, per=60000, burst=0)
    """
    length = millis(per)
    if not (is_whole(count) and 1 <= count <= MOST) or length < 1:
        raise InvalidOption(
            f"rate of {count!r} per {per!r} is not possible",
            hint=f"count from 1 to {MOST}, per at least 1ms",
        )
    if not (is_whole(burst) and 0 <= burst <= count):
        raise InvalidOption(
            f"burst={burst!r} does not fit count={count}", hint="0 <= burst <= count"
        )
    return Rate(count, length, burst)


def check_most(most: int) -> int:
    """Return a concurrency limit if it is one.

    Raises:
        InvalidOption: it is below 1 or above a million.
    """
    if not (is_whole(most) and 1 <= most <= MOST):
        raise InvalidOption(
            f"concurrency={most!r} is not possible", hint=f"a whole number from 1 to {MOST}"
        )
    return most


class Flow(Struct, frozen=True):
    """Where a rate stands: its theoretical arrival time, in microseconds for even spacing.

    The generic cell rate algorithm (ITU-T I.371, annex A) keeps one number per key: the time at
    which the next start would come if starts came evenly. A start is allowed while that number is
    not further ahead of the clock than the burst allows; each start moves it by one interval.
    """

    arrival: int = 0

    def free(self, rate: Rate, now: Instant) -> int:
        """How many starts are allowed at this moment."""
        interval = rate.per * 1_000 / rate.count
        burst = rate.burst or rate.count
        ahead = max(self.arrival - now * 1_000, 0)
        return max(int((burst * interval - ahead) / interval + 1e-6), 0)

    def take(self, rate: Rate, now: Instant, starts: int) -> "Flow":
        """The flow after so many starts at this moment."""
        interval = rate.per * 1_000 / rate.count
        return Flow(round(max(self.arrival, now * 1_000) + starts * interval))

    def next_at(self, rate: Rate, now: Instant) -> Instant:
        """When the next start is allowed: now, or the first millisecond at which one fits."""
        interval = rate.per * 1_000 / rate.count
        burst = rate.burst or rate.count
        earliest = self.arrival - (burst - 1) * interval
        return max(now, -int(-earliest // 1_000))
