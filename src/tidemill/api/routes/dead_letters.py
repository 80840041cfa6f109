"""`/dead-letters`: jobs that have failed for good and are kept; run again, or thrown away."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import page, sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.filtering import keywords
from tidemill.api.shapes.changes import ChangedOut
from tidemill.api.shapes.dead_letters import (
    DeadByQueueOut,
    DeadCountIn,
    DeadIn,
    DeadListIn,
)
from tidemill.api.shapes.jobs import JobPageOut, job_out
from tidemill.api.sweeping import LEFT, swept
from tidemill.client.dead_letters import count_dead
from tidemill.client.steps import Walk
from tidemill.core.change import Change, Delete, Retry, Which
from tidemill.core.errors import InvalidOption
from tidemill.core.state import State

routes: Final = APIRouter(prefix=f"{PREFIX}/dead-letters", tags=["dead letters"])

Reading = Annotated[Desk, needs(Permission.JOBS_READ)]
Changing = Annotated[Desk, needs(Permission.JOBS_CHANGE)]
Deleting = Annotated[Desk, needs(Permission.JOBS_DELETE)]


@routes.get("", operation_id="listDeadLetters", response_model=JobPageOut)
async def list_dead(
    request: Request, which: Annotated[DeadListIn, Query()], desk: Reading
) -> Response:
    """List jobs that have failed for good, newest first; the platform's own are with the jobs."""
    wanted = desk.jobs.changeable({**keywords(desk, which), "states": [State.FAILED]})
    found = await desk.jobs.apage(wanted, cursor=which.cursor, limit=which.limit)
    masked = not desk.sees_payloads
    out = {"jobs": [job_out(each, masked=masked) for each in found.jobs], "cursor": found.cursor}
    return page(request, out, found.cursor)


@routes.get("/queues", operation_id="countDeadLetters", response_model=DeadByQueueOut)
async def count(which: Annotated[DeadCountIn, Query()], desk: Reading) -> Response:
    """Count jobs that have failed for good, by queue, as far as can be counted quickly."""
    engine = await desk.app.aopen()
    since = desk.instant(which.created_from)
    counted = await Walk(count_dead(engine, desk.client.asks_about(None), since))
    queues = [{"queue": queue, "count": number} for queue, number in counted.queues]
    return sent({"queues": queues, "more": counted.more})


@routes.post(
    "/redrive", operation_id="redriveDeadLetters", response_model=ChangedOut, responses=LEFT
)
async def redrive(body: DeadIn, desk: Changing) -> Response:
    """Run failed jobs again: these, those of a filter, or all."""
    return await _swept(desk, body, Retry())


@routes.post(
    "/discard", operation_id="discardDeadLetters", response_model=ChangedOut, responses=LEFT
)
async def discard(body: DeadIn, desk: Deleting) -> Response:
    """Throw failed jobs away for good: these, those of a filter, or all."""
    return await _swept(desk, body, Delete())


async def _swept(desk: Desk, body: DeadIn, change: Change) -> Response:
    """Have failed jobs changed; jobs in other states are left alone, though their id is given.

    Raises:
        InvalidOption: it is not said which, or said twice.
    """
    said = [body.ids is not None, body.filter is not None, body.all]
    if sum(said) != 1:
        raise InvalidOption(
            "it is not clear which jobs are meant", hint='give ids, a filter, or "all": true'
        )
    if body.ids is not None:
        return await swept(desk, Which(ids=await _dead(desk, body.ids)), change)
    given = keywords(desk, body.filter) if body.filter is not None else {}
    wanted = desk.jobs.changeable({**given, "states": [State.FAILED]})
    return await swept(desk, Which(filter=wanted), change)


async def _dead(desk: Desk, ids: list[str]) -> tuple[str, ...]:
    """Those of these jobs that have failed for good."""
    engine = await desk.app.aopen()
    found = await engine.reader.get(ids)
    return tuple(job.id for job in found if desk.client.sees(job) and job.state is State.FAILED)
