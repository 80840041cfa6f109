"""What becomes of a job is written once, whole, and only by the worker that still holds it."""

import asyncio

import pytest

from tidemill.core.change import Cancel, Delete
from tidemill.core.errors import WrongTransaction
from tidemill.core.job import Attempt, Claim
from tidemill.core.outcome import (
    Cancelled,
    Done,
    Ending,
    Interrupted,
    Outcome,
    Snoozed,
    TimedOut,
)
from tidemill.core.retry import RetryPolicy
from tidemill.core.state import State
from tidemill.core.verdict import Receipt, judge
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    ERROR,
    FAIL,
    GIVE_UP,
    HOUR,
    LOST,
    SECOND,
    TEN_SECONDS,
    change,
    claim,
    claim_one,
    insert,
    look,
    run,
    settle,
    start_worker,
    states,
    together,
)
from tidemill.testing.sample import a_job

AT_ONCE = RetryPolicy(attempts=9, shape="fixed", base=0, jitter=False)


def hold(engine: Engine, **overrides: object) -> Claim:
    """A job that a new worker runs."""
    insert(engine, a_job(**{"retry": TEN_SECONDS} | overrides))
    return claim_one(engine, start_worker(engine))


def race(engine: Engine, clock: ManualClock, claimed: Claim, *outcomes: Outcome) -> list[Receipt]:
    """Hand several outcomes of one attempt in, all at one moment."""
    return together(len(outcomes), lambda n: settle(engine, clock, claimed, outcomes[n]))


