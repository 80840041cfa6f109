"""Names are held by one at a time, for a time, under numbers that only grow."""

import asyncio

import pytest
from msgspec.structs import replace

from tidemill.core.change import Cancel
from tidemill.core.errors import LeaseLost
from tidemill.core.instants import Millis
from tidemill.core.job import Claim
from tidemill.core.lease import Lease
from tidemill.core.note import Note
from tidemill.core.outcome import Done
from tidemill.core.state import State
from tidemill.core.verdict import Receipt
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    FAIL,
    HOUR,
    LONG,
    LOST,
    SECOND,
    TEN_SECONDS,
    change,
    claim,
    claim_one,
    ids,
    insert,
    look,
    settle,
    start_worker,
    together,
)
from tidemill.testing.sample import a_job

HALF_MINUTE = 30 * SECOND
JUMPS = (HOUR, -HOUR, 365 * 24 * HOUR)
"""By how much the wall clock is set forward or back."""


def take(engine: Engine, name: str, holder: str = "me", info: bytes = b"{}") -> Lease:
    """Take a name, which must succeed, for half a minute."""
    lease = engine.leases.take(name, holder, HALF_MINUTE, info).wait()
    assert lease is not None
    return lease


def names(engine: Engine, prefix: str) -> list[str]:
    """The names that are held and begin so."""
    return [lease.name for lease in engine.leases.find(prefix).wait()]


