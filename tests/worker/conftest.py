"""An application on the memory engine with a hand-wound clock, and a worker that empties it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tidemill import Tidemill
from tidemill.client.bound import Bound
from tidemill.core.job import Snapshot
from tidemill.engines.protocol import Engine
from tidemill.loops.bell import Bell
from tidemill.testing.clock import ManualClock
from tidemill.worker.options import WorkerKeywords
from tidemill.worker.shutdown import Drained
from tidemill.worker.worker import Worker

Work = Callable[..., Awaitable[list[Snapshot]]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def app(clock: ManualClock) -> AsyncIterator[Tidemill]:
    async with Tidemill("memory://", clock=clock) as app:
        yield app


@pytest.fixture
async def engine(app: Tidemill) -> Engine:
    return await app.aopen()


@pytest.fixture
def work(app: Tidemill, clock: ManualClock) -> Work:
    """Enqueue calls, run all there is, and tell how the jobs stand then."""

    async def work(*calls: Bound[Any], **options: Any) -> list[Snapshot]:
        jobs = await app.aenqueue_many(calls)
        engine = await app.aopen()
        assert (await Worker(engine, app.registry, clock, **options).run_until_idle()).clean
        return await snapshots(engine, [job.id for job in jobs])

    return work


async def snapshots(engine: Engine, ids: list[str]) -> list[Snapshot]:
    """How these jobs stand; all of them must be stored."""
    found = await engine.reader.get(ids)
    assert None not in found
    return [job for job in found if job is not None]


@asynccontextmanager
async def at_work(
    app: Tidemill, clock: Any = None, **options: Any
) -> AsyncIterator[tuple[Worker, "asyncio.Task[Drained]"]]:
    """A worker that runs meanwhile, and is stopped at once in the end."""
    written: WorkerKeywords = {"poll": "50ms", **options}  # type: ignore[typeddict-item]  # mixed
    worker = Worker(await app.aopen(), app.registry, clock, **written)
    running = asyncio.ensure_future(worker.run())
    try:
        yield worker, running
    finally:
        worker.stop_now()
        await running


async def settle(steps: int = 20) -> None:
    """Let every task of this loop that can go on do so, for a few steps."""
    bell = Bell(ManualClock())
    for _ in range(steps):
        await bell.wait(0)
