"""Property management, put together: its queues, its jobs, its database, its endpoints."""

from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from msgspec import Struct

from examples.property import api, ticket_api
from examples.property.spool import Spool
from examples.property.tables import Books
from examples.property.telling import Telling, Undeliverable
from examples.property.tickets import APPOINTMENT, Tickets
from examples.property.words import (
    CONCURRENCY,
    NOTIFICATIONS,
    PAGE_SIZE,
    QUEUES,
    RETRY,
    RETRY_NOTICE,
    SYSTEM,
    TICKETS,
    URGENCIES,
)
from tidemill import Cancel, Event, Snooze, Tidemill, current, errors, unique
from tidemill.alerts.rule import AlertRule
from tidemill.alerts.store import AlertRules, Channels
from tidemill.api.app import create_api, let_in
from tidemill.api.metrics import Metrics
from tidemill.core.instants import to_datetime
from tidemill.loops.clock import Clock
from tidemill.worker.worker import Worker

BELOW: Final = "/tidemill"
"""Where tidemill's own API and dashboard are served."""

KEPT: Final = "30d"
KEPT_FAILED: Final = "90d"

TOLD: Final = ("operations",)

ALERTS: Final = (
    AlertRule(name="tickets", when="queue_depth", above=100, queue=TICKETS, channels=TOLD),
    AlertRule(
        name="notifications", when="queue_depth", above=500, queue=NOTIFICATIONS, channels=TOLD
    ),
    AlertRule(name="tickets-dead", when="dead_letters", above=0, queue=TICKETS, channels=TOLD),
    AlertRule(
        name="notifications-dead", when="dead_letters", above=10, queue=NOTIFICATIONS, channels=TOLD
    ),
)
"""What operations are told of: many jobs that wait, and dead letters."""


class Setup(Struct, frozen=True, kw_only=True):
    """What it is made with.

    Attributes:
        mail: the server that takes mail, as `mail.url` has it.
        sms: URL of apprise for SMS, in which `{to}` stands for a telephone number.
        push: the same for messages to devices.
        sender: where mail comes from.
        operations: who is told of alerts.
        page_size: jobs on a page.
        tenant: whose all of it is, in a store that several systems share.
    """

    mail: str
    sms: str
    push: str
    sender: str = "office@gables.example"
    operations: tuple[str, ...] = ("operations@gables.example",)
    page_size: int = PAGE_SIZE
    tenant: str = SYSTEM


