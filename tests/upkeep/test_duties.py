"""Duties move what is due, rescue what was lost, prune what is old, one slice at a time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tidemill import Retry, Tidemill
from tidemill.core.errors import StoreUnavailable
from tidemill.core.instants import Millis
from tidemill.core.lease import DUTY, WORKER
from tidemill.core.outcome import Done, Ending
from tidemill.core.retention import Keep
from tidemill.core.state import State
from tidemill.core.verdict import judge
from tidemill.core.want import Want
from tidemill.engines.memory.engine import MemoryEngine
from tidemill.loops.bell import Bell
from tidemill.testing.clock import ManualClock
from tidemill.testing.sample import a_job
from tidemill.upkeep.promoter import Promoter
from tidemill.upkeep.pruner import PAUSE, Pruner
from tidemill.upkeep.rescuer import Rescuer
from tidemill.upkeep.roster import Roster, standard
from tidemill.worker.worker import Worker


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def engine(clock: ManualClock) -> AsyncIterator[MemoryEngine]:
    engine = MemoryEngine(clock)
    await engine.open()
    yield engine
    await engine.close()


async def settle(steps: int = 20) -> None:
    bell = Bell(ManualClock())
    for _ in range(steps):
        await bell.wait(0)


async def states(engine: MemoryEngine, ids: list[str]) -> list[State]:
    return [job.state for job in await engine.reader.get(ids) if job is not None]


async def test_the_promoter_comes_back_when_the_next_job_is_due(
    engine: MemoryEngine, clock: ManualClock
) -> None:
    promoter = Promoter(engine, clock, every=1_000, limit=2)
    assert await promoter.run_once() == 1_000
    ids = [f"due-{number}" for number in range(5)]
    await engine.jobs.insert([a_job(id=name, due_at=clock.now() + 300) for name in ids])
    assert await promoter.run_once() == 300
    clock.advance("300ms")
    answers = [await promoter.run_once() for _ in range(3)]
    assert answers == [0, 0, 1_000]
    assert await states(engine, ids) == [State.WAITING] * 5


async def lost_jobs(engine: MemoryEngine, clock: ManualClock, count: int) -> list[str]:
    jobs = [a_job() for _ in range(count)]
    await engine.jobs.insert(jobs)
    lease = await engine.leases.take(WORKER + "dead", "dead", 30_000)
    assert lease
    assert len((await engine.jobs.claim(Want(lease, count))).jobs) == count
    clock.advance("30s")
    return [job.id for job in jobs]


async def test_the_rescuer_pages_until_nothing_is_left(
    engine: MemoryEngine, clock: ManualClock
) -> None:
    ids = await lost_jobs(engine, clock, 5)
    rescuer = Rescuer(engine, clock, limit=2)
    assert [await rescuer.run_once() for _ in range(4)] == [0, 0, 0, None]
    assert await states(engine, ids) == [State.WAITING] * 5
    (job,) = await engine.reader.get(ids[:1])
    assert job
    assert job.crashes == 1
    (attempt,) = job.attempts
    assert attempt.ending is Ending.CRASHED
    assert attempt.error
    assert attempt.error.kind == "WorkerLost"


async def test_a_job_that_takes_its_worker_down_three_times_is_given_up(
    engine: MemoryEngine, clock: ManualClock
) -> None:
    (poison,) = await lost_jobs(engine, clock, 1)
    rescuer = Rescuer(engine, clock)
    await rescuer.run_once()
    for number in range(2):
        lease = await engine.leases.take(f"{WORKER}{number}", "dead", 30_000)
        assert lease
        assert (await engine.jobs.claim(Want(lease, 1))).jobs
        clock.advance("30s")
        await rescuer.run_once()
    (job,) = await engine.reader.get([poison])
    assert job
    assert (job.state, job.reason) == (State.FAILED, "poison")


async def test_a_worker_that_is_alive_is_left_alone(
    engine: MemoryEngine, clock: ManualClock
) -> None:
    await engine.jobs.insert([a_job(id="held")])
    lease = await engine.leases.take(WORKER + "alive", "alive", 30_000)
    assert lease
    await engine.jobs.claim(Want(lease, 1))
    for _ in range(10):
        clock.advance("29s")
        lease = (await engine.jobs.renew(lease, 30_000, b"{}")).lease
        assert await Rescuer(engine, clock).run_once() is None
    assert await states(engine, ["held"]) == [State.RUNNING]


async def test_the_pruner_goes_slice_by_slice(engine: MemoryEngine, clock: ManualClock) -> None:
    await engine.jobs.insert([a_job(id=f"old-{number}") for number in range(5)])
    lease = await engine.leases.take(WORKER + "x", "x", 30_000)
    assert lease
    claims = (await engine.jobs.claim(Want(lease, 5))).jobs
    await engine.jobs.settle([judge(claim, Done(), clock.now(), 0.5) for claim in claims])
    pruner = Pruner(engine, Keep(completed=60_000), limit=2)
    assert await pruner.run_once() is None
    clock.advance("2m")
    answers: list[Millis | None] = []
    while not answers or answers[-1] is not None:
        answers.append(await pruner.run_once())
    assert len(answers) > 2
    assert set(answers) == {PAUSE, None}
    assert await states(engine, [f"old-{number}" for number in range(5)]) == []


class Counted:
    """A duty that counts its turns."""

    def __init__(self, name: str = "count", every: Millis = 1_000) -> None:
        self.name = name
        self.every = every
        self.turns = 0

    async def run_once(self) -> Millis | None:
        self.turns += 1
        return None


async def test_one_node_at_a_time_has_the_turn_and_another_goes_on_when_it_stops(
    engine: MemoryEngine, clock: ManualClock
) -> None:
    duties = [Counted() for _ in range(3)]
    rosters = [Roster(engine, clock, [duty]) for duty in duties]
    for roster in rosters:
        roster.start()
    for _ in range(20):
        await settle()
        clock.advance("1s")
    await settle()
    assert [duty.turns > 0 for duty in duties] == [True, False, False]
    assert duties[0].turns >= 10  # a jittered wait may take two of these seconds
    await rosters[0].stop()
    assert len(await engine.leases.find(DUTY)) <= 1
    for _ in range(5):
        await settle()
        clock.advance("1s")
    assert sum(duty.turns > 0 for duty in duties[1:]) == 1
    for roster in rosters:
        await roster.stop()
    assert await engine.leases.find(DUTY) == ()


async def test_a_node_that_dies_is_followed_when_its_turn_has_run_out(
    engine: MemoryEngine, clock: ManualClock
) -> None:
    taken = await engine.leases.take(DUTY + "count", "a dead node", 5_000)
    assert taken
    duty = Counted()
    roster = Roster(engine, clock, [duty])
    roster.start()
    await settle()
    assert duty.turns == 0
    for _ in range(8):
        clock.advance("1s")
        await settle()
    assert duty.turns > 0
    await roster.stop()


async def test_the_turn_is_not_written_down_each_time(
    engine: MemoryEngine, clock: ManualClock
) -> None:
    duty = Counted()
    roster = Roster(engine, clock, [duty])
    roster.start()
    await settle()
    fences = []
    for _ in range(20):
        clock.advance("1s")
        await settle()
        fences.append((await engine.leases.find(DUTY))[0].until)
    assert duty.turns >= 10
    assert len(set(fences)) <= 9
    await roster.stop()


async def test_a_duty_that_fails_goes_on(engine: MemoryEngine, clock: ManualClock) -> None:
    class Failing(Counted):
        async def run_once(self) -> Millis | None:
            self.turns += 1
            raise StoreUnavailable("gone")

    failing, well = Failing("failing"), Counted("well")
    roster = Roster(engine, clock, [failing, well])
    roster.start()
    for _ in range(40):
        await settle()
        clock.advance("1s")
    assert 3 < failing.turns < 20
    assert well.turns >= 20
    await roster.stop()


async def test_a_duty_that_ends_for_good_takes_the_roster_with_it(
    engine: MemoryEngine, clock: ManualClock
) -> None:
    class Torn(BaseException):
        """Nothing that a ticker outlives."""

    class Dying(Counted):
        async def run_once(self) -> Millis | None:
            raise Torn

    roster = Roster(engine, clock, [Counted("well"), Dying("dying")])
    roster.start()
    await settle()
    assert not roster.running
    assert isinstance(roster.failure, Torn)
    assert await engine.leases.find(DUTY) == ()


async def test_a_roster_that_is_torn_off_leaves_no_duty_running(
    engine: MemoryEngine, clock: ManualClock
) -> None:
    class Stuck(Counted):
        async def run_once(self) -> Millis | None:
            self.turns += 1
            await asyncio.get_running_loop().create_future()
            return None

    before = asyncio.all_tasks()
    stuck = Stuck()
    roster = Roster(engine, clock, [stuck])
    roster.start()
    await settle()
    assert stuck.turns == 1
    roster.abandon()
    await settle()
    assert asyncio.all_tasks() == before


async def test_the_standard_duties_keep_the_platform_going(
    engine: MemoryEngine, clock: ManualClock
) -> None:
    names = [duty.name for duty in standard(engine, clock)]
    assert names == ["promote", "rescue", "prune", "tidy"]
    lost = await lost_jobs(engine, clock, 3)
    await engine.jobs.insert([a_job(id="due", due_at=clock.now() + 500)])
    roster = Roster(engine, clock)
    roster.start()
    for _ in range(4):
        await settle()
        clock.advance("500ms")
    await settle()
    assert await states(engine, [*lost, "due"]) == [State.WAITING] * 4
    await roster.stop()


async def test_a_roster_may_run_beside_a_worker(clock: ManualClock) -> None:
    app = Tidemill("memory://", clock=clock)
    turns: list[Any] = []

    @app.task(retry=Retry.fixed(attempts=2, base="10s"))
    async def fails_once() -> str:
        turns.append(clock.now())
        if len(turns) == 1:
            raise ValueError
        return "done"

    own = await app.aopen()
    worker = Worker(own, app.registry, clock, alongside=[Roster(own, clock)])
    running = asyncio.ensure_future(worker.run())
    job = await fails_once.aenqueue()
    while len(turns) < 2:
        await settle()
        clock.advance("500ms")
    worker.stop()
    assert (await running).clean
    assert await job.aresult(timeout=0) == "done"
    assert await own.leases.find("") == ()
    await app.aclose()
