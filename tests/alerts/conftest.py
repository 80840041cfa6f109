"""An application on each engine in turn, a hand-wound clock, a watch that looks when told."""

from collections.abc import Awaitable, Callable, Iterator

import pytest

from tidemill import Retry, Tidemill
from tidemill.alerts.delivery import Delivery
from tidemill.alerts.rule import AlertRule
from tidemill.alerts.store import AlertRules, Channels, Incidents
from tidemill.alerts.watch import Watch
from tidemill.services.post import Post
from tidemill.testing.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(store_url: str, clock: ManualClock) -> Iterator[Tidemill]:
    with Tidemill(store_url, clock=clock) as app:

        @app.task(name="fine", queue="good")
        def fine() -> None:
            return

        @app.task(name="broken", queue="bad", retry=Retry.never())
        def broken() -> None:
            raise ValueError("no")

        yield app


@pytest.fixture
def delivery(app: Tidemill) -> Delivery:
    return Delivery(app.client, Post(), internal=True)


@pytest.fixture
def rules(app: Tidemill) -> AlertRules:
    return AlertRules(app.client)


@pytest.fixture
def channels(app: Tidemill, delivery: Delivery) -> Channels:
    return Channels(app.client, delivery)


@pytest.fixture
def incidents(app: Tidemill) -> Incidents:
    return Incidents(app.client)


Look = Callable[[], Awaitable[None]]


@pytest.fixture
def look(app: Tidemill, clock: ManualClock, delivery: Delivery) -> Look:
    """Has the watch look once."""

    async def once() -> None:
        await Watch(await app.aopen(), clock, delivery).run_once()

    return once


def deep(**more: object) -> AlertRule:
    """A rule about the depth of queues."""
    given = {"name": "deep", "when": "queue_depth", "above": 1, **more}
    return AlertRule(**given)  # type: ignore[arg-type]  # as a test writes them
