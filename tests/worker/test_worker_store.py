"""A worker whose store is away, comes and goes, or can be used no longer."""

import asyncio

import pytest

from tests.worker.conftest import settle, snapshots
from tests.worker.trouble import TroubledEngine
from tidemill import Task, Tidemill
from tidemill.core.errors import SchemaMismatch, StoreUnavailable
from tidemill.core.lease import WORKER
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.worker.shutdown import Drained
from tidemill.worker.worker import Worker

Quick = Task[[], None]


@pytest.fixture
def troubled(engine: Engine) -> TroubledEngine:
    """The store, with trouble to come."""
    return TroubledEngine(engine)


@pytest.fixture
def quick(app: Tidemill) -> Quick:
    """Does nothing."""

    @app.task
    async def quick() -> None:
        """Does nothing."""

    return quick


async def test_a_store_that_is_away_at_the_start_is_waited_for(
    app: Tidemill, engine: Engine, troubled: TroubledEngine, clock: ManualClock, quick: Quick
) -> None:
    troubled.errors["open"] = StoreUnavailable("gone")
    worker = Worker(troubled, app.registry, clock)
    running = asyncio.ensure_future(worker.run_until_idle())
    for _ in range(10):
        await settle()
        clock.advance("30s")
    job = await quick.aenqueue()
    troubled.errors.clear()
    while not running.done():
        await settle()
        clock.advance("30s")
    (seen,) = await snapshots(engine, [job.id])
    assert seen.state is State.COMPLETED


async def test_it_can_be_stopped_while_the_store_is_away(
    app: Tidemill, troubled: TroubledEngine, clock: ManualClock
) -> None:
    troubled.errors["open"] = StoreUnavailable("gone")
    worker = Worker(troubled, app.registry, clock)
    running = asyncio.ensure_future(worker.run())
    await settle()
    worker.stop()
    assert await running == Drained()


async def test_a_store_that_cannot_be_used_ends_it(app: Tidemill, troubled: TroubledEngine) -> None:
    troubled.errors["open"] = SchemaMismatch("too new")
    with pytest.raises(SchemaMismatch):
        await Worker(troubled, app.registry).run()


async def test_a_store_that_can_be_used_no_longer_ends_it_once_its_jobs_have_ended(
    app: Tidemill,
    engine: Engine,
    troubled: TroubledEngine,
    clock: ManualClock,
    quick: Quick,
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = Worker(troubled, app.registry, clock)
    running = asyncio.ensure_future(worker.run())
    await settle()
    troubled.errors["renew"] = SchemaMismatch("too new", hint="upgrade")
    job = await quick.aenqueue()
    for _ in range(10):  # within one heartbeat
        clock.advance("1s")
        await settle()
    with pytest.raises(SchemaMismatch, match="too new"):
        await running
    assert (await snapshots(engine, [job.id]))[0].state is State.COMPLETED
    told = [line.getMessage() for line in caplog.records if "too new" in line.getMessage()]
    assert [line.partition(" ends: ")[2] for line in told] == ["too new (upgrade)"]
    assert not await engine.leases.find(WORKER)


async def test_claims_outlast_a_store_that_comes_and_goes(
    app: Tidemill, engine: Engine, troubled: TroubledEngine, clock: ManualClock, quick: Quick
) -> None:
    worker = Worker(troubled, app.registry, clock)
    running = asyncio.ensure_future(worker.run())
    await settle()
    for verb in ("claim", "settle"):
        troubled.errors[verb] = StoreUnavailable("gone")
        job = await quick.aenqueue()
        for _ in range(20):
            clock.advance("500ms")
            await settle()
        troubled.errors.clear()
        while (await snapshots(engine, [job.id]))[0].state is not State.COMPLETED:
            clock.advance("1s")
            await settle()
    worker.stop()
    assert (await running).clean
