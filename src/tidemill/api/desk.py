"""What one caller may do: the verbs of the application, for their tenant and in their name."""

from functools import cached_property

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
from tidemill.app import Tidemill
from tidemill.client.client import Client
from tidemill.client.control import Jobs
from tidemill.client.events import Events
from tidemill.client.queues import Queues
from tidemill.core.query import QueueCounts
from tidemill.schedules.store import Schedules


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
        counts: Counts,
        login: Login | None = None,
        root: str = "",
    ) -> None:
        """Sit down for whoever the scribe knows."""
        self.app = app
        self.quotas = quotas
        self._counts = counts
        self.scribe = scribe
        self.actor: Actor = scribe.actor
        self.login = login
        self.root = root
        self.client: Client = app.client.on_behalf(self.actor.tenant, scribe)

    @property
    def sees_payloads(self) -> bool:
        """Whether what jobs were given and answered may be shown."""
        return Permission.PAYLOADS_READ in self.actor.may

    def place_of(self, job: str) -> str:
        """The path under which a job is found."""
        return f"{self.root}{PREFIX}/jobs/{job}"

    async def counts(self) -> tuple[QueueCounts, ...]:
        """Live jobs by queue, task and state; where counting takes long, as of a moment ago."""
        return await self._counts.get(self.actor, self.jobs)

    @cached_property
    def jobs(self) -> Jobs:
        """Questions about jobs, and what can be asked of them."""
        return Jobs(self.client)

    @cached_property
    def queues(self) -> Queues:
        """The rules of queues, tasks and keys."""
        return Queues(self.client)

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
