"""The peer: chancy on its event loop; what became of jobs is written once a second."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Final

from chancy import Chancy, Queue, Worker, job

from benchmarks.harness import Sample
from benchmarks.postgres.countdown import BULK, PAYLOAD, Countdown
from benchmarks.scale import Scale

CONCURRENCY: Final = 500
"""The best of 100, 500 and 1,000 on two processors."""

_countdowns: list[Countdown] = []


@job()  # type: ignore[untyped-decorator]  # theirs
async def nothing(*, payload: str) -> None:  # noqa: ARG001 - that it is sent is the point
    """Do nothing; it is imported by its name, so the count is the module's."""
    _countdowns[0].tick()


def drain(_: Path, scale: Scale) -> Sample:
    """Empty a full queue with one worker."""

    async def measure() -> Sample:
        countdown = Countdown(scale)
        _countdowns.append(countdown)
        quiet = logging.getLogger("chancy")
        quiet.setLevel(logging.ERROR)
        async with Chancy(os.environ["TIDEMILL_URL"], log=quiet) as chancy:
            await chancy.migrate()
            await chancy.declare(
                Queue(
                    "default",
                    concurrency=CONCURRENCY,
                    executor=Chancy.Executor.Async,
                    polling_interval=1,
                    eager_polling=True,
                )
            )
            one = nothing.job.with_kwargs(payload=PAYLOAD)
            async for _pushed in chancy.push_many([one] * countdown.jobs, batch_size=BULK):
                pass
            async with Worker(chancy, register_signal_handlers=False):
                return await countdown.measured()

    return asyncio.run(measure())
