"""Whoever sits at this machine: what they do by commands is told in the audit log as theirs."""

import getpass
import socket
from functools import cached_property
from types import TracebackType
from typing import Self

from tidemill.access.actor import Actor
from tidemill.access.audit import AuditLog, Scribe
from tidemill.access.keys import Keys
from tidemill.access.role import Role, permissions
from tidemill.access.tenants import Tenants
from tidemill.access.users import Users
from tidemill.alerts.store import AlertRules, Channels, Incidents
from tidemill.app import Tidemill
from tidemill.client.control import Jobs
from tidemill.client.events import Events
from tidemill.client.queues import Queues
from tidemill.core.instants import Instant
from tidemill.files.files import Files
from tidemill.modules.store import Modules
from tidemill.schedules.store import Schedules


class Shell:
    """The store itself, asked by the one who runs the command; it has let them in.

    `remote.Remote` has the same words.

    Attributes:
        jobs: questions about jobs, and what can be asked of them.
        queues: the rules of queues and tasks.
        schedules: what recurs.
        modules: what packages bring.
        events: what happened.
        users: who may come in over HTTP.
        keys: what programs come in with.
        tenants: whose data there is.
        audit: who did what.
        alert_rules: when people are told.
        incidents: what was found wrong.
    """

    def __init__(self, app: Tidemill) -> None:
        """Ask this application's store; it is opened when the first question comes."""
        self._app = app
        actor = _whoever()
        self._client = client = app.client.on_behalf(None, Scribe(actor=actor))
        self.jobs = Jobs(client)
        self.queues = Queues(client)
        self.schedules = Schedules(client)
        self.modules = Modules(client)
        self.events = Events(client)
        self.users = Users(client)
        self.keys = Keys(client, actor.name)
        self.tenants = Tenants(client)
        self.audit = AuditLog(client)
        self.alert_rules = AlertRules(client)
        self.incidents = Incidents(client)

    def __enter__(self) -> Self:
        self._app.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._app.close()

    @cached_property
    def channels(self) -> Channels:
        """How people are told; made when it is needed, for with it comes what works need."""
        return Channels(self._client, self._app.works.delivery)

    def files_of(self, tenant: str) -> Files:
        """The files of a tenant, by default of the one that the settings name.

        Raises:
            InvalidName: no name for a tenant.
        """
        own = self._app.files
        mine = Files(self._client, own.house, own.tenant)
        return mine.of(tenant) if tenant else mine

    def now(self) -> Instant:
        """The time that the store goes by."""
        return self._client.store.clock.now()


def _whoever() -> Actor:
    """The one who runs the command, as the operating system knows them."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as some containers have
        user = "unknown"
    return Actor(
        kind="shell",
        name=f"{user}@{socket.gethostname()}",
        role=Role.ADMIN,
        may=permissions(Role.ADMIN, instance=True),
    )
