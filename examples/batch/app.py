"""Fan-out and fan-in: many jobs, and one that runs when all of them have finished."""

import asyncio

from tidemill import Retry, State, Tidemill, current
from tidemill.errors import JobNotFinished

app = Tidemill("sqlite:///batch.db")

TEXTS = {
    "tide": "the tide comes in and the tide goes out",
    "mill": "the wheel turns while the water runs",
    "gate": "",
}


@app.task(retry=Retry.never())
async def count_words(title: str) -> int:
    """Count the words of one text."""
    job = current()
    await job.progress(0, f"Reading {title}")
    words = TEXTS[title].split()
    if not words:
        raise ValueError(f"{title} has no words")
    await asyncio.sleep(0.05)  # it is a long text
    await job.progress(100, "Counted")
    return len(words)


@app.task
async def add_up() -> str:
    """Sum up what the members of this batch came to."""
    counts, failures = [], 0
    async for member in app.jobs.find(batch=current().id):
        if member.seen and member.seen.state is State.COMPLETED:
            counts.append(await member.aresult())
        else:
            failures += 1
    return f"{sum(counts)} words in {len(counts)} texts, {failures} could not be counted"


async def main() -> None:
    """Ask for the batch, show how far it is, and tell what it came to."""
    async with app:
        worker = app.worker()
        working = asyncio.create_task(worker.run())
        batch = await app.abatch(add_up.bind(), [count_words.bind(title) for title in TEXTS])
        while True:
            try:
                print(await batch.aresult(timeout="20ms"))
                break
            except JobNotFinished:
                left = (await batch.asnapshot()).waits_for
                print(f"{len(TEXTS) - left} of {len(TEXTS)} texts are done")
        worker.stop()
        await working


if __name__ == "__main__":
    asyncio.run(main())
