"""`/api/v1/events`: the event bus: said, listed, counted, cleaned up."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from examples.automation.executions import moment
from examples.automation.seat import Seat, seat
from examples.automation.shapes import EmitIn, EventsIn, Limit
from tidemill import Event
from tidemill.access.role import Permission
from tidemill.core.event import matches
from tidemill.errors import NotFound

routes: Final = APIRouter(prefix="/api/v1/events", tags=["events"])

Reading = Annotated[Seat, seat(Permission.EVENTS_READ)]
Emitting = Annotated[Seat, seat(Permission.EVENTS_EMIT)]
Cleaning = Annotated[Seat, seat(Permission.EVENTS_CLEAN)]

_DAY: Final = 86_400_000


@routes.post("", status_code=201)
async def emit(body: EmitIn, seat: Emitting) -> dict[str, Any]:
    """Say that something has happened; its payload fits the schemas of its name."""
    source = body.source or seat.desk.actor.source
    position = await seat.desk.events.aemit(body.name, body.payload, source=source)
    kept = await _look(seat, position)
    if kept is None:  # it is read once all that is being said before it is certain
        client = seat.desk.client
        now = client.store.clock.now()
        kept = Event(position, now, body.name, client.tenant, source, body.payload)
    return _out(seat, kept)


@routes.get("")
async def list_events(which: Annotated[EventsIn, Query()], seat: Reading) -> dict[str, Any]:
    """List events, newest first."""
    page = await seat.desk.events.apage(
        which.name, source=which.source, cursor=which.cursor, limit=which.limit
    )
    return {"events": [_out(seat, each) for each in page.events], "cursor": page.cursor}


@routes.get("/recent")
async def recent(seat: Reading, limit: Annotated[Limit, Query()] = 20) -> dict[str, Any]:
    """Show what has happened last, newest first."""
    return {"events": [_out(seat, each) for each in await seat.desk.events.arecent(limit)]}


@routes.get("/schemas")
async def schemas(seat: Reading) -> dict[str, Any]:
    """Show what payloads have to be, as JSON Schema by pattern of names."""
    return {"schemas": seat.desk.events.schemas()}


@routes.get("/flow")
async def flow(seat: Reading, hours: Annotated[int, Query(ge=1, le=24)] = 24) -> dict[str, Any]:
    """Show how events flow: which modules may say each, and which handlers hear it."""
    figures = await seat.desk.events.astatistics(_ago(seat, hours))
    modules = seat.catalogue.modules().values()
    told = []
    for name, count in figures.names:
        says = [
            module.name
            for module in modules
            if module.permissions and any(matches(each, name) for each in module.permissions.emit)
        ]
        hears = [
            task
            for module in modules
            for task, pattern in module.handlers.items()
            if matches(pattern, name)
        ]
        told.append({"event": name, "count": count, "from": says, "to": hears})
    return {"flow": told}


@routes.get("/stats/summary")
async def summary(
    seat: Reading, hours: Annotated[int, Query(ge=1, le=24 * 3_650)] = 24
) -> dict[str, Any]:
    """Count what has happened: how much, how often, of which names and sources, who floods."""
    figures = await seat.desk.events.astatistics(_ago(seat, hours))
    most = max((count for _, count in figures.minutes), default=0)
    return {
        "since": moment(figures.since),
        "total": figures.count,
        "whole": figures.whole,
        "perMinute": round(figures.count / (hours * 60), 3),
        "busiestMinute": most,
        "topEvents": [{"name": name, "count": count} for name, count in figures.names],
        "topSources": [{"source": name, "count": count} for name, count in figures.sources],
        "minutes": [{"at": moment(at), "count": count} for at, count in figures.minutes],
        "retentionDays": _kept_days(seat),
    }


@routes.delete("/cleanup")
async def clean_up(
    seat: Cleaning, days: Annotated[int | None, Query(ge=1, le=3_650)] = None
) -> dict[str, Any]:
    """Delete events, and what executions said, from longer ago than so many days.

    Where nothing is said, from before they are kept.
    """
    return {"deleted": await seat.whole.events.aclean(f"{days or _kept_days(seat)}d")}


@routes.get("/{id_}")
async def get(id_: int, seat: Reading) -> dict[str, Any]:
    """Look at one event."""
    return _out(seat, await _at(seat, id_))


async def _at(seat: Seat, position: int) -> Event:
    """The event at a position.

    Raises:
        NotFound: there is none.
    """
    found = await _look(seat, position)
    if found is None:
        raise NotFound(f"there is no event {position}", hint="it may have been cleaned up")
    return found


async def _look(seat: Seat, position: int) -> Event | None:
    """The event at a position, if it can be read."""
    found = await seat.desk.events.aread(position - 1, limit=1)
    return found[0] if found and found[0].position == position else None


def _kept_days(seat: Seat) -> int:
    """Days for which events are kept."""
    return seat.desk.app.settings.keep().entries // _DAY


def _ago(seat: Seat, hours: int) -> datetime:
    now = datetime.fromtimestamp(seat.desk.client.store.clock.now() / 1_000, UTC)
    return now - timedelta(hours=hours)


def _out(seat: Seat, event: Event) -> dict[str, Any]:
    return {
        "id": event.position,
        "name": event.name,
        "source": event.source,
        "payload": event.payload if seat.desk.sees_payloads else None,
        "createdAt": moment(event.at),
    }
