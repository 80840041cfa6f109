"""Events through the front door: reading their log, and what jobs they become."""

from collections.abc import Iterator

import pytest

from tidemill import Concurrency, Event, RateLimit, Tidemill, unique
from tidemill.core.errors import InvalidOption
from tidemill.core.instants import Duration
from tidemill.core.record import Put
from tidemill.core.unique import OnDuplicate
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
