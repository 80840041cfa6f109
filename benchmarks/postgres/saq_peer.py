"""The peer: SAQ on its PostgreSQL queue; it keeps a result for ten minutes."""

import asyncio
import os
from pathlib import Path
from typing import Any, Final

from saq import Queue, Worker

from benchmarks.harness import Sample
from benchmarks.postgres.countdown import PAYLOAD, Countdown
from benchmarks.scale import Scale

CONCURRENCY: Final = 20
WRITERS: Final = 16


def drain(_: Path, scale: Scale) -> Sample:
    """Empty a full queue with one worker."""

    async def measure() -> Sample:
        countdown = Countdown(scale)

        async def nothing(_context: Any, *, payload: str) -> str:
            countdown.tick()
            return payload[:98]

        queue = Queue.from_url(os.environ["TIDEMILL_URL"])
        await queue.connect()
        await asyncio.gather(*(_fill(queue, countdown.jobs // WRITERS) for _ in range(WRITERS)))
        await _fill(queue, countdown.jobs % WRITERS)
        worker = Worker(queue, functions=[("nothing", nothing)], concurrency=CONCURRENCY)
        running = asyncio.create_task(worker.start())
        sample = await countdown.measured()
        await worker.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await queue.disconnect()
        return sample

    return asyncio.run(measure())


async def _fill(queue: Any, jobs: int) -> None:
    for _ in range(jobs):
        await queue.enqueue("nothing", payload=PAYLOAD)
