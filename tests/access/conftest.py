"""An application on each engine in turn, with a hand-wound clock, and people who ask of it."""

from collections.abc import Callable, Iterator

import pytest

from tidemill import Tidemill
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.access.role import Role, permissions
from tidemill.client.client import Client
from tidemill.testing.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(store_url: str, clock: ManualClock) -> Iterator[Tidemill]:
    with Tidemill(store_url, clock=clock) as app:

        @app.task(name="add")
        def add(a: int, b: int = 0) -> int:
            return a + b

        yield app


Ask = Callable[..., Client]


@pytest.fixture
def ask(app: Tidemill) -> Ask:
    """Makes a client that asks for somebody: `ask()`, `ask("acme")`."""

    def on_behalf(tenant: str | None = None, name: str = "zoe", reason: str = "") -> Client:
        may = permissions(Role.ADMIN, instance=tenant is None)
        actor = Actor(kind="user", name=name, tenant=tenant, role=Role.ADMIN, may=may)
        return app.client.on_behalf(tenant, Scribe(actor=actor, request="r1", reason=reason))

    return on_behalf
