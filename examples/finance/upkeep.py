"""What keeps the jobs themselves in order: the look for stuck ones, and the end of old ones."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

from msgspec import Struct

from examples.finance import dialect
from examples.finance.place import ADDRESSES
from tidemill import Event, Job, Priority, Retry, State, Task, Tidemill, current, unique
from tidemill.client.control import Jobs
from tidemill.core.instants import to_datetime
from tidemill.kits.email import Email

KEPT: Final = timedelta(days=30)
"""Finished jobs are kept so long."""

OVERDUE: Final = 60_000
"""Milliseconds that a job may be beyond its timeout before it counts as stuck."""

IDLE: Final = 3_600_000
"""Milliseconds that a job may wait for a worker before it counts as stuck."""

ADMINS: Final = (ADDRESSES["ada"],)
"""Who is told of what has failed for good."""

FINISHED: Final = (State.COMPLETED, State.FAILED, State.CANCELLED)


class Stuck(Struct):
    """A job that does not go on.

    Attributes:
        why: `"worker lost"`: nobody renews the lease under which it runs, so that another worker
            will be given it; `"overdue"`: it runs longer than it may, and is asked to stop;
            `"not taken"`: no worker has taken it for an hour.
    """

    id: str
    type: str
    queue: str
    why: str


async def find_stuck(
    jobs: Jobs, now: int, paused: frozenset[str] = frozenset(), *, asking: bool = True
) -> list[Stuck]:
    """Find jobs that do not go on, and ask those to stop that should have ended by themselves.

    Args:
        jobs: as whoever looks sees them.
        now: milliseconds UTC.
        paused: queues from which nobody takes jobs, and nobody should.
        asking: whether they are asked, or only found.
    """
    found = []
    async for job in jobs.find(states=[State.RUNNING], queues=dialect.QUEUES):
        why = await _why(jobs, job, now)
        if why == "overdue" and asking:
            await jobs.acancel(job.id, reason="stuck: it ran longer than it may")
        if why and job.seen is not None:
            found.append(Stuck(job.id, dialect.type_of(job.task), job.seen.queue, why))
    # Where the first in a line has not waited for long, nobody behind it has.
    idle = {
        each.queue
        for each in await jobs.acounts()
        if each.state is State.WAITING and now - each.oldest_at > IDLE
    }
    slow = sorted(idle & set(dialect.QUEUES) - paused)
    return [*found, *[each async for each in _not_taken(jobs, slow, now)]]


async def _not_taken(jobs: Jobs, queues: list[str], now: int) -> AsyncIterator[Stuck]:
    """The jobs of these queues that have waited for too long."""
    if not queues:
        return  # none named would mean all
    async for job in jobs.find(states=[State.WAITING], queues=queues):
        if job.seen is not None and now - job.seen.ready_at > IDLE:
            yield Stuck(job.id, dialect.type_of(job.task), job.seen.queue, "not taken")


async def _why(jobs: Jobs, job: Job[Any], now: int) -> str:
    """Why a job that was seen to run does not go on; empty: it does, or has ended since."""
    seen = job.seen or await job.asnapshot()
    if seen.worker not in {worker.session for worker in await jobs.aworkers()}:
        # Its worker may have ended in order meanwhile, and the job before it.
        again = await jobs.alook([job.id])
        still = again and (again[0].state, again[0].worker) == (State.RUNNING, seen.worker)
        return "worker lost" if still else ""
    if seen.timeout is None or seen.started_at is None:
        return ""
    return "overdue" if now - seen.started_at > seen.timeout + OVERDUE else ""


def _why_failed(job: dict[str, Any]) -> str:
    error = job.get("error")
    return f"{error['kind']}: {error['message']}" if error else str(job["reason"])


class Upkeep:
    """What looks at jobs.

    Attributes:
        check_stuck: looks for jobs that do not go on.
        clean_old_jobs: deletes what has been finished for longer than it is kept.

    Beside them a handler mails to the admins what has failed for good.
    """

    def __init__(self, app: Tidemill, email: Email) -> None:
        """Look after the jobs of this application, and tell its admins by this kit."""
        self._app = app
        self._email = email
        retry = Retry.exponential(attempts=3, base="5s")
        self.check_stuck: Task[..., list[Stuck]] = app.task(
            name="finance.check_stuck",
            queue=dialect.MAINTENANCE,
            priority=Priority.HIGH,
            timeout="1m",
            retry=retry,
        )(self._check_stuck)
        self.clean_old_jobs: Task[..., int] = app.task(
            name="finance.clean_old_jobs",
            queue=dialect.MAINTENANCE,
            priority=Priority.LOW,
            timeout="10m",
            retry=retry,
        )(self._clean_old_jobs)

        app.on("jobs.failed")(
            app.task(name="finance.tell_of_failures", queue=dialect.NOTIFICATION, retry=retry)(
                self._tell_of_failures
            )
        )

    async def _tell_of_failures(self, event: Event) -> str | None:
        """Mail to the admins what has failed for good, but for mail itself; that mail's job."""
        failed = [job for job in event.payload["jobs"] if job["task"] != self._email.send.name]
        if not failed:
            return None
        lines = [
            f"{dialect.type_of(job['task'])} {job['id']}: {_why_failed(job)}" for job in failed
        ]
        send = self._email.send.using(key=f"failures:{event.position}", unique=unique(window="7d"))
        subject = f"{len(failed)} failed for good: {dialect.type_of(failed[0]['task'])}"
        sent = await self._app.aenqueue(
            send.bind(to=list(ADMINS), subject=subject, text="\n".join(lines))
        )
        return sent.id

    async def paused(self) -> frozenset[str]:
        """The queues that somebody has paused."""
        return frozenset(each.queue for each in await self._app.queues.afind() if each.paused)

    async def _check_stuck(self) -> list[Stuck]:
        found = await find_stuck(self._app.jobs, self._app.store.clock.now(), await self.paused())
        log = current().services["logger"]
        for each in found:
            log.warning("a job is stuck", stuck=each.id, queue=each.queue, why=each.why)
            told: dict[str, Any] = {"job": each.id, "type": each.type, "why": each.why}
            await self._app.events.aemit("finance.job.stuck", told, source="finance.check_stuck")
        log.info("checked", stuck=len(found))
        return found

    async def _clean_old_jobs(self) -> int:
        """Delete jobs that were asked for long ago and have finished; how many there were."""
        before = to_datetime(self._app.store.clock.now()) - KEPT
        return await self._app.jobs.adelete(
            states=FINISHED, queues=dialect.QUEUES, created_before=before
        )
