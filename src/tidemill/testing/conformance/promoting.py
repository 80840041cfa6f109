"""What is due comes into the line, gates with room are opened, what has expired ends."""

import pytest

from tidemill.core.graph import Edge
from tidemill.core.job import NewJob
from tidemill.core.limits import KeyLimit, KeyRate, Rate
from tidemill.core.outcome import Snoozed
from tidemill.core.rules import KeyRules, TaskRules
from tidemill.core.state import LIVE, State
from tidemill.core.want import Promoted
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    HOUR,
    MINUTE,
    SECOND,
    bring,
    claim,
    claim_one,
    ids,
    insert,
    look,
    rule,
    run,
    settle,
    start_worker,
    states,
)
from tidemill.testing.sample import a_job

NOTHING = Promoted(0, None, more=False)


def promote(engine: Engine, limit: int = 100) -> Promoted:
    """Let the due come in."""
    return engine.jobs.promote(limit).wait()


def park(engine: Engine, count: int, **overrides: object) -> list[NewJob]:
    """Store jobs, take what can be taken, and so have the rest parked."""
    jobs = [a_job(**overrides) for _ in range(count)]
    insert(engine, *jobs)
    claim(engine, start_worker(engine))
    return jobs


class TestPromoting:
    """`jobs.promote` of what has become due."""

    def test_nothing_due_is_no_error(self, engine: Engine) -> None:
        assert promote(engine) == NOTHING

    def test_a_due_job_waits_with_the_time_it_was_due_at(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job(due_at=START + SECOND)
        insert(engine, job)
        clock.advance("999ms")
        assert promote(engine) == Promoted(0, START + SECOND, more=False)
        clock.advance("1ms")
        assert promote(engine) == Promoted(1, None, more=False)
        stored = look(engine, job.id)
        assert (stored.state, stored.ready_at) == (State.WAITING, START + SECOND)

    def test_a_retrying_job_waits_when_its_time_has_come(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = bring(engine, clock, State.RETRYING)
        assert promote(engine) == Promoted(0, START + 10 * SECOND, more=False)
        clock.advance("10s")
        assert promote(engine).count == 1
        assert look(engine, job.id).state is State.WAITING

    def test_a_snoozed_job_waits_when_its_time_has_come(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job()
        run(engine, clock, job, Snoozed(START + MINUTE))
        assert promote(engine).next_at == START + MINUTE
        clock.advance("1m")
        assert promote(engine).count == 1
        assert look(engine, job.id).state is State.WAITING

    def test_the_longest_due_come_first_and_no_more_than_were_wanted(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job(due_at=START + delay * SECOND) for delay in (4, 1, 3, 2, 3)]
        insert(engine, *jobs)
        clock.advance("10s")
        assert promote(engine, limit=3) == Promoted(3, START + 3 * SECOND, more=True)
        assert [job.id for job in jobs if look(engine, job.id).state is State.WAITING] == [
            jobs[1].id,
            jobs[2].id,
            jobs[3].id,
        ]
        assert promote(engine, limit=3) == Promoted(2, None, more=False)

    def test_the_next_time_is_the_earliest_of_all(self, engine: Engine) -> None:
        insert(engine, *(a_job(due_at=START + delay * MINUTE) for delay in (9, 5, 7)))
        assert promote(engine).next_at == START + 5 * MINUTE
        insert(engine, a_job(expires_at=START + 3 * MINUTE))
        assert promote(engine).next_at == START + 3 * MINUTE
        claim(engine, start_worker(engine))
        assert promote(engine).next_at == START + 5 * MINUTE

    def test_many_due_jobs_all_come_in_slices(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, *(a_job(due_at=START + 1 + n % 7) for n in range(500)))
        clock.advance("1s")
        counts = []
        while (promoted := promote(engine, limit=200)).count:
            counts.append(promoted.count)
        assert counts == [200, 200, 100]
        assert len(claim(engine, start_worker(engine), limit=500)) == 500


class TestPromotingExpiry:
    """`jobs.promote` of what has waited for too long."""

    @pytest.mark.parametrize("state", sorted(LIVE - {State.RUNNING}))
    def test_a_job_that_has_expired_ends_wherever_it_rests(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        job = bring(engine, clock, state, expires_at=START + 5 * SECOND)
        clock.advance("4999ms")
        assert promote(engine).count == 0
        clock.advance("1ms")
        assert promote(engine).count == 1
        stored = look(engine, job.id)
        assert (stored.state, stored.reason) == (State.CANCELLED, "expired")
        assert stored.finished_at == clock.now()

    def test_a_running_job_does_not_expire(self, engine: Engine, clock: ManualClock) -> None:
        job = bring(engine, clock, State.RUNNING, expires_at=START + SECOND)
        clock.advance("1h")
        assert promote(engine) == NOTHING
        assert look(engine, job.id).state is State.RUNNING

    def test_a_job_that_is_due_and_has_expired_ends(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job(due_at=START + SECOND, expires_at=START + 2 * SECOND)
        insert(engine, job)
        clock.advance("2s")
        assert promote(engine).count == 1
        assert look(engine, job.id).reason == "expired"

    def test_an_expired_job_lets_go_of_those_that_wait_for_it(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job(expires_at=START + SECOND)
        cancelled = a_job(after=(Edge(parent.id),))
        released = a_job(after=(Edge(parent.id, on_failure="run"),))
        insert(engine, parent, cancelled, released)
        clock.advance("1s")
        promote(engine)
        assert states(engine, [cancelled, released]) == [State.CANCELLED, State.WAITING]

    def test_a_child_ends_with_a_parent_that_was_due_too_late_before_its_own_expiry_is_looked_at(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job(due_at=START + SECOND, expires_at=START + SECOND)
        child = a_job(after=(Edge(parent.id),), expires_at=START + SECOND)
        insert(engine, parent, child)
        clock.advance("1s")
        assert promote(engine).count == 1
        assert [look(engine, job.id).reason for job in (parent, child)] == [
            "expired",
            "parent_failed",
        ]

    def test_expired_jobs_end_in_slices_too(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, *(a_job(expires_at=START + SECOND) for _ in range(5)))
        clock.advance("1s")
        first = promote(engine, limit=3)
        assert (first.count, first.more) == (3, True)
        assert promote(engine, limit=3) == Promoted(2, None, more=False)


class TestPromotingGates:
    """`jobs.promote` of what is parked."""

    def test_the_gate_of_a_paused_task_stays_shut_until_it_goes_on(self, engine: Engine) -> None:
        rule(engine, TaskRules(task="held", paused=True))
        jobs = park(engine, 3, task="held")
        assert promote(engine) == NOTHING
        assert states(engine, jobs) == [State.BLOCKED] * 3
        rule(engine, TaskRules(task="held"))
        assert promote(engine).count == 3
        assert ids(claim(engine, start_worker(engine))) == ids(jobs)

    def test_the_gate_of_a_full_key_stays_shut(self, engine: Engine) -> None:
        jobs = park(engine, 3, limit=KeyLimit("k", 1))
        assert promote(engine) == NOTHING
        assert states(engine, jobs[1:]) == [State.BLOCKED] * 2

    def test_a_larger_limit_opens_the_gate_for_as_many_as_have_room(self, engine: Engine) -> None:
        jobs = park(engine, 5, limit=KeyLimit("k", 1))
        rule(engine, KeyRules(key="k", most=3))
        assert promote(engine).count == 2
        assert states(engine, jobs) == [
            State.RUNNING,
            State.WAITING,
            State.WAITING,
            State.BLOCKED,
            State.BLOCKED,
        ]
        assert promote(engine).count == 0

    def test_a_smaller_limit_keeps_the_gate_shut(self, engine: Engine, clock: ManualClock) -> None:
        jobs = [a_job(limit=KeyLimit("k", 3)) for _ in range(5)]
        insert(engine, *jobs)
        worker = start_worker(engine)
        first, second, _ = claim(engine, worker)
        rule(engine, KeyRules(key="k", most=1))
        for claimed in (first, second):
            settle(engine, clock, claimed)
        assert promote(engine).count == 0
        assert states(engine, jobs[3:]) == [State.BLOCKED, State.BLOCKED]
        assert claim(engine, worker) == ()

    def test_the_gate_of_a_rate_opens_by_the_clock(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = park(engine, 5, rate=KeyRate("k", Rate(2, HOUR)))
        assert promote(engine) == Promoted(0, START + HOUR // 2, more=False)
        clock.advance("30m")
        assert promote(engine).count == 1
        # The one in the line will take the start that is free now.
        assert promote(engine).count == 0
        assert states(engine, jobs[2:]) == [State.WAITING, State.BLOCKED, State.BLOCKED]
        clock.advance("30m")
        assert promote(engine).count == 1
        assert len(claim(engine, start_worker(engine))) == 2

    def test_the_best_of_the_parked_comes_first(self, engine: Engine) -> None:
        insert(engine, a_job(limit=KeyLimit("k", 1), priority=100))
        claim_one(engine, start_worker(engine))
        low, high = (a_job(limit=KeyLimit("k", 1), priority=one) for one in (-50, 50))
        insert(engine, low, high)
        claim(engine, start_worker(engine))
        rule(engine, KeyRules(key="k", most=2))
        assert promote(engine).count == 1
        assert states(engine, [low, high]) == [State.BLOCKED, State.WAITING]

    def test_a_slice_is_no_larger_for_holding_things_of_all_kinds(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        rule(engine, TaskRules(task="held", paused=True))
        park(engine, 3, task="held")
        rule(engine, TaskRules(task="held"))
        insert(engine, *(a_job(due_at=START + SECOND) for _ in range(3)))
        insert(engine, *(a_job(expires_at=START + SECOND) for _ in range(3)))
        clock.advance("1s")
        slices = [promote(engine, limit=4) for _ in range(4)]
        assert [one.count for one in slices] == [4, 4, 1, 0]
        assert [one.more for one in slices] == [True, True, False, False]

    def test_gates_open_in_slices_too(self, engine: Engine) -> None:
        rule(engine, TaskRules(task="held", paused=True))
        park(engine, 5, task="held")
        rule(engine, TaskRules(task="held"))
        assert [promote(engine, limit=2).count for _ in range(4)] == [2, 2, 1, 0]

    def test_jobs_that_wait_for_jobs_are_not_promoted(self, engine: Engine) -> None:
        parent = a_job()
        child = a_job(after=(Edge(parent.id),))
        insert(engine, parent, child)
        assert promote(engine) == NOTHING
        assert look(engine, child.id).state is State.BLOCKED
