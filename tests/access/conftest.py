"""An application on each engine in turn, with a hand-wound clock, and people who ask of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers import database
from tidemill import Tidemill
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.access.role import Role, permissions
from tidemill.client.client import Client
from tidemill.testing.clock import ManualClock

ENGINES = ("memory", "sqlite", "postgres")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    match request.param:
        case "memory":
            yield "memory://"
        case "sqlite":
            yield f"sqlite:///{tmp_path}/jobs.db"
        case _:
            with database(request.getfixturevalue("postgres_url")) as url:
                yield url


@pytest.fixture
def app(url: str, clock: ManualClock) -> Iterator[Tidemill]:
    with Tidemill(url, clock=clock) as app:

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
