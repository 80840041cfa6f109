"""The only place where a running job's next state is decided."""

from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from tidemill.core.error_info import ErrorInfo
from tidemill.core.instants import Instant
from tidemill.core.job import Claim
from tidemill.core.outcome import (
    Abandoned,
    Cancelled,
    Crashed,
    Done,
    Ending,
    Failed,
    Interrupted,
    Outcome,
    Snoozed,
    TimedOut,
)
from tidemill.core.retry import read_policy
from tidemill.core.state import State


class Settlement(Struct, frozen=True, gc=False):
    """What becomes of a job after one attempt. It applies only while the claim's fence holds.

    Attributes:
        at: when the attempt ended.
        due_at: when the job is to run again; `None`: at once, or never.
        spent: whether the attempt counts; a snooze and an interruption give it back.
        crashed: whether the attempt counts as one that killed its process.
    """

    claim: Claim
    ending: Ending
    state: State
    at: Instant
    due_at: Instant | None = None
    result: bytes | None = None
    error: ErrorInfo | None = None
    reason: str = ""
    spent: bool = True
    crashed: bool = False


class Receipt(StrEnum):
    """What the store did with one settlement."""

    APPLIED = "applied"
    ALREADY = "already"
    """This very settlement had been applied before; its answer was lost on the way."""
    FENCED = "fenced"
    """The job has moved on without this worker; nothing was changed."""


def judge(claim: Claim, outcome: Outcome, now: Instant, dice: float) -> Settlement:
    """Decide what becomes of a job.

    Args:
        claim: the job as it was held.
        outcome: what running it came to.
        now: when it ended.
        dice: a number from [0, 1) for the jitter of a retry; lent, so that judging is pure.
    """
    match outcome:
        case Done(result):
            return Settlement(claim, Ending.COMPLETED, State.COMPLETED, now, result=result)
        case Snoozed(until):
            return Settlement(
                claim, Ending.SNOOZED, State.SCHEDULED, now, due_at=until, spent=False
            )
        case Cancelled(reason):
            return Settlement(claim, Ending.CANCELLED, State.CANCELLED, now, reason=reason)
        case Interrupted():
            return Settlement(claim, Ending.INTERRUPTED, State.WAITING, now, spent=False)
        case Failed(error, retryable, again_after):
            if not retryable:
                return _give_up(claim, Ending.FAILED, error, now, "not_retryable")
            return _try_again(claim, Ending.FAILED, error, now, dice, again_after)
        case TimedOut(error):
            return _try_again(claim, Ending.TIMED_OUT, error, now, dice)
        case Crashed(error):
            return _try_again(claim, Ending.CRASHED, error, now, dice)
        case Abandoned(error):
            # The worker died, which is rarely the job's doing: no wait before the next try.
            return _try_again(claim, Ending.CRASHED, error, now, dice, again_after=0)
        case _:
            assert_never(outcome)


def _try_again(
    claim: Claim,
    ending: Ending,
    error: ErrorInfo,
    now: Instant,
    dice: float,
    again_after: int | None = None,
) -> Settlement:
    policy = read_policy(claim.policy)
    crashed = ending is Ending.CRASHED
    if crashed and policy.is_poison(claim.crashes + 1):
        return _give_up(claim, ending, error, now, "poison")
    if policy.is_spent(claim.attempt):
        return _give_up(claim, ending, error, now, "attempts_spent")
    wait = policy.wait(claim.attempt, dice) if again_after is None else again_after
    state, due_at = (State.RETRYING, now + wait) if wait else (State.WAITING, None)
    return Settlement(claim, ending, state, now, due_at=due_at, error=error, crashed=crashed)


def _give_up(
    claim: Claim, ending: Ending, error: ErrorInfo, now: Instant, reason: str
) -> Settlement:
    crashed = ending is Ending.CRASHED
    return Settlement(claim, ending, State.FAILED, now, error=error, reason=reason, crashed=crashed)
