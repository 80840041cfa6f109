"""The application of the worker in compose.yaml; its store is the one that TIDEMILL_URL names."""

import asyncio

from tidemill import Tidemill

app = Tidemill()


@app.task
async def greet(name: str) -> str:
    """Greet someone."""
    return f"hello, {name}"


async def main() -> None:
    """Ask for a greeting, and work until it has been given."""
    async with app:
        worker = app.worker()
        working = asyncio.create_task(worker.run())
        job = await greet.aenqueue("world")
        print(await job.aresult(timeout="30s"))
        worker.stop()
        await working


if __name__ == "__main__":
    asyncio.run(main())
