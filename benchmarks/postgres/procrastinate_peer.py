"""The peer: procrastinate, one statement to fetch a job and one to finish it."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import procrastinate

from benchmarks.harness import Meter, Sample
from benchmarks.postgres.countdown import BULK, PAYLOAD, Countdown
from benchmarks.scale import Scale

CONCURRENCY: Final = 20
"""With a connection for each; the library's own is four for all."""


@contextlib.asynccontextmanager
async def _opened() -> AsyncIterator[Any]:
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=os.environ["TIDEMILL_URL"], min_size=CONCURRENCY, max_size=CONCURRENCY
        )
    )
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        yield app


def enqueue(_: Path, scale: Scale) -> Sample:
    """One job at a time, from one task."""

    async def measure() -> Sample:
        async with _opened() as app:
            nothing = app.task(name="nothing")(_nothing)
            for _ in range(BULK):
                await nothing.defer_async(payload=PAYLOAD)
            jobs = 0
            with Meter() as meter:
                end = time.perf_counter() + scale.seconds
                while time.perf_counter() < end:
                    await nothing.defer_async(payload=PAYLOAD)
                    jobs += 1
            return meter.rate(jobs)

    return asyncio.run(measure())


def drain(_: Path, scale: Scale) -> Sample:
    """Empty a full queue with one worker."""

    async def measure() -> Sample:
        async with _opened() as app:
            countdown = Countdown(scale)

            @app.task(name="nothing")  # type: ignore[untyped-decorator]  # theirs
            async def nothing(payload: str) -> None:  # noqa: ARG001 - that it is sent is the point
                countdown.tick()

            for _ in range(countdown.jobs // BULK):
                await nothing.batch_defer_async(*({"payload": PAYLOAD} for _ in range(BULK)))
            running = asyncio.create_task(
                app.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=False)
            )
            sample = await countdown.measured()
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            return sample

    return asyncio.run(measure())


async def _nothing(payload: str) -> None:
    """Do nothing."""
