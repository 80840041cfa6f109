"""`/job-monitor`: the eleven endpoints of Finance Management, for its admins."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from examples.finance import dialect
from examples.finance.ledger import Ledger
from examples.finance.upkeep import FINISHED, KEPT, find_stuck
from tidemill import State, errors
from tidemill.access.role import Permission
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.core.instants import to_datetime
from tidemill.core.query import QueueCounts
from tidemill.core.rules import QueueRules

_MOST: Final = 200
_MOST_LINES: Final = 1_000


async def administrator(desk: Annotated[Desk, needs(Permission.AUDIT_READ)]) -> Desk:
    """The desk of an admin who comes with a token of the identity provider, and with nothing else.

    Raises:
        NotAllowed: it is somebody with a key or a session of tidemill's own.
    """
    if desk.actor.kind != "host":
        raise errors.NotAllowed("only a token of the identity provider opens this")
    return desk


Admin = Annotated[Desk, Depends(administrator)]


def _ledger(request: Request) -> Ledger:
    ledger: Ledger = request.app.state.finance.place.ledger
    return ledger


Books = Annotated[Ledger, Depends(_ledger)]

# The document of the API is the platform's; the page about this application tells of these.
routes: Final = APIRouter(prefix="/job-monitor", include_in_schema=False)


class ListIn(BaseModel):
    """Which jobs are meant; every one given must hold."""

    model_config = ConfigDict(extra="forbid")

    status: str = ""
    type: str = ""
    queue: str = ""
    userId: str = Field("", max_length=200)
    externalId: str = Field("", max_length=200)
    cursor: str | None = None
    limit: int = Field(25, ge=1, le=_MOST)


class ControlIn(BaseModel):
    """What is to become of a queue."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["pause", "resume", "clean", "drain"]
    reason: str = Field("", max_length=1_000)


class CleanIn(BaseModel):
    """Which finished jobs are to go."""

    model_config = ConfigDict(extra="forbid")

    olderThanDays: int = Field(KEPT.days, ge=0, le=3_650)
    status: Literal["COMPLETED", "FAILED", "CANCELLED"] | None = None


@routes.get("/jobs")
async def list_jobs(which: Annotated[ListIn, Query()], desk: Admin, ledger: Books) -> Any:
    """List jobs, newest first."""
    wanted: dict[str, Any] = {"queues": [_known(which.queue)] if which.queue else dialect.QUEUES}
    if which.status:
        wanted["states"] = dialect.states_of(which.status)
    if which.type:
        wanted["tasks"] = [dialect.task_of(which.type)]
    if tags := dialect.tags_of(which.userId, which.externalId):
        wanted["tags"] = tags
    meant = desk.jobs.filter(wanted)  # type: ignore[arg-type]  # put together name by name
    page = await desk.jobs.apage(meant, cursor=which.cursor, limit=which.limit)
    repeats = await asyncio.to_thread(ledger.repeats, [job.id for job in page.jobs])
    workers = await _workers(desk)
    jobs = [dialect.record(job, workers, repeats) for job in page.jobs]
    return {"jobs": jobs, "cursor": page.cursor}


@routes.get("/jobs/{id}")
async def get_job(id: str, desk: Admin, ledger: Books) -> Any:  # noqa: A002 - the word for it
    """Look at one job."""
    job = await _own(desk, id)
    seen = await job.asnapshot()
    repeats = await asyncio.to_thread(ledger.repeats, [seen.id])
    return dialect.record(seen, await _workers(desk), repeats)


@routes.get("/jobs/{id}/logs")
async def get_logs(
    id: str,  # noqa: A002 - the word for it
    desk: Admin,
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] | None = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_LINES)] = _MOST_LINES,
) -> Any:
    """Read what a job said, of one level or of all, the latest lines."""
    lines = await (await _own(desk, id)).alogs()
    if level:
        lines = [line for line in lines if line.level in dialect.LEVELS[level]]
    return {"logs": [dialect.log_record(line) for line in lines[-limit:]]}


@routes.get("/statistics")
async def statistics(desk: Admin) -> Any:
    """How many jobs there are by status and type, how many went well, how long they took."""
    by_type: dict[str, dict[str, int]] = {}
    since = to_datetime(desk.client.store.clock.now()) - KEPT
    for type_, task in dialect.TYPES.items():
        counts: dict[str, int] = {}
        for each in await desk.jobs.atally(desk.jobs.filter({"tasks": [task]})):
            status = dialect.status_of(each.state)
            counts[status] = counts.get(status, 0) + each.count
        by_type[type_] = counts
    ran = await desk.jobs.astatistics(since, step="hour")
    now = desk.client.store.clock.now()
    stuck = await find_stuck(desk.jobs, now, await _paused(desk), asking=False)
    waiting = sum(counts.get("PENDING", 0) for counts in by_type.values())
    return dialect.figures(by_type, ran.buckets) | {"queueLength": waiting, "stuckJobs": len(stuck)}


