"""One function decides what becomes of a job; here is the whole of what it decides."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.core.error_info import ErrorInfo
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
from tidemill.core.retry import RetryPolicy
from tidemill.core.state import ALLOWED, State
from tidemill.core.verdict import judge
from tidemill.testing import a_claim

ERROR = ErrorInfo("ValueError", "boom")
NOW = 1_000_000
POLICY = msgspec.json.encode(RetryPolicy(attempts=3, shape="fixed", base=5_000, jitter=False))

OUTCOMES: list[Outcome] = [
    Done(b"1"), Failed(ERROR), Failed(ERROR, retryable=False), Failed(ERROR, again_after=7),
    TimedOut(ERROR), Crashed(ERROR), Abandoned(ERROR), Snoozed(NOW + 9), Cancelled("no"),
    Interrupted(),
]  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "ending", "state", "due_at"),
    [
        (Done(b"1"), Ending.COMPLETED, State.COMPLETED, None),
        (Failed(ERROR), Ending.FAILED, State.RETRYING, NOW + 5_000),
        (Failed(ERROR, retryable=False), Ending.FAILED, State.FAILED, None),
        (Failed(ERROR, again_after=7), Ending.FAILED, State.RETRYING, NOW + 7),
        (TimedOut(ERROR), Ending.TIMED_OUT, State.RETRYING, NOW + 5_000),
        (Crashed(ERROR), Ending.CRASHED, State.RETRYING, NOW + 5_000),
        (Abandoned(ERROR), Ending.CRASHED, State.WAITING, None),
        (Snoozed(NOW + 9), Ending.SNOOZED, State.SCHEDULED, NOW + 9),
        (Cancelled("no"), Ending.CANCELLED, State.CANCELLED, None),
        (Interrupted(), Ending.INTERRUPTED, State.WAITING, None),
    ],
)
def test_a_first_attempt(
    outcome: Outcome, ending: Ending, state: State, due_at: int | None
) -> None:
    settled = judge(a_claim(policy=POLICY), outcome, NOW, 0.5)
    assert (settled.ending, settled.state, settled.due_at) == (ending, state, due_at)


@pytest.mark.parametrize("outcome", [Failed(ERROR), TimedOut(ERROR), Crashed(ERROR)])
def test_the_last_attempt_is_the_last(outcome: Outcome) -> None:
    settled = judge(a_claim(policy=POLICY, attempt=3), outcome, NOW, 0.5)
    assert (settled.state, settled.reason) == (State.FAILED, "attempts_spent")


@pytest.mark.parametrize("outcome", [Crashed(ERROR), Abandoned(ERROR)])
def test_a_job_that_kills_its_workers_is_poison(outcome: Outcome) -> None:
    many = msgspec.json.encode(RetryPolicy(attempts=100, crashes=5))
    before = judge(a_claim(policy=many, crashes=3), outcome, NOW, 0.5)
    assert before.state is not State.FAILED
    settled = judge(a_claim(policy=many, crashes=4), outcome, NOW, 0.5)
    assert (settled.state, settled.reason) == (State.FAILED, "poison")


@given(
    st.sampled_from(OUTCOMES),
    st.integers(1, 5),
    st.integers(0, 4),
    st.floats(0, 1, exclude_max=True),
)
def test_whatever_happens_the_next_state_is_allowed(
    outcome: Outcome, attempt: int, crashes: int, dice: float
) -> None:
    settled = judge(a_claim(policy=POLICY, attempt=attempt, crashes=crashes), outcome, NOW, dice)
    assert settled.state in ALLOWED[State.RUNNING]
    assert settled.spent == (settled.ending not in {Ending.SNOOZED, Ending.INTERRUPTED})
    assert (settled.error is None) == (
        settled.ending in {Ending.COMPLETED, Ending.SNOOZED, Ending.CANCELLED, Ending.INTERRUPTED}
    )
