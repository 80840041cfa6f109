"""The platform as a whole: made of where its data is kept, ready to be served and to work."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from examples.automation import tables
from examples.automation.adoption import Adoption
from examples.automation.catalogue import Catalogue
from examples.automation.definition import DEFAULT_RETRIES, DEFAULT_TIMEOUT
from examples.automation.definitions import Definitions
from examples.automation.obedience import Obedience
from examples.automation.results import WEBHOOK, telling
from examples.automation.routes import events, executions, jobs, modules, webhooks
from tidemill import Tidemill
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.access.role import Role
from tidemill.alerts.rule import AlertRule
from tidemill.alerts.store import AlertRules
from tidemill.api.app import create_api, let_in
from tidemill.api.callers import needs
from tidemill.api.viewer import STYLE, page
from tidemill.client.client import Client
from tidemill.errors import VersionConflict
from tidemill.kits.webhook import Webhooks
from tidemill.kits.webhook.kit import Settings
from tidemill.loops.clock import Clock

MODULES: Final = Path(__file__).parent / "modules"
CONSOLE: Final = "/console"
"""Below it is the platform's dashboard."""
DOCS: Final = "/docs/api"

_FLOOD: Final = AlertRule(name="event-flood", when="event_flood", above=600, window=60_000)
"""More than ten events of one name a second, for a minute, are a flood."""

_PLATFORM: Final = "tidemill"
"""The queue of what is done for the store as a whole, such as telling people of alerts."""


class Automation:
    """The platform.

    Attributes:
        app: its jobs, events and records.
        api: its endpoints, with the dashboard of its jobs at `/console`.
        catalogue: which modules and handlers there are.
        usual: what goes for a job that does not say otherwise.
        webhooks: posts the results of executions.
    """

    def __init__(
        self,
        app: Tidemill,
        folders: tuple[Path, ...],
        usual: Mapping[str, Any],
        webhooks: Webhooks,
    ) -> None:
        """Join its parts, and take in what its modules bring; nothing is opened yet."""
        self.app = app
        self.webhooks = webhooks
        self.usual = usual
        self.catalogue = Catalogue(app)
        self._folders = folders
        self.api = self._served()
        app.middleware(Obedience(app))
        app.include(webhooks)
        app.include(telling(self.catalogue.runs))
        app.discover(*folders, schedules=False)
        # In a store that others use, too, a worker keeps to what it knows.
        queues = [*self.catalogue.queues(), _PLATFORM]
        app.settings = app.settings.given({"worker.queues": queues})

    @property
    def definitions(self) -> Definitions:
        """The jobs that are defined, for the platform itself."""
        return Definitions(self._client, self.catalogue)

    @property
    def adoption(self) -> Adoption:
        """Makes jobs of what people have made in the dashboard."""
        return Adoption(self._client, self.catalogue)

    @property
    def _client(self) -> Client:
        """Asks for the platform itself, in its tenant alone."""
        tenant = self.app.client.tenant or None
        own = Actor(kind="host", name="automation", tenant=tenant, role=Role.ADMIN)
        return self.app.client.on_behalf(tenant, Scribe(actor=own))

    async def prepare(self) -> None:
        """Tell the store of its modules, and bring schedules into line; safe twice."""
        await self.app.aopen()
        await self.discover()
        with suppress(VersionConflict):  # it is there already, perhaps as somebody has changed it
            await AlertRules(self._client).acreate(_FLOOD)

    async def discover(self, client: Client | None = None) -> dict[str, str]:
        """Look for modules that are not included yet; answer those that are broken, and why.

        Args:
            client: asks for whoever has them looked for; by default the platform itself does.
        """
        self.app.discover(*self._folders, schedules=False)
        await self.app.included.apublish()
        await self.app.events.apublish()
        definitions = Definitions(client or self._client, self.catalogue)
        for module in self.catalogue.modules().values():
            for declared in self.catalogue.defined(module):
                await definitions.define(declared)
        await self.adoption.adopt()
        await definitions.follow_all()
        return {each.name: each.error for each in self.app.included.broken}

    def _served(self) -> FastAPI:
        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            await self.prepare()
            yield

        api = FastAPI(
            title="Automation",
            version="1",
            summary="Jobs of modules: define, run, look; and an event bus.",
            lifespan=lifespan,
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
        )
        let_in(api, self.app)
        api.state.automation = self
        for each in (jobs, executions, events, modules, webhooks):
            api.include_router(each.routes)
        _document(api)
        api.mount(CONSOLE, create_api(self.app))
        return api


def create(
    url: str,
    folder: Path,
    *,
    tenant: str = "",
    database: str = "",
    modules: tuple[Path, ...] = (MODULES,),
    concurrency: int = 5,
    event_days: int = 30,
    default_timeout: int = DEFAULT_TIMEOUT,
    default_attempts: int = DEFAULT_RETRIES + 1,
    receivers: tuple[str, ...] = (),
    settings: Mapping[str, Any] | None = None,
    clock: Clock | None = None,
) -> Automation:
    """Make the platform.

    Args:
        url: where its jobs are kept.
        folder: where its own files are.
        tenant: whose jobs they are, in a store that others use, too.
        database: where its modules keep what they find; by default a file in the folder.
        modules: folders in which its modules lie.
        concurrency: executions that run at once, `JOB_WORKER_CONCURRENCY`.
        event_days: events are kept so long, `EVENT_RETENTION_DAYS`.
        default_timeout: milliseconds that an attempt has where a job does not say,
            `JOB_DEFAULT_TIMEOUT`.
        default_attempts: how often one starts in all where a job does not say,
            `JOB_DEFAULT_RETRIES`.
        receivers: hosts that results may be posted to though they are in one's own network.
        settings: what else is set, as in `tidemill.toml`.
        clock: the time that it goes by.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = database or f"sqlite:///{folder}/automation.db"
    tables.create(database)
    own = {
        "services.database.url": database,
        "keep.entries": f"{event_days}d",
        "worker.concurrency": concurrency,
        "worker.async_concurrency": concurrency,
        "files.folder": f"{folder}/files",
    }
    app = Tidemill(url, tenant=tenant or None, settings=own | dict(settings or {}), clock=clock)
    usual = {"timeout": default_timeout, "retries": default_attempts - 1}
    webhooks = Webhooks(WEBHOOK, hears="execution.**", settings=Settings(allow=receivers))
    return Automation(app, modules, usual, webhooks)


def _document(api: FastAPI) -> None:
    """Show the document of the API as a page, to whoever is logged in."""

    @api.get(DOCS, include_in_schema=False, dependencies=[needs(None)])
    async def document(request: Request) -> Response:
        return Response(
            page(api.openapi(), f"{request.url.path}/style.css"), media_type="text/html"
        )

    @api.get(f"{DOCS}/openapi.json", include_in_schema=False, dependencies=[needs(None)])
    async def openapi() -> dict[str, Any]:
        return api.openapi()

    @api.get(f"{DOCS}/style.css", include_in_schema=False, dependencies=[needs(None)])
    async def style() -> Response:
        return Response(STYLE, media_type="text/css")