@routes.post("/jobs/{id}/retry")
async def retry_job(id: str, desk: Admin, ledger: Books) -> Any:  # noqa: A002 - the word for it
    """Run a failed or cancelled job again, with all its attempts before it."""
    job = await _own(desk, id)
    if desk.actor.tenant:
        await desk.quotas.aall_again(desk.actor.tenant, 1)
    if not await desk.jobs.aretry(id):
        status = dialect.status_of((await job.asnapshot()).state)
        raise errors.StateError(f"job {id} is {status}, and cannot be retried")
    desk.changed()
    return await get_job(id, desk, ledger)


@routes.delete("/jobs/{id}")
async def delete_job(id: str, desk: Admin) -> Any:  # noqa: A002 - the word for it
    """Cancel a job that has not finished, or remove one that has."""
    job = await _own(desk, id)
    if (await job.asnapshot()).state.finished:
        await desk.jobs.adelete(id)
        return {"id": id, "action": "removed"}
    await desk.jobs.acancel(id, reason=desk.scribe.reason)
    return {"id": id, "action": "cancelled"}


@routes.get("/queues")
async def list_queues(desk: Admin) -> Any:
    """How each queue stands."""
    rules = {each.queue: each for each in await desk.queues.afind()}
    counts = await desk.jobs.acounts()
    return {"queues": [_queue(name, rules.get(name), counts) for name in dialect.QUEUES]}


@routes.get("/queues/{name}/status")
async def queue_status(name: str, desk: Admin) -> Any:
    """How one queue stands."""
    rules = {each.queue: each for each in await desk.queues.afind()}
    return _queue(_known(name), rules.get(name), await desk.jobs.acounts())


@routes.post("/queues/{name}/control")
async def control_queue(name: str, body: ControlIn, desk: Admin) -> Any:
    """Pause or resume a queue, cancel what waits in it, or delete what has finished."""
    queue, affected = _known(name), 0
    reason = body.reason or desk.scribe.reason
    match body.action:
        case "pause":
            await desk.queues.apause(queue, reason)
        case "resume":
            await desk.queues.aresume(queue)
        case "drain":
            waiting = [State.WAITING, State.BLOCKED, State.SCHEDULED, State.RETRYING]
            affected = await desk.jobs.acancel(
                queues=[queue], states=waiting, reason=reason or "drained"
            )
        case "clean":
            affected = await desk.jobs.adelete(queues=[queue], states=FINISHED)
    return {"action": body.action, "affected": affected} | await queue_status(name, desk)


@routes.post("/jobs/clean")
async def clean_jobs(desk: Admin, body: CleanIn | None = None) -> Any:
    """Delete finished jobs that were asked for so many days ago, and their history, for good."""
    asked = body or CleanIn.model_validate({})
    states = dialect.states_of(asked.status) if asked.status else FINISHED
    now = to_datetime(desk.client.store.clock.now())
    before = now - timedelta(days=asked.olderThanDays) + timedelta(milliseconds=1)
    deleted = await desk.jobs.adelete(states=states, queues=dialect.QUEUES, created_before=before)
    return {"deleted": deleted}


@routes.post("/jobs/check-stuck")
async def check_stuck(desk: Admin) -> Any:
    """Look for jobs that do not go on, now."""
    now = desk.client.store.clock.now()
    found = await find_stuck(desk.jobs, now, await _paused(desk))
    return {
        "stuckJobs": [
            {"id": each.id, "type": each.type, "queue": each.queue, "why": each.why}
            for each in found
        ]
    }


async def _own(desk: Desk, id_: str) -> Any:
    """A job of this application.

    Raises:
        JobNotFound: there is none of this id, or it is another application's.
    """
    job = await desk.jobs.aget(id_)
    if job.seen is None or job.seen.queue not in dialect.QUEUES:
        raise errors.JobNotFound(f"job {id_} is not stored", hint="is its history pruned?")
    return job


def _known(queue: str) -> str:
    """The name of a queue of this application.

    Raises:
        NotFound: it is none.
    """
    if queue not in dialect.QUEUES:
        raise errors.NotFound(
            f"there is no queue {queue!r}", hint=f"there are {', '.join(dialect.QUEUES)}"
        )
    return queue


async def _workers(desk: Desk) -> dict[int, str]:
    return {worker.session: worker.name for worker in await desk.jobs.aworkers()}


async def _paused(desk: Desk) -> frozenset[str]:
    return frozenset(each.queue for each in await desk.queues.afind() if each.paused)


def _queue(name: str, rules: QueueRules | None, counts: tuple[QueueCounts, ...]) -> dict[str, Any]:
    by_status = dict.fromkeys(("PENDING", "DELAYED", "ACTIVE", "RETRYING"), 0)
    for each in counts:
        if each.queue == name:
            by_status[dialect.status_of(each.state)] += each.count
    paused = rules is not None and rules.paused
    note = rules.note if rules else ""
    return {"name": name, "isPaused": paused, "note": note, "counts": by_status}
