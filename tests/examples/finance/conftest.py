"""Finance Management as it is installed: its server, its stand-ins, and people who ask by HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.finance.application import Finance, create
from examples.finance.identity import Identity
from examples.finance.post_office import PostOffice
from examples.finance.serving import api_of
from tests.api.conftest import serving
from tests.examples.workforce import LONGER, SEED, Workforce
from tidemill import State, Tidemill, errors
from tidemill.api.serving import configured

TENANT = "finance"


class Person:
    """Somebody who asks with a token, or without one."""

    def __init__(self, app: Tidemill, url: str, token: str = "") -> None:
        self._app = app
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=30)

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        """Ask; the answer."""
        body = {} if json is None else {"json": json}
        return self.http.request(method, path, **body, **more)

    def ok(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """Ask for what must be done; the body of the answer."""
        answer = self(method, path, json, **more)
        assert answer.is_success, answer.text
        return answer.json()

    def ask(self, type_: str, data: dict[str, Any] | None = None, **more: Any) -> str:
        """Ask for a job; its id."""
        asked = self.ok("POST", "/finance/jobs", {"type": type_, "data": data or {}, **more})
        return str(asked["id"])

    def job(self, id_: str) -> Any:
        """A job as it is now."""
        return self.ok("GET", f"/job-monitor/jobs/{id_}")

    def ended(self, id_: str) -> Any:
        """A job when it has ended."""
        with suppress(errors.JobFailed):  # which the answer will tell
            self._app.jobs.get(id_).result(timeout=f"{50 * LONGER}s")
        return self.job(id_)

    def done(self, id_: str) -> Any:
        """The result of a job that has to complete."""
        job = self.ended(id_)
        assert job["status"] == "COMPLETED", job
        return job["result"]

    def send(self, account: str, content: bytes) -> Any:
        """Send a statement."""
        path = f"/finance/statements?account={account}"
        answer = self.http.post(path, content=content)
        assert answer.status_code == 202, answer.text
        return answer.json()


class Site:
    """One installation, served.

    Attributes:
        ada: an admin, who owns accounts.
        ben: a user, who owns accounts.
    """

    def __init__(self, finance: Finance, identity: Identity, url: str, mail: str) -> None:
        self.finance = finance
        self.identity = identity
        self.url = url
        self._people: list[Person] = []
        self.ada = self.person(self.log_in("ada"))
        self.ben = self.person(self.log_in("ben"))
        self.worker = [
            "examples.finance.worker", "--url", finance.app.url,
            "--folder", str(finance.place.folder), "--tenant", TENANT, "--mail", mail,
        ]  # fmt: skip

    def person(self, token: str = "") -> Person:
        """Somebody else, with a token or without one."""
        self._people.append(Person(self.finance.app, self.url, token))
        return self._people[-1]

    def leave(self) -> None:
        """Everybody hangs up."""
        for each in self._people:
            each.http.close()

    def log_in(self, name: str) -> str:
        """The token that the identity provider gives to somebody who knows their password."""
        known = {"name": name, "password": self.identity.passwords[name]}
        answer = httpx.post(f"{self.identity.url}/token", json=known)
        assert answer.status_code == 200
        return str(answer.json()["token"])

    def quiet(self) -> bool:
        """Whether nothing is left to be done."""
        return not self.finance.app.jobs.counts()

    def still(self) -> bool:
        """Whether nothing is left to be done but what is due later."""
        counts = self.finance.app.jobs.counts()
        return all(each.state is State.SCHEDULED for each in counts)


@contextmanager
def site_at(url: str, folder: Path) -> Iterator[Site]:
    """An installation over a store, served; nobody works for it yet."""
    with PostOffice(folder / "mail").serving() as post:
        finance = create(url, folder, tenant=TENANT, mail=post.url, files=f"{folder}/files")
        try:
            with (
                Identity(TENANT).serving() as identity,
                serving(configured(api_of(finance, identity.url), "127.0.0.1", 0)) as served,
            ):
                site = Site(finance, identity, served, post.url)
                yield site
                site.leave()
        finally:
            finance.close()


@pytest.fixture
def idle(store_url: str, tmp_path: Path) -> Iterator[Site]:
    """An installation for which nobody works."""
    with site_at(store_url, tmp_path / "finance") as site:
        yield site


@pytest.fixture
def site(idle: Site, workforce: Workforce) -> Iterator[Site]:
    """An installation at work."""
    with workforce.at_work(idle.finance.app, idle.worker):
        yield idle


@pytest.fixture(scope="module")
def shared(shared_store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation at work that all tests of a module share."""
    folder = tmp_path_factory.mktemp("finance")
    with (
        site_at(shared_store_url, folder / "finance") as site,
        Workforce(folder, SEED).at_work(site.finance.app, site.worker),
    ):
        yield site