class TestSettling:
    """`jobs.settle`: the states it leads to."""

    def test_a_job_that_is_done_keeps_its_result(self, engine: Engine, clock: ManualClock) -> None:
        claimed = hold(engine)
        clock.advance("4s")
        assert settle(engine, clock, claimed, Done(b'{"sum":3}')) is Receipt.APPLIED
        stored = look(engine, claimed.id)
        assert (stored.state, stored.result, stored.error) == (
            State.COMPLETED,
            b'{"sum":3}',
            None,
        )
        assert (stored.started_at, stored.finished_at) == (START, START + 4 * SECOND)
        assert stored.fence == claimed.fence
        assert stored.attempts == (
            Attempt(1, claimed.worker, START, START + 4 * SECOND, Ending.COMPLETED),
        )

    def test_a_finished_job_is_no_longer_among_the_live(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        run(engine, clock, a_job())
        assert engine.reader.counts().wait() == ()
        assert claim(engine, start_worker(engine)) == ()

    def test_a_job_finished_when_its_worker_says_it_was(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        claimed = hold(engine)
        clock.advance("1s")
        settlement = judge(claimed, Done(), clock.now(), dice=0)
        clock.advance("1m")
        engine.jobs.settle([settlement]).wait()
        assert look(engine, claimed.id).finished_at == START + SECOND

    def test_a_job_given_up_is_failed_with_reason_and_error(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        stored = run(engine, clock, a_job(), GIVE_UP)
        assert (stored.state, stored.reason, stored.error) == (
            State.FAILED,
            "not_retryable",
            ERROR,
        )
        assert [(one.ending, one.error) for one in stored.attempts] == [(Ending.FAILED, ERROR)]

    def test_a_job_to_be_tried_again_is_retrying_until_then(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        claimed = hold(engine)
        clock.advance("1s")
        settle(engine, clock, claimed, FAIL)
        stored = look(engine, claimed.id)
        assert (stored.state, stored.ready_at) == (State.RETRYING, clock.now() + 10 * SECOND)
        assert (stored.attempt, stored.crashes, stored.error) == (1, 0, ERROR)
        assert (stored.finished_at, stored.worker) == (None, None)
        assert stored.attempts == (
            Attempt(1, claimed.worker, START, START + SECOND, Ending.FAILED, ERROR),
        )

    def test_attempts_are_kept_in_order_until_they_are_spent(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        worker = start_worker(engine)
        job = a_job(retry=TEN_SECONDS)
        insert(engine, job)
        for outcome in (FAIL, TimedOut(ERROR), FAIL):
            settle(engine, clock, claim_one(engine, worker), outcome)
            clock.advance("10s")
            engine.jobs.promote(10).wait()
        stored = look(engine, job.id)
        assert (stored.state, stored.reason) == (State.FAILED, "attempts_spent")
        assert [(one.number, one.ending) for one in stored.attempts] == [
            (1, Ending.FAILED),
            (2, Ending.TIMED_OUT),
            (3, Ending.FAILED),
        ]

    def test_a_job_that_is_done_after_all_has_no_error_but_in_its_attempts(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        settle(engine, clock, hold(engine), FAIL)
        clock.advance("10s")
        done = claim_one(engine, start_worker(engine))
        settle(engine, clock, done)
        stored = look(engine, done.id)
        assert (stored.state, stored.error) == (State.COMPLETED, None)
        assert [one.error for one in stored.attempts] == [ERROR, None]

    def test_a_retry_without_a_wait_is_waiting_at_once(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        claimed = hold(engine, retry=AT_ONCE)
        clock.advance("1s")
        settle(engine, clock, claimed, FAIL)
        stored = look(engine, claimed.id)
        assert (stored.state, stored.ready_at) == (State.WAITING, clock.now())

    def test_a_snooze_is_scheduled_and_gives_the_attempt_back(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        claimed = hold(engine)
        settle(engine, clock, claimed, Snoozed(START + HOUR))
        stored = look(engine, claimed.id)
        assert (stored.state, stored.ready_at) == (State.SCHEDULED, START + HOUR)
        assert (stored.attempt, stored.error) == (0, None)
        assert [one.ending for one in stored.attempts] == [Ending.SNOOZED]
        clock.advance("1h")
        settle(engine, clock, claim_one(engine, start_worker(engine)))
        assert [one.number for one in look(engine, claimed.id).attempts] == [1, 1]

    def test_an_interruption_puts_the_job_back_and_gives_the_attempt_back(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        claimed = hold(engine)
        clock.advance("1s")
        settle(engine, clock, claimed, Interrupted())
        stored = look(engine, claimed.id)
        assert (stored.state, stored.attempt, stored.ready_at) == (State.WAITING, 0, clock.now())
        again = claim_one(engine, start_worker(engine))
        assert again.attempt == 1
        assert again.fence > claimed.fence

    def test_a_crash_is_counted_and_told_to_the_next_attempt(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        claimed = hold(engine)
        settle(engine, clock, claimed, LOST)
        stored = look(engine, claimed.id)
        assert (stored.state, stored.crashes, stored.attempt) == (State.WAITING, 1, 1)
        assert claim_one(engine, start_worker(engine)).crashes == 1

    def test_a_job_that_takes_its_workers_down_is_given_up(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job(retry=RetryPolicy(attempts=100))
        insert(engine, job)
        for _ in range(3):
            settle(engine, clock, claim_one(engine, start_worker(engine)), LOST)
        stored = look(engine, job.id)
        assert (stored.state, stored.reason, stored.crashes) == (State.FAILED, "poison", 3)

    def test_a_handler_that_gave_up_cancels_its_job(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        stored = run(engine, clock, a_job(), Cancelled("no longer needed"))
        assert (stored.state, stored.reason) == (State.CANCELLED, "no longer needed")
        assert [one.ending for one in stored.attempts] == [Ending.CANCELLED]

    @pytest.mark.parametrize("result", [None, b"null", b'"' + b"x" * 100_000 + b'"'])
    def test_a_result_is_kept_to_the_byte(
        self, engine: Engine, clock: ManualClock, result: bytes | None
    ) -> None:
        assert run(engine, clock, a_job(), Done(result)).result == result

    def test_it_can_be_awaited(self, engine: Engine, clock: ManualClock) -> None:
        claimed = hold(engine)

        async def hand_in() -> tuple[Receipt, ...]:
            return await engine.jobs.settle([judge(claimed, Done(), clock.now(), dice=0)])

        assert asyncio.run(hand_in()) == (Receipt.APPLIED,)

    def test_a_transaction_of_another_kind_is_refused(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        claimed = hold(engine)
        with pytest.raises(WrongTransaction):
            engine.jobs.settle([judge(claimed, Done(), clock.now(), dice=0)], tx=object()).wait()
        assert look(engine, claimed.id).state is State.RUNNING


class TestSettlingCancel:
    """`jobs.settle` of a job that was asked to stop."""

    @pytest.mark.parametrize(
        ("outcome", "ending"),
        [
            (FAIL, Ending.FAILED),
            (Snoozed(START + HOUR), Ending.SNOOZED),
            (Interrupted(), Ending.INTERRUPTED),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_a_job_that_would_run_again_is_cancelled_instead(
        self, engine: Engine, clock: ManualClock, outcome: Outcome, ending: Ending
    ) -> None:
        claimed = hold(engine)
        change(engine, Cancel(), claimed.id)
        assert settle(engine, clock, claimed, outcome) is Receipt.APPLIED
        stored = look(engine, claimed.id)
        assert (stored.state, stored.finished_at) == (State.CANCELLED, clock.now())
        assert [one.ending for one in stored.attempts] == [ending]

    @pytest.mark.parametrize(
        ("asked", "outcome", "reason"),
        [
            (["unwanted"], Cancelled(), "unwanted"),
            (["unwanted"], Interrupted(), "unwanted"),
            (["unwanted"], FAIL, "unwanted"),
            (["unwanted"], Cancelled("enough"), "enough"),
            (["first", "second"], Cancelled(), "second"),
            (["first", ""], Cancelled(), ""),
            ([""], Interrupted(), ""),
            (["unwanted"], GIVE_UP, "not_retryable"),
            (["unwanted"], Done(), ""),
        ],
    )
    def test_whose_words_are_the_reason(
        self,
        engine: Engine,
        clock: ManualClock,
        asked: list[str],
        outcome: Outcome,
        reason: str,
    ) -> None:
        claimed = hold(engine)
        for words in asked:
            change(engine, Cancel(words), claimed.id)
        settle(engine, clock, claimed, outcome)
        assert look(engine, claimed.id).reason == reason

    @pytest.mark.parametrize(
        ("outcome", "state"), [(Done(), State.COMPLETED), (GIVE_UP, State.FAILED)], ids=type
    )
    def test_a_job_that_ended_all_the_same_ends_as_it_did(
        self, engine: Engine, clock: ManualClock, outcome: Outcome, state: State
    ) -> None:
        claimed = hold(engine)
        change(engine, Cancel(), claimed.id)
        settle(engine, clock, claimed, outcome)
        assert look(engine, claimed.id).state is state


class TestSettlingFence:
    """`jobs.settle` by workers that are late, doubled or gone."""

    @pytest.mark.parametrize(
        "outcome", [Done(b"1"), GIVE_UP, FAIL, Snoozed(START + HOUR), Interrupted()], ids=type
    )
    def test_a_settlement_handed_in_again_has_been_applied_already(
        self, engine: Engine, clock: ManualClock, outcome: Outcome
    ) -> None:
        claimed = hold(engine)
        settle(engine, clock, claimed, outcome)
        before = look(engine, claimed.id)
        clock.advance("1s")
        assert settle(engine, clock, claimed, outcome) is Receipt.ALREADY
        assert look(engine, claimed.id) == before

    def test_a_settlement_given_twice_in_one_call_applies_once(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        settlement = judge(hold(engine), Done(), clock.now(), dice=0)
        answer = engine.jobs.settle([settlement, settlement]).wait()
        assert answer == (Receipt.APPLIED, Receipt.ALREADY)

    def test_a_worker_that_lost_its_job_changes_nothing(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        stale = hold(engine)
        settle(engine, clock, stale, Interrupted())
        claim_one(engine, start_worker(engine))
        before = look(engine, stale.id)
        for outcome in (Done(b"1"), GIVE_UP, FAIL, Interrupted()):
            assert settle(engine, clock, stale, outcome) is Receipt.FENCED
        assert look(engine, stale.id) == before

    def test_a_worker_that_lost_a_job_which_is_finished_now_changes_nothing(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        stale = hold(engine)
        settle(engine, clock, stale, Interrupted())
        settle(engine, clock, claim_one(engine, start_worker(engine)), Done(b"2"))
        assert settle(engine, clock, stale, Done(b"1")) is Receipt.FENCED
        assert look(engine, stale.id).result == b"2"

    def test_a_job_that_is_gone_is_fenced(self, engine: Engine, clock: ManualClock) -> None:
        claimed = hold(engine)
        settle(engine, clock, claimed, FAIL)
        change(engine, Delete(), claimed.id)
        assert settle(engine, clock, claimed) is Receipt.FENCED

    def test_a_late_settlement_counts_while_nobody_else_was_given_the_job(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job())
        claimed = claim_one(engine, start_worker(engine, length=30 * SECOND))
        clock.advance("1h")
        assert settle(engine, clock, claimed) is Receipt.APPLIED

    def test_each_settlement_of_a_call_is_answered_in_order(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        stale, fresh, known = hold(engine), hold(engine), hold(engine)
        settle(engine, clock, stale, LOST)
        claim_one(engine, start_worker(engine))
        settle(engine, clock, known)
        batch = [judge(one, Done(), clock.now(), dice=0) for one in (stale, fresh, known)]
        answer = engine.jobs.settle(batch).wait()
        assert answer == (Receipt.FENCED, Receipt.APPLIED, Receipt.ALREADY)
        assert look(engine, fresh.id).state is State.COMPLETED
        assert look(engine, stale.id).state is State.RUNNING

    def test_no_settlements_are_no_error(self, engine: Engine) -> None:
        assert engine.jobs.settle([]).wait() == ()

    def test_of_two_settlements_at_one_moment_one_applies(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        outcomes: tuple[Outcome, ...] = (Done(b"1"), GIVE_UP)
        for _ in range(20):
            claimed = hold(engine)
            receipts = race(engine, clock, claimed, *outcomes)
            assert sorted(receipts) == [Receipt.ALREADY, Receipt.APPLIED]
            winner = receipts.index(Receipt.APPLIED)
            assert look(engine, claimed.id).state is (State.COMPLETED, State.FAILED)[winner]

    def test_a_settlement_and_a_rescue_at_one_moment_leave_one_end(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        outcomes: tuple[Outcome, ...] = (Done(b"1"), LOST)
        for _ in range(20):
            claimed = hold(engine)
            receipts = race(engine, clock, claimed, *outcomes)
            assert sorted(receipts) == [Receipt.ALREADY, Receipt.APPLIED]
            assert len(look(engine, claimed.id).attempts) == 1
            claim(engine, start_worker(engine))

    def test_the_states_of_a_whole_batch_are_written(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job() for _ in range(300)]
        insert(engine, *jobs)
        held = claim(engine, start_worker(engine), limit=300)
        batch = [judge(one, Done(), clock.now(), dice=0) for one in held]
        assert set(engine.jobs.settle(batch).wait()) == {Receipt.APPLIED}
        assert set(states(engine, jobs)) == {State.COMPLETED}
