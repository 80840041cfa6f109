"""The weeks before: a store tells of them as if they had been."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from examples.demo.cast import Deed
from examples.demo.past import DAY, HOUR, Past
from tidemill import Event, State, Tidemill
from tidemill.events.relay import Relay
from tidemill.testing import START, ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(clock: ManualClock) -> Iterator[Tidemill]:
    with Tidemill("memory://", clock=clock) as app:

        @app.schedule("0 8 * * *", tz="Australia/Sydney")
        @app.task(name="shop.remind")
        def remind() -> int:
            """Remind somebody."""
            return 0

        @app.task(name="shop.sell")
        def sell(order: int) -> None:
            """Sell something."""

        app.schedules.publish()
        yield app


def tell(app: Tidemill, clock: ManualClock, **sold: Any) -> None:
    deeds = [
        Deed(task="shop.remind", result=lambda dice: dice.randrange(9), says="reminded", fails=0),
        Deed(task="shop.sell", per_day=24, arguments=lambda _: {"order": 7}, **sold),
    ]
    Past(app, clock, [(["acme"], deed) for deed in deeds]).tell(START + 7 * DAY)


def test_schedules_have_ticked_and_stand_where_they_would(
    app: Tidemill, clock: ManualClock
) -> None:
    tell(app, clock)
    reminded = list(app.jobs.find(tasks=["shop.remind"]))
    assert len(reminded) == 7
    for job in reminded:
        seen = job.snapshot()
        assert seen.source == "schedule:shop.remind"
        assert seen.state is State.COMPLETED
        assert seen.result is not None
        assert [line.message for line in job.logs()] == ["reminded"]
    schedule = app.schedules.get("shop.remind")
    assert schedule.next_at is not None
    assert clock.now() < schedule.next_at <= START + 8 * DAY


def test_what_people_asked_for_is_spread_over_the_weeks(app: Tidemill, clock: ManualClock) -> None:
    tell(app, clock, fails=0.0)
    seen = [job.snapshot() for job in app.jobs.find(tasks=["shop.sell"])]
    assert 60 <= len(seen) <= 300
    days = {(each.created_at - START) // DAY for each in seen}
    assert days == set(range(7))
    assert {each.tenant for each in seen} == {"acme"}
    assert all(0 < each.finished_at - each.started_at < HOUR for each in seen)  # type: ignore[operator]  # all have ended


def test_some_are_tried_again_and_some_fail_for_good(app: Tidemill, clock: ManualClock) -> None:
    tell(app, clock, fails=0.3, dies=0.2, error=("ConnectionError", "nobody is there"))
    seen = [job.snapshot() for job in app.jobs.find(tasks=["shop.sell"])]
    dead = [each for each in seen if each.state is State.FAILED]
    again = [each for each in seen if each.state is State.COMPLETED and each.attempt == 2]
    assert dead
    assert again
    assert dead[0].error is not None
    assert (dead[0].error.kind, dead[0].error.message) == ("ConnectionError", "nobody is there")


def test_nobody_hears_of_what_happened_before(app: Tidemill, clock: ManualClock) -> None:
    heard: list[Event] = []

    @app.on("jobs.completed")
    def hear(event: Event) -> None:
        heard.append(event)

    app.events.publish()
    tell(app, clock)
    app.enqueue("shop.sell", {"order": 8})
    asyncio.run(app.worker().run_until_idle())
    asyncio.run(Relay(app.open()).run_once())
    asyncio.run(app.worker().run_until_idle())
    told = [job["task"] for event in heard for job in event.payload["jobs"]]
    assert "shop.sell" in told
    assert len(told) < 10
