"""A hub on real parts: its mail server, its third parties, and people who ask it over HTTP."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
import pytest

from examples.compliance_hub.hub import Hub, create
from examples.compliance_hub.sample import elsewhere
from examples.compliance_hub.serving import make_api
from examples.compliance_hub.setup import Setup
from examples.compliance_hub.standin import Answer, Secrets, StandIn
from examples.stage.mailroom import Mailroom
from examples.stage.web import serving
from tidemill.access.keys import Keys
from tidemill.core.instants import from_datetime
from tidemill.testing import ManualClock
from tidemill.testing.harness import Harness

SYDNEY: Final = ZoneInfo("Australia/Sydney")
TODAY: Final = date(2027, 1, 31)
"""A Sunday in Sydney's summer; the next day is a Monday and the first of a month."""

MakeHub = Callable[..., Hub]


def at(*parts: int) -> datetime:
    """A moment by a clock on a wall in Sydney."""
    return datetime(*parts, tzinfo=SYDNEY)  # type: ignore[misc,arg-type]  # year, month, day, ...


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(from_datetime(at(2027, 1, 31, 12, 0)))


@pytest.fixture
def mailroom() -> Iterator[Mailroom]:
    with Mailroom().serving() as mailroom:
        yield mailroom


class Moody(StandIn):
    """Third parties that say something else when they are told to.

    Attributes:
        instead: what is said to a path; `None`: what there is to be said.
    """

    instead: Callable[[str], Answer | None] | None = None

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer | None:
        if self.instead is not None and (said := self.instead(path)) is not None:
            self.asked.append((path, said.status))
            return said
        return super().answer(path, headers, body)


@pytest.fixture
def stand_in() -> Iterator[Moody]:
    """Third parties of 60 students that neither throttle nor fail, unless they are told to."""
    stand_in = Moody(elsewhere(TODAY, 60), Secrets.new(), page=25)
    with stand_in.serving():
        yield stand_in


@pytest.fixture
def make_hub(
    tmp_path: Path, clock: ManualClock, stand_in: StandIn, mailroom: Mailroom
) -> Iterator[MakeHub]:
    """Makes hubs that are let go of in the end."""
    with ExitStack() as stack:

        def make(url: str = "memory://", **more: Any) -> Hub:
            setup = Setup(
                third_party=stand_in.url,
                known=stand_in.known,
                mail=mailroom.url,
                chat=more.pop("chat", ()),
            )
            hub = create(url, tmp_path, setup, **{"clock": clock, **more})
            stack.callback(hub.close)
            hub.keep_rules()
            return hub

        yield make


@pytest.fixture
def hub(make_hub: MakeHub) -> Hub:
    """One in memory, without any data of its own."""
    return make_hub()


@pytest.fixture
def kept_hub(make_hub: MakeHub, kept_store_url: str) -> Hub:
    """One on SQLite and on PostgreSQL, its own database included."""
    return make_hub(kept_store_url)


class Mill:
    """Runs what is due in a hub, by its hand-wound clock."""

    def __init__(self, hub: Hub, clock: ManualClock) -> None:
        self.clock = clock
        self._harness = Harness(hub.app, clock)

    def drain(self) -> int:
        """Run all that is due; answer how many attempts ended."""
        return self._harness.drain()

    def advance(self, duration: str) -> int:
        """Let time pass, then run all that is due."""
        return self._harness.advance(duration)


@pytest.fixture
def mill(hub: Hub, clock: ManualClock) -> Mill:
    return Mill(hub, clock)


class People:
    """Who asks a hub over HTTP."""

    def __init__(self, hub: Hub, url: str) -> None:
        self._keys = Keys(hub.app.client, "tests")
        self._url = url

    @contextmanager
    def __call__(self, role: str, tenant: str | None = None, **more: Any) -> Iterator[httpx.Client]:
        """A program with a key of this role."""
        secret = self._keys.create("test", role=role, tenant=tenant, **more).secret
        with self.stranger() as client:
            client.headers["Authorization"] = f"Bearer {secret}"
            yield client

    def stranger(self) -> httpx.Client:
        """Somebody without a key."""
        return httpx.Client(base_url=f"{self._url}/api/v1")


@contextmanager
def asked(hub: Hub, **more: int) -> Iterator[People]:
    """A hub behind a real server."""
    with serving(make_api(hub, **more)) as url:
        yield People(hub, url)


def ok(answer: httpx.Response) -> Any:
    """The body of an answer that is one."""
    assert answer.is_success, answer.text
    return answer.json()


@contextmanager
def running(hub: Hub) -> Iterator[None]:
    """A worker of the hub, on a thread of its own and by the real clock."""
    worker = hub.worker()
    thread = threading.Thread(target=lambda: asyncio.run(worker.run()))
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()
