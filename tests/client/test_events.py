"""Reading the log of events through the front door."""

import asyncio
from typing import Any

import pytest

from tidemill import Event, Tidemill
from tidemill.errors import InvalidArguments
from tidemill.testing import in_memory


def test_a_page_of_a_rare_event_is_found_however_much_else_happened() -> None:
    with Tidemill("memory://") as app:
        first = app.events.emit("invoice.paid", 1)
        for number in range(1_200):
            app.events.emit("order.placed", number)
        last = app.events.emit("invoice.paid", 2)
        found = app.events.read(0, limit=2, pattern="invoice.*")
        assert [event.position for event in found] == [first, last]
        assert app.events.read(last, pattern="invoice.*") == []
        assert [event.payload for event in app.events.read(first, limit=3)] == [0, 1, 2]


def test_a_handler_is_given_an_event_whether_it_is_annotated_so_or_not() -> None:
    app = Tidemill("memory://")
    heard: list[Any] = []

    @app.on("invoice.*")
    def plain(event) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - the case meant
        heard.append(event)

    @app.on("invoice.*")
    @app.task
    async def stacked(event) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - the case meant
        heard.append(event)

    @app.on("invoice.*")
    def annotated(event: Event) -> None:
        heard.append(event)

    with in_memory(app) as mill:
        app.events.emit("invoice.paid", {"id": 7})
        assert mill.drain() == 3
    assert [(type(event), event.name, event.payload) for event in heard] == [
        (Event, "invoice.paid", {"id": 7})
    ] * 3


def test_a_handler_that_wants_anything_else_is_told_before_there_is_an_event() -> None:
    with Tidemill("memory://") as app:

        @app.on("invoice.*")  # type: ignore[arg-type]  # a checker says so, too
        def on_paid(event: int) -> None:
            del event

        with pytest.raises(InvalidArguments, match=r"on_paid.*'event': expected int, got Event"):
            app.worker()


def test_in_memory_a_handler_hears_of_what_happened_before_there_was_a_worker() -> None:
    app = Tidemill("memory://")

    async def work() -> list[str]:
        @app.on("invoice.*")
        async def note(event: Event) -> str:
            worker.stop()
            return event.name

        await app.events.aemit("invoice.paid")
        worker = app.worker()
        await worker.run()
        return [job.result(timeout=0) async for job in app.jobs.find()]

    assert asyncio.run(work()) == ["invoice.paid"]
