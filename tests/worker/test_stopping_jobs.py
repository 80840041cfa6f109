"""Timeouts and cancellations end what can be ended, and tell the truth about what cannot."""

import asyncio
import threading

import pytest

from tests.worker.conftest import at_work, settle, snapshots
from tidemill import Retry, Tidemill, current
from tidemill.core.change import Cancel, Which
from tidemill.core.outcome import Ending
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.worker.run import Stopped


async def test_a_coroutine_is_cancelled_when_its_time_is_over(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    started, cleaned = asyncio.Event(), asyncio.Event()

    @app.task(timeout="10s", retry=Retry.fixed(attempts=2, base="1m"))
    async def slow() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    async with at_work(app, clock) as (worker, running):
        job = await slow.aenqueue()
        await started.wait()
        await settle()
        clock.advance("9s")
        await settle()
        assert not cleaned.is_set()
        clock.advance("1s")
        await cleaned.wait()
        worker.stop()
        assert (await running).clean
    (seen,) = await snapshots(engine, [job.id])
    assert seen.state is State.RETRYING
    assert seen.attempts[0].ending is Ending.TIMED_OUT
    assert seen.error
    assert seen.error.message == "it ran longer than its 10s"


async def test_a_coroutine_that_will_not_end_is_reported_so_and_holds_its_slot(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    started, give_up = asyncio.Event(), asyncio.Event()

    @app.task(timeout="10s", retry=Retry.never())
    async def stubborn() -> str:
        started.set()
        while not give_up.is_set():
            try:
                await give_up.wait()
            except asyncio.CancelledError:
                continue
        return "too late"

    async with at_work(app, clock, async_concurrency=1) as (worker, running):
        job = await stubborn.aenqueue()
        await started.wait()
        await settle()
        clock.advance("10s")
        await settle()
        (seen,) = await snapshots(engine, [job.id])
        assert seen.state is State.RUNNING
        clock.advance("5s")
        await settle()
        (seen,) = await snapshots(engine, [job.id])
        assert seen.state is State.FAILED
        assert seen.error
        assert seen.error.message.endswith("; its code could not be stopped and still runs")
        other = await stubborn.aenqueue()
        await settle()
        (waiting,) = await snapshots(engine, [other.id])
        assert waiting.state is State.WAITING
        give_up.set()
        worker.stop()
        assert (await running).clean


async def test_a_handler_that_caught_its_timeout_has_still_timed_out(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    started, caught = asyncio.Event(), asyncio.Event()

    @app.task(timeout="10s", retry=Retry.never())
    async def catches() -> str:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            caught.set()
        return "as if nothing had been"

    async with at_work(app, clock) as (worker, running):
        job = await catches.aenqueue()
        await started.wait()
        await settle()
        clock.advance("10s")
        await caught.wait()
        worker.stop()
        await running
    (seen,) = await snapshots(engine, [job.id])
    assert seen.attempts[0].ending is Ending.TIMED_OUT


async def test_a_thread_is_reported_at_once_and_holds_its_slot(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    started, give_up = threading.Event(), threading.Event()
    told: list[bool] = []

    @app.task(timeout="10s", retry=Retry.never())
    def blocks() -> str:
        started.set()
        give_up.wait(30)
        told.append(current().cancelled)
        return "too late"

    async with at_work(app, clock, concurrency=1) as (worker, running):
        job = await blocks.aenqueue()
        await asyncio.to_thread(started.wait, 30)
        await settle()
        clock.advance("10s")
        await settle()
        (seen,) = await snapshots(engine, [job.id])
        assert seen.state is State.FAILED
        assert seen.error
        assert seen.error.message.endswith("still runs")
        other = await blocks.aenqueue()
        await settle()
        (waiting,) = await snapshots(engine, [other.id])
        assert waiting.state is State.WAITING
        give_up.set()
        worker.stop()
        assert (await running).clean
    assert told[0] is True


@pytest.mark.parametrize("executor", ["async", "thread"])
async def test_a_cancelled_job_ends_as_cancelled(
    app: Tidemill, engine: Engine, clock: ManualClock, executor: str
) -> None:
    started = threading.Event()
    seen_stop: list[str] = []

    if executor == "async":

        @app.task(name="t")
        async def waits() -> None:
            started.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                seen_stop.append("cancelled")
                raise
    else:

        @app.task(name="t")
        def waits() -> None:
            started.set()
            while True:
                try:
                    current().raise_if_cancelled()
                except Stopped as stop:
                    seen_stop.append(str(stop))
                    raise

    async with at_work(app, clock) as (worker, running):
        job = await waits.aenqueue()
        await asyncio.to_thread(started.wait, 30)
        await engine.jobs.change(Which(ids=(job.id,)), Cancel("no more"))
        while not seen_stop:
            clock.advance("1s")
            await settle()
        worker.stop()
        assert (await running).clean
    (seen,) = await snapshots(engine, [job.id])
    assert (seen.state, seen.reason) == (State.CANCELLED, "no more")
    assert seen_stop in (["cancelled"], ["cancel"])


async def test_a_cancelled_handler_that_finishes_all_the_same_is_completed(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    started, caught = asyncio.Event(), asyncio.Event()

    @app.task
    async def finishes() -> str:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            caught.set()
        return "done"

    async with at_work(app, clock) as (worker, running):
        job = await finishes.aenqueue()
        await started.wait()
        await engine.jobs.change(Which(ids=(job.id,)), Cancel())
        await settle()
        clock.advance("1s")
        await caught.wait()
        worker.stop()
        await running
    (seen,) = await snapshots(engine, [job.id])
    assert seen.state is State.COMPLETED
    assert seen.result == b'"done"'
