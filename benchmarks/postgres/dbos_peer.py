"""The peer: DBOS, whose jobs are durable workflows on threads; it polls, and keeps each result."""

import asyncio
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dbos import DBOS

from benchmarks.harness import Meter, Sample
from benchmarks.postgres.countdown import PAYLOAD, WARM_UP, Countdown
from benchmarks.scale import Scale

QUEUE: Final = "bench"
WRITERS: Final = 16
RESULT: Final = "r" * 98


@contextmanager
def _launched() -> Iterator[None]:
    DBOS(
        config={
            "name": "bench",
            "system_database_url": os.environ["TIDEMILL_URL"],
            "console_log_level": "ERROR",
        }
    )
    DBOS.launch()
    try:
        yield
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=60)


def enqueue(_: Path, scale: Scale) -> Sample:
    """One job at a time, from one thread."""

    @DBOS.workflow()  # type: ignore[untyped-decorator]  # theirs
    def nothing(payload: str) -> str:
        return payload[:98]

    with _launched():
        for _number in range(WARM_UP):
            DBOS.enqueue_workflow(QUEUE, nothing, PAYLOAD)
        jobs = 0
        with Meter() as meter:
            end = time.perf_counter() + scale.seconds
            while time.perf_counter() < end:
                DBOS.enqueue_workflow(QUEUE, nothing, PAYLOAD)
                jobs += 1
        return meter.rate(jobs)


def drain(_: Path, scale: Scale) -> Sample:
    """Empty a full queue with one process, which takes all that it finds, as it does by default."""

    async def measure() -> Sample:
        loop = asyncio.get_running_loop()
        countdown = Countdown(scale)

        @DBOS.workflow()  # type: ignore[untyped-decorator]  # theirs
        def nothing(payload: str) -> str:
            loop.call_soon_threadsafe(countdown.tick)
            return RESULT if payload else ""

        def store(_number: int) -> None:
            DBOS.enqueue_workflow(QUEUE, nothing, PAYLOAD)

        def fill() -> None:
            with ThreadPoolExecutor(WRITERS) as writers:
                list(writers.map(store, range(countdown.jobs)))
            # A queue that is not registered is stored to, and not taken from.
            DBOS.register_queue(QUEUE)

        with _launched():
            await asyncio.to_thread(fill)
            return await countdown.measured()

    return asyncio.run(measure())
