"""`current().wait(...)`: a handler in a thread has the worker's event loop await something."""

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from tests.worker.conftest import Work, at_work, snapshots
from tidemill import Cancel, Retry, Tidemill, current
from tidemill.core.job import Snapshot
from tidemill.core.state import State
from tidemill.loops.bell import Bell
from tidemill.loops.clock import SystemClock


async def where() -> tuple[str, str, int]:
    """Which job this is part of, and on which thread it is done."""
    await current().log("here")
    return current().id, current().services["mark"], threading.get_ident()


async def test_it_is_done_on_the_event_loop_as_part_of_the_job(app: Tidemill, work: Work) -> None:
    @app.task
    def handler() -> list[Any]:
        return [*current().wait(where()), threading.get_ident()]

    (seen,) = await work(handler.bind(), services={"mark": "here"})
    told = handler.declaration.decode_result(seen.result or b"")
    assert told[:3] == [seen.id, "here", threading.get_ident()]
    assert told[3] != threading.get_ident()


async def test_whatever_can_be_awaited_can_be_waited_for(app: Tidemill, work: Work) -> None:
    @app.task
    def handler() -> int:
        job = current()
        job.wait(job.progress(50, "half"))
        return job.wait(app.events.aemit("half.done"))

    (seen,) = await work(handler.bind())
    assert seen.state is State.COMPLETED
    assert seen.progress is not None


async def test_what_it_raises_is_raised_in_the_handler(app: Tidemill, work: Work) -> None:
    async def broken() -> None:
        raise LookupError("not here")

    async def ends_everything() -> None:
        sys.exit(3)

    async def directs() -> None:
        raise Cancel("nothing to do")

    @app.task
    def catches() -> str:
        try:
            current().wait(broken())
        except LookupError as error:
            return str(error)
        return ""

    @app.task(retry=Retry.never())
    def exits() -> None:
        current().wait(ends_everything())

    @app.task
    def directed() -> None:
        current().wait(directs())

    caught, exited, cancelled = await work(catches.bind(), exits.bind(), directed.bind())
    assert catches.declaration.decode_result(caught.result or b"") == "not here"
    assert exited.error is not None
    assert exited.error.kind == "SystemExit"
    assert cancelled.state is State.CANCELLED


async def test_async_code_is_told_to_await(app: Tidemill, work: Work) -> None:
    @app.task(retry=Retry.never())
    async def handler() -> None:
        current().wait(where())

    (seen,) = await work(handler.bind())
    assert seen.error is not None
    assert seen.error.kind == "tidemill.errors.InsideLoop"
    assert "await" in seen.error.message


@pytest.mark.parametrize("how", ["cancel", "timeout", "stop"])
async def test_a_handler_that_waits_ends_when_its_job_is_to_stop(how: str) -> None:
    begun, cleaned = threading.Event(), threading.Event()

    async def for_ever() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    async with Tidemill("memory://") as app:

        @app.task(timeout="200ms" if how == "timeout" else "1h")
        def handler() -> None:
            current().wait(for_ever())

        job = await handler.aenqueue()
        async with at_work(app, SystemClock(), grace="100ms") as (worker, running):
            assert await asyncio.to_thread(begun.wait, 10)
            if how == "cancel":
                await app.jobs.acancel(job.id)
            elif how == "stop":
                worker.stop()
                await running
            assert await asyncio.to_thread(cleaned.wait, 10)
            expected = {
                "cancel": {State.CANCELLED},
                "timeout": {State.RETRYING},
                "stop": {State.WAITING},
            }[how]
            seen = await _until(app, job.id, expected)
        assert seen.state in expected


async def _until(app: Tidemill, id_: str, states: set[State]) -> Snapshot:
    engine = await app.aopen()
    bell = Bell(SystemClock())
    while True:
        (seen,) = await snapshots(engine, [id_])
        if seen.state in states:
            return seen
        await bell.wait(0.05)


async def test_several_threads_of_a_handler_may_wait_at_once(app: Tidemill, work: Work) -> None:
    async def double(number: int) -> int:
        await current().log("doubled")
        return number * 2

    @app.task
    def handler() -> list[int]:
        job = current()
        with ThreadPoolExecutor(4) as pool:
            asked = [
                pool.submit(copy_context().run, lambda n=n: job.wait(double(n))) for n in range(8)
            ]
            return [each.result() for each in asked]

    (seen,) = await work(handler.bind())
    assert handler.declaration.decode_result(seen.result or b"") == [n * 2 for n in range(8)]
