"""What the code of a module asks of the application whose job it runs in, without naming it."""

from typing import Any

import pytest

from tidemill import JobContext, Module, Tidemill, current
from tidemill.core.errors import OutsideJob
from tidemill.testing.clock import ManualClock
from tidemill.worker.middleware import Handler


def mailing() -> tuple[Module, list[str]]:
    """A module that makes two batches in one job, and what its jobs have done."""
    module, done = Module("mailing"), list[str]()

    @module.task
    async def letter(to: str) -> str:
        done.append(to)
        return to

    @module.task
    async def summed(what: str) -> str:
        members = module.jobs.find(batch=current().id)
        return what + "".join(sorted([await each.aresult() async for each in members]))

    @module.task
    async def all_of_them() -> list[str]:
        first = await module.abatch(summed.bind("="), [letter.bind(to) for to in "abc"])
        second = await module.abatch(summed.bind("-"), [letter.bind(to) for to in "de"])
        await module.aemit("mailing.begun")
        await letter.aenqueue("x")
        return [first.id, second.id]

    return module, done


async def test_a_batch_is_made_once_however_often_its_job_runs(
    app: Tidemill, clock: ManualClock
) -> None:
    module, done = mailing()
    app.include(module)
    died: list[str] = []

    async def die_once(job: JobContext, handler: Handler) -> Any:
        answer = await handler()
        if job.task == "mailing.all_of_them" and not died:
            died.append(job.id)
            raise ConnectionError("the line to the store was cut")
        return answer

    job = await app.aenqueue("mailing.all_of_them")
    for _ in range(2):
        await app.worker(middleware=[die_once]).run_until_idle()
        clock.advance("1h")
        await (await app.aopen()).jobs.promote(10)
    assert (await job.asnapshot()).attempt == 2
    assert [await app.jobs.get(each).aresult() for each in await job.aresult()] == ["=abc", "-de"]
    assert sorted(done) == [*"abcde", "x", "x"]


async def test_what_a_job_asks_for_and_says_is_of_its_tenant(app: Tidemill) -> None:
    module, _ = mailing()
    app.include(module)
    await app.aenqueue("mailing.all_of_them", tenant="acme")
    await app.worker().run_until_idle()
    found = [job.seen async for job in app.jobs.find()]
    assert len(found) == 9
    assert {seen.tenant for seen in found if seen is not None} == {"acme"}
    assert {event.tenant for event in await app.events.arecent(pattern="mailing.*")} == {"acme"}


def test_where_no_job_runs_there_is_no_application() -> None:
    module, _ = mailing()
    letter = module.tasks["mailing.letter"]
    for ask in (
        lambda: module.jobs,
        lambda: module.emit("mailing.begun"),
        lambda: module.batch(letter.bind("a"), []),
    ):
        with pytest.raises(OutsideJob):
            ask()
