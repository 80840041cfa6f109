"""The lease is kept by a thread, given up in time, and taken anew; cancels come with it."""

import asyncio
import threading
import time
from typing import Any

import msgspec
import pytest

from tests.worker.conftest import at_work, settle, snapshots
from tests.worker.trouble import TroubledEngine
from tidemill import Tidemill
from tidemill.core.change import Cancel, Which
from tidemill.core.errors import LeaseLost, StoreUnavailable
from tidemill.core.lease import WORKER, Lease
from tidemill.core.outcome import Ending
from tidemill.core.record import job_log
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.loops.bell import Bell
from tidemill.loops.clock import SystemClock
from tidemill.testing.clock import START, ManualClock
from tidemill.worker.heartbeat import Heartbeat, Lost, News, Opened
from tidemill.worker.options import Options
from tidemill.worker.session import Session
from tidemill.worker.shift import Info, Shift
from tidemill.worker.worker import Worker


class Ear:
    """Hears a heartbeat's news, and lets a test wait for the next."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self.bell = Bell(SystemClock())

    def hear(self, news: News) -> None:
        self.news.append(news)
        self.bell.ring()

    async def until(self, kind: type[News]) -> News:
        while True:
            for news in self.news:
                if isinstance(news, kind):
                    self.news.remove(news)
                    return news
            await self.bell.wait()


@pytest.fixture
def ear() -> Ear:
    return Ear()


def a_heartbeat(engine: Any, clock: Any, ear: Ear, length: int = 30_000) -> Heartbeat:
    session = Session(engine, clock, "me", length)
    return Heartbeat(session, clock, every=length // 3, describe=lambda: b"{}", hear=ear.hear)


def held(heartbeat: Heartbeat) -> Lease | None:
    return heartbeat._session.lease


async def test_a_lease_is_taken_at_once_and_renewed_in_time(
    engine: Engine, clock: ManualClock, ear: Ear
) -> None:
    heartbeat = a_heartbeat(engine, clock, ear)
    heartbeat.start()
    opened = await ear.until(Opened)
    assert isinstance(opened, Opened)
    first = opened.lease
    for _ in range(10):
        clock.advance("10s")
        heartbeat.beat_soon()
        while heartbeat._session.left < 25_000:
            await settle()
    (lease,) = await engine.leases.find(WORKER)
    assert lease.fence == first.fence
    assert lease.until >= first.until + 100_000
    await heartbeat.stop()
    await heartbeat._session.give_back()
    assert await engine.leases.find(WORKER) == ()


async def test_a_lease_that_cannot_be_renewed_is_given_up_before_its_end(
    engine: Engine, clock: ManualClock, ear: Ear
) -> None:
    troubled = TroubledEngine(engine)
    heartbeat = a_heartbeat(troubled, clock, ear)
    heartbeat.start()
    opened = await ear.until(Opened)
    assert isinstance(opened, Opened)
    troubled.errors["renew"] = troubled.errors["take"] = StoreUnavailable("gone")
    clock.advance("24s")
    heartbeat.beat_soon()
    while not [verb for verb, _ in troubled.calls if verb == "renew"]:
        await settle()
    assert held(heartbeat) == opened.lease
    clock.advance("1s")
    await ear.until(Lost)
    assert held(heartbeat) is None
    (lease,) = await engine.leases.find(WORKER)  # at the store it still lives
    assert lease.fence == opened.lease.fence
    troubled.errors.clear()
    clock.advance("30s")
    heartbeat.beat_soon()
    again = await ear.until(Opened)
    assert isinstance(again, Opened)
    assert again.lease.fence > opened.lease.fence
    assert again.lease.name != opened.lease.name
    await heartbeat.stop()


async def test_a_renewal_that_hangs_does_not_keep_the_lease_alive(
    engine: Engine, clock: ManualClock, ear: Ear
) -> None:
    troubled = TroubledEngine(engine)
    hanging, go_on = threading.Event(), threading.Event()

    def judge(verb: str, _args: tuple[Any, ...]) -> Exception | None:
        if verb == "renew":
            hanging.set()
            go_on.wait(30)
        return None

    troubled.judge = judge
    heartbeat = a_heartbeat(troubled, clock, ear)
    heartbeat.start()
    await ear.until(Opened)
    clock.advance("10s")
    await asyncio.to_thread(hanging.wait, 30)
    clock.advance("15s")
    await ear.until(Lost)  # told by the event loop, for the thread hangs
    go_on.set()
    await ear.until(Opened)
    await heartbeat.stop()


async def test_a_session_is_lost_once(engine: Engine, clock: ManualClock) -> None:
    session = Session(engine, clock, "me", 30_000)
    lease = await asyncio.to_thread(session.open, b"{}")
    assert session.margin == 5_000
    assert session.left == 25_000
    assert Session(engine, clock, "me", 1_200).margin == 200
    assert session.lose(lease)
    assert not session.lose(lease)
    with pytest.raises(LeaseLost):
        session.renew(b"{}")
    await session.give_back()
    assert len(await engine.leases.find(WORKER)) == 1


async def test_a_worker_says_who_it_is(app: Tidemill, engine: Engine, clock: ManualClock) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    @app.task(name="waits")
    async def waits() -> None:
        started.set()
        await go_on.wait()

    async with at_work(app, clock, name="w1", queues=["default"]) as (worker, running):
        await waits.aenqueue()
        await started.wait()
        (lease,) = await engine.leases.find(WORKER)
        info = msgspec.json.decode(lease.info, type=Info)
        assert (info.name, info.queues, info.tasks) == ("w1", ("default",), ("waits",))
        assert lease.holder == "w1"
        assert info.pid
        assert info.host
        assert info.started_at == clock.now()
        go_on.set()
        worker.stop()
        await running


async def test_when_the_lease_is_lost_jobs_are_stopped_and_work_goes_on(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    started, stopped = asyncio.Event(), asyncio.Event()
    runs: list[int] = []

    @app.task
    async def waits() -> str:
        runs.append(1)
        if len(runs) > 1:
            return "second"
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return "first"

    async with at_work(app, clock) as (worker, running):
        job = await waits.aenqueue()
        await started.wait()
        (lease,) = await engine.leases.find(WORKER)
        await engine.leases.give_back(lease)
        clock.advance("1s")  # the next claim, or the next renewal, finds out
        await stopped.wait()
        while len(runs) < 2:
            await settle()
            clock.advance("1s")
        worker.stop()
        await running
    (seen,) = await snapshots(engine, [job.id])
    assert seen.state is State.COMPLETED
    assert seen.attempts[0].ending is Ending.INTERRUPTED
    assert seen.attempt == 1


async def test_jobs_that_come_under_a_lost_lease_are_handed_back(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    ran: list[int] = []

    @app.task
    async def quick() -> None:
        ran.append(1)

    troubled = TroubledEngine(engine)
    worker = Worker(troubled, app.registry, clock)
    job = await quick.aenqueue()

    def judge(verb: str, args: tuple[Any, ...]) -> Exception | None:
        if verb == "claim" and not ran and clock.now() == START:
            clock.advance("26s")  # a claim that takes so long outlives the lease
            shifts[0].heartbeat.lose(args[0].worker, "it could not be renewed in time")
        return None

    shifts: list[Shift] = []
    make_shift = worker._make_shift

    def keep(options: Options) -> Shift:
        shifts.append(make_shift(options))
        return shifts[-1]

    worker._make_shift = keep  # type: ignore[method-assign]  # to look inside
    troubled.judge = judge
    assert (await worker.run_until_idle()).clean
    (seen,) = await snapshots(engine, [job.id])
    assert [attempt.ending for attempt in seen.attempts] == [Ending.INTERRUPTED, Ending.COMPLETED]
    assert ran == [1]


async def test_jobs_of_a_claim_whose_answer_was_lost_are_handed_back_and_run(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    ran: list[int] = []

    @app.task
    async def quick(number: int) -> None:
        ran.append(number)

    jobs = await app.aenqueue_many(quick.bind(number) for number in range(3))
    troubled = TroubledEngine(engine)
    unheard: list[str] = []

    def judge(verb: str, args: tuple[Any, ...]) -> Exception | None:
        if verb != "claim" or unheard:
            return None
        unheard.extend(claim.id for claim in engine.jobs.claim(args[0]).wait().jobs)
        return StoreUnavailable("the answer was lost")

    troubled.judge = judge
    worker = Worker(troubled, app.registry, clock)
    running = asyncio.ensure_future(worker.run())
    while not all(job.state.finished for job in await snapshots(engine, [j.id for j in jobs])):
        clock.advance("100ms")
        await settle()
    worker.stop()
    await running
    assert unheard == [job.id for job in jobs]
    assert sorted(ran) == [0, 1, 2]
    for seen in await snapshots(engine, unheard):
        assert (seen.state, seen.attempt) == (State.COMPLETED, 1)


async def test_a_cancel_comes_with_the_renewal_though_every_hint_is_lost(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    class Deaf:
        """The engine without its hints."""

        signals: Any

        def __getattr__(self, name: str) -> Any:
            return getattr(engine, name)

    class Silence:
        """No hint is ever heard."""

        def listen(self, _listener: Any) -> Any:
            return lambda: None

    deaf = Deaf()
    deaf.signals = Silence()
    started, cancelled = asyncio.Event(), asyncio.Event()

    @app.task
    async def waits() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    worker = Worker(deaf, app.registry, clock)
    running = asyncio.ensure_future(worker.run())
    job = await waits.aenqueue()
    await settle()
    while not started.is_set():
        clock.advance("100ms")
        await settle()
    await engine.jobs.change(Which(ids=(job.id,)), Cancel())
    while not cancelled.is_set():
        clock.advance("1s")
        await settle()
    worker.stop()
    await running
    (seen,) = await snapshots(engine, [job.id])
    assert seen.state is State.CANCELLED


@pytest.mark.slow
async def test_a_job_that_blocks_the_event_loop_is_named(
    engine: Engine, app: Tidemill, caplog: pytest.LogCaptureFixture
) -> None:
    @app.task(name="blocker")
    async def blocks() -> None:
        time.sleep(2.6)  # noqa: ASYNC251, TID251 - the very mistake

    async with at_work(app) as (worker, running):
        job = await blocks.aenqueue()
        while not any("moves again" in record.message for record in caplog.records):
            await Bell(SystemClock()).wait(0.05)
        worker.stop()
        await running
    assert f"job {job.id} (blocker) is on it" in caplog.text
    assert "time.sleep" in caplog.text
    (line,) = await engine.records.read(job_log(job.id))
    assert b"has not moved" in line.data
