"""Jobs of several kinds of executor in one queue: a full kind holds up no other."""

import asyncio
import threading

from tests.worker.conftest import at_work, snapshots
from tidemill import Tidemill
from tidemill.core.state import State
from tidemill.engines.protocol import Engine


async def test_jobs_to_await_are_run_while_all_threads_are_taken(
    app: Tidemill, engine: Engine
) -> None:
    loop = asyncio.get_running_loop()
    held, go_on = asyncio.Event(), threading.Event()

    @app.task
    def holds() -> None:
        loop.call_soon_threadsafe(held.set)
        go_on.wait(30)

    @app.task
    async def quick(number: int) -> int:
        return number

    async with at_work(app, concurrency=1) as (worker, running):
        blocked = await app.aenqueue_many(holds.bind() for _ in range(30))
        await held.wait()
        # None of these would ever be reached if the line were walked only from its head.
        results = [await (await quick.aenqueue(n)).aresult(timeout=20) for n in range(3)]
        states = [job.state for job in await snapshots(engine, [job.id for job in blocked])]
        go_on.set()
        worker.stop()
        await running
    assert results == [0, 1, 2]
    assert states.count(State.COMPLETED) == 0
    assert states.count(State.WAITING) >= 25
