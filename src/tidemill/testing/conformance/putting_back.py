"""`PutBack`: what was retried or made due is exactly what it was, unless anything has happened."""

from typing import Any

import pytest
from msgspec.structs import replace

from tidemill.core.change import (
    Cancel,
    Change,
    Changed,
    Delete,
    Move,
    Postpone,
    PutBack,
    Reprioritise,
    Retry,
    RunNow,
    Which,
)
from tidemill.core.graph import Edge
from tidemill.core.job import Inserted, Progress, Snapshot
from tidemill.core.limits import KeyLimit
from tidemill.core.note import Note
from tidemill.core.outcome import Cancelled, Interrupted, Outcome
from tidemill.core.query import AttemptQuery, JobFilter, StatisticsQuery
from tidemill.core.record import EVENTS
from tidemill.core.rules import KeyRules, TaskRules
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    FAIL,
    GIVE_UP,
    HOUR,
    LOST,
    MINUTE,
    SECOND,
    TEN_SECONDS,
    bring,
    change,
    claim,
    claim_one,
    ids,
    insert,
    look,
    rule,
    settle,
    start_worker,
    states,
    together,
)
from tidemill.testing.sample import a_job

KEY = UniqueClaim("k")


def put_back(engine: Engine, done: Changed) -> tuple[str, ...]:
    """Take a change back; the ids of the jobs that were put back."""
    return change(engine, PutBack(done.earlier), *done.ids).ids


def failed(engine: Engine, clock: ManualClock, **overrides: Any) -> Snapshot:
    """A job that has failed, with all that a job can have left behind."""
    job = a_job(tags=("red", "blue"), expires_at=START + HOUR, source="job:x", **overrides)
    insert(engine, job)
    settle(engine, clock, claim_one(engine, start_worker(engine)), LOST)
    clock.advance("1s")
    held = claim_one(engine, start_worker(engine))
    engine.jobs.annotate([Note(held, Progress(50, "half"), b"[1]")]).wait()
    clock.advance("1s")
    settle(engine, clock, held, GIVE_UP)
    return look(engine, job.id)


def stopped(engine: Engine, clock: ManualClock) -> Snapshot:
    """A job that gave up by itself while it ran, having failed before."""
    job = a_job()
    insert(engine, job)
    settle(engine, clock, claim_one(engine, start_worker(engine)), LOST)
    settle(engine, clock, claim_one(engine, start_worker(engine)), Cancelled("enough"))
    return look(engine, job.id)


def retried(engine: Engine, clock: ManualClock, **overrides: Any) -> tuple[Snapshot, Changed]:
    """A failed job that was retried a minute later: what it was, and what was answered."""
    job = bring(engine, clock, State.FAILED, **overrides)
    before = look(engine, job.id)
    clock.advance(MINUTE / 1_000)
    return before, change(engine, Retry(), job.id)


