"""`/attempts`: tries of many jobs, as they came one after the other."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.attempts import AttemptsIn, AttemptsOut, tried_out
from tidemill.core.instants import to_datetime

routes: Final = APIRouter(prefix=f"{PREFIX}/attempts", tags=["jobs"])

Reading = Annotated[Desk, needs(Permission.JOBS_READ)]


@routes.get("", operation_id="listAttempts", response_model=AttemptsOut)
async def list_attempts(which: Annotated[AttemptsIn, Query()], desk: Reading) -> Response:
    """List the attempts that run, and those that ended in a stretch of time, the last one first."""
    until = desk.moment(which.until) or to_datetime(desk.client.store.clock.now() + 1)
    found = await desk.jobs.aattempts(
        desk.moment(which.since) or until - timedelta(hours=1),
        until,
        queue=which.queue,
        task=which.task,
        tenant=which.tenant,
        worker=which.worker,
        limit=which.limit,
    )
    masked = not desk.sees_payloads
    shown = [tried_out(each, masked=masked) for each in found.attempts]
    return sent({"attempts": shown, "more": found.more})
