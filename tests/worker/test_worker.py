"""A worker from its start to its stop: what it takes, what it hands back, how it ends."""

import asyncio
import threading
from typing import Any

import pytest

from tests.worker.conftest import Work, at_work, settle, snapshots
from tidemill import Retry, Tidemill, current
from tidemill.core.errors import InvalidName, InvalidOption
from tidemill.core.lease import WORKER
from tidemill.core.outcome import Ending
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.loops.service import Service
from tidemill.testing.clock import ManualClock
from tidemill.worker.shutdown import Drained
from tidemill.worker.worker import Worker


async def test_everything_waiting_is_run_however_much_it_is(app: Tidemill, work: Work) -> None:
    @app.task
    async def quick(number: int) -> int:
        return number

    @app.task
    def blocking(number: int) -> int:
        return number

    calls = [task.bind(number) for number in range(600) for task in (quick, blocking)]
    jobs = await work(*calls)
    assert {job.state for job in jobs} == {State.COMPLETED}
    assert [int(job.result or b"") for job in jobs] == [n for n in range(600) for _ in "ab"]
    assert {job.attempt for job in jobs} == {1}


async def test_jobs_that_jobs_enqueue_are_run_too(app: Tidemill, work: Work) -> None:
    @app.task
    async def nest(depth: int) -> int:
        if not depth:
            return 0
        inner = await nest.aenqueue(depth - 1)
        return 1 + await inner.aresult(timeout=30)

    (job,) = await work(nest.bind(20))
    assert job.result == b"20"


async def test_due_jobs_are_promoted_and_later_ones_are_not(
    app: Tidemill, engine: Engine, clock: ManualClock, work: Work
) -> None:
    @app.task
    async def quick() -> None:
        """Does nothing."""

    soon, late = await work(quick.using(delay="1m").bind(), quick.using(delay="1h").bind())
    assert (soon.state, late.state) == (State.SCHEDULED, State.SCHEDULED)
    clock.advance("1m")
    await work()
    one, two = await snapshots(engine, [soon.id, late.id])
    assert (one.state, two.state) == (State.COMPLETED, State.SCHEDULED)


async def test_only_its_queues(app: Tidemill, work: Work) -> None:
    @app.task
    async def quick() -> None:
        """Does nothing."""

    here, there = await work(
        quick.using(queue="here").bind(), quick.using(queue="there").bind(), queues=["here"]
    )
    assert (here.state, there.state) == (State.COMPLETED, State.WAITING)


@pytest.mark.parametrize("executor", ["async", "thread"])
async def test_no_more_than_so_many_at_once(app: Tidemill, work: Work, executor: str) -> None:
    lock = threading.Lock()
    now = most = 0

    def enter(step: int) -> None:
        nonlocal now, most
        with lock:
            now += step
            most = max(most, now)

    if executor == "async":

        @app.task(name="t")
        async def handler() -> None:
            enter(1)
            await settle(3)
            enter(-1)
    else:

        @app.task(name="t")
        def handler() -> None:
            enter(1)
            threading.Event().wait(0.001)
            enter(-1)

    await work(*[handler.bind() for _ in range(50)], async_concurrency=3, concurrency=3)
    assert most == 3


