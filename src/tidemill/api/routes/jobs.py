"""`/jobs`: enqueue, look, and whatever can be asked of them."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request, Response

from tidemill.access.role import Permission as P
from tidemill.api.answers import page, sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.enqueueing import Enqueueing
from tidemill.api.shapes.jobs import (
    ChangedOut,
    EnqueuedManyOut,
    EnqueuedOut,
    EnqueueIn,
    EnqueueManyIn,
    FilterIn,
    JobOut,
    JobPageOut,
    LogOut,
    job_out,
)
from tidemill.api.shapes.shape import In, Key, Limit, Words, moment

routes: Final = APIRouter(prefix="/jobs", tags=["jobs"])

MOST_COUNTED: Final = 10_000
"""Jobs that a preview counts one by one."""
_SAMPLE: Final = 5

JobId = Annotated[str, Key]


class ListIn(FilterIn):
    """A page of jobs."""

    cursor: Annotated[str | None, Query(max_length=100)] = None
    limit: Limit = 25


class CancelIn(In):
    """Why."""

    reason: Words = ""


@routes.post("", operation_id="enqueueJob", status_code=201, response_model=EnqueuedOut)
async def enqueue(
    body: EnqueueIn,
    desk: Desk = needs(P.JOBS_ENQUEUE),
    key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)] = None,
) -> Response:
    """Ask for a task to be run later.

    Sent again with the same `Idempotency-Key` it stores nothing anew and answers the same job, for
    as long as that is kept; with another body under the same key it is refused.
    """
    made = await Enqueueing(desk).one(body, key)
    return sent(made.out(), 201 if made.created else 200, location=f"jobs/{made.id}")


@routes.post("/batch", operation_id="enqueueJobs", status_code=201, response_model=EnqueuedManyOut)
async def enqueue_many(
    body: EnqueueManyIn,
    desk: Desk = needs(P.JOBS_ENQUEUE),
    key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)] = None,
) -> Response:
    """Ask for many tasks to be run later, all or none."""
    made = await Enqueueing(desk).many(body.jobs, key)
    return sent({"jobs": [each.out() for each in made]}, 201)


@routes.get("", operation_id="listJobs", response_model=JobPageOut)
async def list_jobs(
    request: Request, which: Annotated[ListIn, Query()], desk: Desk = needs(P.JOBS_READ)
) -> Response:
    """List jobs, newest first."""
    wanted = desk.jobs.filter(keywords(desk, which))
    found = await desk.jobs.apage(wanted, cursor=which.cursor, limit=which.limit)
    masked = not desk.sees_payloads
    out = {"jobs": [job_out(each, masked=masked) for each in found.jobs], "cursor": found.cursor}
    return page(request, out, found.cursor)


@routes.get("/{id}", operation_id="getJob", response_model=JobOut)
async def get(id: JobId, desk: Desk = needs(P.JOBS_READ)) -> Response:  # noqa: A002 - the word
    """Look at one job, its attempts included."""
    job = await desk.jobs.aget(id)
    seen = job.seen or await job.asnapshot()
    return sent(job_out(seen, masked=not desk.sees_payloads, attempts=True))


@routes.get("/{id}/logs", operation_id="getJobLogs", response_model=LogOut)
async def logs(id: JobId, desk: Desk = needs(P.JOBS_READ)) -> Response:  # noqa: A002 - the word
    """Read what a job said while it ran."""
    job = await desk.jobs.aget(id)
    if not desk.sees_payloads:
        return sent({"lines": [], "masked": True})
    lines = [
        {"at": moment(line.at), "level": line.level, "message": line.message, "fields": line.fields}
        for line in await job.alogs()
    ]
    return sent({"lines": lines, "masked": False})


@routes.post("/{id}/cancel", operation_id="cancelJob", response_model=ChangedOut)
async def cancel(
    id: JobId,  # noqa: A002 - the word for it
    desk: Desk = needs(P.JOBS_CHANGE),
    body: CancelIn | None = None,
) -> Response:
    """End a job, or ask it to stop while it runs."""
    await desk.jobs.aget(id)
    return changed(await desk.jobs.acancel(id, reason=body.reason if body else ""))
