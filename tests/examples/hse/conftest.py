"""An installation on real parts: a mail server, a receiver of webhooks, people over HTTP."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from examples.hse.receivers import Receivers
from examples.hse.sample import fill
from examples.hse.serving import make_api
from examples.hse.system import Hse, Setup, create
from tidemill.access.keys import Keys
from tidemill.testing import ManualClock
from tidemill.testing.harness import Harness

STRIPE: Final = "whsec_of_stripe"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="module")
def shared_receivers() -> Iterator[Receivers]:
    """They take a moment to be started, so that the tests of a file share them."""
    with Receivers().serving() as receivers:
        yield receivers


@pytest.fixture
def receivers(shared_receivers: Receivers, clock: ManualClock) -> Receivers:
    """Receivers that have received nothing, and take all."""
    shared_receivers.clear()
    shared_receivers.now = clock.now
    return shared_receivers


@contextmanager
def installed(
    url: str, folder: Path, receivers: Receivers, clock: ManualClock, **more: Any
) -> Iterator[Hse]:
    """An installation with two organisations in it, let go of in the end."""
    setup = Setup(mail=receivers.mail, receivers=(receivers.host,), stripe=STRIPE, **more)
    hse = create(url, folder, setup, clock=clock)
    fill(hse.books, hse.today, hse.setup.tenant)
    hse.prepare()
    try:
        yield hse
    finally:
        hse.close()


@pytest.fixture
def hse(tmp_path: Path, receivers: Receivers, clock: ManualClock) -> Iterator[Hse]:
    """One whose jobs are in memory."""
    with installed("memory://", tmp_path, receivers, clock) as hse:
        yield hse


@pytest.fixture
def kept_hse(
    kept_store_url: str, tmp_path: Path, receivers: Receivers, clock: ManualClock
) -> Iterator[Hse]:
    """One on SQLite and on PostgreSQL, its own database included."""
    with installed(kept_store_url, tmp_path, receivers, clock) as hse:
        yield hse


@pytest.fixture
def mill(hse: Hse, clock: ManualClock) -> Harness:
    """Runs what is due, by the hand-wound clock."""
    return Harness(hse.app, clock)


class Caller:
    """Somebody who asks over HTTP, and waits for each answer."""

    def __init__(self, runner: asyncio.Runner, api: FastAPI, secret: str) -> None:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        transport = httpx.ASGITransport(api, raise_app_exceptions=False)
        self._http = httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers
        )
        self._runner = runner

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask for something."""
        return self._runner.run(self._http.request(method, path, **more))

    def get(self, path: str, **params: Any) -> httpx.Response:
        """Ask for something."""
        return self("GET", path, params=params or None)

    def post(self, path: str, json: Any = None, **params: Any) -> httpx.Response:
        """Ask for something to be done."""
        return self("POST", path, json=json, params=params or None)


class People:
    """Who asks over HTTP: each with a key, of an organisation or of HSE.Digital itself."""

    def __init__(self, runner: asyncio.Runner, hse: Hse) -> None:
        self._hse = hse
        self._keys = Keys(hse.app.client, "tests")
        self._api = make_api(hse)
        self._runner = runner

    def __call__(
        self, role: str = "", organisation: str = "harbour", *, tenant: str = ""
    ) -> Caller:
        """Somebody of a role in an organisation; of none: of all; without a role: a stranger."""
        mine = self._hse.tenant(organisation) if organisation else None
        secret = role and self._keys.create(role, role=role, tenant=tenant or mine).secret
        return Caller(self._runner, self._api, secret)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """An event loop on which all are answered."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def people(runner: asyncio.Runner, hse: Hse) -> People:
    return People(runner, hse)


def ok(answer: httpx.Response) -> Any:
    """The body of an answer that is a good one."""
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None
