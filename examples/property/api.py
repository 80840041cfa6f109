"""The seven endpoints of jobs: for ADMIN and OPS, and nobody else."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from msgspec.structs import replace

from examples.property.shapes import (
    AuditOut,
    AuditsOut,
    DoneOut,
    JobDetailOut,
    JobOut,
    LineOut,
    PageOut,
    QueueOut,
    QueuesOut,
    Reason,
    job_out,
    plain,
)
from examples.property.words import (
    DEAD_LETTER,
    MOST_PAGE_SIZE,
    QUEUES,
    STATES,
    STATUSES,
)
from tidemill import State, errors
from tidemill.access.audit import AuditLine, AuditLog, Scribe, Search
from tidemill.access.role import Permission, Role
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.client.control import Jobs
from tidemill.client.queues import Queues
from tidemill.client.witness import Deed
from tidemill.core.identity import check_words
from tidemill.core.instants import to_datetime
from tidemill.core.job import Snapshot
from tidemill.core.record import NewEntry
from tidemill.core.rules import QueueRules

if TYPE_CHECKING:
    from examples.property.office import Office

routes: Final = APIRouter(prefix="/jobs", tags=["jobs"])

ACTIONS: Final[dict[str, Literal["retry", "remove", "cancel"]]] = {
    "jobs.retry": "retry",
    "jobs.delete": "remove",
    "jobs.cancel": "cancel",
}
"""What tidemill's audit log calls them, and what they are called here."""

_OF_STATUS: Final = {
    status: tuple(state for state, word in STATES.items() if word == status)
    for status in (*STATUSES, "cancelled")
}


class Scribbler:
    """The witness of what is done to one job: the audit log tells its queue, too."""

    def __init__(self, scribe: Scribe, tenant: str, queue: str, reason: str) -> None:
        """Know who asks, and about the jobs of which queue."""
        self._scribe = replace(scribe, reason=check_words("reason", reason) or scribe.reason)
        self._tenant = tenant
        self._queue = queue

    @property
    def source(self) -> str:
        """How the audit log names them."""
        return self._scribe.source

    def tells(self, deed: Deed) -> NewEntry:
        """The line that says who has done this, and to a job of which queue."""
        told = self._scribe.tells(replace(deed, given={**deed.given, "queue": self._queue}))
        return replace(told, tenant=self._tenant)


class Staff:
    """Whoever asks, and what they ask with: the jobs of property management and no others."""

    def __init__(self, desk: Desk, office: "Office") -> None:
        """Act for whoever sits at this desk."""
        self._desk = desk
        self.office = office
        self._tenant = office.setup.tenant
        self.jobs = Jobs(desk.app.client.on_behalf(self._tenant, desk.scribe))
        self.queues = Queues(desk.app.client)
        self.tickets = office.tickets.asked_by(desk.scribe)
        self.audit = AuditLog(desk.app.client.on_behalf(None, desk.scribe))

    async def job(self, queue: str, id_: str) -> Snapshot:
        """A job of a queue.

        Raises:
            NotFound: there is no such queue, or no such job in it.
        """
        states = _states(queue, "")
        try:
            found = (await self.jobs.aget(id_)).seen
        except errors.JobNotFound:
            found = None
        if found is None or found.queue not in _queues(queue) or found.state not in states:
            raise errors.JobNotFound(f"there is no job {id_[:80]} in {queue}")
        return found

    def for_job(self, job: Snapshot, reason: str) -> Jobs:
        """What changes a job, and says so."""
        witness = Scribbler(self._desk.scribe, self._tenant, job.queue, reason)
        return Jobs(self._desk.app.client.on_behalf(self._tenant, witness))


def staff(permission: Permission) -> Any:
    """What an endpoint declares: it is for ADMIN and OPS, whose key, if it is one, allows this."""

    async def find(request: Request, desk: Annotated[Desk, needs(permission)]) -> Staff:
        office: Office = request.app.state.office
        known = desk.actor.role in (Role.ADMIN, Role.OPERATOR)
        if not known or desk.actor.tenant not in (None, office.setup.tenant):
            raise errors.NotAllowed(f"{desk.actor.name} is neither ADMIN nor OPS here")
        return Staff(desk, office)

    return Depends(find)


Seeing = Annotated[Staff, staff(Permission.JOBS_READ)]
Changing = Annotated[Staff, staff(Permission.JOBS_CHANGE)]
Deleting = Annotated[Staff, staff(Permission.JOBS_DELETE)]
Size = Annotated[int | None, Query(alias="pageSize", ge=1, le=MOST_PAGE_SIZE)]


@routes.get("/queues")
async def list_queues(who: Seeing) -> QueuesOut:
    """List the queues, and how many of their jobs are in which state."""
    return QueuesOut(queues=[await _queue(who, queue) for queue in (*QUEUES, DEAD_LETTER)])


@routes.get("/audit")
async def audit(
    who: Seeing,
    cursor: Annotated[int | None, Query(ge=0)] = None,
    page_size: Size = None,
    job: Annotated[str, Query(max_length=80, alias="jobId")] = "",
) -> AuditsOut:
    """List who did what to which job, newest first."""
    wanted = Search(action="jobs.*", target=job, result="done")
    size = page_size or who.office.setup.page_size
    entries: list[AuditOut] = []
    while True:
        page = await who.audit.apage(wanted, cursor=cursor, limit=size - len(entries))
        entries += await _audited(who, [line for line in page.lines if line.action in ACTIONS])
        cursor = page.cursor
        if cursor is None or len(entries) >= size:
            return AuditsOut(entries=entries, next=cursor)


