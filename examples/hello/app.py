"""A task, a schedule and an event, with the worker in the same program."""

import asyncio

from tidemill import Event, Tidemill

app = Tidemill("sqlite:///hello.db")

heard = asyncio.Event()
counted = asyncio.Event()


@app.task
async def greet(name: str) -> str:
    """Greet someone, and say that it happened."""
    await app.events.aemit("greeting.sent", {"name": name})
    return f"hello, {name}"


@app.on("greeting.*")
async def remember(event: Event) -> None:
    """Hear of every greeting."""
    print(f"{event.name}: {event.payload['name']}")
    heard.set()


@app.schedule(every="1s")
@app.task
async def count() -> None:
    """Say once a second how many greetings there have been."""
    greetings = await app.events.aread(pattern="greeting.*")
    print(f"greetings so far: {len(greetings)}")
    counted.set()


async def main() -> None:
    """Work until everything has happened once."""
    async with app:
        worker = app.worker()
        working = asyncio.create_task(worker.run())
        job = await greet.aenqueue("world")
        print(await job.aresult(timeout="30s"))
        await heard.wait()
        await counted.wait()
        worker.stop()
        await working


if __name__ == "__main__":
    asyncio.run(main())
