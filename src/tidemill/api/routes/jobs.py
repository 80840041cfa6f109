"""`/jobs`: enqueue, look, and whatever can be asked of them."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import page, sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.enqueueing import Enqueueing
from tidemill.api.filtering import keywords
from tidemill.api.shapes.changes import (
    CancelIn,
    ChangedOut,
    ChangeIn,
    MoveIn,
    PostponeIn,
    PreviewOut,
    QueueIn,
    ReprioritiseIn,
    UntilIn,
    UrgencyIn,
)
from tidemill.api.shapes.jobs import (
    EnqueuedManyOut,
    EnqueuedOut,
    EnqueueIn,
    EnqueueManyIn,
    FilterIn,
    JobOut,
    JobPageOut,
    ListIn,
    LogOut,
    TallyOut,
    WhyOut,
    cause_out,
    job_out,
    log_line_out,
    priority_of,
)
from tidemill.api.shapes.shape import Key
from tidemill.api.straight import Straight
from tidemill.api.sweeping import LEFT, meant, swept
from tidemill.client.scan import look_through
from tidemill.client.steps import Walk
from tidemill.core.change import (
    Cancel,
    Delete,
    Move,
    Reprioritise,
    Retry,
    RunNow,
)
from tidemill.core.errors import StateError
from tidemill.core.job import Snapshot

routes: Final = APIRouter(prefix=f"{PREFIX}/jobs", tags=["jobs"], route_class=Straight)

MOST_COUNTED: Final = 10_000
"""Jobs that are counted one by one, for a preview or in one state."""
_SAMPLE: Final = 5

Reading = Annotated[Desk, needs(Permission.JOBS_READ)]
Enqueuing = Annotated[Desk, needs(Permission.JOBS_ENQUEUE)]
Changing = Annotated[Desk, needs(Permission.JOBS_CHANGE)]
Deleting = Annotated[Desk, needs(Permission.JOBS_DELETE)]
Once = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


@routes.post(
    "",
    operation_id="enqueueJob",
    status_code=201,
    response_model=EnqueuedOut,
    responses={200: {"model": EnqueuedOut, "description": "It was there already."}},
)
async def enqueue(body: EnqueueIn, desk: Enqueuing, key: Once = None) -> Response:
    """Ask for a task to be run later.

    Sent again with the same `Idempotency-Key` it stores nothing anew and answers the same job, for
    as long as that is kept; with another job under the same key it is refused.
    """
    made = await Enqueueing(desk).one(body, key)
    return sent(made, 201 if made.created else 200, location=desk.place_of(made.id))


@routes.post("/batch", operation_id="enqueueJobs", status_code=201, response_model=EnqueuedManyOut)
async def enqueue_many(body: EnqueueManyIn, desk: Enqueuing, key: Once = None) -> Response:
    """Ask for up to a thousand jobs, all or none."""
    made = await Enqueueing(desk).many(body.jobs, key)
    return sent({"jobs": made}, 201)


@routes.get("", operation_id="listJobs", response_model=JobPageOut)
async def list_jobs(request: Request, which: Annotated[ListIn, Query()], desk: Reading) -> Response:
    """List jobs, newest first."""
    wanted = desk.jobs.filter(keywords(desk, which))
    found = await desk.jobs.apage(wanted, cursor=which.cursor, limit=which.limit)
    masked = not desk.sees_payloads
    out = {"jobs": [job_out(each, masked=masked) for each in found.jobs], "cursor": found.cursor}
    return page(request, out, found.cursor)


@routes.get("/counts", operation_id="countJobs", response_model=TallyOut)
async def count(which: Annotated[FilterIn, Query()], desk: Reading) -> Response:
    """Count the jobs that match, by state, each up to 10,000.

    But by state alone, or by a rare tag, only the newest 10,000 jobs that are not finished are
    looked at, and as many that are, of the task, queue or tenant if one is named; of what may be
    beyond, `more` tells.
    """
    wanted = desk.jobs.filter(keywords(desk, which))
    found = await desk.jobs.atally(wanted, most=MOST_COUNTED)
    states = [msgspec.structs.asdict(each) for each in found]
    return sent({"states": states})


@routes.post("/preview", operation_id="previewJobs", response_model=PreviewOut)
async def preview(body: ChangeIn, desk: Reading) -> Response:
    """Count the jobs that a change would look at, and show some of them, the newest of a filter."""
    which = desk.jobs.owned(meant(desk, body))
    if which.filter is None:
        found = await (await desk.app.aopen()).reader.get(list(dict.fromkeys(which.ids)))
        seen = [job for job in found if desk.client.sees(job)]
        return _previewed(desk, len(seen), seen[:_SAMPLE], more=False)
    sample: list[Snapshot] = []

    def see(jobs: Sequence[Snapshot]) -> None:
        sample.extend(jobs[: _SAMPLE - len(sample)])

    engine = await desk.app.aopen()
    count, more = await Walk(look_through(engine, which.filter, MOST_COUNTED, see))
    return _previewed(desk, count, sample, more=more)


@routes.post("/cancel", operation_id="cancelJobs", response_model=ChangedOut, responses=LEFT)
async def cancel_many(body: ChangeIn, desk: Changing) -> Response:
    """End jobs; those that run are asked to stop."""
    return await swept(desk, meant(desk, body), Cancel(desk.scribe.reason))


@routes.post("/retry", operation_id="retryJobs", response_model=ChangedOut, responses=LEFT)
async def retry_many(body: ChangeIn, desk: Changing) -> Response:
    """Run failed and cancelled jobs again."""
    return await swept(desk, meant(desk, body), Retry())


@routes.post("/run-now", operation_id="runJobsNow", response_model=ChangedOut, responses=LEFT)
async def run_many_now(body: ChangeIn, desk: Changing) -> Response:
    """Make scheduled and retrying jobs due at once."""
    return await swept(desk, meant(desk, body), RunNow())


@routes.post("/postpone", operation_id="postponeJobs", response_model=ChangedOut, responses=LEFT)
async def postpone_many(body: PostponeIn, desk: Changing) -> Response:
    """Make jobs that do not run due later."""
    return await swept(desk, meant(desk, body), desk.jobs.postponing(body.until))


@routes.post(
    "/reprioritise", operation_id="reprioritiseJobs", response_model=ChangedOut, responses=LEFT
)
async def reprioritise_many(body: ReprioritiseIn, desk: Changing) -> Response:
    """Give jobs that do not run another priority."""
    return await swept(desk, meant(desk, body), Reprioritise(priority_of(body.priority)))


@routes.post("/move", operation_id="moveJobs", response_model=ChangedOut, responses=LEFT)
async def move_many(body: MoveIn, desk: Changing) -> Response:
    """Put jobs that do not run into another queue."""
    return await swept(desk, meant(desk, body), Move(body.queue))


@routes.post("/delete", operation_id="deleteJobs", response_model=ChangedOut, responses=LEFT)
async def delete_many(body: ChangeIn, desk: Deleting) -> Response:
    """Remove jobs that do not run, and their history, for good."""
    return await swept(desk, meant(desk, body), Delete())


@routes.get("/{id}", operation_id="getJob", response_model=JobOut)
async def get(id: Key, desk: Reading) -> Response:  # noqa: A002 - the word for it
    """Look at one job, its attempts included."""
    return await _shown(desk, id)


@routes.get("/{id}/logs", operation_id="getJobLogs", response_model=LogOut)
async def logs(id: Key, desk: Reading) -> Response:  # noqa: A002 - the word for it
    """Read what a job said while it ran."""
    job = await desk.jobs.aget(id)
    if not desk.sees_payloads:
        return sent({"lines": [], "masked": True})
    lines = [log_line_out(line) for line in await job.alogs()]
    return sent({"lines": lines, "masked": False})


@routes.get("/{id}/why", operation_id="explainJob", response_model=WhyOut)
async def why(id: Key, desk: Reading) -> Response:  # noqa: A002 - the word for it
    """Say why a job does not run: all that stands in its way."""
    causes = await desk.jobs.awhy(id, masked=not desk.sees_payloads)
    return sent({"causes": [cause_out(each) for each in causes]})


@routes.post("/{id}/cancel", operation_id="cancelJob", response_model=JobOut)
async def cancel(
    id: Key,  # noqa: A002 - the word for it
    desk: Changing,
    body: CancelIn | None = None,
) -> Response:
    """End a job, or ask it to stop while it runs."""
    reason = body.reason if body else desk.scribe.reason
    return await _once(desk, id, "cancelled", lambda: desk.jobs.acancel(id, reason=reason))


@routes.post("/{id}/retry", operation_id="retryJob", response_model=JobOut)
async def retry(id: Key, desk: Changing) -> Response:  # noqa: A002 - the word for it
    """Run a failed or cancelled job again, with all its attempts before it."""

    async def again() -> int:
        if desk.actor.tenant:
            await desk.quotas.aall_again(desk.actor.tenant, 1)
        return await desk.jobs.aretry(id)

    return await _once(desk, id, "retried", again)


@routes.post("/{id}/run-now", operation_id="runJobNow", response_model=JobOut)
async def run_now(id: Key, desk: Changing) -> Response:  # noqa: A002 - the word for it
    """Make a scheduled or retrying job due at once."""
    return await _once(desk, id, "made due", lambda: desk.jobs.arun_now(id))


@routes.post("/{id}/postpone", operation_id="postponeJob", response_model=JobOut)
async def postpone(id: Key, body: UntilIn, desk: Changing) -> Response:  # noqa: A002 - see above
    """Make a job that does not run due later."""
    until = body.until
    return await _once(desk, id, "postponed", lambda: desk.jobs.apostpone(id, until=until))


@routes.post("/{id}/reprioritise", operation_id="reprioritiseJob", response_model=JobOut)
async def reprioritise(
    id: Key,  # noqa: A002 - the word for it
    body: UrgencyIn,
    desk: Changing,
) -> Response:
    """Give a job that does not run another priority."""
    priority = priority_of(body.priority)
    change = partial(desk.jobs.areprioritise, id, priority=priority)
    return await _once(desk, id, "reprioritised", change)


@routes.post("/{id}/move", operation_id="moveJob", response_model=JobOut)
async def move(id: Key, body: QueueIn, desk: Changing) -> Response:  # noqa: A002 - see above
    """Put a job that does not run into another queue."""
    return await _once(desk, id, "moved", lambda: desk.jobs.amove(id, queue=body.queue))


@routes.delete("/{id}", operation_id="deleteJob", status_code=204)
async def delete(id: Key, desk: Deleting) -> Response:  # noqa: A002 - the word for it
    """Remove a job that does not run, and its history, for good."""
    await _done(desk, id, "deleted", lambda: desk.jobs.adelete(id))
    return Response(status_code=204)


Change = Callable[[], Awaitable[int]]


async def _once(desk: Desk, id_: str, done: str, change: Change) -> Response:
    """Have one job changed, and show it."""
    await _done(desk, id_, done, change)
    return await _shown(desk, id_)


async def _done(desk: Desk, id_: str, done: str, change: Change) -> None:
    """Have one job changed.

    Raises:
        JobNotFound: there is none of this id.
        StateError: it is in a state that does not allow it.
    """
    job = await desk.jobs.aget(id_)
    if not await change():
        state = (await job.asnapshot()).state
        raise StateError(f"job {id_} is {state}, and cannot be {done}")
    desk.changed()


async def _shown(desk: Desk, id_: str) -> Response:
    job = await desk.jobs.aget(id_)
    seen = job.seen or await job.asnapshot()
    return sent(job_out(seen, masked=not desk.sees_payloads, attempts=True))


def _previewed(desk: Desk, count: int, sample: Sequence[Snapshot], *, more: bool) -> Response:
    masked = not desk.sees_payloads
    shown = [job_out(each, masked=masked) for each in sample]
    return sent({"count": count, "more": more, "sample": shown})
