"""What one caller may do: the verbs of the application, for their tenant and in their name."""

from datetime import datetime
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from tidemill.access.actor import Actor
from tidemill.access.audit import AuditLog, Scribe
from tidemill.access.keys import Keys
from tidemill.access.quota import Quotas
from tidemill.access.role import Permission
from tidemill.access.sessions import Login
from tidemill.access.tenants import Tenants
from tidemill.access.users import Users
from tidemill.alerts.store import AlertRules, Channels, Incidents
from tidemill.api import PREFIX
from tidemill.api.counting import Counts
from tidemill.api.remembered import Remembered, by_effort
from tidemill.app import Tidemill
from tidemill.client.client import Client
from tidemill.client.control import Jobs
from tidemill.client.events import Events
from tidemill.client.failures import Failures, gather
from tidemill.client.queues import Queues
from tidemill.client.steps import Walk
from tidemill.core.instants import Instant, from_datetime, millis, to_datetime
from tidemill.core.query import QueueCounts
from tidemill.modules.store import Modules
from tidemill.operations.operation import Operations
from tidemill.schedules.store import Schedules


class Looked(Struct, frozen=True):
    """What desks have looked up a moment ago, for each tenant and for all together.

    Attributes:
        counts: of live jobs.
        failures: by cause.
    """

    counts: Counts
    failures: Remembered[Failures] = field(default_factory=lambda: Remembered[Failures](by_effort))


class Desk:
    """Made for each request; everything that a route asks for, it asks for here.

    Attributes:
        actor: whoever asks.
        login: their session, if they came in a browser.
        quotas: how much each tenant may ask for.
        client: asks on their behalf: for their tenant alone, and each change says who made it.
        root: where the API is mounted; empty where it runs alone.
    """

    def __init__(
        self,
        app: Tidemill,
        scribe: Scribe,
        quotas: Quotas,
        looked: Looked,
        login: Login | None = None,
        root: str = "",
    ) -> None:
        """Sit down for whoever the scribe knows."""
        self.app = app
        self.quotas = quotas
        self._looked = looked
        self.scribe = scribe
        self.actor: Actor = scribe.actor
        self.login = login
        self.root = root
        self.client: Client = app.client.on_behalf(self.actor.tenant, scribe)

    def of(self, tenant: str) -> "Desk":
        """The same desk, for the data of one tenant alone.

        Args:
            tenant: whose; empty: as it is.

        Raises:
            NotFound: whoever asks does not reach it.
        """
        if not tenant:
            return self
        scribe = replace(self.scribe, actor=self.actor.confined(tenant))
        return Desk(self.app, scribe, self.quotas, self._looked, self.login, self.root)

    @property
    def sees_payloads(self) -> bool:
        """Whether what jobs were given and answered may be shown."""
        return Permission.PAYLOADS_READ in self.actor.may

    def place_of(self, job: str) -> str:
        """The path under which a job is found."""
        return f"{self.root}{PREFIX}/jobs/{job}"

    def moment(self, written: datetime | str | None) -> datetime | None:
        """What is written as a moment, or as so long ago (`-24h`), as one.

        Raises:
            InvalidOption: it is longer ago than anything is.
        """
        if not isinstance(written, str):
            return written
        ago = millis(written.removeprefix("-"))
        return to_datetime(max(self.client.store.clock.now() - ago, 0))

    def instant(self, written: datetime | str | None) -> Instant | None:
        """The same as a point in time."""
        moment = self.moment(written)
        return None if moment is None else from_datetime(moment)

    async def counts(self) -> tuple[QueueCounts, ...]:
        """Live jobs by queue, task and state; where counting takes long, as of a moment ago."""
        return await self._looked.counts.get(self.actor, self.actor.tenant, self.jobs)

    async def failures(self, tenant: str | None) -> Failures:
        """What has failed, of one tenant or of all; where looking takes long, as of a moment ago.

        Raises:
            InvalidOption: another tenant than all questions have to be about.
        """
        whose = self.client.asks_about(tenant)

        async def look() -> Failures:
            return await Walk(gather(await self.app.aopen(), whose))

        return await self._looked.failures.get("*" if whose is None else whose, look)

    def changed(self) -> None:
        """Look up anew what has failed: some of it has just been changed."""
        self._looked.failures.forget()

    async def counts_of(self, tenant: str) -> tuple[QueueCounts, ...]:
        """Live jobs of one tenant, as `counts` tells them."""
        theirs = Jobs(self.app.client.on_behalf(tenant, self.scribe))
        return await self._looked.counts.get(self.actor, tenant, theirs)

    @cached_property
    def jobs(self) -> Jobs:
        """Questions about jobs, and what can be asked of them."""
        return Jobs(self.client)

    @cached_property
    def operations(self) -> Operations:
        """Changes of many jobs."""
        return Operations(self.client)

    @cached_property
    def queues(self) -> Queues:
        """The rules of queues, tasks and keys."""
        return Queues(self.client)

    @cached_property
    def modules(self) -> Modules:
        """What packages bring."""
        return Modules(self.client)

    @cached_property
    def events(self) -> Events:
        """What happened."""
        return Events(self.client)

    @cached_property
    def schedules(self) -> Schedules:
        """What recurs."""
        return Schedules(self.client)

    @cached_property
    def users(self) -> Users:
        """Who may come in."""
        return Users(self.client)

    @cached_property
    def keys(self) -> Keys:
        """What programs come in with."""
        return Keys(self.client, self.actor.name)

    @cached_property
    def tenants(self) -> Tenants:
        """Whose data there is."""
        return Tenants(self.client)

    @cached_property
    def audit(self) -> AuditLog:
        """Who did what."""
        return AuditLog(self.client)

    @cached_property
    def alert_rules(self) -> AlertRules:
        """When people are told."""
        return AlertRules(self.client)

    @cached_property
    def channels(self) -> Channels:
        """How people are told."""
        return Channels(self.client, self.app.works.delivery)

    @cached_property
    def incidents(self) -> Incidents:
        """What was found wrong."""
        return Incidents(self.client)
