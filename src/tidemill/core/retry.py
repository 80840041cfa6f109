"""When a failed job is tried again, and when it is given up."""

from functools import lru_cache
from typing import Final, Literal

import msgspec
from msgspec import Struct

from tidemill.core.errors import InvalidOption
from tidemill.core.identity import is_whole
from tidemill.core.instants import Duration, Millis, millis

DEFAULT_ATTEMPTS: Final = 3
DEFAULT_BASE: Final[Millis] = 2_000
DEFAULT_CAP: Final[Millis] = 3_600_000
DEFAULT_CRASHES: Final = 3
MOST_ATTEMPTS: Final = 1_000

Shape = Literal["exponential", "linear", "fixed"]


class RetryPolicy(Struct, frozen=True, omit_defaults=True):
    """How often a job may start, and how long to wait between two attempts.

    The policy travels inside the job, so that any node can judge a failure without the task's
    code; a changed policy therefore reaches new jobs only.

    Attributes:
        attempts: starts in all, the first one included.
        shape: how the wait grows: `base * 2^(n-1)`, `base * n`, or `base` after the n-th failure.
        base: the first wait, in milliseconds.
        cap: the longest wait, in milliseconds.
        jitter: whether the wait is drawn at random between 0 and its full length ("full jitter",
            M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015), so that
            jobs which failed together do not come back together.
    """

    attempts: int = DEFAULT_ATTEMPTS
    shape: Shape = "exponential"
    base: Millis = DEFAULT_BASE
    cap: Millis = DEFAULT_CAP
    jitter: bool = True
    crashes: int = DEFAULT_CRASHES

    def is_spent(self, attempt: int) -> bool:
        """Whether no attempt is left after this one, counted from 1."""
        return attempt >= self.attempts

    def is_poison(self, crashes: int) -> bool:
        """Whether so many deaths of workers or child processes give the job up."""
        return crashes >= self.crashes

    def wait(self, failures: int, dice: float) -> Millis:
        """How long to wait after so many failures.

        Args:
            failures: attempts that have failed so far, at least 1.
            dice: a number from [0, 1) drawn by the caller; the policy itself is pure.

        Example:
            >>> RetryPolicy(base=1_000, jitter=False).wait(3, dice=0.5)
            4000
        """
        match self.shape:
            case "exponential":
                # 2^40 base waits pass any cap, so larger powers need not be computed.
                full = self.base * 2 ** min(failures - 1, 40)
            case "linear":
                full = self.base * failures
            case "fixed":
                full = self.base
        full = min(full, self.cap)
        return int(full * dice) if self.jitter else full


@lru_cache(maxsize=1_024)
def read_policy(data: bytes) -> RetryPolicy:
    """The policy that a job carries, as JSON; few differ, so each is read but once."""
    return msgspec.json.decode(data, type=RetryPolicy)


def policy(
    shape: Shape,
    attempts: int,
    base: Duration,
    cap: Duration,
    *,
    jitter: bool,
    crashes: int = DEFAULT_CRASHES,
) -> RetryPolicy:
    """Check what a caller wrote and make the policy of it.

    Raises:
        InvalidOption: attempts or crashes outside 1 to 1000, or a duration that cannot be read.
    """
    _check_count("attempts", attempts, "attempts count every start, the first included")
    _check_count("crashes", crashes, "crashes count the workers and children that died with it")
    return RetryPolicy(attempts, shape, millis(base), millis(cap), jitter, crashes)


def _check_count(name: str, count: int, meaning: str) -> None:
    if not (is_whole(count) and 1 <= count <= MOST_ATTEMPTS):
        raise InvalidOption(
            f"{name}={count!r} is not possible", hint=f"{meaning}: 1 to {MOST_ATTEMPTS}"
        )
