"""What a handler may return or raise to say what should become of its job."""

from datetime import datetime, timedelta

from tidemill.core.errors import InvalidOption
from tidemill.core.identity import check_words
from tidemill.core.instants import Duration, Instant, Millis, from_datetime, millis, words
from tidemill.core.retry import (
    DEFAULT_ATTEMPTS,
    DEFAULT_BASE,
    DEFAULT_CAP,
    DEFAULT_CRASHES,
    RetryPolicy,
    policy,
)

_BASE = timedelta(milliseconds=DEFAULT_BASE)
_CAP = timedelta(milliseconds=DEFAULT_CAP)


class Directive(Exception):
    """What becomes of the job is said by one of its kinds: `Snooze`, `Cancel` or `Retry`."""


class Snooze(Directive):
    """Run the job again at another time; no attempt is spent.

    Attributes:
        delay: so long from now, or `None`.
        until: at this moment, or `None`. One of the two is given.

    Example:
        >>> Snooze("10m").delay
        600000
    """

    def __init__(self, delay: Duration | None = None, *, until: datetime | None = None) -> None:
        """Say for how long, or until when.

        Raises:
            InvalidOption: none or both are given, a delay that cannot be read, or a `datetime`
                without a time zone.
        """
        if (delay is None) == (until is None):
            raise InvalidOption(
                "a snooze needs a delay or a moment, one of them",
                hint='write Snooze("10m") or Snooze(until=...)',
            )
        self.delay: Millis | None = None if delay is None else millis(delay)
        self.until: Instant | None = None if until is None else from_datetime(until)
        when = f"until {until}" if self.delay is None else f"for {words(self.delay)}"
        super().__init__(f"snoozed {when}")


class Cancel(Directive):
    """End the job as cancelled, and do not run it again.

    Attributes:
        reason: why, for whoever looks at the job.
    """

    def __init__(self, reason: str = "") -> None:
        """Say why, if there is something to say.

        Raises:
            InvalidName: no text, or one that cannot be kept.
        """
        check_words("reason", reason)
        super().__init__(reason or "cancelled")
        self.reason = reason


class Retry(Directive):
    """Count this attempt as failed and try again; and the place where retry policies are made.

    Attributes:
        after: wait so long before the next attempt; `None`: as long as the policy says.

    Example:
        >>> Retry(after="90s").after
        90000
        >>> Retry.fixed(attempts=2, base="200ms").wait(1, dice=0.5)
        200
    """

    def __init__(self, *, after: Duration | None = None) -> None:
        """Say how long to wait, or leave it to the policy.

        Raises:
            InvalidOption: a wait that cannot be read.
        """
        self.after: Millis | None = None if after is None else millis(after)
        super().__init__("retry" if self.after is None else f"retry in {words(self.after)}")

    @staticmethod
    def exponential(
        attempts: int = DEFAULT_ATTEMPTS,
        base: Duration = _BASE,
        cap: Duration = _CAP,
        *,
        jitter: bool = True,
        crashes: int = DEFAULT_CRASHES,
    ) -> RetryPolicy:
        """Wait `base`, twice that, four times that, and so on up to `cap`.

        Args:
            attempts: starts in all, the first one included.
            base: the first wait.
            cap: the longest wait.
            jitter: draw each wait at random between 0 and its full length.
            crashes: give the job up as poison when so many workers or children died under it.

        Raises:
            InvalidOption: attempts or crashes outside 1 to 1000, or a duration that cannot be read.
        """
        return policy("exponential", attempts, base, cap, jitter=jitter, crashes=crashes)

    @staticmethod
    def linear(
        attempts: int = DEFAULT_ATTEMPTS,
        base: Duration = _BASE,
        cap: Duration = _CAP,
        *,
        jitter: bool = True,
        crashes: int = DEFAULT_CRASHES,
    ) -> RetryPolicy:
        """Wait `base`, twice that, three times that, and so on up to `cap`; see `exponential`."""
        return policy("linear", attempts, base, cap, jitter=jitter, crashes=crashes)

    @staticmethod
    def fixed(
        attempts: int = DEFAULT_ATTEMPTS,
        base: Duration = _BASE,
        *,
        jitter: bool = False,
        crashes: int = DEFAULT_CRASHES,
    ) -> RetryPolicy:
        """Wait `base` every time; see `exponential`."""
        return policy("fixed", attempts, base, base, jitter=jitter, crashes=crashes)

    @staticmethod
    def never() -> RetryPolicy:
        """Start once; a failure is final."""
        return policy("fixed", 1, 0, 0, jitter=False)
