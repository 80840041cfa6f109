"""Events through the front door: reading their log, and what jobs they become."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct

from tidemill import Concurrency, Event, RateLimit, Tidemill, unique
from tidemill.core.instants import Duration
from tidemill.core.record import Put
from tidemill.core.unique import OnDuplicate
from tidemill.errors import InvalidArguments, InvalidOption
from tidemill.tasks.options import TaskKeywords
from tidemill.testing import Harness, in_memory


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


@pytest.fixture
def mill() -> Iterator[Harness]:
    with in_memory(Tidemill("memory://")) as mill:
        yield mill


def begin(mill: Harness, *, at: Duration = 0) -> None:
    """Store what is declared, and let so much time pass before anything happens."""
    mill.app.events.publish()
    mill.clock.advance(at)


def test_a_handlers_jobs_expire_so_long_after_their_own_event(mill: Harness) -> None:
    @mill.app.on("order.*")
    @mill.app.task(name="hear", expires="1h")
    def hear(event: Event) -> None: ...

    begin(mill, at="3h")
    mill.app.events.emit("order.placed")
    mill.clock.advance("59m")
    assert mill.drain() == 1
    mill.assert_state(mill.assert_enqueued("hear"), "completed")


def test_a_handlers_delay_is_counted_from_each_event(mill: Harness) -> None:
    @mill.app.task(name="hear")
    def hear(event: Event) -> None: ...

    mill.app.on("order.*")(hear.using(delay="10m"))
    begin(mill, at="3h")
    mill.app.events.emit("order.placed")
    assert mill.drain() == 0
    mill.assert_state(mill.assert_enqueued("hear"), "scheduled")
    assert mill.advance("10m") == 1


@pytest.mark.parametrize("on_duplicate", ["skip", "reject"])
def test_a_handler_that_is_unique_by_its_arguments_hears_every_event(
    mill: Harness, on_duplicate: OnDuplicate
) -> None:
    @mill.app.on("order.*")
    @mill.app.task(name="hear", unique=unique(on_duplicate=on_duplicate))
    def hear(event: Event) -> None: ...

    begin(mill)
    for number in range(3):
        mill.app.events.emit("order.placed", number)
    assert mill.drain() == 3


def test_a_handler_with_a_key_of_its_own_has_one_job_at_a_time(mill: Harness) -> None:
    @mill.app.task(name="hear", unique=unique(on_duplicate="reject"))
    def hear(event: Event) -> None: ...

    mill.app.on("order.*")(hear.using(key="the one"))
    begin(mill)
    for number in range(3):
        mill.app.events.emit("order.placed", number)
    assert mill.drain() == 1


@pytest.mark.parametrize(
    "options",
    [
        {"concurrency": Concurrency(1, key="tenant:{event.tenant}")},
        {"rate": RateLimit(1, "1m", key="order:{event.payload[id]}")},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_handlers_key_cannot_be_made_of_the_event(mill: Harness, options: TaskKeywords) -> None:
    @mill.app.on("order.*")
    @mill.app.task(name="hear", **options)
    def hear(event: Event) -> None: ...

    with pytest.raises(InvalidOption, match="hear makes its key of the event"):
        mill.app.events.publish()


def test_a_handler_is_stored_once_however_often_it_is_published(mill: Harness) -> None:
    @mill.app.on("order.*")
    @mill.app.task(name="hear", expires="1h")
    def hear(event: Event) -> None: ...

    begin(mill, at="3h")
    begin(mill)
    record = mill.app.open().records.get("subscription", "hear").wait()
    assert record is not None
    assert record.version == 1


def test_a_handler_that_cannot_be_read_keeps_no_other_from_its_events(
    mill: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    @mill.app.on("order.*")
    @mill.app.task(name="hear")
    def hear(event: Event) -> None: ...

    # As a later release may have stored it.
    mill.app.open().records.put(Put("subscription", "a", b'{"name":"a","pattern":7}')).wait()
    begin(mill)
    mill.app.events.emit("order.placed")
    assert mill.drain() == 1
    assert "trouble with handler a" in caplog.text


class TestSchemas:
    def test_a_payload_that_does_not_fit_is_refused_and_its_part_is_named(self) -> None:
        with Tidemill("memory://") as app:

            @app.events.schema("invoice.*")
            class Invoice(Struct):
                id: int

            app.events.emit("invoice.paid", {"id": 7})
            app.events.emit("invoice.sent", Invoice(8))
            app.events.emit("order.placed", "anything")
            with pytest.raises(InvalidArguments, match=r"got `str` - at `\$\.id`.*carry Invoice"):
                app.events.emit("invoice.paid", {"id": "seven"})
            assert [event.payload for event in app.events.read(pattern="invoice.*")] == [
                {"id": 7}, {"id": 8},
            ]  # fmt: skip

    def test_where_several_mean_an_event_all_of_them_hold(self) -> None:
        with Tidemill("memory://") as app:
            app.events.schema("**")(dict[str, Any])
            app.events.schema("invoice.paid")(dict[str, int])
            for payload in (7, {"id": "seven"}):
                with pytest.raises(InvalidArguments):
                    app.events.emit("invoice.paid", payload)
            assert app.events.recent() == []

    def test_a_pattern_has_one_type_that_json_can_be_read_as(self) -> None:
        with Tidemill("memory://") as app:
            app.events.schema("invoice.*")(dict[str, int])
            app.events.schema("invoice.*")(dict[str, int])
            with pytest.raises(InvalidOption, match="have a schema already"):
                app.events.schema("invoice.*")(int)
            with pytest.raises(InvalidOption, match="cannot be"):
                app.events.schema("order.*")(dict[str, int] | Struct)

    def test_it_is_told_as_json_schema(self) -> None:
        with Tidemill("memory://") as app:
            app.events.schema("invoice.*")(dict[str, int])
            assert app.events.schemas() == {
                "invoice.*": {"type": "object", "additionalProperties": {"type": "integer"}}
            }


@pytest.mark.parametrize("tenant", ["", "acme"])
def test_handlers_of_an_application_with_a_tenant_hear_the_events_of_that_tenant(
    tenant: str,
) -> None:
    app = Tidemill("memory://", tenant=tenant)
    heard: list[str] = []

    @app.on("invoice.*")
    def hear(event: Event) -> None:
        heard.append(event.tenant)

    with in_memory(app) as mill:
        for whose in ("acme", "umbra", ""):
            app.events.emit("invoice.paid", tenant=whose)
        mill.drain()
    assert heard == (["acme"] if tenant else ["acme", "umbra", ""])
