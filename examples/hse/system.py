"""HSE.Digital, put together: its kits on six queues, its database, its organisations."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field
from sqlalchemy import delete, func, select

from examples.hse.figures import Figures
from examples.hse.onboard import Beginning, Taken
from examples.hse.service import Calls, JobService
from examples.hse.tables import AUDITS, INCIDENTS, STATIONS, Books, Row
from examples.hse.words import (
    CLEANUP,
    EMAIL,
    EXPORT,
    KEPT,
    KEPT_FAILED,
    ONBOARDING,
    PRIORITIES,
    QUEUES,
    REPORT,
    SYSTEM,
    WEBHOOK,
    WEBHOOKS_PER_SECOND,
    Numbers,
    tenant_of,
)
from tidemill import RateLimit, Retry, Tidemill, errors
from tidemill.alerts.rule import AlertRule
from tidemill.alerts.store import AlertRules, Channels
from tidemill.core.instants import to_datetime
from tidemill.kits.cleanup import Cleanup
from tidemill.kits.email import Email
from tidemill.kits.export import Exports
from tidemill.kits.onboarding import Onboarding
from tidemill.kits.report import Reports
from tidemill.kits.webhook import Settings, Webhooks
from tidemill.loops.clock import Clock
from tidemill.tasks.secret import new_key
from tidemill.worker.worker import Worker

BELOW: Final = "/tidemill"
"""Where tidemill's own API and dashboard are served."""

_DRAFTS: Final = "90d"
_TOLD: Final = ("operations",)


class Setup(Struct, frozen=True, kw_only=True):
    """What it is made with.

    Attributes:
        mail: the server that takes mail, as `mail.url` has it.
        sender: where mail comes from.
        receivers: hosts of one's own that webhooks may go to, as `127.0.0.1:9000`.
        address: where it is served, for links in letters; empty: they are paths.
        operations: who is told of alerts.
        stripe: what Stripe signs with; empty: nobody is believed to be Stripe.
        keys: what secrets of webhooks are encrypted with.
        tenant: what the tenants of its organisations begin with, in a store that systems share.
        numbers: what the environment has set.
    """

    mail: str
    sender: str = "no-reply@hse.example"
    receivers: tuple[str, ...] = ()
    address: str = ""
    operations: tuple[str, ...] = ("operations@hse.example",)
    stripe: str = ""
    keys: str = field(default_factory=lambda: new_key("k1"))
    tenant: str = SYSTEM
    numbers: Numbers = Numbers()


class Kits:
    """The six processors, each a kit with its queue and its numbers.

    Attributes:
        app: includes them.
        email: letters; urgent, five attempts.
        reports: five minutes each.
        exports: ten minutes each, two attempts.
        webhooks: 10 s before the second of five attempts, then twice as long each time.
        onboarding: the most urgent.
        cleanup: what can wait.
    """

    def __init__(self, app: Tidemill, books: Books, setup: Setup) -> None:
        """Make them, and say what there is to be reported, exported, begun and cleaned."""
        self.app = app
        backoff, attempts = f"{setup.numbers.backoff}ms", setup.numbers.attempts
        self.email = Email(
            f"{SYSTEM}.email", queue=EMAIL, attempts=5, backoff=backoff, priority=PRIORITIES["high"]
        )
        self.reports = Reports(
            f"{SYSTEM}.report",
            queue=REPORT,
            email=self.email,
            attempts=attempts,
            backoff=backoff,
            timeout="5m",
        )
        self.exports = Exports(
            f"{SYSTEM}.export",
            queue=EXPORT,
            email=self.email,
            attempts=2,
            backoff=backoff,
            timeout="10m",
        )
        self.webhooks = Webhooks(
            f"{SYSTEM}.webhook",
            queue=WEBHOOK,
            hears="incident.*",
            retry=Retry.exponential(attempts=5, base="10s"),
            settings=Settings(allow=setup.receivers),
        )
        self.onboarding = Onboarding(
            f"{SYSTEM}.onboarding",
            queue=ONBOARDING,
            priority=PRIORITIES["highest"],
            attempts=attempts,
            backoff=backoff,
            give_up_on=(Taken,),
            needs=["mail"],
        )
        self.cleanup = Cleanup(
            f"{SYSTEM}.cleanup", queue=CLEANUP, priority=PRIORITIES["low"], attempts=attempts
        )
        figures = Figures(books)
        figures.declare_reports(self.reports)
        figures.declare_exports(self.exports)
        Beginning(app, books, setup.tenant).declare(self.onboarding)
        _declare_cleanup(self.cleanup, books)
        for kit in (
            self.email, self.reports, self.exports, self.webhooks, self.onboarding, self.cleanup,
        ):  # fmt: skip
            app.include(kit)


