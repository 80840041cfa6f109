"""Letters: each is written down once, sent by a job of the e-mail kit, and seen to be sent."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Row, select, update

from examples.compliance_hub.tables import MAILS, Books
from tidemill import Priority, State, Task, Tidemill
from tidemill.core.instants import to_datetime
from tidemill.core.job import Snapshot

WRITTEN: Final = "written"
QUEUED: Final = "queued"
SENT: Final = "sent"
FAILED: Final = "failed"
GIVEN_UP: Final = "given up"

MOST_ROUNDS: Final = 5
"""Times that a failed letter is tried anew, each with all its attempts."""

AT_ONCE: Final = 500

NOTICE: Final = "notice"
"""Letters that tell admins of a failure: that one of these fails is told by no other one."""


class Letter(NamedTuple):
    """A letter to be sent.

    Attributes:
        once: what it is about: of letters about the same, one is sent.
        kind: what kind it is, for the statistics of the hub.
    """

    once: str
    kind: str
    to: str
    subject: str
    body: str


class Outbox:
    """The letters of one hub.

    A letter and the id of its job are in the hub's database before the job is in the store. So
    whatever dies in between, the next look finds letters without a job, and no letter gets two.

    Attributes:
        task: the name of what sends them.
    """

    def __init__(
        self, app: Tidemill, books: Books, send: Task[..., Any], now: Callable[[], datetime]
    ) -> None:
        """Send by this task of the e-mail kit.

        Args:
            app: whose jobs send.
            books: where letters are kept.
            send: takes `to`, `subject` and `text`.
            now: tells the time.
        """
        self._app = app
        self._books = books
        self.task = send.name
        self._send = send
        self._now = now

    def post(self, letters: Sequence[Letter]) -> int:
        """Write letters down, but for those about what there is one about, and have them sent.

        Returns:
            How many of them are new.
        """
        rows = [
            {
                "once": each.once, "kind": each.kind, "recipient": each.to,
                "subject": each.subject, "body": each.body, "state": WRITTEN, "job": "",
                "rounds": 0, "error": "", "written_at": self._now(),
            }
            for each in letters
        ]  # fmt: skip
        with self._books.begin() as tx:
            count = self._books.add(tx, MAILS, rows)
        self.dispatch()
        return count

    def dispatch(self) -> int:
        """Ask for the jobs of letters that have none; answer how many."""
        with self._books.begin() as tx:
            waiting = tx.execute(
                select(MAILS).where(MAILS.c.state.in_((WRITTEN, QUEUED))).order_by(MAILS.c.id)
            ).all()
        there = self._jobs([row.job for row in waiting if row.job])
        bounds = []
        for row in waiting:
            if row.job in there:
                continue
            task = self._send.using(priority=_urgency(row.kind))
            bound = task.bind(to=[row.recipient], subject=row.subject, text=row.body)
            if row.job:
                # Whoever noted this job may yet ask for it: of one id there is but one.
                bounds.append(replace(bound, id=row.job, unsent=False))
            elif self._take(row.id, bound.id):
                bounds.append(bound)
        self._app.enqueue_many(bounds)
        return len(bounds)

    def _take(self, letter: int, job: str) -> bool:
        """Note the job that is to send a letter; of two that do so at once, one does."""
        taken = update(MAILS).where(MAILS.c.id == letter, MAILS.c.state == WRITTEN)
        with self._books.begin() as tx:
            return tx.execute(taken.values(state=QUEUED, job=job)).rowcount > 0

    def settle(self) -> None:
        """Note of letters how their jobs stand, those included that somebody has run again."""
        with self._books.begin() as tx:
            meant = MAILS.c.state.in_((QUEUED, FAILED, GIVEN_UP))
            rows = tx.execute(select(MAILS).where(meant)).all()
        jobs = self._jobs([row.job for row in rows])
        for row in rows:
            if (job := jobs.get(row.job)) is None:
                continue
            state = _standing(job)
            if state == row.state or (state, row.state) == (FAILED, GIVEN_UP):
                continue
            error = f"{job.error.kind}: {job.error.message}" if job.error else job.reason
            sent = {"sent_at": to_datetime(job.finished_at or 0)} if state == SENT else {}
            values = {"state": state, "error": "" if sent else error, **sent}
            self._change(row, values)

    def retry_failed(self) -> tuple[int, int]:
        """Have letters that failed sent anew; answer how many, and how many were given up.

        It is the same job that runs again, so a letter that somebody has sent anew meanwhile, as a
        dead letter, is not sent twice.
        """
        self.settle()
        with self._books.begin() as tx:
            failed = tx.execute(select(MAILS).where(MAILS.c.state == FAILED)).all()
        again = [row for row in failed if row.rounds < MOST_ROUNDS]
        for row in failed:
            spent = row.rounds >= MOST_ROUNDS
            values = {"state": GIVEN_UP} if spent else {"state": QUEUED, "rounds": row.rounds + 1}
            self._change(row, values)
        if again:
            self._app.jobs.retry(*(row.job for row in again))
        self.dispatch()
        return len(again), len(failed) - len(again)

    def _change(self, row: Row[Any], values: dict[str, Any]) -> None:
        """Change a letter, if it still stands as it was seen."""
        seen = (MAILS.c.id == row.id, MAILS.c.job == row.job, MAILS.c.state == row.state)
        with self._books.begin() as tx:
            tx.execute(update(MAILS).where(*seen).values(**values))

    def jobs_of(self, kind: str) -> set[str]:
        """The jobs that send letters of a kind."""
        with self._books.begin() as tx:
            return set(tx.execute(select(MAILS.c.job).where(MAILS.c.kind == kind)).scalars())

    def _jobs(self, ids: Sequence[str]) -> dict[str, Snapshot]:
        found: dict[str, Snapshot] = {}
        for first in range(0, len(ids), AT_ONCE):
            found |= {job.id: job for job in self._app.jobs.look(ids[first : first + AT_ONCE])}
        return found


def _standing(job: Snapshot) -> str:
    """How a letter stands whose job stands so; one that nobody will ever take is given up."""
    if job.state is State.COMPLETED:
        return SENT
    if not job.state.finished:
        return QUEUED
    return GIVEN_UP if job.reason == "not_retryable" else FAILED


def _urgency(kind: str) -> Priority:
    return Priority.CRITICAL if kind == NOTICE else Priority.NORMAL
