"""An installation on real parts: a mail server, a gateway, and people who ask it over HTTP."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from examples.property.office import Office, Setup, create
from examples.property.receivers import Receivers
from examples.property.sample import fill
from examples.property.tables import PEOPLE
from examples.property.words import SYSTEM
from tidemill import State
from tidemill.access.keys import Keys
from tidemill.core.job import Snapshot
from tidemill.testing import ManualClock
from tidemill.testing.harness import Harness


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="module")
def shared_receivers() -> Iterator[Receivers]:
    """They take a moment to be started, so that the tests of a file share them."""
    with Receivers().serving() as receivers:
        yield receivers


@pytest.fixture
def receivers(shared_receivers: Receivers) -> Receivers:
    """Receivers that have received nothing, and take all."""
    shared_receivers.clear()
    return shared_receivers


@contextmanager
def installed(
    url: str, folder: Path, receivers: Receivers, clock: ManualClock, **more: Any
) -> Iterator[Office]:
    """An installation with people in it, let go of in the end."""
    setup = Setup(mail=receivers.mail, sms=receivers.sms, push=receivers.push, **more)
    office = create(url, folder, setup, clock=clock)
    fill(office.books)
    office.prepare()
    try:
        yield office
    finally:
        office.close()


@pytest.fixture
def office(tmp_path: Path, receivers: Receivers, clock: ManualClock) -> Iterator[Office]:
    """One whose jobs are in memory."""
    with installed("memory://", tmp_path, receivers, clock) as office:
        yield office


@pytest.fixture
def kept_office(
    kept_store_url: str, tmp_path: Path, receivers: Receivers, clock: ManualClock
) -> Iterator[Office]:
    """One on SQLite and on PostgreSQL, its own database included."""
    with installed(kept_store_url, tmp_path, receivers, clock) as office:
        yield office


@pytest.fixture
def mill(office: Office, clock: ManualClock) -> Harness:
    """Runs what is due, by the hand-wound clock."""
    return Harness(office.app, clock)


class Caller:
    """Somebody who asks over HTTP, and waits for each answer."""

    def __init__(self, runner: asyncio.Runner, api: FastAPI, secret: str) -> None:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        transport = httpx.ASGITransport(api, raise_app_exceptions=False)
        self._http = httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers
        )
        self._runner = runner

    def get(self, path: str, **params: Any) -> httpx.Response:
        """Ask for something."""
        return self._runner.run(self._http.get(path, params=params or None))

    def post(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        """Ask for something to be done."""
        return self._runner.run(self._http.post(path, json=json, **more))


class People:
    """Who asks over HTTP: each with a key of a role of tidemill's."""

    def __init__(self, runner: asyncio.Runner, office: Office) -> None:
        self._keys = Keys(office.app.client, "tests")
        self._api = office.api()
        self._runner = runner

    def __call__(self, role: str = "", tenant: str | None = SYSTEM) -> Caller:
        """Somebody of a role; of none: a stranger."""
        secret = role and self._keys.create(role, role=role, tenant=tenant).secret
        return Caller(self._runner, self._api, secret)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """An event loop on which all are answered."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def people(runner: asyncio.Runner, office: Office) -> People:
    return People(runner, office)


@pytest.fixture
def ops(people: People) -> Caller:
    """Somebody of OPS."""
    return people("operator")


def about(office: Office, task: str, reference: str) -> list[Snapshot]:
    """The jobs of a task that are about a ticket."""
    found = [job.seen for job in office.app.jobs.find(tasks=[task])]
    return [job for job in found if job is not None and f'"{reference}' in job.args.decode()]


def manager_of(office: Office) -> str:
    """The address of the manager."""
    with office.books.look() as tx:
        meant = select(PEOPLE.c.email).where(PEOPLE.c.part == "manager")
        return str(tx.execute(meant).scalar_one())


def contractor(office: Office, trade: str = "") -> int:
    """Somebody who mends things, of a trade or of any."""
    meant = select(PEOPLE.c.id).where(PEOPLE.c.part == "contractor").order_by(PEOPLE.c.id)
    with office.books.look() as tx:
        wanted = meant.where(PEOPLE.c.trade == trade) if trade else meant
        return int(tx.execute(wanted.limit(1)).scalar_one())


def broken(office: Office, mill: Harness, receivers: Receivers) -> str:
    """A ticket whose notice to the manager is a dead letter; the id of that job."""
    receivers.unknown.add(manager_of(office))
    reference = office.tickets.create(1, "No hot water").reference
    mill.drain()
    told = about(office, "property.notify", reference)
    (dead,) = [job.id for job in told if job.state is State.FAILED]
    return dead


def waiting(office: Office) -> str:
    """A ticket whose appointment is ahead; the id of that job."""
    tickets = office.tickets
    reference = tickets.create(1, "Tap").reference
    tickets.quote(reference, contractor(office), 5_000)
    tickets.approve(reference)
    tickets.assign(reference, office.app.store.clock.now() + 3_600_000)
    (job,) = about(office, "property.appointment-start", reference)
    return job.id


def ok(answer: httpx.Response) -> Any:
    """The body of an answer that is a good one."""
    assert answer.is_success, answer.text
    return answer.json()
