"""The hub itself: its application with eleven jobs on their times, its database, its kits."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from examples.compliance_hub import reminders
from examples.compliance_hub.jobs import (
    CONCURRENCY,
    HISTORY,
    MAIL_QUEUE,
    PRIORITIES,
    QUEUE,
    RETRY,
    STOCK,
    SYSTEM,
    ZONE,
)
from examples.compliance_hub.outbox import Letter, Outbox
from examples.compliance_hub.setup import Setup
from examples.compliance_hub.sync import Sync
from examples.compliance_hub.tables import Books
from examples.compliance_hub.work import Figures, Work, chat
from tidemill import Event, Tidemill
from tidemill.core.instants import to_datetime
from tidemill.kits.email import Email
from tidemill.kits.report import Chart, Column, Reports
from tidemill.loops.clock import Clock
from tidemill.worker.worker import Worker

_SYDNEY: Final = ZoneInfo(ZONE)


class Hub:
    """One hub; made by `create`.

    Attributes:
        app: its application: jobs, schedules, events, users.
        books: its database.
        outbox: its letters.
        setup: what it was made with.
    """

    def __init__(
        self, url: str, folder: Path, setup: Setup, database: str, clock: Clock | None
    ) -> None:
        """Make one."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.setup = setup
        self.app = Tidemill(
            url,
            tenant=setup.tenant,
            clock=clock,
            settings={
                "mail.url": setup.mail,
                "mail.sender": setup.sender,
                "services.allow": [setup.third_party.partition("://")[2]],
                "files.folder": str(folder / "files"),
                **({"services.notifications.chat": setup.chat} if setup.chat else {}),
            },
        )
        in_folder = f"sqlite:///{folder}/hub.db"
        self.books = Books(database or (url if url.startswith("postgresql:") else in_folder))
        self.books.make()
        self._email = Email(f"{SYSTEM}.email", queue=MAIL_QUEUE, attempts=3, backoff="2s")
        self._reports = Reports(f"{SYSTEM}.report", queue=QUEUE, tz=ZONE)
        self.outbox = Outbox(self.app, self.books, self._email.send, self.now)
        self._sync = Sync(self.books, setup.third_party, setup.known, self.now)
        told = self.app.task(name=f"{SYSTEM}.chat", queue=QUEUE, retry=RETRY)(chat)
        pieces = (self.app, self.books, self.outbox, self._reports, setup)
        self._work = Work(*pieces, chat=told, now=self.now)
        self._declare()

    def now(self) -> datetime:
        """The time that the hub goes by, in Sydney."""
        return to_datetime(self.app.store.clock.now()).astimezone(_SYDNEY)

    def worker(self, **options: Any) -> Worker:
        """A worker for the hub alone: five jobs at once, whatever they are made of."""
        self.keep_rules()
        return self.app.worker(
            queues=[QUEUE, MAIL_QUEUE],
            concurrency=CONCURRENCY,
            async_concurrency=CONCURRENCY,
            **options,
        )

    def keep_rules(self) -> None:
        """Set the rules of the hub's queue, unless somebody has set some already."""
        rules = {each.queue: each for each in self.app.queues.find()}
        if QUEUE not in rules or not rules[QUEUE].version:
            self.app.queues.limit(QUEUE, most=CONCURRENCY)
            self.app.queues.keep(QUEUE, completed=HISTORY, failed=HISTORY, cancelled=HISTORY)

    def close(self) -> None:
        """Let go of the store and the database."""
        self.app.close()
        self.books.close()

    def _declare(self) -> None:
        """Declare all tasks and schedules, and what is done for events."""
        works: dict[str, Callable[[], Any]] = {
            "feedback-analysis": _in_thread(self._work.analyse_feedback),
            "xero-sync": _on_loop(self._sync.xero),
            "accelerate-sync": _on_loop(self._sync.accelerate),
            "pd-reminders": self._reminding(reminders.due_pd),
            "credential-expiry": self._reminding(reminders.expiring_credentials),
            "policy-reviews": self._reminding(reminders.policies_to_review),
            "complaint-sla": self._reminding(reminders.late_complaints),
            "onboarding-check": self._reminding(reminders.open_onboarding),
            "weekly-digest": _in_thread(self._work.send_digest),
            "monthly-report": _in_thread(self._work.report_month),
            "retry-failed-emails": _in_thread(self._work.retry_emails),
        }
        for stock in STOCK:
            task = self.app.task(
                name=stock.name,
                queue=QUEUE,
                priority=PRIORITIES[stock.priority],
                retry=RETRY,
                tags=[stock.type],
            )(works[stock.type])
            self.app.schedule(stock.pattern, tz=ZONE, overlap="skip")(task)
        self._reports.source(
            "month",
            title="Compliance report",
            columns=["area", "measure", Column("value", digits=0)],
            charts=[Chart(by="area", value="value")],
        )(self._work.month)
        self.app.include(self._email)
        self.app.include(self._reports)
        self._hear("jobs.failed", "tell-admins", self._work.tell_admins)
        self._hear(f"{self._reports.name}.built", "send-report", self._work.send_report)

    def _hear(self, pattern: str, name: str, handle: Callable[[Event], int]) -> None:
        """Declare what is done when something happened."""

        def hear(event: Event) -> int:
            return handle(event)

        task = self.app.task(name=f"{SYSTEM}.{name}", queue=QUEUE, retry=RETRY)(hear)
        self.app.on(pattern)(task)

    def _reminding(self, find: Callable[..., list[Letter]]) -> Callable[[], Figures]:
        """A job that reminds whoever this finds."""

        def remind() -> Figures:
            return self._work.remind(find)

        return remind


def _in_thread(work: Callable[[], Figures]) -> Callable[[], Figures]:
    """A job that may hold a thread."""

    def run() -> Figures:
        return work()

    return run


def _on_loop(
    work: Callable[[], Coroutine[Any, Any, Figures]],
) -> Callable[[], Coroutine[Any, Any, Figures]]:
    """A job that only waits."""

    async def run() -> Figures:
        return await work()

    return run


def create(
    url: str, folder: Path, setup: Setup, *, database: str = "", clock: Clock | None = None
) -> Hub:
    """Make a hub.

    Args:
        url: where its jobs are kept.
        folder: where its files are kept, and its database unless that is another one.
        setup: what it is made with.
        database: URL of its own database; by default the store's if that is PostgreSQL, else a
            file in the folder.
        clock: the time that it goes by; the machine's by default.
    """
    return Hub(url, folder, setup, database, clock)
