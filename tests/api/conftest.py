"""The API on each engine in turn, and people of every role who ask it over HTTP."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from tests.journeys.crowd import until
from tidemill import Retry, Tidemill
from tidemill.access import audit
from tidemill.access.identity import Grant
from tidemill.access.keys import Keys
from tidemill.access.role import Role
from tidemill.access.users import Users
from tidemill.api.app import create_api
from tidemill.api.callers import Doors
from tidemill.api.counting import Counts
from tidemill.api.desk import Looked
from tidemill.api.remembered import Remembered
from tidemill.api.serving import configured
from tidemill.client.steps import Walk
from tidemill.testing.clock import ManualClock

PASSWORD = "a sound horse in may"  # noqa: S105 - of nobody
HERE = "http://localhost"
MACHINES = ("/livez", "/readyz", "/health", "/metrics")
"""What is not below `/api/v1`, for those who look for it know where it usually is."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(store_url: str, clock: ManualClock) -> Iterator[Tidemill]:
    """An application of a test's own."""
    with application(store_url, clock) as app:
        yield app


@contextmanager
def application(url: str, clock: ManualClock) -> Iterator[Tidemill]:
    """An application; whatever tests did with it, the audit log holds together at the end."""
    with Tidemill(url, clock=clock) as app:

        @app.task(name="add", queue="sums", tags=["sum"])
        def add(a: int, b: int = 0) -> int:
            """Add two numbers."""
            return a + b

        @app.task(name="broken", retry=Retry.never())
        def broken(secret: str) -> None:
            raise ValueError(secret)

        yield app
        assert Walk(audit.verify(app.open())).wait().whole


@pytest.fixture
def api(app: Tidemill) -> FastAPI:
    """The API, in which what was counted a moment ago counts no more, however long it took.

    Where counting takes long an answer is told again for a while, and a machine that is busy with
    other things takes long to count nothing.
    """
    api = create_api(app)
    looked = Looked(Counts(lambda _: 0.0), Remembered(lambda _: 0.0))
    api.state.doors = Doors(app, looked=looked)
    return api


@pytest.fixture
def served(api: FastAPI) -> Iterator[str]:
    """The API behind a real server; answers where it is."""
    with serving(configured(api, "127.0.0.1", 0)) as url:
        yield url


@contextmanager
def serving(config: uvicorn.Config) -> Iterator[str]:
    """A server for a while; answers where it is."""
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started, seconds=10, what="the server")
        (listening,) = server.servers
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


class Caller:
    """Somebody who asks over HTTP with a key."""

    def __init__(self, api: FastAPI, secret: str = "") -> None:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        transport = httpx.ASGITransport(api, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url=HERE, headers=headers)

    async def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """Ask; the answer."""
        headers = more.pop("headers", {})
        body = {} if json is None else {"json": json}
        whole = path if path.startswith(("/api/", *MACHINES)) else f"/api/v1{path}"
        return await self.http.request(method, whole, headers=headers, **body, **more)

    async def ok(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """Ask for what must be done; the body of the answer."""
        answer = await self(method, path, json, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


class People:
    """Makes callers of any role and tenant."""

    def __init__(self, app: Tidemill, api: FastAPI) -> None:
        self._keys = Keys(app.client, "tests")
        self._api = api

    def __call__(self, role: str = "admin", tenant: str | None = None, **more: Any) -> Caller:
        """A program with a key of its own."""
        made = self._keys.create("test", role=role, tenant=tenant, **more)
        return Caller(self._api, made.secret)

    def nobody(self) -> Caller:
        """A stranger."""
        return Caller(self._api)


@pytest.fixture
def people(app: Tidemill, api: FastAPI) -> People:
    return People(app, api)


@pytest.fixture
def admin(people: People) -> Caller:
    return people()


@pytest.fixture
def users(app: Tidemill) -> Users:
    """`root` of the instance, `zoe` an operator and `vic` a viewer of acme."""
    users = Users(app.client)
    users.create("root", PASSWORD, [Grant(Role.ADMIN)])
    users.create("zoe", PASSWORD, [Grant(Role.OPERATOR, "acme")])
    users.create("vic", PASSWORD, [Grant(Role.VIEWER, "acme")])
    return users


@pytest_asyncio.fixture
async def browser(api: FastAPI, users: Users) -> AsyncIterator["Browser"]:
    """A browser in which nobody is logged in."""
    del users
    browser = Browser(api)
    yield browser
    await browser.http.aclose()


class Browser(Caller):
    """Somebody in a browser: with cookies, and pages of ours that know the token."""

    csrf = ""

    async def log_in(self, name: str, password: str = PASSWORD, **more: Any) -> Any:
        """Come in."""
        answer = await self("POST", "/session", {"name": name, "password": password, **more})
        if answer.is_success:
            self.csrf = answer.json()["csrf"]
        return answer

    async def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        headers = {"X-CSRF-Token": self.csrf, **more.pop("headers", {})}
        return await super().__call__(method, path, json, headers=headers, **more)
