"""Finance Management, put together: its tasks, its schedules, its ledger."""

from pathlib import Path
from typing import Any, Final

from examples.finance import dialect
from examples.finance.keeping import Keeping
from examples.finance.place import Place
from examples.finance.recurring import SCHEDULES, Recurring
from examples.finance.telling import Telling
from examples.finance.upkeep import KEPT, Upkeep
from examples.finance.work import Work
from tidemill import Task, Tidemill
from tidemill.core.rules import Retention
from tidemill.loops.clock import Clock
from tidemill.worker.worker import Worker

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
        self.upkeep = Upkeep(app, self.telling.email)
        self.recurring = Recurring(app, place, self.telling, self.keeping)
        modules = (self.work, *self.telling.modules, *self.keeping.modules)
        for module in modules:
            app.include(module)
        tasks = {name: task for module in modules for name, task in module.tasks.items()}
        own: list[Task[..., Any]] = [self.upkeep.check_stuck, self.upkeep.clean_old_jobs]
        own += [self.recurring.monthly_reports, self.recurring.nightly_backup]
        tasks |= {task.name: task for task in own}
        for name, pattern, called, arguments in SCHEDULES:
            recurs = app.schedule(
                pattern, name=name, tz=place.zone, arguments=arguments, overlap="skip"
            )
            recurs(tasks[called])

    def prepare(self) -> None:
        """Make the ledger and the folders, and say how long jobs are kept; safe twice.

        What people have said of how long jobs of a queue are kept stays.
        """
        self.place.prepare()
        said = {rules.queue for rules in self.app.queues.find() if rules.retention != Retention()}
        for queue in dialect.QUEUES:
            if queue not in said:
                self.app.queues.keep(queue, completed=KEPT, failed=KEPT, cancelled=KEPT)

    def worker(self, **options: Any) -> Worker:
        """A worker; where others may share the store, for its own queues alone."""
        queues = dialect.QUEUES if self.app.client.tenant else None
        return self.app.worker(queues=queues, **options)

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
    files: str = "",
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
        files: folder of the files that it makes for people; by default as the settings have it.
        zone: in which its schedules and its days are meant.
        clock: the time that it goes by; the machine's by default.

    Raises:
        StoreError: the store cannot be opened.
    """
    settings: dict[str, Any] = {"files.folder": files} if files else {}
    if mail:
        settings |= {"mail.url": mail, "mail.sender": SENDER}
    app = Tidemill(url, tenant=tenant, clock=clock, settings=settings)

    def now() -> int:
        return app.store.clock.now()  # which a test may have lent since

    finance = Finance(app, Place(folder, ledger, now, zone))
    finance.prepare()
    return finance
