"""The endpoints of tickets, and what probes ask."""

import asyncio
import logging
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from examples.property.api import Seeing, Staff, staff
from examples.property.shapes import (
    AppointmentIn,
    HealthOut,
    NoteIn,
    QuoteIn,
    StepOut,
    TicketDetailOut,
    TicketIn,
    TicketOut,
    ticket_out,
)
from examples.property.tickets import Ticket
from tidemill import errors
from tidemill.access.role import Permission
from tidemill.api.callers import ANYONE
from tidemill.api.metrics import Metrics
from tidemill.core.instants import from_datetime, to_datetime

if TYPE_CHECKING:
    from examples.property.office import Office

routes: Final = APIRouter(prefix="/tickets", tags=["tickets"])
probes: Final = APIRouter(tags=["health"])

Asking = Annotated[Staff, staff(Permission.JOBS_ENQUEUE)]

_PATIENCE: Final = 5.0
"""Seconds that a probe waits."""

_log: Final = logging.getLogger("property")


@routes.post("", status_code=201)
async def create(body: TicketIn, who: Asking) -> TicketOut:
    """Say that something is broken."""
    made = who.tickets.create
    return await _done(made, body.unit, body.title, body.description, body.urgency)


@routes.get("")
async def find(
    who: Seeing,
    status: Annotated[str, Query(max_length=20)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 25,
) -> list[TicketOut]:
    """List tickets, the newest first."""
    found = await asyncio.to_thread(who.tickets.find, status, limit)
    return [TicketOut(**ticket_out(each)) for each in found]


@routes.get("/{reference}")
async def get(reference: str, who: Seeing) -> TicketDetailOut:
    """Tell what became of a ticket."""
    ticket = await asyncio.to_thread(who.tickets.get, reference)
    steps = await asyncio.to_thread(who.tickets.steps, reference)
    return TicketDetailOut(
        **ticket_out(ticket),
        steps=[StepOut(status=each, note=note, at=to_datetime(at)) for each, note, at in steps],
    )


@routes.post("/{reference}/quote")
async def quote(reference: str, body: QuoteIn, who: Asking) -> TicketOut:
    """Say what a contractor would do it for."""
    return await _done(who.tickets.quote, reference, body.contractor, body.cents)


@routes.post("/{reference}/approve")
async def approve(reference: str, who: Asking, body: NoteIn | None = None) -> TicketOut:
    """Say that the owner agrees."""
    return await _done(who.tickets.approve, reference, _note(body))


@routes.post("/{reference}/assign")
async def assign(reference: str, body: AppointmentIn, who: Asking) -> TicketOut:
    """Say who comes, and when; at that time the ticket moves on by itself."""
    at: datetime = body.at
    return await _done(who.tickets.assign, reference, from_datetime(at), body.contractor)


@routes.post("/{reference}/complete")
async def complete(reference: str, who: Asking, body: NoteIn | None = None) -> TicketOut:
    """Say that it is mended."""
    return await _done(who.tickets.complete, reference, _note(body))


@routes.post("/{reference}/cancel")
async def cancel(reference: str, who: Asking, body: NoteIn | None = None) -> TicketOut:
    """Say that it need not be mended."""
    return await _done(who.tickets.cancel, reference, _note(body))


@probes.get("/health", dependencies=[ANYONE])
async def health(request: Request) -> HealthOut:
    """Tell whether the database and the store of jobs answer; without the store, tickets go on."""
    office: Office = request.app.state.office
    spooled = await _asked(office.spool.waiting)
    store = await _store_answers(office)
    well = spooled is not None and store
    return HealthOut(
        status="ok" if well else "degraded",
        db="down" if spooled is None else "ok",
        store="ok" if store else "down",
        spooled=spooled,
    )


@probes.get("/metrics")
async def metrics(
    request: Request, _: Annotated[Staff, staff(Permission.METRICS_READ)]
) -> Response:
    """Tell how jobs fare, for Prometheus, by the names of old as well."""
    told: Metrics = request.app.state.metrics
    text, media_type = await told.text(request.headers.get("accept", ""))
    return Response(text, media_type=media_type)


async def _done(step: Any, *given: Any) -> TicketOut:
    ticket: Ticket = await asyncio.to_thread(step, *given)
    return TicketOut(**ticket_out(ticket))


def _note(body: NoteIn | None) -> str:
    return body.note if body else ""


async def _asked(question: Any) -> Any:
    """An answer of the database; `None` where it has none."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await asyncio.to_thread(question)
    except (SQLAlchemyError, TimeoutError) as error:
        _log.warning("the database of property management is away: %s", type(error).__name__)
        return None


async def _store_answers(office: "Office") -> bool:
    try:
        async with asyncio.timeout(_PATIENCE):
            engine = await office.app.aopen()
            await engine.records.get("health", "probe")
    except (errors.TidemillError, TimeoutError):
        return False
    return True
