"""On SQLite what an event loop asks for in one go is one transaction, and nobody waits for it."""

import asyncio
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tidemill import Job, State, Tidemill
from tidemill.core.signal import Signal


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Tidemill]:
    with Tidemill(f"sqlite:///{tmp_path}/jobs.db") as app:
        app.task(name="nothing")(nothing)
        yield app


def nothing() -> None: ...


class AfterOthers:
    """Awaited until what is ready has gone on by one step."""

    def __await__(self) -> Generator[None, None, None]:
        yield


def let_others_run() -> None:
    """Let go of the interpreter, so that any thread that is about to do something does it."""
    for _ in range(3):
        thread = threading.Thread(target=nothing)
        thread.start()
        thread.join()


def test_what_many_coroutines_enqueue_at_once_is_one_transaction(app: Tidemill) -> None:
    heard: list[Signal] = []
    leave = app.open().signals.listen(heard.append)

    async def enqueue() -> Job[None]:
        let_others_run()
        return await app.aenqueue("nothing")

    async def enqueue_all() -> list[Job[None]]:
        return await asyncio.gather(*(enqueue() for _ in range(50)))

    jobs = asyncio.run(enqueue_all())
    leave()
    assert len({job.id for job in jobs}) == 50
    assert [signal.kind for signal in heard if signal.kind == "work"] == ["work"]


def test_one_who_blocks_goes_on_though_others_have_not_asked_for_the_pen(app: Tidemill) -> None:
    async def enqueue_both_ways() -> list[Job[None]]:
        awaited = [asyncio.ensure_future(app.aenqueue("nothing")) for _ in range(3)]
        await AfterOthers()  # they are queued now, and the loop has asked for nobody yet
        here = app.enqueue("nothing")
        more = asyncio.ensure_future(app.aenqueue("nothing"))
        await AfterOthers()
        elsewhere: list[Job[None]] = []
        thread = threading.Thread(target=lambda: elsewhere.append(app.enqueue("nothing")))
        thread.start()
        thread.join()
        return [*await asyncio.gather(*awaited), here, await more, *elsewhere]

    jobs = asyncio.run(enqueue_both_ways())
    assert [job.state for job in jobs] == [State.WAITING] * 6
    assert [job.id for job in app.jobs.find()] == [job.id for job in reversed(jobs)]


def test_what_is_queued_is_written_before_the_store_is_closed(app: Tidemill) -> None:
    async def enqueue_and_close() -> Job[None]:
        awaited = asyncio.ensure_future(app.aenqueue("nothing"))
        await AfterOthers()  # it is queued now, and the loop has not asked for the pen yet
        app.close()
        return await awaited

    job = asyncio.run(enqueue_and_close())
    assert job.state is State.WAITING
