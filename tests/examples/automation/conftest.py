"""The automation platform as it is installed: its server, its shop, and people who ask by HTTP."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard import browser as found
from examples.automation.scene import settings_for
from examples.automation.shop import Message, Shop
from examples.automation.system import MODULES, Automation, create
from tests.api.conftest import serving
from tests.examples.workforce import SEED, Workforce, until
from tidemill.access.keys import Keys
from tidemill.alerts.watch import Watch
from tidemill.api.serving import configured
from tidemill.testing import Harness, in_memory

TENANT = "automation"
ENDED = ("COMPLETED", "FAILED", "TIMEOUT", "CANCELLED")
BESIDE = Path(__file__).parent / "modules"
"""Modules of tests, which lie beside those of the platform."""

QUICK = {"services.http.rest": "1s", "services.http.longest": "1s"}


class Person:
    """Somebody who asks with a key, or without one."""

    def __init__(self, url: str, key: str = "") -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=30)

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        """Ask; the answer."""
        body = {} if json is None else {"json": json}
        whole = path if path.startswith(("/docs", "/console")) else f"/api/v1{path}"
        return self.http.request(method, whole, **body, **more)

    def ok(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """Ask for what must be done; the body of the answer."""
        answer = self(method, path, json, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def define(self, **job: Any) -> Any:
        """Define a job; by default one that echoes."""
        usual = {"name": "A job", "moduleId": "automation.odds", "handler": "echo"}
        return self.ok("POST", "/jobs", usual | job)

    def execute(self, job: str, **body: Any) -> str:
        """Execute a job now; the id of the execution."""
        return str(self.ok("POST", f"/jobs/{job}/execute", body)["executionId"])

    def execution(self, id_: str) -> Any:
        """An execution as it is now."""
        return self.ok("GET", f"/executions/{id_}")

    def ended(self, id_: str) -> Any:
        """An execution when it has ended."""
        until(
            lambda: self.execution(id_)["status"] in ENDED,
            seconds=50,
            what=f"execution {id_} has ended",
        )
        return self.execution(id_)

    def done(self, id_: str) -> Any:
        """The result of an execution that has to complete."""
        execution = self.ended(id_)
        assert execution["status"] == "COMPLETED", execution
        return execution["result"]


class Site:
    """One installation, served.

    Attributes:
        admin: of the whole store.
        shop: the third parties.
    """

    def __init__(self, system: Automation, shop: Shop, shop_url: str, url: str) -> None:
        self.system = system
        self.shop = shop
        self.shop_url = shop_url
        self.url = url
        self.people: list[Person] = []
        self.admin = self.person("admin")

    def person(self, role: str, tenant: str | None = None) -> Person:
        """Somebody of a role; `tenant`: of that one alone."""
        keys = Keys(self.system.app.client, "tests")
        return self._known(keys.create("test", role=role, tenant=tenant).secret)

    def nobody(self) -> Person:
        """A stranger."""
        return self._known("")

    def _known(self, key: str) -> Person:
        self.people.append(Person(self.url, key))
        return self.people[-1]

    @property
    def told(self) -> list[Message]:
        """What was posted to the shop; where workers are killed, what comes again counts once."""
        told = list(self.shop.told)
        known = {(each.path, each.raw): each for each in told}
        return told if SEED is None else list(known.values())

    def look(self) -> None:
        """Have the rules of alerts looked at, as one of the nodes does now and then."""
        app = self.system.app
        watch = Watch(app.open(), app.store.clock, app.works.delivery)
        asyncio.run(watch.run_once())

    def rows(self, sql: str) -> list[Any]:
        """What the platform's own database holds."""
        from sqlalchemy import create_engine, text  # noqa: PLC0415 - few tests look

        url = self.system.app.settings.get("services.database.url", "")
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            rows = [*connection.execute(text(sql))]
        engine.dispose()
        return rows

    def worker(self, folder: Path) -> list[str]:
        """What Python is called with to start a worker in a process of its own."""
        database = self.system.app.settings.get("services.database.url", "")
        return [
            "examples.automation.__main__", "worker", "--url", self.system.app.url,
            "--folder", str(folder), "--tenant", TENANT, "--shop", self.shop_url,
            "--database", database, "--modules", str(BESIDE),
        ]  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def chromium() -> Iterator[None]:
    """The browser that is driven, by workers in processes of their own as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIDEMILL_SERVICES_BROWSER_PROGRAM", found.find())
        yield


@contextmanager
def site_at(url: str, folder: Path, **options: Any) -> Iterator[Site]:
    """An installation over a store, served; nobody works for it yet."""
    shop = Shop()
    database = url if url.startswith("postgresql") else ""
    with shop.serving() as shop_url:
        system = create(
            url,
            folder,
            tenant=TENANT,
            database=database,
            modules=(MODULES, BESIDE),
            receivers=(shop_url.removeprefix("http://"),),
            settings=settings_for(shop_url) | QUICK,
            **options,
        )
        try:
            with serving(configured(system.api, "127.0.0.1", 0)) as served:
                site = Site(system, shop, shop_url, served)
                yield site
                for person in site.people:
                    person.http.close()
        finally:
            system.app.close()


@pytest.fixture
def idle(store_url: str, tmp_path: Path) -> Iterator[Site]:
    """An installation for which nobody works."""
    with site_at(store_url, tmp_path / "automation") as site:
        yield site


@pytest.fixture
def site(idle: Site, workforce: Workforce, tmp_path: Path) -> Iterator[Site]:
    """An installation at work."""
    with workforce.at_work(idle.system.app, idle.worker(tmp_path / "automation")):
        yield idle


@pytest.fixture(scope="module")
def shared(shared_kept_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation at work that all tests of a module share."""
    folder = tmp_path_factory.mktemp("automation")
    with (
        site_at(shared_kept_url, folder / "automation") as site,
        Workforce(folder, SEED).at_work(site.system.app, site.worker(folder / "automation")),
    ):
        yield site


@contextmanager
def wound_at(folder: Path, **options: Any) -> Iterator[tuple[Site, Harness]]:
    """An installation of the tests' own modules, in memory, by a clock that is wound by hand."""
    shop = Shop()
    with shop.serving() as shop_url:
        settings = settings_for(shop_url) | QUICK
        system = create(
            "memory://", folder, tenant=TENANT, modules=(BESIDE,), settings=settings, **options
        )
        with (
            in_memory(system.app) as mill,
            serving(configured(system.api, "127.0.0.1", 0)) as served,
        ):
            site = Site(system, shop, shop_url, served)
            yield site, mill
            for person in site.people:
                person.http.close()
