"""`/api/v1/modules`: what there is to define jobs of; enabled and disabled while all runs."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request

from examples.automation.seat import Seat, seat
from tidemill import Module
from tidemill.access.role import Permission
from tidemill.core.record import AUDIT
from tidemill.errors import NotFound

routes: Final = APIRouter(prefix="/api/v1/modules", tags=["modules"])

Reading = Annotated[Seat, seat(Permission.TASKS_READ)]
Changing = Annotated[Seat, seat(Permission.MODULES_CHANGE)]


@routes.get("")
async def list_modules(seat: Reading) -> dict[str, Any]:
    """List modules, by name."""
    return {"modules": [await _out(seat, each) for each in seat.catalogue.modules().values()]}


@routes.post("/discover")
async def discover(seat: Changing, request: Request) -> dict[str, Any]:
    """Look for modules that have come to the folder since; those that are broken are named."""
    client = seat.whole.client
    engine = await seat.desk.app.aopen()
    await engine.records.append(AUDIT, client.audit("modules.discover"))
    broken = await request.app.state.automation.discover(seat.desk.client)
    return {"modules": [*seat.catalogue.modules()], "broken": broken}


@routes.get("/{id_}")
async def get(id_: str, seat: Reading) -> dict[str, Any]:
    """Look at one module, with what the configurations of its handlers have to be."""
    return await _out(seat, _found(seat, id_))


@routes.put("/{id_}/enable")
async def enable(id_: str, seat: Changing) -> dict[str, Any]:
    """Start executions of a module again."""
    module = _found(seat, id_)
    await seat.whole.modules.aenable(module.name)
    return await _out(seat, module)


@routes.put("/{id_}/disable")
async def disable(id_: str, seat: Changing, note: str = "") -> dict[str, Any]:
    """Start no execution of a module any more; what runs, runs on, and what waits stays."""
    module = _found(seat, id_)
    await seat.whole.modules.adisable(module.name, note)
    return await _out(seat, module)


def _found(seat: Seat, id_: str) -> Module:
    """A module.

    Raises:
        NotFound: there is none of this name.
    """
    found = seat.catalogue.modules().get(id_)
    if found is None:
        raise NotFound(f"there is no module {id_!r}", hint="GET /api/v1/modules lists them")
    return found


async def _out(seat: Seat, module: Module) -> dict[str, Any]:
    kept = await seat.desk.app.modules.aget(module.name)
    return {
        "id": module.name,
        "name": module.name,
        "version": module.version,
        "description": module.description,
        "enabled": not kept.disabled,
        "note": kept.note,
        "services": list(module.services),
        "handlers": [
            {"name": handler, "config": seat.catalogue.takes(of, handler)}
            for of, handler in seat.catalogue.handlers()
            if of == module.name
        ],
        "listens": module.handlers,
    }
