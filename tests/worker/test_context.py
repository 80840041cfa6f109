"""What a handler learns of its job and what it says of it, from sync and async code alike."""

import asyncio
import logging
import threading

import msgspec
import pytest

from tests.worker.conftest import Work, at_work, settle, snapshots
from tidemill import Retry, Tidemill, current
from tidemill.core.errors import InvalidOption, OutsideJob, Unserialisable
from tidemill.core.record import job_log
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.worker.context import JobContext


def test_outside_there_is_no_job() -> None:
    with pytest.raises(OutsideJob, match="no job runs here"):
        current()


async def test_what_it_knows(app: Tidemill, work: Work) -> None:
    seen: list[JobContext] = []

    @app.task(timeout="10s", queue="q", retry=Retry.fixed(attempts=7), tags=["a"])
    async def looks() -> None:
        job = current()
        assert job is current()
        assert await asyncio.to_thread(current) is job
        assert (job.queue, job.attempt, job.max_attempts) == ("q", 1, 7)
        assert (job.cancelled, job.stopping, job.checkpoint_value) == (False, False, None)
        assert job.deadline == START + 10_000
        assert job.services == {"db": 1}
        assert job.tags == ("a",)
        assert job.fence > 0
        job.raise_if_cancelled()
        seen.append(job)

    (job,) = await work(looks.using(tenant="acme").bind(), services={"db": 1})
    assert job.state is State.COMPLETED, job.error
    assert (seen[0].id, seen[0].task, seen[0].tenant) == (job.id, job.task, "acme")


@pytest.mark.parametrize("executor", ["async", "thread"])
async def test_what_it_says(app: Tidemill, engine: Engine, work: Work, executor: str) -> None:
    if executor == "async":

        @app.task(name="t", retry=Retry.fixed(attempts=2))
        async def talks() -> object:
            job = current()
            if job.attempt == 2:
                return job.checkpoint_value
            await job.progress(50, "half", step=1, of=2)
            await job.checkpoint({"row": 7})
            await job.log("said", level="warning", shelf=3)
            raise ValueError
    else:

        @app.task(name="t", retry=Retry.fixed(attempts=2))
        def talks() -> object:
            job = current()
            if job.attempt == 2:
                return job.checkpoint_value
            job.progress(50, "half", step=1, of=2)
            job.checkpoint({"row": 7})
            job.log("said", level="warning", shelf=3)
            raise ValueError

    (job,) = await work(talks.bind())
    assert job.progress
    assert (job.progress.percent, job.progress.message) == (50, "half")
    assert (job.progress.step, job.progress.of, job.progress.at) == (1, 2, START)
    assert job.checkpoint == b'{"row":7}'
    (line,) = await engine.records.read(job_log(job.id))
    assert line.topic == "warning"
    assert msgspec.json.decode(line.data) == {"message": "said", "shelf": 3}


async def test_what_makes_no_sense_is_refused_where_it_is_said(app: Tidemill, work: Work) -> None:
    @app.task
    async def talks() -> None:
        job = current()
        for percent in (-1, 101, float("nan")):
            with pytest.raises(InvalidOption):
                job.progress(percent)
        with pytest.raises(InvalidOption):
            job.log("x", level="loud")
        with pytest.raises(Unserialisable):
            job.checkpoint(object())

    (job,) = await work(talks.bind())
    assert job.state is State.COMPLETED, job.error


async def test_progress_is_seen_while_the_job_runs(
    app: Tidemill, engine: Engine, clock: ManualClock
) -> None:
    said, go_on = threading.Event(), threading.Event()

    @app.task
    def talks() -> None:
        for percent in range(100):
            current().progress(percent)
        said.set()
        go_on.wait(30)

    async with at_work(app, clock) as (worker, running):
        job = await talks.aenqueue()
        await asyncio.to_thread(said.wait, 30)
        await settle()
        clock.advance("100ms")
        await settle()
        (seen,) = await snapshots(engine, [job.id])
        assert seen.state is State.RUNNING
        assert seen.progress
        assert seen.progress.percent == 99
        go_on.set()
        worker.stop()
        await running


async def test_logging_inside_a_job_goes_to_its_log(
    app: Tidemill, engine: Engine, work: Work
) -> None:
    log = logging.getLogger("shop")

    @app.task(name="outer")
    async def outer(name: str) -> None:
        log.warning("order %s", name, extra={"order": 3})
        await asyncio.to_thread(log.error, "in a thread of its own")
        try:
            raise ValueError(name)
        except ValueError:
            log.exception("odd")

    one, two = await work(outer.bind("one"), outer.bind("two"))
    log.warning("outside")
    for job, name in ((one, "one"), (two, "two")):
        lines = await engine.records.read(job_log(job.id))
        said = [(line.topic, msgspec.json.decode(line.data)) for line in lines]
        assert [topic for topic, _ in said] == ["warning", "error", "error"]
        assert said[0][1] == {"message": f"order {name}", "order": 3, "logger": "shop"}
        assert f"ValueError: {name}" in said[2][1]["traceback"]
    handlers = [type(handler).__name__ for handler in logging.getLogger().handlers]
    assert handlers.count("JobLogHandler") == 1
