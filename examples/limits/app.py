"""Limits by key, over all workers: how many at once, and how often."""

import asyncio
import time
from collections import Counter

from tidemill import Concurrency, RateLimit, Tidemill

app = Tidemill("sqlite:///limits.db")

running: Counter[str] = Counter()
most: Counter[str] = Counter()
starts: list[float] = []


@app.task(concurrency=Concurrency(2, key="account:{account}"))
async def call(account: str) -> None:
    """Call a service that takes two calls of one account at a time."""
    running[account] += 1
    most[account] = max(most[account], running[account])
    await asyncio.sleep(0.05)  # the service takes its time
    running[account] -= 1


@app.task(rate=RateLimit(5, "1s", burst=3))
async def report() -> None:
    """Write to a service that takes five reports a second."""
    starts.append(time.monotonic())


async def main() -> None:
    """Ask for more than is allowed at once, and see what was done when."""
    async with app:
        calls = await app.aenqueue_many(call.bind(f"a{n % 2}") for n in range(12))
        reports = await app.aenqueue_many(report.bind() for _ in range(6))
        worker = app.worker()
        working = asyncio.create_task(worker.run())
        for job in [*calls, *reports]:
            await job.aresult(timeout="30s")
        worker.stop()
        await working
    print(f"most calls of one account at once: {max(most.values())}")
    print(f"six reports took at least half a second: {starts[-1] - starts[0] > 0.5}")


if __name__ == "__main__":
    asyncio.run(main())
