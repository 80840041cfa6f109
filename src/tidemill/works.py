"""What an application runs beside its own tasks: jobs and duties of the platform itself.

It is imported when a worker is made, or when somebody asks for what these jobs do: a program that
only enqueues needs none of it.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tidemill.access.quota import Quotas
from tidemill.alerts.delivery import Delivery
from tidemill.alerts.watch import Watch
from tidemill.client.client import Client
from tidemill.client.events import Events
from tidemill.core.instants import millis
from tidemill.engines.protocol import Engine
from tidemill.events.relay import Relay
from tidemill.files.expiry import FileExpiry
from tidemill.files.files import Files
from tidemill.operations.sweep import Sweeps
from tidemill.schedules.tick import Scheduler
from tidemill.services.making import shelf
from tidemill.services.post import Post
from tidemill.settings import Settings
from tidemill.tasks.declaration import Declaration
from tidemill.upkeep.roster import Roster, standard
from tidemill.worker.run import running


class Works:
    """Made once for each application, of what it is set to."""

    def __init__(self, client: Client, events: Events, settings: Settings, files: Files) -> None:
        """Ask through this client, and keep files here."""
        self._client = client
        self._files = files
        self._events = events
        self._settings = settings

    @cached_property
    def delivery(self) -> Delivery:
        """How people are told of alerts."""
        internal = self._settings.get("alerts.internal", otherwise=False)
        return Delivery(self._client, self._post, internal=internal)

    @property
    def _post(self) -> Post:
        """How mail leaves the house."""
        said = self._settings.table("mail")
        if "timeout" in said:
            said["timeout"] = millis(said["timeout"])
        return Post(**said, ca=self._settings.get("services.ca", ""))

    @cached_property
    def quotas(self) -> Quotas:
        """How much each tenant may have."""
        return Quotas(self._client)

    @cached_property
    def sweeps(self) -> Sweeps:
        """How changes of very many jobs are finished."""
        return Sweeps(self._client, self.quotas)

    @property
    def runs_job(self) -> bool:
        """Whether a job runs here, where this is asked."""
        return running.get(None) is not None

    def tasks(self) -> tuple[Declaration[Any], ...]:
        """The tasks of the platform's own, which every worker knows."""
        return self.delivery.task, self.sweeps.task

    def roster(self, engine: Engine) -> Roster:
        """The duties that a node takes its turns in."""
        clock = self._client.store.clock
        duties = (
            *standard(engine, clock, self._settings.keep()),
            Scheduler(engine, clock, quotas=self.quotas),
            Relay(engine),
            FileExpiry(engine, clock, self._files.house),
            Watch(engine, clock, self.delivery),
        )
        return Roster(engine, clock, duties)

    def of_a_worker(self, engine: Engine, given: Mapping[str, Any]) -> dict[str, Any]:
        """The options of a worker, of those that are given, and of what is set."""
        chosen = self._settings.worker() | {
            name: value for name, value in given.items() if value is not None
        }
        chosen["alongside"] = [self.roster(engine), *chosen.get("alongside", ())]
        chosen["services"] = shelf(
            self._client,
            self._events,
            self._files,
            self._settings.table("services"),
            self._post,
            chosen.get("services", {}),
        )
        return chosen