class Hse:
    """One installation.

    Attributes:
        app: its jobs.
        books: its database.
        kits: what does them.
        setup: what it was made with.
    """

    def __init__(self, app: Tidemill, books: Books, setup: Setup) -> None:
        """Declare what there is; see `create`."""
        self.app = app
        self.books = books
        self.setup = setup
        self.kits = Kits(app, books, setup)

    def prepare(self) -> None:
        """Say how long jobs are kept, how fast webhooks go, and when operations are told; twice."""
        self.app.events.publish()
        for queue in QUEUES:
            self.app.queues.keep(queue, completed=KEPT, failed=KEPT_FAILED, cancelled=KEPT_FAILED)
            self.app.queues.limit(queue, fair=True)  # no organisation keeps the others waiting
        self.app.queues.limit(WEBHOOK, rate=RateLimit(WEBHOOKS_PER_SECOND, "1s"))
        channels = Channels(self.app.client, self.app.works.delivery)
        rules = AlertRules(self.app.client)
        try:
            channels.create("operations", "mail", to=self.setup.operations)
        except errors.VersionConflict:
            return  # somebody has been here, and may have changed what follows
        for queue in QUEUES:
            rules.create(
                AlertRule(
                    name=f"hse-{queue}-failing",
                    when="failure_rate",
                    above=0.5,
                    queue=queue,
                    channels=_TOLD,
                )
            )

    def worker(self, **options: Any) -> Worker:
        """A worker for its own queues alone."""
        most = self.setup.numbers.concurrency
        return self.app.worker(queues=QUEUES, concurrency=most, async_concurrency=most, **options)

    def service(self, organisation: str = "") -> JobService:
        """What programs ask for, in the name of an organisation; of none: of the system itself."""
        tenant = self.tenant(organisation)
        return JobService(self.app, tenant, self.calls(tenant))

    def calls(self, tenant: str) -> Calls:
        """Calls of the six queues, for a tenant."""
        return Calls(self.kits, tenant)

    def tenant(self, organisation: str = "") -> str:
        """The tenant of an organisation, or that of the system itself."""
        return tenant_of(self.setup.tenant, organisation) if organisation else self.setup.tenant

    def report_incident(self, organisation: str, incident: Row) -> str:
        """Write an incident down, and tell whoever wants to hear of it; its reference."""
        tenant = self.tenant(organisation)
        whose = self.books.organisation(tenant)["id"]
        self.books.add(INCIDENTS, [{**incident, "organisation": whose}])
        told = {**incident, "occurred_on": incident["occurred_on"].isoformat()}
        self.app.events.emit("incident.created", told, source=SYSTEM, tenant=tenant)
        return str(incident["reference"])

    def stations(self, organisation: str) -> list[int]:
        """The stations of an organisation."""
        whose = self.books.organisation(self.tenant(organisation))["id"]
        query = select(STATIONS.c.id).where(STATIONS.c.organisation == whose)
        return [int(row["id"]) for row in self.books.rows(query)]

    def incidents(self, organisation: str) -> int:
        """How many incidents an organisation has had."""
        whose = self.books.organisation(self.tenant(organisation))["id"]
        query = select(func.count().label("rows")).where(INCIDENTS.c.organisation == whose)
        return int(self.books.rows(query)[0]["rows"])

    @property
    def today(self) -> date:
        """The day that it goes by."""
        return to_datetime(self.app.store.clock.now()).date()

    def close(self) -> None:
        """Let go of the store and the database."""
        self.app.close()
        self.books.close()


def _declare_cleanup(cleanup: Cleanup, books: Books) -> None:
    """Every night audits go that were begun and never finished."""

    @cleanup.old_rows("draft-audits", older_than=_DRAFTS, at_once=100)
    def drafts(before: datetime, limit: int) -> int:
        old = select(AUDITS.c.id).where(
            AUDITS.c.status == "draft", AUDITS.c.held_on < before.date()
        )
        with books.begin() as tx:
            gone = tx.execute(delete(AUDITS).where(AUDITS.c.id.in_(old.limit(limit))))
        return gone.rowcount

    @drafts.counted
    def count(before: datetime) -> int:
        old = select(func.count().label("rows")).where(
            AUDITS.c.status == "draft", AUDITS.c.held_on < before.date()
        )
        return int(books.rows(old)[0]["rows"])

    cleanup.schedule("0 3 * * *", tz="UTC", overlap="skip")(cleanup.clean)


def create(
    url: str, folder: Path, setup: Setup, *, database: str = "", clock: Clock | None = None
) -> Hse:
    """Make an installation, ready to be worked on and served.

    Args:
        url: where its jobs are kept.
        folder: where its database is, unless that is another one, and its files.
        setup: what it is made with.
        database: URL of its own database; by default the store's if that is PostgreSQL, else a
            file in the folder.
        clock: the time that it goes by; the machine's by default.
    """
    settings: dict[str, Any] = {
        "mail.url": setup.mail,
        "mail.sender": setup.sender,
        "secrets.keys": setup.keys,
        "files.folder": str(folder / "files"),
    }
    if setup.address:
        settings["files.url"] = f"{setup.address}{BELOW}"
    app = Tidemill(url, tenant="", clock=clock, settings=settings)
    own = url if url.startswith("postgresql:") else f"sqlite:///{folder}/hse.db"
    books = Books(database or own)
    books.make()
    return Hse(app, books, setup)
