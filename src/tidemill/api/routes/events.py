"""`/events`: what happened, and saying that something did."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import page, sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.events import (
    CleanedOut,
    CleanEventsIn,
    EmitIn,
    EmittedOut,
    EventsIn,
    EventsOut,
    FiguresIn,
    FiguresOut,
    SubscriptionsOut,
    event_out,
    figures_out,
    subscription_out,
)
from tidemill.core.instants import to_datetime
from tidemill.core.retention import DAY

routes: Final = APIRouter(prefix=f"{PREFIX}/events", tags=["events"])

Reading = Annotated[Desk, needs(Permission.EVENTS_READ)]
Emitting = Annotated[Desk, needs(Permission.EVENTS_EMIT)]
Cleaning = Annotated[Desk, needs(Permission.EVENTS_CLEAN)]


@routes.post("", operation_id="emitEvent", status_code=201, response_model=EmittedOut)
async def emit(body: EmitIn, desk: Emitting) -> Response:
    """Say that something has happened."""
    position = await desk.events.aemit(
        body.name, body.payload, source=body.source or desk.actor.source, tenant=body.tenant
    )
    return sent({"position": position}, 201)


@routes.get("", operation_id="listEvents", response_model=EventsOut)
async def list_events(
    request: Request, which: Annotated[EventsIn, Query()], desk: Reading
) -> Response:
    """List events, newest first."""
    found = await desk.events.apage(
        which.pattern,
        source=which.source,
        tenant=which.tenant,
        since=desk.moment(which.since),
        until=desk.moment(which.until),
        cursor=which.cursor,
        limit=which.limit,
    )
    masked = not desk.sees_payloads
    events = [event_out(each, masked=masked) for each in found.events]
    cursor = None if found.cursor is None else str(found.cursor)
    return page(request, {"events": events, "cursor": found.cursor}, cursor)


@routes.get("/statistics", operation_id="getEventStatistics", response_model=FiguresOut)
async def statistics(which: Annotated[FiguresIn, Query()], desk: Reading) -> Response:
    """Count events by name, by source and by the minute."""
    since = desk.moment(which.since) or to_datetime(desk.client.store.clock.now() - DAY)
    figures = await desk.events.astatistics(since, pattern=which.pattern, tenant=which.tenant)
    return sent(figures_out(figures))


@routes.get("/subscriptions", operation_id="listSubscriptions", response_model=SubscriptionsOut)
async def list_subscriptions(desk: Reading) -> Response:
    """List the tasks that run for events."""
    found = await desk.events.asubscriptions()
    return sent({"subscriptions": [subscription_out(each) for each in found]})


@routes.post("/clean", operation_id="cleanEvents", response_model=CleanedOut)
async def clean(body: CleanEventsIn, desk: Cleaning) -> Response:
    """Delete events, and what jobs said, from longer ago than this, for good."""
    return sent({"deleted": await desk.events.aclean(body.older_than)})