class Office:
    """One installation.

    Attributes:
        app: its jobs.
        books: its database.
        spool: what the store is still to be told.
        tickets: what is broken, and what becomes of it.
        telling: who is told of that.
    """

    def __init__(self, app: Tidemill, books: Books, setup: Setup) -> None:
        """Declare what there is; see `create`."""
        self.app = app
        self.books = books
        self.setup = setup
        clock = app.store.clock
        self.spool = Spool(app, books, clock.now)
        self.tickets = Tickets(books, self.spool, clock)
        self.telling = Telling(books, self.tickets, clock)
        self._declare()

    def prepare(self) -> None:
        """Say how long jobs are kept and what operations are told of; safe twice.

        From then on no event is missed, though no worker may be there yet.
        """
        self.app.events.publish()
        for queue in QUEUES:
            self.app.queues.keep(queue, completed=KEPT, failed=KEPT_FAILED, cancelled=KEPT)
        channels = Channels(self.app.client, self.app.works.delivery)
        rules = AlertRules(self.app.client)
        try:
            channels.create("operations", "mail", to=self.setup.operations)
        except errors.VersionConflict:
            return  # somebody has been here, and may have changed what follows
        for rule in ALERTS:
            rules.create(rule)

    def worker(self, **options: Any) -> Worker:
        """A worker for its own queues alone."""
        return self.app.worker(
            queues=QUEUES, concurrency=CONCURRENCY, async_concurrency=CONCURRENCY, **options
        )

    def api(self) -> FastAPI:
        """Its endpoints, and below `/tidemill` those of the platform, with its dashboard."""
        own = FastAPI(title="Property management", docs_url="/docs", redoc_url=None)
        let_in(own, self.app)
        own.state.office = self
        own.state.metrics = Metrics(self.app, aliases=True)
        own.include_router(api.routes)
        own.include_router(ticket_api.routes)
        own.include_router(ticket_api.probes)
        own.mount(BELOW, create_api(self.app))
        return own

    def close(self) -> None:
        """Let go of the store and the database."""
        self.app.close()
        self.books.close()

    def _declare(self) -> None:
        app = self.app
        once = unique(on_duplicate="replace")
        app.task(name=APPOINTMENT, queue=TICKETS, retry=RETRY, unique=once)(self._appointment())
        app.task(
            name=f"{SYSTEM}.notify",
            queue=NOTIFICATIONS,
            retry=RETRY_NOTICE,
            timeout="30s",
            give_up_on=(Undeliverable,),
        )(self._notify())
        handled = app.task(name=f"{SYSTEM}.ticket-event", queue=TICKETS, retry=RETRY)
        app.on("ticket.*")(handled(self._ticket_event()))
        flush = app.task(name=f"{SYSTEM}.flush-spool", queue=TICKETS, retry=RETRY)
        app.schedule(every="5m", overlap="skip")(flush(self._flush()))

    def _appointment(self) -> Any:
        def appointment_start(reference: str) -> str:
            """Begin an appointment, at its time; sooner or later it is another one's."""
            ticket = self.tickets.get(reference)
            at = ticket.appointment_at
            if ticket.status != "assigned" or at is None:
                raise Cancel(f"{reference} is {ticket.status}")
            if at > self.app.store.clock.now():
                raise Snooze(until=to_datetime(at))
            return self.tickets.start(reference).status

        return appointment_start

    def _notify(self) -> Any:
        async def notify(notice: str) -> str:
            """Tell somebody, once."""
            return await self.telling.send(notice)

        return notify

    def _flush(self) -> Any:
        def flush_spool() -> int:
            """Tell the store what it could not be told while it was away."""
            return self.spool.flush()

        return flush_spool

    def _ticket_event(self) -> Any:
        def ticket_event(event: Event) -> dict[str, Any]:
            """Do what follows from a step of a ticket: find its trade, and have people told."""
            job, told = current(), event.payload
            reference: str = told["ticket"]
            result: dict[str, Any] = {}
            if event.name == "ticket.created":
                job.progress(10, "Finding the trade", step=1, of=3)
                result["trade"] = self.telling.triage(reference)
            job.progress(40, "Writing notices", step=2, of=3)
            keys = self.telling.prepare(event.name, told["step"], reference)
            job.progress(70, "Having people told", step=3, of=3)
            self.app.enqueue_many(self._told(key, told["urgency"]) for key in keys)
            job.log(f"{reference} is {told['status']}", notices=len(keys))
            job.progress(100, "Done", step=3, of=3)
            return {**result, "notices": len(keys)}

        return ticket_event

    def _told(self, notice: str, urgency: str) -> Any:
        wishes: Any = {"key": f"notify-{notice}", "priority": URGENCIES[urgency]}
        return self.app.client.bound(f"{SYSTEM}.notify", {"notice": notice}, wishes)


def create(
    url: str, folder: Path, setup: Setup, *, database: str = "", clock: Clock | None = None
) -> Office:
    """Make an installation, ready to be worked on and served.

    Args:
        url: where its jobs are kept.
        folder: where its database is, unless that is another one, and its files.
        setup: what it is made with.
        database: URL of its own database; by default the store's if that is PostgreSQL, else a
            file in the folder.
        clock: the time that it goes by; the machine's by default.
    """
    app = Tidemill(
        url,
        tenant=setup.tenant,
        clock=clock,
        settings={
            "mail.url": setup.mail,
            "mail.sender": setup.sender,
            "services.notifications.sms": [setup.sms],
            "services.notifications.push": [setup.push],
            "files.folder": str(folder / "files"),
        },
    )
    own = url if url.startswith("postgresql:") else f"sqlite:///{folder}/property.db"
    books = Books(database or own)
    books.make()
    return Office(app, books, setup)
