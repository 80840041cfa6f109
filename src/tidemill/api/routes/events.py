"""`/events`: what happened, and saying that something did."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from tidemill.access.role import Permission
from tidemill.api.answers import page, sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.events import EmitIn, EmittedOut, EventsIn, EventsOut, event_out

routes: Final = APIRouter(prefix="/events", tags=["events"])

Reading = Annotated[Desk, needs(Permission.EVENTS_READ)]
Emitting = Annotated[Desk, needs(Permission.EVENTS_EMIT)]


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
        since=which.since,
        until=which.until,
        cursor=which.cursor,
        limit=which.limit,
    )
    masked = not desk.sees_payloads
    events = [event_out(each, masked=masked) for each in found.events]
    cursor = None if found.cursor is None else str(found.cursor)
    return page(request, {"events": events, "cursor": found.cursor}, cursor)
