"""An application on each engine in turn, with a module in it."""

import asyncio
from collections.abc import Iterator

import pytest

from tidemill import Event, Module, Tidemill
from tidemill.schedules.tick import Scheduler
from tidemill.testing.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(store_url: str, clock: ManualClock) -> Iterator[Tidemill]:
    """It includes `billing`: two tasks, of which one recurs, and a handler."""
    with Tidemill(store_url, clock=clock) as app:
        app.include(billing())
        tell_nodes(app)
        yield app


def billing(*, newer: bool = False) -> Module:
    """The module; a newer one has one task more."""
    module = Module("billing", version="2" if newer else "1")

    @module.schedule(every="1h")
    @module.task
    def charge() -> str:
        return "charged"

    @module.task
    def refund() -> str:
        return "refunded"

    @module.on("invoice.paid")
    def thank(event: Event) -> str:
        return event.name

    if newer:

        @module.schedule(every="2h")
        @module.task
        def remind() -> str:
            return "reminded"

    return module


def tell_nodes(app: Tidemill) -> None:
    """Store what is declared in code, as a worker does when it starts."""
    app.schedules.publish()
    app.events.publish()
    app.included.publish()


def work(app: Tidemill) -> None:
    """Let a worker run what can be run now."""
    asyncio.run(app.worker().run_until_idle())


def tick(app: Tidemill, clock: ManualClock) -> None:
    """Let an hour pass, and whoever looks at schedules look."""
    clock.advance("1h")
    asyncio.run(Scheduler(app.open(), clock).run_once())


def beside(app: Tidemill, module: Module) -> Tidemill:
    """The application of another node, which has the same store."""
    other = Tidemill(app.url, clock=app.store.clock)
    vars(other.store).update(vars(app.store))  # in memory nobody else can open it
    other.include(module)
    return other