async def test_what_waits_too_long_is_handed_back_unspent(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    @app.task
    async def waits() -> None:
        started.set()
        await go_on.wait()

    @app.task
    def another_kind() -> None:
        """Makes the worker believe that half of the jobs are of this kind."""

    async with at_work(app, clock, async_concurrency=1) as (worker, running):
        first, second = await app.aenqueue_many([waits.bind(), waits.bind()])
        await started.wait()
        floor_holds = [State.RUNNING, State.RUNNING]
        assert [job.state for job in await snapshots(engine, [first.id, second.id])] == floor_holds
        for _ in range(6):
            clock.advance("500ms")
            await settle()
        one, two = await snapshots(engine, [first.id, second.id])
        assert (one.state, two.state) == (State.RUNNING, State.WAITING)
        assert two.attempt == 0
        assert [attempt.ending for attempt in two.attempts] == [Ending.INTERRUPTED]
        go_on.set()
        worker.stop()
        await running


async def test_stopping_waits_for_what_runs(app: Tidemill, engine: Engine) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    @app.task
    async def waits() -> str:
        started.set()
        await go_on.wait()
        return "done"

    async with at_work(app) as (worker, running):
        job = await waits.aenqueue()
        await started.wait()
        worker.stop()
        worker.stop()
        later = await waits.aenqueue()
        await settle()
        assert not running.done()
        go_on.set()
        assert await running == Drained()
    one, two = await snapshots(engine, [job.id, later.id])
    assert (one.state, two.state) == (State.COMPLETED, State.WAITING)
    assert await engine.leases.find(WORKER) == ()


@pytest.mark.parametrize("executor", ["async", "thread"])
async def test_what_runs_on_after_the_grace_is_interrupted(
    app: Tidemill, engine: Engine, clock: ManualClock, executor: str
) -> None:
    started, ended = threading.Event(), threading.Event()

    if executor == "async":

        @app.task(name="t", retry=Retry.never())
        async def waits() -> None:
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
    else:

        @app.task(name="t", retry=Retry.never())
        def waits() -> None:
            started.set()
            try:
                while True:
                    assert not current().cancelled
                    current().raise_if_cancelled()
            finally:
                ended.set()

    async with at_work(app, clock, grace="15s") as (worker, running):
        job = await waits.aenqueue()
        await asyncio.to_thread(started.wait, 30)
        worker.stop()
        await settle()
        clock.advance("9s")
        await settle()
        assert not ended.is_set()
        clock.advance("1s")
        await asyncio.to_thread(ended.wait, 30)
        assert (await running).clean
    (seen,) = await snapshots(engine, [job.id])
    assert seen.state is State.WAITING
    assert seen.attempt == 0
    assert await engine.leases.find(WORKER) == ()


async def test_a_thread_that_cannot_be_ended_is_left_to_the_lease(
    app: Tidemill, engine: Engine, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    started, go_on = threading.Event(), threading.Event()

    @app.task
    def blocks() -> None:
        started.set()
        go_on.wait(30)

    async with at_work(app, clock) as (worker, running):
        job = await blocks.aenqueue()
        await asyncio.to_thread(started.wait, 30)
        worker.stop_now()
        for _ in range(5):
            await settle()
            clock.advance("500ms")
        drained = await running
    assert drained == Drained(left=(job.id,))
    assert not drained.clean
    assert f"left to the lease; they run again when it has run out: {job.id}" in caplog.text
    (seen,) = await snapshots(engine, [job.id])
    assert seen.state is State.RUNNING
    assert len(await engine.leases.find(WORKER)) == 1
    go_on.set()


async def test_stopping_at_once_does_not_wait(app: Tidemill, engine: Engine) -> None:
    started = asyncio.Event()

    @app.task
    async def waits() -> None:
        started.set()
        await asyncio.Event().wait()

    async with at_work(app, grace="1h") as (worker, running):
        job = await waits.aenqueue()
        await started.wait()
        worker.stop()
        worker.stop_now()
        assert (await running).clean
    (seen,) = await snapshots(engine, [job.id])
    assert seen.state is State.WAITING


async def test_a_worker_whose_task_is_cancelled_leaves_nothing_behind(
    app: Tidemill, engine: Engine
) -> None:
    started = asyncio.Event()

    @app.task
    async def waits() -> None:
        started.set()
        await asyncio.Event().wait()

    running = asyncio.ensure_future(Worker(engine, app.registry).run())
    job = await waits.aenqueue()
    await started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    (seen,) = await snapshots(engine, [job.id])
    assert seen.state is State.WAITING
    assert await engine.leases.find(WORKER) == ()


async def test_a_worker_that_was_stopped_before_it_ran_does_not_run(
    app: Tidemill, engine: Engine
) -> None:
    worker = Worker(engine, app.registry)
    worker.stop()
    assert await worker.run() == Drained()
    assert await engine.leases.find(WORKER) == ()


async def test_what_dies_beside_it_ends_it_cleanly(app: Tidemill, engine: Engine) -> None:
    class Dying(Service):
        async def run(self) -> None:
            raise ZeroDivisionError

    clock = ManualClock()
    worker = Worker(engine, app.registry, clock, alongside=[Dying("dying", clock)])
    with pytest.raises(ZeroDivisionError):
        await worker.run()
    assert await engine.leases.find(WORKER) == ()


@pytest.mark.parametrize(
    "options",
    [
        {"concurrency": 0},
        {"async_concurrency": True},
        {"lease": "10s", "heartbeat": "10s"},
        {"heartbeat": "0s"},
        {"poll": "0s"},
        {"grace": "soon"},
        {"queues": []},
        {"threads": 5},
    ],
)
def test_options_that_make_no_sense(app: Tidemill, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption):
        Worker(app.open(), app.registry, **options)


def test_queues_have_names(app: Tidemill) -> None:
    with pytest.raises(InvalidName):
        Worker(app.open(), app.registry, queues=["no good"])
