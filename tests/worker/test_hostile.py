"""Handlers that break what tells of them: it costs their job an attempt, and nothing else."""

import asyncio
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.worker.conftest import Work
from tests.worker.watching import exit_code
from tidemill import Cancel, Retry, Snooze, Tidemill
from tidemill.core.errors import InsideJob
from tidemill.core.state import State
from tidemill.testing.clock import ManualClock
from tidemill.worker.failure import MESSAGE_LIMIT

ONCE = Retry.never()


class Untellable(Exception):
    """One whose words leave by a door that nobody watches."""

    def __init__(self, door: type[BaseException]) -> None:
        self.door = door

    def __str__(self) -> str:
        raise self.door


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("not shown")


class Turn:
    """Lets the event loop have one turn."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class Misnamed(Exception):
    __module__ = "half a pair \ud800 and a nul \0"


def changed(directive: Any, **fields: object) -> BaseException:
    """A directive that a handler has made nonsense of."""
    for name, value in fields.items():
        setattr(directive, name, value)
    assert isinstance(directive, BaseException)
    return directive


HOSTILE: dict[str, tuple[Callable[[], BaseException], str]] = {
    "words that exit": (lambda: Untellable(SystemExit), f"{__name__}.Untellable"),
    "words that interrupt": (
        lambda: Untellable(KeyboardInterrupt),
        f"{__name__}.Untellable",
    ),
    "an exit without words": (lambda: SystemExit(Unshowable()), "SystemExit"),
    "an exit with many words": (lambda: SystemExit("x" * 1_000_000), "SystemExit"),
    "an odd name": (lambda: Misnamed("no"), "half a pair \\ud800 and a nul \\x00.Misnamed"),
    "the end of a generator": (GeneratorExit, "GeneratorExit"),
    "an odd reason": (lambda: changed(Cancel(), reason="\ud800"), "InvalidName"),
    "no reason": (lambda: changed(Cancel(), reason=object()), "InvalidName"),
    "an endless snooze": (lambda: changed(Snooze("1s"), delay=10**30), "InvalidOption"),
    "an endless wait": (lambda: changed(Retry(after="1s"), after=10**30), "InvalidOption"),
}


async def _passes(_job: object, call_next: Callable[[], Any]) -> Any:
    return await call_next()


@pytest.mark.parametrize("middleware", [(), (_passes,)], ids=["plain", "layered"])
@pytest.mark.parametrize("executor", ["async", "thread"])
@pytest.mark.parametrize("case", HOSTILE)
async def test_what_cannot_be_told_fails_its_job_alone(
    app: Tidemill, work: Work, case: str, executor: str, middleware: tuple[Any, ...]
) -> None:
    make, kind = HOSTILE[case]
    if executor == "async":

        @app.task(retry=ONCE)
        async def hostile() -> None:
            raise make()
    else:

        @app.task(retry=ONCE)
        def hostile() -> None:
            raise make()

    @app.task(retry=ONCE)
    def peaceful() -> int:
        return 1

    calls = [hostile.bind(), peaceful.bind()]
    spoiled, well = await work(*calls, concurrency=1, middleware=middleware)
    assert spoiled.state is State.FAILED
    assert spoiled.error is not None
    assert spoiled.error.kind.endswith(kind)
    assert len(spoiled.error.message) <= MESSAGE_LIMIT
    assert well.state is State.COMPLETED


@pytest.mark.parametrize("executor", ["async", "thread"])
async def test_the_copy_of_a_handler_that_forked_is_no_worker(
    app: Tidemill, work: Work, executor: str
) -> None:
    copies: list[int] = []

    def fork() -> str:
        copy = os.fork()
        copies.append(copy)
        return "the parent" if copy else "the copy"

    if executor == "async":

        @app.task(retry=ONCE)
        async def forks() -> str:
            return fork()
    else:

        @app.task(retry=ONCE)
        def forks() -> str:
            return fork()

    (job,) = await work(forks.bind())
    assert job.result == b'"the parent"'
    assert await exit_code(copies[0]) == 0


async def test_a_copy_that_goes_back_to_the_event_loop_ends(app: Tidemill, work: Work) -> None:
    copies: list[int] = []

    @app.task(retry=ONCE)
    async def forks() -> str:
        copy = os.fork()
        while not copy:
            await Turn()
        copies.append(copy)
        return "the parent"

    (job,) = await work(forks.bind())
    assert job.result == b'"the parent"'
    assert await exit_code(copies[0]) == 0


@pytest.mark.parametrize("executor", ["async", "thread"])
def test_a_job_cannot_close_the_store_of_its_worker(
    tmp_path: Path, clock: ManualClock, executor: str
) -> None:
    app = Tidemill(f"sqlite:///{tmp_path}/jobs.db", clock=clock)
    if executor == "async":

        @app.task(retry=ONCE)
        async def closes() -> None:
            async with app:
                pass
    else:

        @app.task(retry=ONCE)
        def closes() -> None:
            with app:
                pass

    @app.task(retry=ONCE)
    def peaceful() -> int:
        return 1

    with app:
        closing, other = closes.enqueue(), peaceful.enqueue()
        asyncio.run(app.worker(concurrency=1).run_until_idle())
        error = closing.snapshot().error
        assert error is not None
        assert InsideJob.code in error.message
        assert other.result() == 1
