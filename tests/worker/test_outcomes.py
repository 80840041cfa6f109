"""Whatever a handler does becomes one outcome, in the async and the thread executor alike."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.worker.conftest import Work
from tidemill import Cancel, Retry, Snooze, Tidemill, current
from tidemill.core.job import Snapshot
from tidemill.core.outcome import Ending
from tidemill.core.state import State
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.sample import a_job

FOREVER = Retry.fixed(attempts=9, base="1h")


class OwnError(Exception):
    """One of the application's own."""


class Rude(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no")


def raiser(make: Callable[[], BaseException]) -> Callable[[], Any]:
    def handler() -> None:
        raise make()

    return handler


def returner(value: object) -> Callable[[], Any]:
    return lambda: value


def chained() -> None:
    try:
        raise OwnError("the cause")
    except OwnError as error:
        raise Retry(after="90s") from error


CASES: dict[str, tuple[Callable[[], Any], State, Ending, str]] = {
    "value": (returner({"a": [1, 2]}), State.COMPLETED, Ending.COMPLETED, ""),
    "nothing": (returner(None), State.COMPLETED, Ending.COMPLETED, ""),
    "error": (
        raiser(lambda: OwnError("no")),
        State.RETRYING,
        Ending.FAILED,
        f"{__name__}.OwnError",
    ),
    "builtin": (raiser(lambda: ValueError("no")), State.RETRYING, Ending.FAILED, "ValueError"),
    "exit": (raiser(lambda: SystemExit(3)), State.RETRYING, Ending.FAILED, "SystemExit"),
    "interrupt": (
        raiser(KeyboardInterrupt),
        State.RETRYING,
        Ending.FAILED,
        "KeyboardInterrupt",
    ),
    "own cancel": (
        raiser(asyncio.CancelledError),
        State.RETRYING,
        Ending.FAILED,
        "asyncio.exceptions.CancelledError",
    ),
    "stop iteration": (raiser(StopAsyncIteration), State.RETRYING, Ending.FAILED, "Stop"),
    "rude": (raiser(Rude), State.RETRYING, Ending.FAILED, f"{__name__}.Rude"),
    "given up": (raiser(lambda: LookupError("no")), State.FAILED, Ending.FAILED, "LookupError"),
    "unserialisable": (
        returner(object()),
        State.FAILED,
        Ending.FAILED,
        "tidemill.errors.Unserialisable",
    ),
    "snooze": (returner(Snooze("10m")), State.SCHEDULED, Ending.SNOOZED, ""),
    "raised snooze": (raiser(lambda: Snooze("10m")), State.SCHEDULED, Ending.SNOOZED, ""),
    "cancel": (returner(Cancel("enough")), State.CANCELLED, Ending.CANCELLED, ""),
    "raised cancel": (raiser(lambda: Cancel("enough")), State.CANCELLED, Ending.CANCELLED, ""),
    "retry": (raiser(lambda: Retry(after="90s")), State.RETRYING, Ending.FAILED, "tidemill.tasks"),
    "chained retry": (chained, State.RETRYING, Ending.FAILED, f"{__name__}.OwnError"),
}


@pytest.mark.parametrize("executor", ["async", "thread"])
@pytest.mark.parametrize("case", CASES)
async def test_what_a_handler_does(app: Tidemill, work: Work, case: str, executor: str) -> None:
    act, state, ending, kind = CASES[case]
    if executor == "async":

        @app.task(name="t", retry=FOREVER, give_up_on=[LookupError])
        async def handler() -> Any:
            return act()
    else:

        @app.task(name="t", retry=FOREVER, give_up_on=[LookupError])
        def handler() -> Any:
            return act()

    (job,) = await work(handler.bind())
    assert job.state is state
    (attempt,) = job.attempts
    assert attempt.ending is ending
    assert (attempt.error.kind if attempt.error else "").startswith(kind)
    if attempt.error and kind.startswith(__name__):
        assert "test_outcomes.py" in attempt.error.traceback
        assert "tidemill/worker" not in attempt.error.traceback


async def test_directives_say_when(app: Tidemill, work: Work) -> None:
    until = datetime(2026, 1, 2, tzinfo=UTC)

    @app.task(retry=FOREVER)
    async def snoozes() -> Snooze:
        return Snooze(until=until)

    @app.task(retry=FOREVER)
    async def retries() -> None:
        raise Retry(after="90s")

    @app.task
    async def cancels() -> Cancel:
        return Cancel("enough")

    one, two, three = await work(snoozes.bind(), retries.bind(), cancels.bind())
    assert one.ready_at == until.timestamp() * 1_000
    assert one.attempt == 0
    assert two.ready_at == START + 90_000
    assert two.attempt == 1
    assert three.reason == "enough"


async def test_an_exit_says_what_it_was(app: Tidemill, work: Work) -> None:
    @app.task(retry=Retry.never())
    def leaves() -> None:
        raise SystemExit("bye")

    (job,) = await work(leaves.bind())
    assert job.error
    assert job.error.message == "the handler called sys.exit('bye')"


async def test_a_task_that_is_not_known_may_be_known_elsewhere(app: Tidemill, work: Work) -> None:
    engine = await app.aopen()

    @app.task
    async def other() -> None:
        """Makes this a worker of something."""

    await engine.jobs.insert([a_job(id="stranger", task="not.here")])
    await work()
    (job,) = await engine.reader.get(["stranger"])
    assert job
    assert job.state is State.RETRYING
    assert job.error
    assert job.error.kind == "tidemill.errors.UnknownTask"
    assert job.error.message.startswith("misuse.unknown_task: no task is called 'not.here'")


@pytest.mark.parametrize("executor", ["async", "thread"])
async def test_arguments_that_do_not_fit_fail_for_good(
    app: Tidemill, work: Work, executor: str
) -> None:
    if executor == "async":

        @app.task(name="t")
        async def handler(a: int) -> None:
            raise AssertionError(a)
    else:

        @app.task(name="t")
        def handler(a: int) -> None:
            raise AssertionError(a)

    engine = await app.aopen()
    await engine.jobs.insert([a_job(id="odd", task="t", args=b'{"a": "one"}')])
    await work()
    (job,) = await engine.reader.get(["odd"])
    assert job
    assert job.state is State.FAILED
    assert job.reason == "not_retryable"
    assert job.error
    assert job.error.message == ("misuse.arguments: t(): argument 'a': expected int, got str")


async def test_long_errors_are_cut_and_odd_text_is_storable(app: Tidemill, work: Work) -> None:
    def dig(depth: int) -> None:
        if depth:
            exec(f"dig({depth - 1}) #{'x' * depth}", {"dig": dig})  # noqa: S102 - deep and varied
        raise ValueError("\ud800 \0 " + "é" * 10_000)

    @app.task(retry=Retry.never())
    def long() -> None:
        dig(400)

    (job,) = await work(long.bind())
    assert job.error
    assert len(job.error.message.encode()) <= 8 << 10
    assert job.error.message.startswith("\\ud800 \\x00 é")
    assert len(job.error.traceback.encode()) <= 32 << 10
    assert "bytes cut" in job.error.traceback
    msgspec.json.encode(job.error)


async def test_context_variables_do_not_leak_from_job_to_job(app: Tidemill, work: Work) -> None:
    leak: ContextVar[str] = ContextVar("leak", default="clean")
    seen: list[str] = []

    @app.task
    async def sets(name: str) -> None:
        seen.append(leak.get())
        leak.set(name)

    @app.task
    def sets_in_thread(name: str) -> None:
        seen.append(leak.get())
        leak.set(name)

    calls = [sets.bind(str(n)) for n in range(10)] + [sets_in_thread.bind("t") for _ in range(10)]
    jobs: list[Snapshot] = await work(*calls, async_concurrency=1, concurrency=1)
    assert all(job.state is State.COMPLETED for job in jobs)
    assert seen == ["clean"] * 20


async def test_the_attempts_run_out(app: Tidemill, clock: ManualClock, work: Work) -> None:
    @app.task(retry=Retry.fixed(attempts=3, base="1m"))
    async def fails() -> None:
        raise OwnError(str(current().attempt))

    (job,) = await work(fails.bind())
    for _ in range(2):
        assert job.state is State.RETRYING
        clock.advance("1m")
        await work()
        engine = await app.aopen()
        found = (await engine.reader.get([job.id]))[0]
        assert found
        job = found
    assert job.state is State.FAILED
    assert job.reason == "attempts_spent"
    assert [attempt.error.message for attempt in job.attempts if attempt.error] == ["1", "2", "3"]
