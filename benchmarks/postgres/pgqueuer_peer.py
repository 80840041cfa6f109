"""The peer: pgqueuer on asyncpg, by hundreds; it deletes the job and logs that it ended."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from benchmarks.harness import Meter, Sample
from benchmarks.postgres.countdown import BULK, PAYLOAD, Countdown
from benchmarks.scale import Scale

BATCH: Final = 100
"""The best of 10, 100 and 500 on two processors."""

ENCODED: Final = PAYLOAD.encode()


@contextlib.asynccontextmanager
async def _connected() -> AsyncIterator[Any]:
    link = await asyncpg.connect(os.environ["TIDEMILL_URL"])
    try:
        driver = AsyncpgDriver(link)
        await Queries(driver).install()
        yield driver
    finally:
        await link.close()


def enqueue(_: Path, scale: Scale) -> Sample:
    """One job at a time, from one task."""

    async def measure() -> Sample:
        async with _connected() as driver:
            queries = Queries(driver)
            await _fill(queries, BULK)
            jobs = 0
            with Meter() as meter:
                end = time.perf_counter() + scale.seconds
                while time.perf_counter() < end:
                    await queries.enqueue("nothing", ENCODED)
                    jobs += 1
            return meter.rate(jobs)

    return asyncio.run(measure())


def enqueue_in_bulk(_: Path, scale: Scale) -> Sample:
    """A thousand jobs a call."""

    async def measure() -> Sample:
        async with _connected() as driver:
            queries = Queries(driver)
            await _fill(queries, BULK)
            jobs = 0
            with Meter() as meter:
                end = time.perf_counter() + scale.seconds
                while time.perf_counter() < end:
                    await _fill(queries, BULK)
                    jobs += BULK
            return meter.rate(jobs)

    return asyncio.run(measure())


def drain(_: Path, scale: Scale) -> Sample:
    """Empty a full queue with one worker."""

    async def measure() -> Sample:
        async with _connected() as driver:
            countdown = Countdown(scale)
            await _fill(Queries(driver), countdown.jobs)
            worker = PgQueuer(driver)

            @worker.entrypoint("nothing")  # type: ignore[untyped-decorator]  # theirs
            async def nothing(_job: Any) -> None:
                countdown.tick()

            running = asyncio.create_task(
                worker.run(dequeue_timeout=timedelta(seconds=1), batch_size=BATCH)
            )
            sample = await countdown.measured()
            worker.shutdown.set()
            await running
            return sample

    return asyncio.run(measure())


async def _fill(queries: Any, jobs: int) -> None:
    for _ in range(jobs // BULK):
        await queries.enqueue(["nothing"] * BULK, [ENCODED] * BULK, [0] * BULK)
