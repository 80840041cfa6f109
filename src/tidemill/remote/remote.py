"""Remote: a server of the API, with the nouns that the store itself has for commands."""

from typing import Self

import httpx

from tidemill.core.instants import Instant
from tidemill.remote.access import RemoteAuditLog, RemoteKeys, RemoteTenants, RemoteUsers
from tidemill.remote.alerts import RemoteAlertRules, RemoteChannels, RemoteIncidents
from tidemill.remote.events import RemoteEvents
from tidemill.remote.jobs import RemoteJobs
from tidemill.remote.modules import RemoteModules
from tidemill.remote.queues import RemoteQueues
from tidemill.remote.schedules import RemoteSchedules
from tidemill.remote.wire import Wire


class Remote:
    """A server, asked with a key, for as much as the key may.

    It answers the values that the store would have given. What a server tells nobody is empty in
    them: the policy and the headers of a job, the hash of a password.

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
        channels: how people are told.
        incidents: what was found wrong.

    Example:
        >>> with Remote("https://jobs.example.org", key) as far:  # doctest: +SKIP
        ...     far.queues.pause("mail", "stocktaking")
    """

    def __init__(self, url: str, key: str, *, transport: httpx.BaseTransport | None = None) -> None:
        """Ask nothing yet; see `Wire`.

        Raises:
            InvalidOption: it is no such URL, the key is missing, or would be readable on its way.
        """
        self._wire = wire = Wire(url, key, transport=transport)
        self.jobs = RemoteJobs(wire)
        self.queues = RemoteQueues(wire)
        self.schedules = RemoteSchedules(wire)
        self.modules = RemoteModules(wire)
        self.events = RemoteEvents(wire)
        self.users = RemoteUsers(wire)
        self.keys = RemoteKeys(wire)
        self.tenants = RemoteTenants(wire)
        self.audit = RemoteAuditLog(wire)
        self.alert_rules = RemoteAlertRules(wire)
        self.channels = RemoteChannels(wire)
        self.incidents = RemoteIncidents(wire)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.close()

    def now(self) -> Instant:
        """The time at the server, which is asked for it if it has answered nothing yet."""
        return self._wire.now()