class TestLeasing:
    """`leases.take`, `give_back` and `find`."""

    def test_what_has_run_out_cannot_be_given_back(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        lease = start_worker(engine, 30 * SECOND)
        clock.advance("30s")
        assert engine.leases.give_back(lease).wait() is False

    def test_a_free_name_is_taken_for_as_long_as_was_asked(self, engine: Engine) -> None:
        lease = take(engine, "duty/prune", info=b'{"pid":1}')
        assert lease == Lease("duty/prune", "me", lease.fence, START + HALF_MINUTE, b'{"pid":1}')
        assert engine.leases.find("duty/prune").wait() == (lease,)

    def test_a_name_that_another_holds_cannot_be_taken(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        mine = take(engine, "duty/prune")
        clock.advance("29999ms")
        assert engine.leases.take("duty/prune", "you", HALF_MINUTE).wait() is None
        assert engine.leases.find("duty/prune").wait() == (mine,)

    def test_a_name_that_has_run_out_is_free_to_the_millisecond(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        mine = take(engine, "duty/prune")
        clock.advance("30s")
        yours = take(engine, "duty/prune", holder="you")
        assert yours.holder == "you"
        assert yours.fence > mine.fence

    def test_a_holder_keeps_its_fence_and_pushes_the_end_on(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        first = take(engine, "duty/prune", info=b"1")
        clock.advance("10s")
        again = take(engine, "duty/prune", info=b"2")
        assert again == replace(first, until=clock.now() + HALF_MINUTE, info=b"2")

    def test_a_holder_that_let_it_run_out_gets_a_larger_fence(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        first = take(engine, "duty/prune")
        clock.advance("30s")
        assert take(engine, "duty/prune").fence > first.fence

    def test_fences_grow_over_all_names(self, engine: Engine) -> None:
        fences = [take(engine, name).fence for name in ("duty/c", "duty/a", "worker/b")]
        assert fences == sorted(set(fences))

    def test_a_name_given_back_is_free_at_once(self, engine: Engine) -> None:
        mine = take(engine, "duty/prune")
        assert engine.leases.give_back(mine).wait() is True
        assert names(engine, "duty/") == []
        assert take(engine, "duty/prune", holder="you").fence > mine.fence

    def test_a_name_can_be_given_back_once(self, engine: Engine) -> None:
        mine = take(engine, "duty/prune")
        engine.leases.give_back(mine).wait()
        assert engine.leases.give_back(mine).wait() is False

    def test_a_name_that_went_to_another_cannot_be_given_back(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        mine = take(engine, "duty/prune")
        clock.advance("30s")
        yours = take(engine, "duty/prune", holder="you")
        assert engine.leases.give_back(mine).wait() is False
        assert engine.leases.find("duty/prune").wait() == (yours,)

    def test_leases_are_found_by_the_beginning_of_their_names_in_order(
        self, engine: Engine
    ) -> None:
        for name in ("worker/2", "duty/prune", "worker/10", "worker/1"):
            take(engine, name)
        assert names(engine, "worker/") == ["worker/1", "worker/10", "worker/2"]
        assert names(engine, "duty/") == ["duty/prune"]
        assert len(names(engine, "")) == 4

    @pytest.mark.parametrize("prefix", ["duty/a_", "duty/a%", "duty/a*", "duty/a[", "Duty/"])
    def test_a_beginning_means_just_its_letters(self, engine: Engine, prefix: str) -> None:
        for name in ("duty/abc", "duty/a", prefix + "x", "the " + prefix):
            take(engine, name)
        assert names(engine, prefix) == [prefix + "x"]

    def test_a_lease_that_has_run_out_is_not_found(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        take(engine, "duty/a")
        clock.advance("20s")
        take(engine, "duty/b")
        clock.advance("10s")
        assert names(engine, "duty/") == ["duty/b"]

    def test_it_can_be_awaited(self, engine: Engine) -> None:
        async def hold() -> Lease | None:
            return await engine.leases.take("duty/prune", "me", HALF_MINUTE)

        lease = asyncio.run(hold())
        assert lease is not None
        assert lease.holder == "me"

    def test_of_eight_at_one_moment_one_gets_the_name(self, engine: Engine) -> None:
        def grab_all(number: int) -> list[str]:
            taken = [
                engine.leases.take(f"duty/{turn}", f"holder {number}", SECOND).wait()
                for turn in range(20)
            ]
            return [lease.name for lease in taken if lease is not None]

        taken = [name for names in together(8, grab_all) for name in names]
        assert sorted(taken) == sorted(f"duty/{turn}" for turn in range(20))


class TestLeasingByASteadyClock:
    """Leases while someone sets the wall clock."""

    @pytest.mark.parametrize("jump", JUMPS)
    def test_a_wall_clock_that_jumps_ends_no_lease(
        self, engine: Engine, clock: ManualClock, jump: Millis
    ) -> None:
        insert(engine, a_job(), a_job())
        worker, mine = start_worker(engine, length=HALF_MINUTE), take(engine, "duty/prune")
        claim_one(engine, worker)
        clock.jump(jump)
        clock.advance("29999ms")
        assert engine.reader.expired(10).wait() == ()
        assert engine.leases.take("duty/prune", "you", HALF_MINUTE).wait() is None
        assert take(engine, "duty/prune").fence == mine.fence
        assert len(claim(engine, worker)) == 1
        engine.jobs.renew(worker, HALF_MINUTE, b"{}").wait()

    @pytest.mark.parametrize("jump", JUMPS)
    def test_a_wall_clock_that_jumps_keeps_none_alive(
        self, engine: Engine, clock: ManualClock, jump: Millis
    ) -> None:
        insert(engine, a_job())
        worker = start_worker(engine, length=HALF_MINUTE)
        take(engine, "duty/prune")
        claim_one(engine, worker)
        clock.jump(jump)
        clock.advance("30s")
        assert len(engine.reader.expired(10).wait()) == 1
        assert names(engine, "") == []
        with pytest.raises(LeaseLost):
            engine.jobs.renew(worker, HALF_MINUTE, b"{}").wait()
        assert engine.leases.take("duty/prune", "you", HALF_MINUTE).wait() is not None

    @pytest.mark.parametrize("jump", JUMPS)
    def test_its_end_is_told_as_the_wall_clock_stands(
        self, engine: Engine, clock: ManualClock, jump: Millis
    ) -> None:
        lease = take(engine, "duty/prune")
        clock.advance("10s")
        clock.jump(jump)
        (found,) = engine.leases.find("duty/").wait()
        assert found == replace(lease, until=clock.now() + 20 * SECOND)


class TestRenewing:
    """`jobs.renew`."""

    def test_it_pushes_the_end_on_and_keeps_the_rest(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        worker = start_worker(engine, length=HALF_MINUTE)
        clock.advance("29999ms")
        renewal = engine.jobs.renew(worker, HALF_MINUTE, b'{"busy":3}').wait()
        assert renewal.cancel == ()
        assert renewal.lease == replace(worker, until=clock.now() + HALF_MINUTE, info=b'{"busy":3}')
        assert engine.leases.find(worker.name).wait() == (renewal.lease,)

    def test_a_lease_that_has_run_out_cannot_be_renewed(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        worker = start_worker(engine, length=HALF_MINUTE)
        clock.advance("30s")
        with pytest.raises(LeaseLost):
            engine.jobs.renew(worker, HALF_MINUTE, b"{}").wait()
        assert names(engine, "worker/") == []

    def test_a_lease_given_back_cannot_be_renewed(self, engine: Engine) -> None:
        worker = start_worker(engine)
        engine.leases.give_back(worker).wait()
        with pytest.raises(LeaseLost):
            engine.jobs.renew(worker, HALF_MINUTE, b"{}").wait()

    def test_an_earlier_holding_of_the_name_cannot_be_renewed(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        worker = start_worker(engine, length=HALF_MINUTE)
        clock.advance("30s")
        engine.leases.take(worker.name, worker.holder, HALF_MINUTE).wait()
        with pytest.raises(LeaseLost):
            engine.jobs.renew(worker, HALF_MINUTE, b"{}").wait()

    def test_it_tells_which_jobs_were_asked_to_stop(self, engine: Engine) -> None:
        jobs = [a_job() for _ in range(3)]
        insert(engine, *jobs, foreign := a_job())
        worker = start_worker(engine)
        claim(engine, worker, limit=3)
        claim(engine, start_worker(engine))
        change(engine, Cancel(), jobs[2].id, jobs[0].id, foreign.id)
        renewal = engine.jobs.renew(worker, LONG, b"{}").wait()
        assert set(renewal.cancel) == {jobs[0].id, jobs[2].id}

    def test_it_tells_again_until_the_job_is_settled(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job())
        worker = start_worker(engine)
        claimed = claim_one(engine, worker)
        change(engine, Cancel(), claimed.id)
        for _ in range(2):
            assert engine.jobs.renew(worker, LONG, b"{}").wait().cancel == (claimed.id,)
        settle(engine, clock, claimed)
        assert engine.jobs.renew(worker, LONG, b"{}").wait().cancel == ()


class TestExpired:
    """`reader.expired`, from which abandoned jobs are rescued."""

    def expired(self, engine: Engine, limit: int = 100) -> tuple[Claim, ...]:
        """The claims of workers whose leases have run out."""
        return engine.reader.expired(limit).wait()

    def test_jobs_of_a_living_worker_are_left_alone(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job())
        worker = start_worker(engine, length=HALF_MINUTE)
        claim(engine, worker)
        clock.advance("20s")
        engine.jobs.renew(worker, HALF_MINUTE, b"{}").wait()
        clock.advance("29999ms")
        assert self.expired(engine) == ()
        clock.advance("1ms")
        assert len(self.expired(engine)) == 1

    def test_what_a_lease_holds_is_told_as_it_was_claimed(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, *(a_job(tags=("blue",)) for _ in range(4)))
        mine, other = start_worker(engine), start_worker(engine)
        first, second, third = [claim_one(engine, mine) for _ in range(3)]
        claim_one(engine, other)
        settle(engine, clock, second, Done())
        engine.jobs.annotate([Note(third, checkpoint=b"7")]).wait()
        assert engine.reader.held(mine).wait() == (first, replace(third, checkpoint=b"7"))

    def test_a_job_of_a_dead_worker_is_told_as_it_was_claimed(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job(tags=("blue",), headers={"a": "b"}, source="job:1", tenant="acme"))
        claimed = claim_one(engine, start_worker(engine, length=HALF_MINUTE))
        engine.jobs.annotate([Note(claimed, checkpoint=b"7")]).wait()
        clock.advance("30s")
        assert self.expired(engine) == (replace(claimed, checkpoint=b"7"),)

    def test_jobs_of_a_worker_that_left_are_expired_at_once(self, engine: Engine) -> None:
        insert(engine, a_job())
        worker = start_worker(engine)
        claimed = claim_one(engine, worker)
        engine.leases.give_back(worker).wait()
        assert self.expired(engine) == (claimed,)

    def test_jobs_of_an_earlier_holding_of_the_name_are_expired(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job())
        worker = start_worker(engine, length=HALF_MINUTE)
        claimed = claim_one(engine, worker)
        clock.advance("30s")
        engine.leases.take(worker.name, worker.holder, LONG).wait()
        assert self.expired(engine) == (claimed,)

    def test_they_come_in_order_and_no_more_than_were_wanted(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job() for _ in range(4)]
        insert(engine, *jobs)
        claim(engine, start_worker(engine, length=HALF_MINUTE))
        clock.advance("30s")
        assert ids(self.expired(engine, limit=3)) == ids(jobs[:3])

    def test_a_job_that_no_longer_runs_is_not_told(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job(), a_job(retry=TEN_SECONDS))
        one, other = claim(engine, start_worker(engine, length=HALF_MINUTE))
        clock.advance("30s")
        settle(engine, clock, one)
        settle(engine, clock, other, FAIL)
        assert self.expired(engine) == ()

    def test_a_rescued_job_goes_on_elsewhere_and_the_dead_change_nothing(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job()
        insert(engine, job)
        lost = claim_one(engine, start_worker(engine, length=HALF_MINUTE))
        clock.advance("30s")
        (abandoned,) = self.expired(engine)
        assert settle(engine, clock, abandoned, LOST) is Receipt.APPLIED
        assert self.expired(engine) == ()
        again = claim_one(engine, start_worker(engine))
        assert (again.id, again.attempt, again.crashes) == (job.id, 2, 1)
        assert settle(engine, clock, lost) is Receipt.FENCED
        assert settle(engine, clock, again) is Receipt.APPLIED
        assert look(engine, job.id).state is State.COMPLETED
