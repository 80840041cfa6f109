"""Tests of the shop: in memory, by a hand-wound clock."""

from collections.abc import Callable

import pytest
import shop

from tidemill import State, Tidemill
from tidemill.testing import Harness

InMemory = Callable[[Tidemill], Harness]


@pytest.fixture
def mill(tidemill_in_memory: InMemory) -> Harness:
    """The shop, in memory until the test ends."""
    shop.outbox.clear()
    return tidemill_in_memory(shop.app)


def test_a_function_is_still_a_function() -> None:
    shop.outbox.clear()
    shop.send("ann", "hello")
    assert shop.outbox == ["ann: hello"]


def test_an_order_is_confirmed_at_once_and_asked_about_in_a_week(mill: Harness) -> None:
    taken = shop.order.enqueue("ann", "flour")
    mill.drain()
    assert taken.result(timeout=0) == "ann gets flour"
    assert shop.outbox == ["ann: you have ordered flour"]
    mill.assert_enqueued(shop.send, text="how do you like flour?")
    mill.advance("7d")
    assert shop.outbox[1:] == ["ann: how do you like flour?"]


def test_a_mail_is_tried_three_times(mill: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop, "offline", True)
    job = shop.send.enqueue("ann", "hello")
    mill.drain()
    mill.assert_state(job, State.RETRYING)
    assert mill.advance("1m") == 1
    assert mill.advance("1m") == 1
    mill.assert_state(job, State.FAILED)


def test_an_order_is_packed_because_it_is_an_event(mill: Harness) -> None:
    mill.app.events.publish()
    shop.order.enqueue("ann", "flour")
    mill.drain()
    assert [event.name for event in mill.events("order.*")] == ["order.taken"]
    assert mill.jobs(shop.pack)[0].result(timeout=0) == "packed flour"


def test_the_week_begins_on_monday_at_nine_in_berlin(mill: Harness) -> None:
    mill.app.schedules.publish()
    (first, *_) = mill.app.schedules.upcoming(shop.greet_the_week.name)
    assert first.isoformat() == "2026-01-05T08:00:00+00:00"
    mill.clock.advance(first.timestamp() - mill.clock.now() / 1_000)
    mill.drain()
    mill.assert_enqueued(shop.greet_the_week)
