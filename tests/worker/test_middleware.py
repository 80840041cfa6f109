"""Middleware goes around every handler, wherever that runs, and sees what the handler did."""

from contextvars import ContextVar
from typing import Any

import pytest

from tests.worker import process_tasks
from tests.worker.conftest import Work
from tidemill import Snooze, Task, Tidemill
from tidemill.core.state import State
from tidemill.worker.context import JobContext
from tidemill.worker.middleware import Handler, Middleware

request: ContextVar[str] = ContextVar("request", default="none")


def layer(name: str, notes: list[str]) -> Middleware:
    async def middleware(job: JobContext, call_next: Handler) -> Any:
        notes.append(f"{name} before {job.task}")
        request.set(request.get() + name)
        try:
            return await call_next()
        except Exception as error:
            notes.append(f"{name} saw {type(error).__name__}")
            raise
        finally:
            notes.append(f"{name} after")

    return middleware


@pytest.mark.parametrize("executor", ["async", "thread"])
async def test_layers_surround_the_handler(app: Tidemill, work: Work, executor: str) -> None:
    notes: list[str] = []

    def act() -> str:
        notes.append(f"handler {request.get()}")
        return "done"

    handler: Task[[], str]
    if executor == "async":

        @app.task(name="t")
        async def handler() -> str:
            return act()
    else:

        @app.task(name="t")
        def handler() -> str:
            return act()

    (job,) = await work(handler.bind(), middleware=[layer("a", notes), layer("b", notes)])
    assert job.result == b'"done"'
    assert notes == [
        "a before t",
        "b before t",
        "handler noneab",
        "b after",
        "a after",
    ]


@pytest.mark.parametrize("executor", ["async", "thread"])
async def test_layers_see_errors_and_may_turn_them(
    app: Tidemill, work: Work, executor: str
) -> None:
    notes: list[str] = []

    async def forgiving(_job: JobContext, call_next: Handler) -> Any:
        try:
            return await call_next()
        except ValueError:
            return Snooze("1h")

    if executor == "async":

        @app.task(name="t")
        async def handler() -> None:
            raise ValueError
    else:

        @app.task(name="t")
        def handler() -> None:
            raise ValueError

    (job,) = await work(handler.bind(), middleware=[forgiving, layer("a", notes)])
    assert job.state is State.SCHEDULED
    assert notes[1] == "a saw ValueError"


async def test_a_layer_that_raises_fails_the_job(app: Tidemill, work: Work) -> None:
    async def broken(_job: JobContext, _call_next: Handler) -> Any:
        raise ZeroDivisionError

    @app.task
    async def handler() -> None:
        raise AssertionError("not reached")

    (job,) = await work(handler.bind(), middleware=[broken])
    assert job.error
    assert job.error.kind == "ZeroDivisionError"


async def test_layers_around_a_child_process_see_plain_values_and_failures(
    work: Work, app: Tidemill
) -> None:
    notes: list[str] = []
    for declaration in process_tasks.app.registry:
        app.registry.add(declaration)
    layers = [layer("a", notes)]
    good, bad = await work(
        process_tasks.asynchronous.bind(21),
        process_tasks.raises.bind("LookupError"),
        middleware=layers,
        processes_concurrency=1,
    )
    assert good.result == b"42"
    assert bad.state is State.FAILED
    assert bad.error
    assert bad.error.kind == "LookupError"
    assert "a saw Ended" in notes


async def test_layers_of_the_application_are_around_those_of_a_worker(app: Tidemill) -> None:
    notes: list[str] = []

    @app.task
    async def act() -> None:
        notes.append("handler")

    app.middleware(layer("a", notes))
    app.middleware(layer("b", notes))
    act.enqueue()
    await app.worker(middleware=[layer("c", notes)]).run_until_idle()
    before = [f"{name} before {act.name}" for name in "abc"]
    assert notes == [*before, "handler", "c after", "b after", "a after"]