@routes.get("/queues/{queue}")
async def list_jobs(
    queue: str,
    who: Seeing,
    status: Annotated[str, Query(max_length=20)] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    page_size: Size = None,
) -> PageOut:
    """List the jobs of a queue, newest first, of one status or of all."""
    states = _states(queue, status)
    meant = who.jobs.filter({"queues": _queues(queue), "states": states})
    size = page_size or who.office.setup.page_size
    found: list[Snapshot] = []
    while True:
        page = await who.jobs.apage(meant, cursor=cursor, limit=size - len(found))
        found += page.jobs
        cursor = page.cursor
        if cursor is None or len(found) >= size:
            break
    return PageOut(
        queue=await _queue(who, queue),
        jobs=[JobOut(**job_out(each)) for each in found],
        page_size=size,
        next=cursor,
    )


@routes.get("/queues/{queue}/{id}")
async def get_job(queue: str, id: str, who: Seeing) -> JobDetailOut:  # noqa: A002 - its word
    """Tell all that is known of a job."""
    job = await who.job(queue, id)
    error = job.error
    lines = await who.jobs.handle(job).alogs()
    return JobDetailOut(
        **job_out(job),
        data=plain(job.args),
        result=plain(job.result),
        message="" if job.progress is None else job.progress.message,
        error=None if error is None else f"{error.kind}: {error.message}",
        stack_trace=None if error is None else error.traceback,
        logs=[
            LineOut(at=to_datetime(line.at), level=line.level, message=line.message)
            for line in lines
        ],
    )


@routes.post("/queues/{queue}/{id}/retry")
async def retry_job(
    queue: str,
    id: str,  # noqa: A002 - its word
    who: Changing,
    body: Reason | None = None,
) -> DoneOut:
    """Run a job that has failed, or was cancelled, again."""
    job = await who.job(queue, id)
    _check(job, (State.FAILED, State.CANCELLED), "retried")
    reason = body.reason if body else ""
    await who.for_job(job, reason).aretry(job.id)
    return DoneOut(id=job.id, queue=job.queue, action="retry", reason=reason)


@routes.post("/queues/{queue}/{id}/remove")
async def remove_job(
    queue: str,
    id: str,  # noqa: A002 - its word
    who: Deleting,
    body: Reason | None = None,
) -> DoneOut:
    """Remove a job that does not run, for good."""
    job = await who.job(queue, id)
    _check(job, [each for each in State if each is not State.RUNNING], "removed")
    reason = body.reason if body else ""
    await who.for_job(job, reason).adelete(job.id)
    return DoneOut(id=job.id, queue=job.queue, action="remove", reason=reason)


@routes.post("/queues/{queue}/{id}/cancel")
async def cancel_job(
    queue: str,
    id: str,  # noqa: A002 - its word
    who: Changing,
    body: Reason | None = None,
) -> DoneOut:
    """End a job that has not finished; one that runs is asked to stop."""
    job = await who.job(queue, id)
    _check(job, [each for each in State if not each.finished], "cancelled")
    reason = body.reason if body else ""
    await who.for_job(job, reason).acancel(job.id, reason=reason)
    return DoneOut(id=job.id, queue=job.queue, action="cancel", reason=reason)


def _queues(queue: str) -> tuple[str, ...]:
    """Where jobs of a queue wait: dead letters are those of all queues.

    Raises:
        NotFound: there is no such queue.
    """
    if queue == DEAD_LETTER:
        return QUEUES
    if queue not in QUEUES:
        raise errors.NotFound(f"there is no queue {queue[:80]!r}", hint=", ".join(QUEUES))
    return (queue,)


def _states(queue: str, status: str) -> tuple[State, ...]:
    """The states that a status means, in a queue.

    Raises:
        InvalidArguments: there is no such status.
    """
    if status and status not in _OF_STATUS:
        raise errors.InvalidArguments(
            f"there is no status {status!r}", hint=f"use one of {', '.join(_OF_STATUS)}"
        )
    meant = _OF_STATUS[status] if status else tuple(State)
    return tuple(each for each in meant if queue != DEAD_LETTER or each is State.FAILED)


def _check(job: Snapshot, allowed: Collection[State], done: str) -> None:
    """See to it that something can be done to a job as it is.

    Raises:
        StateError: it cannot.
    """
    if job.state not in allowed:
        raise errors.StateError(
            f"job {job.id} is {STATES[job.state]}, so it cannot be {done}",
            hint=f"that goes for {', '.join(dict.fromkeys(STATES[each] for each in allowed))}",
        )


async def _queue(who: Staff, queue: str) -> QueueOut:
    """A queue, and how many of its jobs are in which state."""
    counts = dict.fromkeys((*STATUSES, "cancelled"), 0)
    rules = {each.queue: each for each in await who.queues.afind()}
    meant = who.jobs.filter({"queues": _queues(queue), "states": _states(queue, "")})
    for each in await who.jobs.atally(meant):
        counts[STATES[each.state]] += each.count
    paused = rules.get(queue, QueueRules(queue=queue)).paused
    return QueueOut(name=queue, is_paused=paused, counts=counts)


async def _audited(who: Staff, lines: list[AuditLine]) -> list[AuditOut]:
    """Lines that are about jobs of ours: some name their queue, and of others it is looked up."""
    unknown = [each.account.target for each in lines if "queue" not in each.account.given]
    found = {job.id: job.queue for job in await who.jobs.alook([each for each in unknown if each])}
    entries = []
    for line in lines:
        told = line.account
        queue = told.given.get("queue") or found.get(told.target, "")
        if queue in QUEUES and line.tenant in ("", who.office.setup.tenant):
            entries.append(
                AuditOut(
                    id=line.position,
                    actor_user_id=line.actor,
                    queue=queue,
                    job_id=told.target,
                    action=ACTIONS[line.action],
                    reason=told.reason or told.given.get("reason") or None,
                    timestamp=to_datetime(line.at),
                )
            )
    return entries
