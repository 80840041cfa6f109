"""The hub itself: its application with eleven jobs on their times, its database, its kits."""

from collections.abc import Callable, Coroutine
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import select, update

from examples.compliance_hub import digests, reminders
from examples.compliance_hub.feedback import Analyst
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
from examples.compliance_hub.outbox import NOTICE, Letter, Outbox
from examples.compliance_hub.standin import Secrets
from examples.compliance_hub.sync import Sync
from examples.compliance_hub.tables import FEEDBACK, Books
from tidemill import Event, Tidemill, current
from tidemill.core.instants import to_datetime
from tidemill.kits.email import Email
from tidemill.kits.report import Chart, Column, Reports
from tidemill.loops.clock import Clock
from tidemill.worker.worker import Worker

Figures = dict[str, int]
"""What jobs of the hub answer: how many of what."""

AT_ONCE: Final = 100
"""Pieces of feedback that are read between two looks at whether the job is to stop."""

_SYDNEY: Final = ZoneInfo(ZONE)


class Setup(Struct, frozen=True, kw_only=True):
    """What a hub is made with.

    Attributes:
        third_party: URL of the accounting and the training system.
        known: what whoever asks them has to show.
        mail: the server that takes mail, as `mail.url` has it.
        sender: where mail comes from.
        admins: who is told of jobs that fail for good.
        tenant: whose all of it is, in a store that several systems share.
    """

    third_party: str
    known: Secrets
    mail: str
    sender: str = "hub@harbour.example"
    admins: tuple[str, ...] = ("it@harbour.example",)
    tenant: str = SYSTEM


