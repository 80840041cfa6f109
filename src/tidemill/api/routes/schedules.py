"""`/schedules`: what recurs: made, changed, paused, run by hand, looked ahead."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent, tag
from tidemill.api.callers import needs
from tidemill.api.conditions import IfMatch, version_of
from tidemill.api.desk import Desk
from tidemill.api.shapes.ahead import (
    PlanIn,
    PlanOut,
    UpcomingIn,
    UpcomingOut,
    planned_out,
    upcoming_out,
)
from tidemill.api.shapes.jobs import WhyOut, cause_out, priority_of
from tidemill.api.shapes.schedules import (
    MOST_TICKS,
    PauseIn,
    PreviewIn,
    RunOut,
    ScheduleIn,
    ScheduleOut,
    ScheduleRulesIn,
    SchedulesOut,
    TicksOut,
    schedule_out,
    tick_out,
)
from tidemill.api.shapes.shape import Key, moment
from tidemill.client.statistics import medians
from tidemill.client.wishes import WishKeywords
from tidemill.core.errors import InvalidOption, NotFound
from tidemill.core.instants import Instant, from_datetime, to_datetime
from tidemill.core.retention import DAY
from tidemill.schedules.ahead import planned, ticks_ahead, ticks_of
from tidemill.schedules.cron import lint, parse
from tidemill.schedules.moments import next_moment, zone
from tidemill.schedules.schedule import Schedule
from tidemill.schedules.store import ScheduleKeywords

routes: Final = APIRouter(prefix=f"{PREFIX}/schedules", tags=["schedules"])

MOST_LOOKED_AT: Final = 5_000
"""Ticks, and jobs that are due later, of which a look ahead is made."""
_AHEAD: Final = timedelta(hours=12)
_WEEK: Final = timedelta(days=7)
_FARTHEST: Final = timedelta(days=32)

Reading = Annotated[Desk, needs(Permission.SCHEDULES_READ)]
Running = Annotated[Desk, needs(Permission.SCHEDULES_RUN)]
Changing = Annotated[Desk, needs(Permission.SCHEDULES_CHANGE)]
Count = Annotated[int, Query(ge=1, le=MOST_TICKS)]


@routes.get("", operation_id="listSchedules", response_model=SchedulesOut)
async def list_schedules(desk: Reading) -> Response:
    """List schedules, by name."""
    return sent({"schedules": await _out(desk, await desk.schedules.afind())})


@routes.post("", operation_id="createSchedule", status_code=201, response_model=ScheduleOut)
async def create(body: ScheduleIn, desk: Changing) -> Response:
    """Let a task recur."""
    call = desk.client.bound(body.task, body.arguments, _wishes(body))
    await desk.quotas.afits(desk.client.tenant, [len(call.arguments.payload)])
    schedule = await desk.schedules.acreate(body.name, call, paused=body.paused, **_options(body))
    return await _shown(desk, schedule, 201)


@routes.get("/preview", operation_id="previewPattern", response_model=TicksOut)
async def preview(which: Annotated[PreviewIn, Query()], desk: Reading) -> Response:
    """Show when a pattern comes next, changes of the clock included; nothing is stored."""
    del desk
    cron, where = parse(which.pattern), zone(which.tz)
    after = which.since or datetime.now(UTC)
    ticks: list[datetime] = []
    while len(ticks) < which.count:
        tick = next_moment(cron, where, ticks[-1] if ticks else after)
        if tick is None:
            break
        ticks.append(tick)
    out = [tick_out(tick, where) for tick in ticks]
    return sent({"ticks": out, "warning": lint(which.pattern) or ""})


@routes.get("/upcoming", operation_id="listUpcoming", response_model=UpcomingOut)
async def list_upcoming(which: Annotated[UpcomingIn, Query()], desk: Reading) -> Response:
    """Look ahead: the next ticks of all schedules, and what else is due later, by the hour."""
    now = desk.client.store.clock.now()
    until = _end(to_datetime(now), which.until, _AHEAD)
    ticks = list(islice(ticks_ahead(await desk.schedules.afind(), until), MOST_LOOKED_AT + 1))
    more = len(ticks) > MOST_LOOKED_AT
    if more:
        until = ticks.pop()[0]
        ticks = [each for each in ticks if each[0] < until]
    reader = (await desk.app.aopen()).reader
    whose = desk.client.asks_about(None)
    jobs = await reader.coming(until, tenant=whose, limit=MOST_LOOKED_AT)
    more = more or sum(each.count for each in jobs) >= MOST_LOOKED_AT
    figures = await desk.jobs.astatistics(to_datetime(max(now - DAY, 0)), step="hour")
    told = upcoming_out(ticks, jobs, medians(figures.buckets), now, which.limit)
    return sent({"since": moment(now), "until": moment(until), **told, "more": more})


@routes.get("/plan", operation_id="planSchedules", response_model=PlanOut)
async def plan(which: Annotated[PlanIn, Query()], desk: Reading) -> Response:
    """Show when each schedule comes in a stretch of time; one that is paused does not."""
    since = which.since or datetime.now(UTC)
    until = _end(since, which.until, _WEEK)
    schedules = await desk.schedules.afind()
    # Thousands of ticks take a while, in which others are to be served.
    plans = await asyncio.to_thread(planned, schedules, from_datetime(since), until)
    confined = desk.actor.tenant is not None
    return sent({"plan": [planned_out(each, confined=confined) for each in plans]})


@routes.get("/{name}", operation_id="getSchedule", response_model=ScheduleOut)
async def get(name: Key, desk: Reading) -> Response:
    """Look at one schedule."""
    return await _shown(desk, await desk.schedules.aget(name))


@routes.get("/{name}/next", operation_id="nextTicks", response_model=TicksOut)
async def upcoming(name: Key, desk: Reading, count: Count = 10) -> Response:
    """Show when a schedule comes next; never, while it is paused."""
    schedule = await desk.schedules.aget(name)
    where = zone(schedule.zone)
    ticks = [tick_out(to_datetime(tick), where) for tick in ticks_of(schedule, count)]
    warning = lint(schedule.cron) if schedule.cron else ""
    return sent({"ticks": ticks, "warning": warning or ""})


@routes.get("/{name}/why", operation_id="explainSchedule", response_model=WhyOut)
async def why(name: Key, desk: Reading) -> Response:
    """Say why a schedule runs no job now: all that stands in its way."""
    causes = await desk.schedules.awhy(name)
    return sent({"causes": [cause_out(each) for each in causes]})


@routes.patch("/{name}", operation_id="changeSchedule", response_model=ScheduleOut)
async def change(
    name: Key, body: ScheduleRulesIn, desk: Changing, seen: IfMatch = None
) -> Response:
    """Change when a schedule comes; its next tick is computed anew from now."""
    edited = await desk.schedules.aedit(name, version=version_of(seen), **_options(body))
    return await _shown(desk, edited)


@routes.post("/{name}/pause", operation_id="pauseSchedule", response_model=ScheduleOut)
async def pause(
    name: Key, desk: Changing, body: PauseIn | None = None, seen: IfMatch = None
) -> Response:
    """Let a schedule stand still; the ticks of a pause are not made up for."""
    note = body.note if body else ""
    return await _shown(
        desk, await desk.schedules.apause(name, note=note, version=version_of(seen))
    )


@routes.post("/{name}/resume", operation_id="resumeSchedule", response_model=ScheduleOut)
async def resume(
    name: Key, desk: Changing, body: ScheduleRulesIn | None = None, seen: IfMatch = None
) -> Response:
    """Let a schedule go on from now, perhaps with another pattern or zone."""
    options = _options(body) if body else ScheduleKeywords()
    return await _shown(
        desk, await desk.schedules.aresume(name, version=version_of(seen), **options)
    )


@routes.post("/{name}/run", operation_id="runSchedule", status_code=201, response_model=RunOut)
async def run(name: Key, desk: Running) -> Response:
    """Run the task of a schedule once, now, beside its ticks."""
    job = (await desk.schedules.aget(name)).job
    desk.client.check_offered(job.task)
    await desk.quotas.aadmit(job.tenant, [len(job.args)])
    return sent({"job": await desk.schedules.arun(name)}, 201)


@routes.delete("/{name}", operation_id="deleteSchedule", status_code=204)
async def delete(name: Key, desk: Changing, seen: IfMatch = None) -> Response:
    """Forget a schedule; its jobs stay. One that code declares comes back with it."""
    if not await desk.schedules.adelete(name, version=version_of(seen)):
        raise NotFound(f"there is no schedule {name!r}")
    return Response(status_code=204)


def _wishes(body: ScheduleIn) -> WishKeywords:
    """What its jobs are to have otherwise than their task does."""
    wishes = WishKeywords()
    if body.queue:
        wishes["queue"] = body.queue
    if body.timeout is not None:
        wishes["timeout"] = body.timeout
    if body.attempts is not None:
        wishes["attempts"] = body.attempts
    if body.priority is not None:
        wishes["priority"] = priority_of(body.priority)
    if body.tags:
        wishes["tags"] = body.tags
    return wishes


def _options(body: ScheduleRulesIn) -> ScheduleKeywords:
    """What was given of the rules, as the wing takes them."""
    given: dict[str, Any] = {
        name: getattr(body, name)
        for name in body.model_fields_set & ScheduleKeywords.__annotations__.keys()
        if getattr(body, name) is not None
    }
    options: ScheduleKeywords = given  # type: ignore[assignment]  # these are some of its keys
    return options


async def _out(desk: Desk, schedules: Sequence[Schedule]) -> list[dict[str, Any]]:
    """Schedules as they travel, each with what has become of its last job."""
    ids = [each.last_job for each in schedules if each.last_job is not None]
    found = await (await desk.app.aopen()).reader.get(ids) if ids else ()
    states = {job.id: job.state for job in found if job is not None}
    return [
        schedule_out(
            each,
            states.get(each.last_job or ""),
            masked=not desk.sees_payloads,
            confined=desk.actor.tenant is not None,
        )
        for each in schedules
    ]


async def _shown(desk: Desk, schedule: Schedule, status: int = 200) -> Response:
    (out,) = await _out(desk, [schedule])
    return sent(out, status, etag=tag(schedule.version))


def _end(since: datetime, until: datetime | None, usual: timedelta) -> Instant:
    """The end of a stretch of time.

    Raises:
        InvalidOption: it is too long to look ahead.
    """
    end = since + usual if until is None else until
    if end - since > _FARTHEST:
        raise InvalidOption("that is too far to look ahead", hint="ask for 32 days at most")
    return from_datetime(end)