class TestPuttingBackEnds:
    """What was retried has ended again."""

    def test_a_failed_job_is_in_every_respect_what_it_was(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        before = failed(engine, clock, unique=KEY, limit=KeyLimit("k", 1), tenant="ant")
        clock.advance("1h")
        done = change(engine, Retry(), before.id)
        assert look(engine, before.id).state is State.WAITING
        clock.advance("5m")
        assert put_back(engine, done) == (before.id,)
        assert look(engine, before.id) == before
        assert engine.reader.find(JobFilter(tags=("blue",))).wait().jobs == (
            replace(before, attempts=()),
        )
        assert engine.reader.counts().wait() == ()

    def test_a_job_that_gave_up_by_itself_is_what_it_was(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        before = stopped(engine, clock)
        done = change(engine, Retry(), before.id)
        assert put_back(engine, done) == (before.id,)
        assert look(engine, before.id) == before

    def test_a_job_cancelled_before_it_started_is_what_it_was(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, job := a_job(expires_at=START + SECOND, unique=KEY))
        clock.advance("1h")
        worker = start_worker(engine)
        assert claim(engine, worker) == ()
        before = look(engine, job.id)
        assert before.reason == "expired"
        assert put_back(engine, change(engine, Retry(), job.id)) == (job.id,)
        assert look(engine, job.id) == before
        assert claim(engine, worker) == ()

    def test_nothing_is_told_or_counted(self, engine: Engine, clock: ManualClock) -> None:
        def known() -> tuple[object, ...]:
            query = StatisticsQuery(step="minute", from_at=0, before=START + HOUR)
            tries = AttemptQuery(since=0, before=START + HOUR)
            return (
                engine.records.read(EVENTS).wait(),
                engine.reader.statistics(query).wait(),
                engine.reader.attempts(tries).wait(),
            )

        job = failed(engine, clock)
        before = known()
        put_back(engine, change(engine, Retry(), job.id))
        assert known() == before

    def test_it_can_be_retried_and_put_back_once_more(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        before = failed(engine, clock)
        for _ in range(2):
            assert put_back(engine, change(engine, Retry(), before.id)) == (before.id,)
        assert look(engine, before.id) == before
        change(engine, Retry(), before.id)
        settle(engine, clock, claim_one(engine, start_worker(engine)))
        after = look(engine, before.id)
        assert [each.ending for each in after.attempts[:-1]] == [
            each.ending for each in before.attempts
        ]
        assert (after.state, after.attempt) == (State.COMPLETED, 1)

    def test_its_unique_key_is_free_again(self, engine: Engine, clock: ManualClock) -> None:
        before, done = retried(engine, clock, unique=KEY)
        put_back(engine, done)
        newer = a_job(unique=KEY)
        assert insert(engine, newer) == (Inserted(newer.id, created=True),)
        assert change(engine, Retry(), before.id).ids == ()

    def test_a_parked_one_ends_at_no_gate_and_those_behind_it_go_on(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        before, done = retried(engine, clock, limit=KeyLimit("k", 1), priority=9)
        first, behind = (a_job(limit=KeyLimit("k", 2), priority=each) for each in (20, 1))
        insert(engine, first)
        rule(engine, KeyRules(key="k", most=1))
        assert ids(claim(engine, start_worker(engine))) == [first.id]
        insert(engine, behind)
        assert look(engine, before.id).state is State.BLOCKED
        rule(engine, KeyRules(key="k"))
        engine.jobs.promote(10).wait()
        assert look(engine, behind.id).state is State.BLOCKED
        assert put_back(engine, done) == (before.id,)
        assert look(engine, before.id) == before
        engine.jobs.promote(10).wait()
        assert look(engine, behind.id).state is State.WAITING

    def test_many_are_put_back_in_one_step(self, engine: Engine, clock: ManualClock) -> None:
        jobs = [bring(engine, clock, State.FAILED, priority=number) for number in range(50)]
        jobs += [bring(engine, clock, State.CANCELLED) for _ in range(50)]
        before = [look(engine, job.id) for job in jobs]
        clock.advance("1s")
        done = change(engine, Retry(), *ids(jobs))
        begun = ids(claim(engine, start_worker(engine), limit=10))
        assert set(put_back(engine, done)) == set(ids(jobs)) - set(begun)
        for job in before:
            if job.id not in begun:
                assert look(engine, job.id) == job


class TestPuttingBackLeavesAlone:
    """What has gone on since stays as it is."""

    @pytest.mark.parametrize("outcome", [None, FAIL, GIVE_UP, Interrupted(), Cancelled("enough")])
    def test_a_job_that_has_begun_whatever_came_of_it(
        self, engine: Engine, clock: ManualClock, outcome: Outcome | None
    ) -> None:
        before, done = retried(engine, clock)
        held = claim_one(engine, start_worker(engine))
        assert put_back(engine, done) == ()
        settle(engine, clock, held, outcome)
        now = look(engine, before.id)
        assert put_back(engine, done) == ()
        assert look(engine, before.id) == now

    @pytest.mark.parametrize(
        "wish", [Reprioritise(7), Move("other"), Postpone(START + HOUR), Cancel("no"), Delete()]
    )
    def test_a_job_that_somebody_has_changed(
        self, engine: Engine, clock: ManualClock, wish: Change
    ) -> None:
        before, done = retried(engine, clock)
        change(engine, wish, before.id)
        now = engine.reader.get([before.id]).wait()
        assert put_back(engine, done) == ()
        assert engine.reader.get([before.id]).wait() == now

    def test_a_job_that_was_cancelled_and_retried_by_another(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        before, done = retried(engine, clock)
        change(engine, Cancel(), before.id)
        clock.advance("1s")
        change(engine, Retry(), before.id)
        assert put_back(engine, done) == ()
        assert look(engine, before.id).state is State.WAITING

    @pytest.mark.parametrize(
        "other", [{"args": b'{"n":2}'}, {"timeout": 7}, {"expires_at": START + HOUR}]
    )
    def test_a_job_that_a_duplicate_has_given_its_own_arguments(
        self, engine: Engine, clock: ManualClock, other: dict[str, Any]
    ) -> None:
        before, done = retried(engine, clock, unique=KEY)
        unique = replace(KEY, on_duplicate="replace")
        (answer,) = insert(engine, a_job(retry=TEN_SECONDS, unique=unique, **other))
        assert answer == Inserted(before.id, created=False, replaced=True)
        assert put_back(engine, done) == ()
        assert look(engine, before.id).state is State.WAITING

    @pytest.mark.parametrize("on_failure", ["cancel", "run"])
    def test_a_job_for_whose_end_others_have_come_to_wait(
        self, engine: Engine, clock: ManualClock, on_failure: Any
    ) -> None:
        before, done = retried(engine, clock)
        child = a_job(after=(Edge(before.id, on_failure),))
        insert(engine, child)
        assert put_back(engine, done) == ()
        assert states(engine, [child]) == [State.BLOCKED]
        change(engine, Delete(), child.id)
        assert put_back(engine, done) == (before.id,)
        assert look(engine, before.id) == before

    def test_jobs_that_it_does_not_name(self, engine: Engine, clock: ManualClock) -> None:
        first, done = retried(engine, clock, queue="first")
        second, _ = retried(engine, clock, queue="second")
        assert change(engine, PutBack(done.earlier), first.id, second.id).ids == (first.id,)
        assert change(engine, PutBack(done.earlier), second.id).ids == ()

    def test_jobs_of_another_tenant(self, engine: Engine, clock: ManualClock) -> None:
        before, done = retried(engine, clock, tenant="ant")
        which, back = Which(ids=(before.id,), tenant="bee"), PutBack(done.earlier)
        assert engine.jobs.change(which, back).wait().ids == ()
        which = Which(ids=(before.id,), tenant="ant")
        assert engine.jobs.change(which, back).wait().ids == (before.id,)

    def test_what_a_worker_takes_at_that_moment_runs_or_has_never_begun(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [bring(engine, clock, State.FAILED) for _ in range(20)]
        done = change(engine, Retry(), *ids(jobs))
        workers = [start_worker(engine) for _ in range(3)]
        back = PutBack(done.earlier)

        def work(number: int) -> list[str]:
            if number == len(workers):
                return [id_ for job in jobs for id_ in change(engine, back, job.id).ids]
            taken = [claim(engine, workers[number], limit=2) for _ in range(5)]
            return [held.id for part in taken for held in part]

        *taken, ended = together(len(workers) + 1, work)
        begun = [id_ for part in taken for id_ in part]
        assert not set(begun) & set(ended)
        for job in jobs:
            now = look(engine, job.id)
            assert now.state is (State.RUNNING if job.id in begun else State.FAILED)
            assert (now.state is State.FAILED) == (job.id in ended)


class TestPuttingBackTimes:
    """What was made due is due again when it was."""

    @pytest.mark.parametrize(
        ("state", "wish"),
        [
            (State.SCHEDULED, RunNow()),
            (State.RETRYING, RunNow()),
            (State.SCHEDULED, Postpone(START + 9 * HOUR)),
            (State.RETRYING, Postpone(START + 9 * HOUR)),
            (State.WAITING, Postpone(START + 9 * HOUR)),
            (State.RETRYING, Postpone(START)),
        ],
        ids=str,
    )
    def test_a_job_is_due_again_when_it_was(
        self, engine: Engine, clock: ManualClock, state: State, wish: Change
    ) -> None:
        job = bring(engine, clock, state, unique=KEY, tags=("red",))
        before = look(engine, job.id)
        clock.advance("1s")
        done = change(engine, wish, job.id)
        engine.jobs.promote(10).wait()
        assert put_back(engine, done) == (job.id,)
        assert look(engine, job.id) == before
        clock.advance("1h")
        assert ids(claim(engine, start_worker(engine))) == [job.id]

    def test_a_parked_job_is_due_again_when_it_was(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = bring(engine, clock, State.SCHEDULED)
        before = look(engine, job.id)
        rule(engine, TaskRules(task=job.task, paused=True))
        done = change(engine, RunNow(), job.id)
        assert claim(engine, start_worker(engine)) == ()
        assert look(engine, job.id).gate == f"task:{job.task}"
        assert put_back(engine, done) == (job.id,)
        assert look(engine, job.id) == before

    def test_others_may_wait_for_it(self, engine: Engine, clock: ManualClock) -> None:
        job = bring(engine, clock, State.SCHEDULED)
        insert(engine, child := a_job(after=(Edge(job.id),)))
        assert put_back(engine, change(engine, RunNow(), job.id)) == (job.id,)
        assert states(engine, [job, child]) == [State.SCHEDULED, State.BLOCKED]

    def test_a_job_that_has_begun_goes_on(self, engine: Engine, clock: ManualClock) -> None:
        job = bring(engine, clock, State.RETRYING)
        done = change(engine, RunNow(), job.id)
        settle(engine, clock, claim_one(engine, start_worker(engine)), FAIL)
        now = look(engine, job.id)
        assert now.state is State.RETRYING
        assert put_back(engine, done) == ()
        assert look(engine, job.id) == now

    @pytest.mark.parametrize("wish", [Reprioritise(7), Move("other"), Postpone(START + 2 * HOUR)])
    def test_a_job_that_somebody_has_changed_stays_so(
        self, engine: Engine, clock: ManualClock, wish: Change
    ) -> None:
        job = bring(engine, clock, State.SCHEDULED)
        done = change(engine, RunNow(), job.id)
        change(engine, wish, job.id)
        now = look(engine, job.id)
        assert put_back(engine, done) == ()
        assert look(engine, job.id) == now