class Hub:
    """One hub.

    Attributes:
        app: its application: jobs, schedules, events, users.
        books: its database.
        outbox: its letters.
    """

    def __init__(
        self, url: str, folder: Path, setup: Setup, database: str = "", clock: Clock | None = None
    ) -> None:
        """Make one; see `create`."""
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
            },
        )
        in_folder = f"sqlite:///{folder}/hub.db"
        self.books = Books(database or (url if url.startswith("postgresql:") else in_folder))
        self.books.make()
        self.email = Email(f"{SYSTEM}-email", queue=MAIL_QUEUE)
        self.reports = Reports(f"{SYSTEM}-report", queue=QUEUE, tz=ZONE)
        self.outbox = Outbox(self.app, self.books, self.email.send, self.now)
        self.sync = Sync(self.books, setup.third_party, setup.known, self.now)
        self._analyst = Analyst()
        self._declare()

    def now(self) -> datetime:
        """The time that the hub goes by, in Sydney."""
        return to_datetime(self.app.store.clock.now()).astimezone(_SYDNEY)

    def today(self) -> date:
        """The day in Sydney."""
        return self.now().date()

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
        self.app.include(self.email)
        self.app.include(self.reports)
        works: dict[str, Callable[[], Any]] = {
            "feedback-analysis": _plain(self.analyse_feedback),
            "xero-sync": _async(self.sync.xero),
            "accelerate-sync": _async(self.sync.accelerate),
            "pd-reminders": self._reminding(reminders.due_pd),
            "credential-expiry": self._reminding(reminders.expiring_credentials),
            "policy-reviews": self._reminding(reminders.policies_to_review),
            "complaint-sla": self._reminding(reminders.late_complaints),
            "onboarding-check": self._reminding(reminders.open_onboarding),
            "weekly-digest": _plain(self.send_digest),
            "monthly-report": _plain(self.report_month),
            "retry-failed-emails": _plain(self.retry_emails),
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
        self._hear()
        self.reports.source(
            "month",
            title="Compliance report",
            columns=["area", "measure", Column("value", digits=0)],
            charts=[Chart(by="area", value="value")],
        )(self.month)

    def _hear(self) -> None:
        """Declare what is done when something happened."""

        def tell_admins(event: Event) -> int:
            return self.tell_admins(event)

        def send_report(event: Event) -> int:
            return self.send_report(event)

        for pattern, handler in (
            ("jobs.failed", tell_admins),
            (f"{self.reports.name}.built", send_report),
        ):
            name = f"{SYSTEM}.{handler.__name__.replace('_', '-')}"
            task = self.app.task(name=name, queue=QUEUE, retry=RETRY)(handler)
            self.app.on(pattern)(task)

    def _reminding(self, find: Callable[..., list[Letter]]) -> Callable[[], Figures]:
        """A job that reminds whoever this finds."""

        def remind() -> Figures:
            with self.books.begin() as tx:
                letters = find(tx, self.today())
            written = self.outbox.post(letters)
            current().log(f"{len(letters)} reminders are due, {written} of them new")
            return {"due": len(letters), "sent": written}

        return remind

    def analyse_feedback(self) -> Figures:
        """Read all feedback that has not been read, and note what it says."""
        job = current()
        with self.books.begin() as tx:
            unread = tx.execute(
                select(FEEDBACK.c.id, FEEDBACK.c.words).where(FEEDBACK.c.mood.is_(None))
            ).all()
        counts = dict.fromkeys(("read", "positive", "neutral", "negative"), 0)
        for first in range(0, len(unread), AT_ONCE):
            job.raise_if_cancelled()
            part = unread[first : first + AT_ONCE]
            job.progress(100 * first / len(unread), f"{first} of {len(unread)} read")
            readings = self._analyst.read([row.words for row in part])
            with self.books.begin() as tx:
                for row, reading in zip(part, readings, strict=True):
                    tx.execute(
                        update(FEEDBACK)
                        .where(FEEDBACK.c.id == row.id)
                        .values(**reading._asdict(), analysed_at=self.now())
                    )
                    counts[reading.mood] += 1
            counts["read"] += len(part)
        return counts

    def send_digest(self) -> Figures:
        """Tell managers of the week."""
        today = self.today()
        week = self.now() - timedelta(days=7)
        meant = self.app.jobs.filter({"states": ["failed"], "created_from": week})
        failed = sum(each.count for each in self.app.jobs.tally(meant))
        with self.books.begin() as tx:
            letters = digests.weekly(tx, today, failed)
        return {"sent": self.outbox.post(letters)}

    def report_month(self) -> Figures:
        """Have the report of the month before built, as a PDF and for spreadsheets."""
        first, _ = digests.month_before(self.today())
        title = f"Compliance report, {first:%B %Y}"
        for format_ in ("pdf", "csv"):
            task = self.reports.build.using(key=f"report-{first:%Y-%m}-{format_}")
            filters = {"month": f"{first:%Y-%m}"}
            self.app.enqueue(task.bind("month", format_, filters=filters, title=title))
        return {"asked": 2}

    def month(self, filters: dict[str, str]) -> list[dict[str, Any]]:
        """The rows of the report: the figures of a month, `{"month": "2026-09"}`."""
        first = date.fromisoformat(f"{filters['month']}-01")
        end = (first + timedelta(days=32)).replace(day=1)
        with self.books.begin() as tx:
            return digests.figures(tx, first, end)

    def send_report(self, event: Event) -> int:
        """Send managers the link to a report that has been built."""
        told = event.payload
        link = self.app.files.link(told["file"], expires="30d")
        with self.books.begin() as tx:
            people = digests.managers(tx)
        return self.outbox.post([
            Letter(
                f"report:{told['job']}:{each.email}", "report", each.email,
                f"{told['title']} ({told['format'].upper()})",
                f"Hello {each.name.split()[0]},\n\nthe report is at {link}\n",
            )
            for each in people
        ])  # fmt: skip

    def retry_emails(self) -> Figures:
        """Send letters anew that could not be sent."""
        again, given_up = self.outbox.retry_failed()
        return {"again": again, "given_up": given_up}

    def tell_admins(self, event: Event) -> int:
        """Tell admins by mail of jobs of the hub that failed for good."""
        if event.tenant != self.setup.tenant:
            return 0
        self.outbox.settle()
        notices = self.outbox.jobs_of(NOTICE)
        letters = []
        for job in event.payload["jobs"]:
            if not job["task"].startswith(SYSTEM) or job["id"] in notices:
                continue
            error = job.get("error") or {"kind": "", "message": job.get("reason", "")}
            letters += [
                Letter(
                    f"{NOTICE}:{job['id']}:{event.position}:{admin}", NOTICE, admin,
                    f"Failed for good: {job['task']}",
                    f"Job {job['id']} of {job['task']} has failed for good ({job.get('reason')}).\n"
                    f"\n{error['kind']}: {error['message']}\n\n"
                    f"POST /api/v1/jobs/dead-letter/{job['id']}/retry runs it again.\n",
                )
                for admin in self.setup.admins
            ]  # fmt: skip
        return self.outbox.post(letters)


def _plain(work: Callable[[], Figures]) -> Callable[[], Figures]:
    def run() -> Figures:
        return work()

    return run


def _async(
    work: Callable[[], Coroutine[Any, Any, Figures]],
) -> Callable[[], Coroutine[Any, Any, Figures]]:
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
