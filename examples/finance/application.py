"""Finance Management, put together: its tasks, its schedules, its ledger and its endpoints."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from examples.finance import dialect, doors, routes
from examples.finance.identity import AUDIENCE, ISSUER, Identity
from examples.finance.keeping import Keeping
from examples.finance.place import Place
from examples.finance.recurring import SCHEDULES, Recurring
from examples.finance.telling import Telling
from examples.finance.upkeep import KEPT, Upkeep
from examples.finance.work import Work
from tidemill import Tidemill
from tidemill.api.app import create_api
from tidemill.api.jwt import JwtDoorkeeper
from tidemill.loops.clock import Clock

SENDER: Final = "jobs@finance.example"


class Finance:
    """One installation.

    Attributes:
        app: its jobs.
        place: its ledger and its files.
        work: its tasks.
    """

    def __init__(self, app: Tidemill, place: Place) -> None:
        """Declare what there is; nothing is opened."""
        self.app = app
        self.place = place
        self.telling = Telling(place)
        self.work = Work(place, self.telling.email)
        self.keeping = Keeping(place)
        self.upkeep = Upkeep(app)
        self.recurring = Recurring(app, place, self.telling, self.keeping)
        modules = (self.work, *self.telling.modules, *self.keeping.modules)
        for module in modules:
            app.include(module)
        tasks = {name: task for module in modules for name, task in module.tasks.items()}
        own = (self.upkeep.check_stuck, self.upkeep.clean_old_jobs)
        own += (self.recurring.monthly_reports, self.recurring.nightly_backup)
        tasks |= {task.name: task for task in own}
        for name, pattern, called, arguments in SCHEDULES:
            recurs = app.schedule(
                pattern, name=name, tz=place.zone, arguments=arguments, overlap="skip"
            )
            recurs(tasks[called])

    def prepare(self) -> None:
        """Make the ledger and the folders, and say how long jobs are kept; safe twice."""
        self.place.prepare()
        for queue in dialect.QUEUES:
            self.app.queues.keep(queue, completed=KEPT, failed=KEPT, cancelled=KEPT)

    def api(self, identity: str) -> FastAPI:
        """The endpoints, beside those of the platform, with its dashboard.

        Args:
            identity: where the identity provider is, whose tokens let people in.
        """
        door = JwtDoorkeeper(
            f"{identity}/jwks.json", issuer=ISSUER, audience=AUDIENCE, roles={"ADMIN": "admin"}
        )
        api = create_api(self.app, host=door)
        api.state.finance = self
        api.include_router(routes.routes)
        api.include_router(doors.routes)
        return api

    def close(self) -> None:
        """Let go of the store and the ledger; not in a running job."""
        self.app.close()
        self.place.ledger.close()


def create(
    url: str,
    folder: Path,
    *,
    tenant: str = "",
    ledger: str = "",
    mail: str = "",
    zone: str = "UTC",
    clock: Clock | None = None,
) -> Finance:
    """Make an installation, ready to be worked on and served.

    Args:
        url: where its jobs are kept.
        folder: where its files are; made if it is not there.
        tenant: whose its jobs are, where several applications share a store.
        ledger: URL of its database; by default a file in the folder.
        mail: where its mail goes, such as `smtp://127.0.0.1:8025?tls=off`; empty: none is sent.
        zone: in which its schedules and its days are meant.
        clock: the time that it goes by; the machine's by default.

    Raises:
        StoreError: the store cannot be opened.
    """
    settings = {"mail.url": mail, "mail.sender": SENDER} if mail else {}
    app = Tidemill(url, tenant=tenant, clock=clock, settings=settings)
    finance = Finance(app, Place(folder, ledger, lambda: app.store.clock.now(), zone))
    finance.prepare()
    return finance


@contextmanager
def identity_for(finance: Finance, port: int = 0) -> Iterator[Identity]:
    """An identity provider for the people of an installation, until the block ends."""
    with Identity(finance.app.client.tenant, port).serving() as identity:
        yield identity
