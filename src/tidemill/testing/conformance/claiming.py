"""Jobs come out: in order, under a lease and a fence, and never to two workers at once."""

import asyncio

import pytest

from tidemill.core.errors import LeaseLost
from tidemill.core.graph import Edge
from tidemill.core.job import Claim
from tidemill.core.lease import Lease
from tidemill.core.rules import QueueRules, TaskRules
from tidemill.core.state import State
from tidemill.core.want import Claimed, Want
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import (
    FAIL,
    SECOND,
    TEN_SECONDS,
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
from tidemill.testing.sample import a_job, a_lease


class TestClaiming:
    """`jobs.claim`, its order and its fences."""

    def test_a_claim_is_the_job_running_under_the_workers_lease(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job(
            task="mail.send",
            queue="email",
            tenant="acme",
            args=b'{"n":1}',
            priority=50,
            timeout=77,
            tags=("blue",),
            source="job:1",
            headers={"a": "b"},
        )
        insert(engine, job)
        created_at = clock.now()
        clock.advance("3s")
        worker = start_worker(engine)
        claimed = claim_one(engine, worker)
        stored = look(engine, job.id)
        assert claimed == Claim(
            id=job.id,
            ref=claimed.ref,
            fence=stored.fence,
            worker=worker.fence,
            task="mail.send",
            queue="email",
            tenant="acme",
            args=b'{"n":1}',
            attempt=1,
            crashes=0,
            priority=50,
            timeout=77,
            policy=stored.policy,
            created_at=created_at,
            ready_at=created_at,
            started_at=clock.now(),
            checkpoint=None,
            tags=("blue",),
            source="job:1",
            headers={"a": "b"},
        )
        assert (stored.state, stored.attempt, stored.worker) == (State.RUNNING, 1, worker.fence)
        assert stored.started_at == clock.now()

    def test_nothing_waiting_is_an_empty_answer(self, engine: Engine) -> None:
        answer = engine.jobs.claim(Want(start_worker(engine), 10)).wait()
        assert answer == Claimed((), None)

    def test_larger_priority_goes_first(self, engine: Engine) -> None:
        jobs = [a_job(priority=priority) for priority in (0, -50, 90, 50, -100, 100)]
        insert(engine, *jobs)
        given = claim(engine, start_worker(engine))
        assert [job.priority for job in given] == [100, 90, 50, 0, -50, -100]

    def test_priority_counts_across_queues(self, engine: Engine) -> None:
        low, high = a_job(queue="a", priority=-50), a_job(queue="b", priority=50)
        insert(engine, low, high)
        assert ids(claim(engine, start_worker(engine), queues=("a", "b"))) == ids([high, low])

    def test_of_one_priority_the_longest_ready_goes_first(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        late, early = a_job(due_at=clock.now() + 10 * SECOND), a_job()
        insert(engine, late)
        clock.advance("5s")
        insert(engine, early)
        clock.advance("5s")
        engine.jobs.promote(10).wait()
        assert ids(claim(engine, start_worker(engine))) == ids([early, late])

    def test_of_one_moment_the_first_inserted_goes_first(self, engine: Engine) -> None:
        # Ids that sort against insertion, so that they cannot stand in for it.
        jobs = [a_job(id=f"{9 - number}", queue=f"q{number % 3}") for number in range(9)]
        for job in jobs:
            insert(engine, job)
        assert ids(claim(engine, start_worker(engine))) == ids(jobs)

    def test_no_more_are_given_than_were_wanted(self, engine: Engine) -> None:
        jobs = [a_job() for _ in range(5)]
        insert(engine, *jobs)
        worker = start_worker(engine)
        assert ids(claim(engine, worker, limit=2)) == ids(jobs[:2])
        assert ids(claim(engine, worker, limit=2)) == ids(jobs[2:4])
        assert ids(claim(engine, worker, limit=2)) == ids(jobs[4:])
        assert claim(engine, worker, limit=2) == ()

    def test_who_wants_nothing_gets_nothing(self, engine: Engine) -> None:
        insert(engine, a_job(), a_job())
        assert claim(engine, start_worker(engine), limit=0) == ()

    def test_only_the_wanted_queues_are_served(self, engine: Engine) -> None:
        jobs = [a_job(queue=name) for name in ("a", "b", "c")]
        insert(engine, *jobs)
        worker = start_worker(engine)
        assert claim(engine, worker, queues=("nowhere",)) == ()
        assert claim(engine, worker, queues=()) == ()
        assert ids(claim(engine, worker, queues=("c", "a"))) == [jobs[0].id, jobs[2].id]
        assert ids(claim(engine, worker)) == [jobs[1].id]

    def test_a_scheduled_job_is_not_given_before_it_is_due_and_then_without_promotion(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job(due_at=clock.now() + SECOND)
        insert(engine, job)
        worker = start_worker(engine)
        early = engine.jobs.claim(Want(worker, 10)).wait()
        assert early.jobs == ()
        assert early.again_at == clock.now() + SECOND
        clock.advance("1s")
        assert [each.id for each in claim(engine, worker)] == [job.id]

    def test_a_claim_puts_the_500_longest_overdue_into_the_line(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job(due_at=clock.now() + 600 - number) for number in range(501)]
        insert(engine, *jobs)
        clock.advance("1s")
        claimed = engine.jobs.claim(Want(start_worker(engine), 1)).wait()
        assert ids(claimed.jobs) == [jobs[-1].id]
        assert claimed.again_at == clock.now()
        assert states(engine, jobs[:2]) == [State.SCHEDULED, State.WAITING]

    def test_every_attempt_has_a_larger_number(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, a_job(retry=TEN_SECONDS))
        worker = start_worker(engine)
        first = claim_one(engine, worker)
        settle(engine, clock, first, FAIL)
        clock.advance("10s")
        engine.jobs.promote(10).wait()
        again = claim_one(engine, worker)
        assert (first.attempt, again.attempt) == (1, 2)
        assert (again.id, again.ref) == (first.id, first.ref)

    def test_fences_grow_with_every_claim_and_every_lease(self, engine: Engine) -> None:
        insert(engine, *(a_job() for _ in range(3)))
        worker = start_worker(engine)
        first = claim_one(engine, worker)
        other = start_worker(engine)
        second, third = claim_one(engine, other), claim_one(engine, worker)
        assert worker.fence < first.fence < other.fence < second.fence < third.fence

    def test_the_jobs_of_one_claim_share_its_fence(self, engine: Engine) -> None:
        insert(engine, *(a_job() for _ in range(3)))
        given = claim(engine, start_worker(engine))
        assert len(given) == 3
        assert len({job.fence for job in given}) == 1

    def test_it_can_be_awaited(self, engine: Engine) -> None:
        job = a_job()
        insert(engine, job)
        worker = start_worker(engine)

        async def take() -> Claimed:
            return await engine.jobs.claim(Want(worker, 1))

        assert ids(asyncio.run(take()).jobs) == [job.id]

    def test_eight_threads_never_get_one_job_twice(self, engine: Engine) -> None:
        jobs = [a_job(queue=f"q{number % 3}") for number in range(200)]
        insert(engine, *jobs)

        def take_all(_: int) -> list[Claim]:
            worker, taken = start_worker(engine), list[Claim]()
            while given := claim(engine, worker, limit=3):
                taken += given
            return taken

        taken = [job for given in together(8, take_all) for job in given]
        assert sorted(ids(taken)) == sorted(ids(jobs))


class TestClaimingLease:
    """`jobs.claim` by a worker that is not what it was."""

    def test_a_lease_that_has_run_out_gets_nothing(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job()
        insert(engine, job)
        worker = start_worker(engine, length=30 * SECOND)
        clock.advance("30s")
        with pytest.raises(LeaseLost):
            claim(engine, worker)
        assert look(engine, job.id).state is State.WAITING

    def test_a_lease_that_has_run_out_makes_nothing_due(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        later = a_job(due_at=clock.now() + SECOND)
        insert(engine, later)
        worker = start_worker(engine, length=30 * SECOND)
        clock.advance("30s")
        with pytest.raises(LeaseLost):
            claim(engine, worker)
        assert look(engine, later.id).state is State.SCHEDULED

    def test_a_lease_has_its_last_millisecond(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, a_job())
        worker = start_worker(engine, length=30 * SECOND)
        clock.advance("29999ms")
        assert len(claim(engine, worker)) == 1

    def test_a_lease_given_back_gets_nothing(self, engine: Engine) -> None:
        insert(engine, a_job())
        worker = start_worker(engine)
        engine.leases.give_back(worker).wait()
        with pytest.raises(LeaseLost):
            claim(engine, worker)

    def test_an_earlier_holding_of_the_name_gets_nothing(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job())
        worker = start_worker(engine, length=30 * SECOND)
        clock.advance("31s")
        again = engine.leases.take(worker.name, worker.holder, 30 * SECOND).wait()
        assert again is not None
        with pytest.raises(LeaseLost):
            claim(engine, worker)
        assert len(claim(engine, again)) == 1

    def test_a_renewed_lease_gets_jobs_by_its_new_end(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job())
        worker = start_worker(engine, length=30 * SECOND)
        clock.advance("20s")
        engine.jobs.renew(worker, 30 * SECOND, b"{}").wait()
        clock.advance("20s")
        assert len(claim(engine, worker)) == 1

    @pytest.mark.parametrize("lease", [a_lease(), a_lease(name="worker/x", fence=10_000)])
    def test_a_lease_that_never_was_gets_nothing(self, engine: Engine, lease: Lease) -> None:
        with pytest.raises(LeaseLost):
            claim(engine, lease)


class TestClaimingPause:
    """`jobs.claim` from queues and of tasks that are paused."""

    def test_a_paused_queue_is_passed_over_and_its_jobs_wait(self, engine: Engine) -> None:
        held, free = a_job(queue="held", priority=90), a_job(queue="free")
        insert(engine, held, free)
        rule(engine, QueueRules(queue="held", paused=True))
        worker = start_worker(engine)
        assert ids(claim(engine, worker)) == [free.id]
        assert claim(engine, worker, queues=("held",)) == ()
        assert look(engine, held.id).state is State.WAITING

    def test_a_resumed_queue_is_served_at_once(self, engine: Engine) -> None:
        job = a_job(queue="held")
        insert(engine, job)
        rule(engine, QueueRules(queue="held", paused=True), QueueRules(queue="held"))
        assert ids(claim(engine, start_worker(engine))) == [job.id]

    def test_jobs_of_a_paused_task_are_parked_and_others_given(self, engine: Engine) -> None:
        held, free = [a_job(task="held") for _ in range(3)], a_job(task="free")
        insert(engine, *held, free)
        rule(engine, TaskRules(task="held", paused=True))
        assert ids(claim(engine, start_worker(engine), limit=1)) == [free.id]
        assert {(look(engine, job.id).state, look(engine, job.id).gate) for job in held} == {
            (State.BLOCKED, "task:held")
        }

    def test_a_pause_leaves_what_runs_alone(self, engine: Engine, clock: ManualClock) -> None:
        job = a_job(queue="held", task="held")
        insert(engine, job)
        claimed = claim_one(engine, start_worker(engine))
        rule(engine, QueueRules(queue="held", paused=True), TaskRules(task="held", paused=True))
        assert look(engine, job.id).state is State.RUNNING
        settle(engine, clock, claimed)
        assert look(engine, job.id).state is State.COMPLETED


class TestClaimingExpiry:
    """`jobs.claim` when jobs have waited for too long."""

    @pytest.mark.parametrize("late", [0, 1])
    def test_a_job_that_has_expired_is_cancelled_and_not_given(
        self, engine: Engine, clock: ManualClock, late: int
    ) -> None:
        job, good = a_job(expires_at=clock.now() + SECOND), a_job()
        insert(engine, job, good)
        clock.advance(f"{SECOND + late}ms")
        assert ids(claim(engine, start_worker(engine), limit=1)) == [good.id]
        stored = look(engine, job.id)
        assert (stored.state, stored.reason) == (State.CANCELLED, "expired")
        assert (stored.finished_at, stored.attempt, stored.attempts) == (clock.now(), 0, ())

    def test_a_job_is_given_up_to_its_last_millisecond(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job(expires_at=clock.now() + SECOND)
        insert(engine, job)
        clock.advance("999ms")
        assert ids(claim(engine, start_worker(engine))) == [job.id]

    def test_an_expired_job_lets_go_of_those_that_wait_for_it(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job(expires_at=clock.now() + SECOND)
        cancelled = a_job(after=(Edge(parent.id),))
        released = a_job(after=(Edge(parent.id, on_failure="run"),))
        insert(engine, parent, cancelled, released)
        clock.advance("1s")
        worker = start_worker(engine)
        claim(engine, worker)
        claim(engine, worker)
        assert states(engine, [parent, cancelled, released]) == [
            State.CANCELLED,
            State.CANCELLED,
            State.RUNNING,
        ]

    def test_a_claim_clears_at_most_a_thousand_jobs_and_asks_to_be_made_again(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        stale = [a_job(expires_at=clock.now() + SECOND) for _ in range(1_001)]
        good = a_job()
        insert(engine, *stale, good)
        clock.advance("1s")
        worker = start_worker(engine)
        answer = engine.jobs.claim(Want(worker, 1)).wait()
        assert answer == Claimed((), clock.now())
        assert ids(claim(engine, worker, limit=1)) == [good.id]
