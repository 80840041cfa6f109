"""A node that does nothing but enqueue what is due: `scheduler_process URL CLOCK`."""

import asyncio
import sys
from pathlib import Path

from tests.journeys.wound_clock import WoundClock
from tidemill.engines import open_engine
from tidemill.schedules.tick import Scheduler


async def main(url: str, clock: WoundClock) -> None:
    engine = open_engine(url, clock=clock)
    await engine.open()
    scheduler = Scheduler(engine, clock)
    while True:
        await scheduler.run_once()
        await clock.sleep(1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], WoundClock(Path(sys.argv[2]))))
