"""`/plan`: when all schedules come, to be drawn as a calendar, and to find a free minute."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.plan import PlanIn, PlanOut, planned_out
from tidemill.core.errors import InvalidOption
from tidemill.core.instants import from_datetime
from tidemill.schedules.plan import planned

routes: Final = APIRouter(prefix=f"{PREFIX}/plan", tags=["schedules"])

Reading = Annotated[Desk, needs(Permission.SCHEDULES_READ)]
WEEK: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=32)


@routes.get("", operation_id="planSchedules", response_model=PlanOut)
async def plan(which: Annotated[PlanIn, Query()], desk: Reading) -> Response:
    """Show when all schedules come in a stretch of time; one that is paused does not."""
    since = which.since or datetime.now(UTC)
    until = which.until or since + WEEK
    if until - since > LONGEST:
        raise InvalidOption("a plan of that length is too long", hint="ask for 32 days at most")
    schedules = await desk.schedules.afind()
    # Thousands of ticks take a while, in which others are to be served.
    plans = await asyncio.to_thread(planned, schedules, from_datetime(since), from_datetime(until))
    confined = desk.actor.tenant is not None
    return sent({"plan": [planned_out(each, confined=confined) for each in plans]})
