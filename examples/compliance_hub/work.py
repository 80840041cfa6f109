"""What the jobs of the hub do, beside the syncs."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select, update

from examples.compliance_hub import digests
from examples.compliance_hub.feedback import Analyst
from examples.compliance_hub.jobs import QUEUE, SYSTEM
from examples.compliance_hub.outbox import NOTICE, Letter, Outbox
from examples.compliance_hub.setup import Setup
from examples.compliance_hub.tables import FEEDBACK, Books
from tidemill import Event, Task, Tidemill, current
from tidemill.kits.report import Reports

Figures = dict[str, int]
"""What jobs of the hub answer: how many of what."""

BELOW: Final = "/tidemill"
"""Where tidemill's own API and dashboard are served."""

AT_ONCE: Final = 100
"""Pieces of feedback that are read between two looks at whether the job is to stop."""


async def chat(subject: str, body: str) -> None:
    """Say something in the chat of the admins."""
    report = await current().services["notifications"].send("chat", ["admins"], subject, body)
    report.raise_for_failures()


class Work:
    """The work of one hub; its methods run in jobs."""

    def __init__(
        self,
        app: Tidemill,
        books: Books,
        outbox: Outbox,
        reports: Reports,
        setup: Setup,
        *,
        chat: Task[..., None],
        now: Callable[[], datetime],
    ) -> None:
        """Do it with these."""
        self._app = app
        self._books = books
        self._outbox = outbox
        self._reports = reports
        self._setup = setup
        self._chat = chat
        self._letters = outbox.task
        self._now = now
        self._analyst = Analyst()

    def remind(self, find: Callable[[Connection, date], list[Letter]]) -> Figures:
        """Remind whoever this finds."""
        with self._books.begin() as tx:
            letters = find(tx, self._now().date())
        written = self._outbox.post(letters)
        current().log(f"{len(letters)} reminders are due, {written} of them new")
        return {"due": len(letters), "sent": written}

    def analyse_feedback(self) -> Figures:
        """Read all feedback that has not been read, and note what it says."""
        job = current()
        with self._books.begin() as tx:
            unread = tx.execute(
                select(FEEDBACK.c.id, FEEDBACK.c.words).where(FEEDBACK.c.mood.is_(None))
            ).all()
        counts = dict.fromkeys(("read", "positive", "neutral", "negative"), 0)
        for first in range(0, len(unread), AT_ONCE):
            job.raise_if_cancelled()
            part = unread[first : first + AT_ONCE]
            job.progress(100 * first / len(unread), f"{first} of {len(unread)} read")
            readings = self._analyst.read([row.words for row in part])
            with self._books.begin() as tx:
                for row, reading in zip(part, readings, strict=True):
                    tx.execute(
                        update(FEEDBACK)
                        .where(FEEDBACK.c.id == row.id)
                        .values(**reading._asdict(), analysed_at=self._now())
                    )
                    counts[reading.mood] += 1
            counts["read"] += len(part)
        return counts

    def send_digest(self) -> Figures:
        """Tell managers of the week."""
        now = self._now()
        week = now - timedelta(days=7)
        meant = self._app.jobs.filter({"states": ["failed"], "created_from": week})
        failed = sum(each.count for each in self._app.jobs.tally(meant))
        with self._books.begin() as tx:
            letters = digests.weekly(tx, now.date(), failed)
        return {"sent": self._outbox.post(letters)}

    def report_month(self) -> Figures:
        """Have the report of the month before built, to be read and for spreadsheets."""
        first, _ = digests.month_before(self._now().date())
        title = f"Compliance report, {first:%B %Y}"
        for format_ in ("pdf", "csv"):
            task = self._reports.build.using(key=f"report-{first:%Y-%m}-{format_}")
            filters = {"month": f"{first:%Y-%m}"}
            self._app.enqueue(task.bind("month", format_, filters=filters, title=title))
        return {"asked": 2}

    def month(self, filters: dict[str, str]) -> list[dict[str, Any]]:
        """The rows of the report: the figures of a month, such as `{"month": "2026-09"}`."""
        first = date.fromisoformat(f"{filters['month']}-01")
        end = (first + timedelta(days=32)).replace(day=1)
        with self._books.begin() as tx:
            return digests.figures(tx, first, end)

    def send_report(self, event: Event) -> int:
        """Send managers the link to a report that has been built."""
        told = event.payload
        path = self._app.files.link(told["file"])
        with self._books.begin() as tx:
            people = digests.managers(tx)
        return self._outbox.post([
            Letter(
                f"report:{told['job']}:{each.email}", "report", each.email,
                f"{told['title']} ({told['format'].upper()})",
                f"Hello {each.name.split()[0]},\n\nyour report is at\n\n"
                f"{self._setup.address}{BELOW}{path}\n",
            )
            for each in people
        ])  # fmt: skip

    def retry_emails(self) -> Figures:
        """Send letters anew that could not be sent."""
        again, given_up = self._outbox.retry_failed()
        return {"again": again, "given_up": given_up}

    def tell_admins(self, event: Event) -> int:
        """Tell admins by mail of jobs of the hub that failed for good."""
        if event.tenant != self._setup.tenant:
            return 0
        self._outbox.settle()
        notices = self._outbox.jobs_of(NOTICE)
        letters: list[Letter] = []
        for job in event.payload["jobs"]:
            if not job["task"].startswith(f"{SYSTEM}.") or job["id"] in notices:
                continue
            told = [self._notice(job, event.position, each) for each in self._setup.admins]
            letters += told
            if self._setup.chat and job["task"] != self._chat.name:
                said = self._chat.using(key=f"chat:{job['id']}:{event.position}")
                said.enqueue(told[0].subject, told[0].body)
        return self._outbox.post(letters)

    def _notice(self, job: dict[str, Any], position: int, admin: str) -> Letter:
        error = job.get("error") or {"kind": "reason", "message": job.get("reason", "")}
        # A letter that is sent anew every two hours is told of once.
        time = "" if job["task"] == self._letters else f":{position}"
        return Letter(
            f"{NOTICE}:{job['id']}{time}:{admin}", NOTICE, admin,
            f"Failed for good: {job['task']}",
            f"Job {job['id']} of {job['task']} in queue {job.get('queue', QUEUE)} has failed for "
            f"good.\n\n{error['kind']}: {error['message']}\n\n"
            f"To run it again: POST /api/v1/jobs/dead-letter/{job['id']}/retry\n",
        )  # fmt: skip
