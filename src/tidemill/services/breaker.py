"""What is known of how a host does, for all nodes: whether it answers, or is left in peace.

It is a value with rules, without any I/O: `breakers.py` keeps it in the store.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tidemill.core.instants import Instant, Millis

_SLACK: Final[Millis] = 1_000
LONGEST_TRIAL: Final[Millis] = 120_000
_SHARE: Final = 10
"""A host that has been away for long is asked again after a tenth of that time."""
_LONGEST_SHARE: Final[Millis] = 300_000
LONGEST_ASKED: Final[Millis] = 3_600_000
"""A host that asks for more rest than this is asked again after it."""


class Terms(Struct, frozen=True):
    """When a breaker opens, and for how long.

    Attributes:
        failures: so many in a row open it.
        window: those within this time of each other count together.
        rest: how long it is open at first; twice that after each trial that fails.
        longest: the longest rest, but for hosts that have been away for ten times that.
        patience: a host that has been away for so long parks no jobs any more: they fail.
    """

    failures: int = 5
    window: Millis = 30_000
    rest: Millis = 5_000
    longest: Millis = 15_000
    patience: Millis = 86_400_000


class Health(Struct, frozen=True, omit_defaults=True):
    """How a host does. As it is made, it does well.

    Attributes:
        failures: when it failed of late, in a row.
        since: when it was cut off; 0: it is not.
        until: it is not asked before.
        rest: how long that was from when it was said.
        rests: how often in a row it has been given rest.
        trial: one call is under way that tries whether it is back, until then at the latest.
    """

    failures: tuple[Instant, ...] = ()
    since: Instant = 0
    until: Instant = 0
    rest: Millis = 0
    rests: int = 0
    trial: Instant = 0

    @property
    def is_open(self) -> bool:
        """Whether it is cut off."""
        return self.since > 0

    def shut_until(self, now: Instant) -> Instant:
        """When to come again; 0: one may ask now, as a trial if the host is cut off.

        Who wrote it may have had a clock that is ahead: no rest is longer than it was meant to be.
        """
        until = self.until if self.until <= now + self.rest + _SLACK else 0
        # While a trial is under way, nobody knows yet whether there will be another rest.
        trial = min(self.trial, now + max(self.rest, _SLACK))
        shut = max(until, trial)
        return shut if shut > now else 0


WELL: Final = Health()


def failed(
    health: Health, terms: Terms, now: Instant, *, trial: bool, asked: Millis | None = None
) -> Health:
    """How a host does after a call has failed.

    Args:
        trial: whether the call was one that tried whether it is back.
        asked: how long it wants to be left in peace, if it has said so.

    Example:
        >>> once = failed(WELL, Terms(failures=2), 1_000, trial=False)
        >>> once.is_open, failed(once, Terms(failures=2), 2_000, trial=False).is_open
        (False, True)
    """
    if asked is not None:
        asked = min(asked, LONGEST_ASKED)
    if health.is_open and not trial:
        # It began before: it tells nothing new, unless it says for how long.
        if asked is None or now + asked <= health.until:
            return health
        return replace(health, until=now + asked, rest=asked)
    recent = (*(at for at in health.failures if at > now - terms.window), now)
    if not trial and asked is None and len(recent) < terms.failures:
        return replace(WELL, failures=recent)
    since = health.since or now
    rest = _rest(terms, health.rests, now - since) if asked is None else asked
    return Health(since=since, until=now + rest, rest=rest, rests=health.rests + 1)


def _rest(terms: Terms, rests: int, away: Millis) -> Millis:
    longest = max(terms.longest, min(away // _SHARE, _LONGEST_SHARE))
    return min(terms.rest << min(rests, 30), longest)
