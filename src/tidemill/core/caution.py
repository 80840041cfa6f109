"""How carefully a job is handed to a worker, so that the guilty alone pays for a worker's death.

When a worker dies, the store knows what it held, not what it had begun, nor which of that killed
it: every job it held is charged with the death. So a job that cannot afford such a charge is held
by a worker only while it runs, and one that is down to its last chance runs beside no other such.
"""

from enum import Enum
from functools import lru_cache
from typing import Final

from tidemill.core.job import Claim
from tidemill.core.retry import RetryPolicy, read_policy

MOST_LEFT_APART: Final = 1_000
"""Jobs that one claim leaves where they are because its worker may hold but one of their kind."""


class Caution(Enum):
    """What a claim has to heed before it gives a job away."""

    NONE = "none"
    """It may be fetched ahead: it can afford to be held by a worker that dies."""
    AT_ONCE = "at once"
    """It is given only to be begun at once: a worker has died under it, or one more may not."""
    APART = "apart"
    """One worker holds but one such job: a worker has died under it, and one more may not."""


def caution(policy: RetryPolicy, attempt: int, crashes: int) -> Caution:
    """How a job is to be handed out.

    Args:
        policy: its own.
        attempt: the number that this start would have, from 1.
        crashes: how many workers or child processes have died under it.

    Example:
        >>> caution(RetryPolicy(attempts=3, crashes=3), attempt=2, crashes=1).name
        'AT_ONCE'
    """
    last = policy.is_spent(attempt) or policy.is_poison(crashes + 1)
    if last and crashes:
        return Caution.APART
    return Caution.AT_ONCE if last or crashes else Caution.NONE


@lru_cache(maxsize=4_096)
def read_caution(policy: bytes, attempt: int, crashes: int) -> Caution:
    """The same for a policy as JSON; jobs differ little in these, so each case is told but once."""
    return caution(read_policy(policy), attempt, crashes)


def is_apart(claim: Claim) -> bool:
    """Whether a job that is held must be the only one of its kind that its worker holds."""
    return read_caution(claim.policy, claim.attempt, claim.crashes) is Caution.APART


class Allowance:
    """What one claim may still give to its worker.

    Attributes:
        spent: whether the claim has to end: what comes next in line may not be given, nor passed.
    """

    __slots__ = ("_apart", "_at_once", "_left", "spent")

    def __init__(self, at_once: int | None, *, apart: bool) -> None:
        """Begin with what the worker said of itself, see `Want`."""
        self._at_once = at_once
        self._apart = apart
        self._left = MOST_LEFT_APART
        self.spent = False

    def covers(self, care: Caution, given: int) -> bool:
        """Whether a job may be given beside so many others; counts it if it may."""
        if care is Caution.NONE:
            return True
        if self._at_once is not None and given >= self._at_once:
            self.spent = True
            return False
        if care is Caution.AT_ONCE:
            return True
        if self._apart:
            self._apart = False
            return True
        self._left -= 1
        self.spent = not self._left
        return False
