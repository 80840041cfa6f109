"""Limits and rates are kept by the claim itself, and room is given on with the settlement."""

import threading

import pytest

from tidemill.core.job import Claim
from tidemill.core.limits import KeyLimit, KeyRate, Rate
from tidemill.core.outcome import Cancelled, Done, Interrupted, Outcome, Snoozed
from tidemill.core.query import JobFilter
from tidemill.core.rules import KeyRules, QueueRules, TaskRules, TenantRules
from tidemill.core.state import State
from tidemill.core.verdict import Receipt, judge
from tidemill.core.want import Want
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

ONE, TWO, THREE = (KeyLimit("k", most) for most in (1, 2, 3))
RUNNING = JobFilter(states=(State.RUNNING,))
TWO_AN_HOUR = KeyRate("k", Rate(2, HOUR))


class TestLimitingKeys:
    """At most so many jobs of a key run at once."""

    def test_one_claim_gives_as_many_as_there_is_room_for_and_parks_the_rest(
        self, engine: Engine
    ) -> None:
        jobs = [a_job(limit=THREE) for _ in range(5)]
        insert(engine, *jobs)
        assert ids(claim(engine, start_worker(engine))) == ids(jobs[:3])
        for job in jobs[3:]:
            stored = look(engine, job.id)
            assert (stored.state, stored.gate) == (State.BLOCKED, "key:k")

    def test_a_full_key_does_not_hold_other_jobs_up(self, engine: Engine) -> None:
        insert(engine, *(a_job(limit=ONE, priority=90) for _ in range(10)))
        others = [a_job(), a_job(limit=KeyLimit("other", 1))]
        insert(engine, *others)
        worker = start_worker(engine)
        claim_one(engine, worker)
        assert ids(claim(engine, worker, limit=2)) == ids(others)

    def test_a_key_counts_over_all_workers_queues_and_tasks(self, engine: Engine) -> None:
        jobs = [a_job(limit=TWO, queue=f"q{n}", task=f"t{n}") for n in range(3)]
        insert(engine, *jobs)
        given = [claim(engine, start_worker(engine), queues=(f"q{n}",)) for n in range(3)]
        assert [len(one) for one in given] == [1, 1, 0]

    def test_a_job_that_comes_while_others_are_parked_is_parked_behind_them(
        self, engine: Engine
    ) -> None:
        insert(engine, a_job(limit=ONE), a_job(limit=ONE))
        claim(engine, start_worker(engine))
        late = a_job(limit=ONE)
        insert(engine, late)
        stored = look(engine, late.id)
        assert (stored.state, stored.gate) == (State.BLOCKED, "key:k")

    def test_a_job_due_later_is_scheduled_though_others_are_parked(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, *(a_job(limit=ONE) for _ in range(2)))
        claim(engine, start_worker(engine))
        insert(engine, later := a_job(limit=ONE, due_at=clock.now() + HOUR))
        assert look(engine, later.id).state is State.SCHEDULED

    def test_a_job_that_comes_while_none_is_parked_waits(self, engine: Engine) -> None:
        insert(engine, a_job(limit=ONE))
        claim(engine, start_worker(engine))
        late = a_job(limit=ONE)
        insert(engine, late)
        assert look(engine, late.id).state is State.WAITING

    @pytest.mark.parametrize(
        "outcome", [Done(), FAIL, GIVE_UP, Snoozed(START + HOUR), Cancelled()], ids=type
    )
    def test_however_an_attempt_ends_its_room_goes_to_the_next(
        self, engine: Engine, clock: ManualClock, outcome: Outcome
    ) -> None:
        jobs = [a_job(limit=ONE, retry=TEN_SECONDS) for _ in range(3)]
        insert(engine, *jobs)
        worker = start_worker(engine)
        (first,) = claim(engine, worker)
        settle(engine, clock, first, outcome)
        assert states(engine, jobs[1:]) == [State.WAITING, State.BLOCKED]
        assert ids(claim(engine, worker)) == [jobs[1].id]

    def test_a_job_handed_back_does_not_make_the_key_overfull(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job(limit=ONE) for _ in range(3)]
        insert(engine, *jobs)
        worker = start_worker(engine)
        (first,) = claim(engine, worker)
        settle(engine, clock, first, Interrupted())
        assert look(engine, first.id).state is State.WAITING
        assert ids(claim(engine, worker)) == [first.id]
        assert states(engine, jobs[1:]) == [State.BLOCKED, State.BLOCKED]

    def test_the_best_of_the_parked_is_next_and_keeps_its_place_in_the_line(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        running = a_job(limit=ONE, priority=100)
        low, high, higher = (a_job(limit=ONE, priority=one) for one in (-50, 50, 50))
        insert(engine, running, low, high, higher)
        (first,) = claim(engine, start_worker(engine))
        clock.advance("1m")
        settle(engine, clock, first)
        assert states(engine, [low, high, higher]) == [
            State.BLOCKED,
            State.WAITING,
            State.BLOCKED,
        ]
        released = look(engine, high.id)
        assert (released.ready_at, released.gate) == (START, "")

    def test_two_that_end_in_one_call_make_room_for_two(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job(limit=TWO) for _ in range(5)]
        insert(engine, *jobs)
        worker = start_worker(engine)
        done = [judge(claimed, Done(), clock.now(), dice=0) for claimed in claim(engine, worker)]
        engine.jobs.settle(done).wait()
        assert ids(claim(engine, worker)) == ids(jobs[2:4])

    @pytest.mark.parametrize("most", [1, 4])
    def test_a_rule_goes_before_what_the_jobs_bring_along(self, engine: Engine, most: int) -> None:
        insert(engine, *(a_job(limit=TWO) for _ in range(6)))
        rule(engine, KeyRules(key="k", most=most))
        assert len(claim(engine, start_worker(engine))) == most

    def test_a_stale_settlement_makes_no_room(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, a_job(limit=ONE, priority=90), parked := a_job(limit=ONE))
        dead = start_worker(engine, length=30 * SECOND)
        (held,) = claim(engine, dead)
        clock.advance("30s")
        settle(engine, clock, held, LOST)
        alive = start_worker(engine)
        assert ids(claim(engine, alive)) == [held.id]
        assert settle(engine, clock, held) is Receipt.FENCED
        assert look(engine, parked.id).state is State.BLOCKED
        assert claim(engine, alive) == ()

    def test_eight_workers_never_run_more_than_three(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job(limit=THREE) for _ in range(60)]
        insert(engine, *jobs)
        settled = threading.Condition()
        done: set[str] = set()
        crowds: list[int] = []

        def finish(given: tuple[Claim, ...]) -> None:
            counts = engine.reader.counts().wait()
            crowds.append(sum(one.count for one in counts if one.state is State.RUNNING))
            for claimed in given:
                settle(engine, clock, claimed)
            with settled:
                done.update(ids(given))
                settled.notify_all()

        def wait_for_more_than(seen: int) -> None:
            with settled:
                assert settled.wait_for(lambda: len(done) > seen, timeout=20), f"stuck at {seen}"

        def work(_: int) -> None:
            worker = start_worker(engine)
            while (seen := len(done)) < len(jobs):
                if given := claim(engine, worker, limit=2):
                    finish(given)
                else:
                    wait_for_more_than(seen)

        together(8, work)
        assert done == {*ids(jobs)}
        assert max(crowds) <= 3


class TestLimitingRates:
    """So many jobs of a key start in a time."""

    def test_what_the_rate_does_not_allow_yet_is_parked(self, engine: Engine) -> None:
        jobs = [a_job(rate=TWO_AN_HOUR) for _ in range(4)]
        insert(engine, *jobs)
        assert ids(claim(engine, start_worker(engine))) == ids(jobs[:2])
        for job in jobs[2:]:
            stored = look(engine, job.id)
            assert (stored.state, stored.gate) == (State.BLOCKED, "rate:k")

    def test_a_rate_does_not_come_back_when_jobs_finish(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job(rate=TWO_AN_HOUR) for _ in range(3)]
        insert(engine, *jobs)
        worker = start_worker(engine)
        for claimed in claim(engine, worker):
            settle(engine, clock, claimed)
        engine.jobs.promote(10).wait()
        assert claim(engine, worker) == ()
        assert look(engine, jobs[2].id).state is State.BLOCKED

    def test_a_rate_frees_evenly_with_time(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, *(a_job(rate=TWO_AN_HOUR) for _ in range(5)))
        worker = start_worker(engine)
        assert len(claim(engine, worker)) == 2
        for _ in range(2):
            clock.advance("29m59s")
            engine.jobs.promote(10).wait()
            assert claim(engine, worker) == ()
            clock.advance("1s")
            engine.jobs.promote(10).wait()
            assert len(claim(engine, worker)) == 1

    def test_a_burst_is_kept(self, engine: Engine) -> None:
        spread = KeyRate("k", Rate(60, MINUTE, burst=1))
        insert(engine, *(a_job(rate=spread) for _ in range(3)))
        assert len(claim(engine, start_worker(engine))) == 1

    def test_a_rule_goes_before_what_the_jobs_bring_along(self, engine: Engine) -> None:
        insert(engine, *(a_job(rate=TWO_AN_HOUR) for _ in range(6)))
        rule(engine, KeyRules(key="k", rate=Rate(5, HOUR)))
        assert len(claim(engine, start_worker(engine))) == 5

    def test_a_job_parked_for_its_limit_takes_nothing_from_its_rate(self, engine: Engine) -> None:
        once = KeyRate("r", Rate(1, HOUR))
        insert(engine, a_job(limit=ONE, priority=90))
        parked, free = a_job(limit=ONE, rate=once, priority=50), a_job(rate=once)
        insert(engine, parked, free)
        given = claim(engine, start_worker(engine))
        assert ids(given[1:]) == [free.id]
        assert look(engine, parked.id).gate == "key:k"


class TestLimitingQueues:
    """At most so many jobs of a queue or a tenant run, and so many start in a time."""

    def test_a_full_queue_gives_nothing_and_its_jobs_wait(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job() for _ in range(4)]
        insert(engine, *jobs)
        rule(engine, QueueRules(queue="default", most=2))
        worker = start_worker(engine)
        first, second = claim(engine, worker)
        assert ids([first, second]) == ids(jobs[:2])
        assert states(engine, jobs[2:]) == [State.WAITING, State.WAITING]
        assert claim(engine, start_worker(engine)) == ()
        settle(engine, clock, first)
        assert ids(claim(engine, worker)) == [jobs[2].id]

    def test_a_full_queue_does_not_hold_others_up(self, engine: Engine) -> None:
        insert(engine, *(a_job(queue="full", priority=90) for _ in range(5)))
        others = [a_job(queue="free") for _ in range(2)]
        insert(engine, *others)
        rule(engine, QueueRules(queue="full", most=1))
        given = claim(engine, start_worker(engine), limit=3)
        assert ids(given[1:]) == ids(others)

    def test_a_full_queue_is_no_reason_to_ask_again_by_the_clock(self, engine: Engine) -> None:
        insert(engine, a_job(), a_job())
        rule(engine, QueueRules(queue="default", most=1))
        worker = start_worker(engine)
        claim_one(engine, worker)
        assert engine.jobs.claim(Want(worker, 1)).wait().again_at is None

    def test_one_tenant_gets_no_more_than_its_share_of_the_queue(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        busy = [a_job(tenant="busy") for _ in range(4)]
        calm = a_job(tenant="calm")
        insert(engine, *busy, calm)
        rule(engine, QueueRules(queue="default", tenant_most=2))
        worker = start_worker(engine)
        given = claim(engine, worker)
        assert ids(given) == [busy[0].id, busy[1].id, calm.id]
        assert states(engine, busy[2:]) == [State.WAITING, State.WAITING]
        settle(engine, clock, given[0])
        assert ids(claim(engine, worker)) == [busy[2].id]

    def test_a_tenants_share_counts_within_its_queue_only(self, engine: Engine) -> None:
        insert(engine, *(a_job(tenant="busy", queue=name) for name in ("a", "a", "b", "b")))
        rule(engine, QueueRules(queue="a", tenant_most=1))
        given = claim(engine, start_worker(engine))
        assert sorted(job.queue for job in given) == ["a", "b", "b"]

    def test_a_tenant_gets_no_more_than_its_share_of_all_queues(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        busy = [a_job(tenant="busy", queue=name) for name in ("a", "b", "a", "b")]
        others = [a_job(tenant=tenant, queue="a") for tenant in ("calm", "")]
        insert(engine, *busy, *others)
        rule(engine, TenantRules(tenant="busy", most=2))
        worker = start_worker(engine)
        given = claim(engine, worker)
        assert ids(given) == [busy[0].id, busy[1].id, *ids(others)]
        assert states(engine, busy[2:]) == [State.WAITING, State.WAITING]
        assert claim(engine, worker) == ()
        settle(engine, clock, given[1])
        assert ids(claim(engine, worker)) == [busy[2].id]
        rule(engine, TenantRules(tenant="busy"))
        assert ids(claim(engine, worker)) == [busy[3].id]

    def test_a_tenants_share_of_a_queue_and_of_all_hold_together(self, engine: Engine) -> None:
        insert(engine, *(a_job(tenant="busy", queue=name) for name in "aaabbb"))
        rule(engine, QueueRules(queue="a", tenant_most=1), TenantRules(tenant="busy", most=3))
        given = claim(engine, start_worker(engine))
        assert [job.queue for job in given] == ["a", "b", "b"]

    @pytest.mark.parametrize("fair", [False, True])
    def test_a_tenant_that_is_full_holds_nobody_up(self, engine: Engine, fair: bool) -> None:  # noqa: FBT001 - of a parameter
        insert(engine, *(a_job(tenant="busy") for _ in range(2_500)))
        calm = a_job(tenant="calm", priority=-50)
        insert(engine, calm)
        rule(engine, TenantRules(tenant="busy", most=1), QueueRules(queue="default", fair=fair))
        given = claim(engine, start_worker(engine), limit=5)
        assert sorted(job.tenant for job in given) == ["busy", "calm"]

    def test_a_tenant_that_may_run_nothing_runs_nothing(self, engine: Engine) -> None:
        insert(engine, a_job(tenant="busy"))
        rule(engine, TenantRules(tenant="busy", most=0))
        assert claim(engine, start_worker(engine)) == ()

    def test_a_queue_starts_jobs_at_its_rate_and_says_when_to_ask_again(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job() for _ in range(4)]
        insert(engine, *jobs)
        rule(engine, QueueRules(queue="default", rate=Rate(2, HOUR)))
        worker = start_worker(engine)
        answer = engine.jobs.claim(Want(worker, 10)).wait()
        assert ids(answer.jobs) == ids(jobs[:2])
        assert answer.again_at == clock.now() + HOUR // 2
        assert states(engine, jobs[2:]) == [State.WAITING, State.WAITING]
        clock.advance("30m")
        assert ids(claim(engine, worker)) == [jobs[2].id]

    def test_rules_that_are_set_again_free_no_rate(self, engine: Engine) -> None:
        insert(engine, *(a_job() for _ in range(4)))
        worker = start_worker(engine)
        for most in (9, 8):
            rule(engine, QueueRules(queue="default", most=most, rate=Rate(2, HOUR)))
            claim(engine, worker)
        assert len(engine.reader.find(RUNNING).wait().jobs) == 2

    def test_of_two_rates_the_first_to_free_says_when_to_ask_again(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, *(a_job(queue=name) for name in ("slow", "slow", "quick", "quick")))
        rule(
            engine,
            QueueRules(queue="slow", rate=Rate(1, HOUR)),
            QueueRules(queue="quick", rate=Rate(1, MINUTE)),
        )
        answer = engine.jobs.claim(Want(start_worker(engine), 10)).wait()
        assert len(answer.jobs) == 2
        assert answer.again_at == clock.now() + MINUTE

    def test_a_job_that_is_parked_takes_nothing_from_the_queues_rate(self, engine: Engine) -> None:
        insert(engine, a_job(queue="elsewhere", limit=ONE))
        worker = start_worker(engine)
        claim_one(engine, worker)
        parked, free = a_job(limit=ONE, priority=50), a_job()
        insert(engine, parked, free)
        rule(engine, QueueRules(queue="default", rate=Rate(1, HOUR)))
        assert ids(claim(engine, worker)) == [free.id]
        assert look(engine, parked.id).gate == "key:k"

    def test_a_tasks_pause_goes_before_a_keys_limit(self, engine: Engine) -> None:
        insert(engine, a_job(queue="elsewhere", limit=ONE))
        worker = start_worker(engine)
        claim_one(engine, worker)
        held = a_job(task="held", limit=ONE)
        insert(engine, held)
        rule(engine, TaskRules(task="held", paused=True))
        assert claim(engine, worker) == ()
        assert look(engine, held.id).gate == "task:held"
