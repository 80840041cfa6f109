"""Events: facts that are kept, and the tasks that run for them."""

import asyncio

from tidemill import Event, Retry, Tidemill

app = Tidemill("sqlite:///events.db")

alarmed = asyncio.Event()
written: list[str] = []


@app.on("invoice.paid")
async def thank(event: Event) -> None:
    """Run for payments only."""
    print(f"thanks for invoice {event.payload['id']}")


@app.on("invoice.*")
@app.task(queue="ledger", retry=Retry.never())
async def write_down(event: Event) -> None:
    """Run for all that happens to invoices; a handler may have a task's options."""
    if event.name == "invoice.lost":
        raise LookupError("a lost invoice cannot be written down")
    written.append(event.name)


@app.on("jobs.failed")
async def alarm(event: Event) -> None:
    """Run when jobs have failed: one such event may tell of several."""
    for job in event.payload["jobs"]:
        print(f"failed: {job['task'].rpartition('.')[2]}: {job['error']['message']}")
    alarmed.set()


async def main() -> None:
    """Let three things happen, and work until they have been heard of."""
    async with app:
        worker = app.worker()
        working = asyncio.create_task(worker.run())
        for number, name in enumerate(["invoice.sent", "invoice.paid", "invoice.lost"], start=1):
            await app.events.aemit(name, {"id": number})
        await alarmed.wait()
        worker.stop()
        await working
        print(f"written down: {', '.join(sorted(written))}")


if __name__ == "__main__":
    asyncio.run(main())
