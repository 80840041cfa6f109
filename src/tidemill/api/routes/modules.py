"""`/modules`: what packages bring, and whether its work is done."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.modules import ModuleOut, ModulesOut, module_out
from tidemill.api.shapes.queues import PauseIn
from tidemill.api.shapes.shape import Name
from tidemill.modules.record import ModuleRecord

routes: Final = APIRouter(prefix=f"{PREFIX}/modules", tags=["modules"])

Reading = Annotated[Desk, needs(Permission.MODULES_READ)]
Changing = Annotated[Desk, needs(Permission.MODULES_CHANGE)]


@routes.get("", operation_id="listModules", response_model=ModulesOut)
async def list_modules(desk: Reading) -> Response:
    """List the modules that nodes have told of, by name."""
    return sent({"modules": [_out(desk, each) for each in await desk.modules.afind()]})


@routes.get("/{name}", operation_id="getModule", response_model=ModuleOut)
async def get(name: Name, desk: Reading) -> Response:
    """Look at one module."""
    return sent(_out(desk, await desk.modules.aget(name)))


@routes.post("/{name}/disable", operation_id="disableModule", response_model=ModuleOut)
async def disable(name: Name, desk: Changing, body: PauseIn | None = None) -> Response:
    """Start no job of a module any more, on any node; what waits stays, what runs, runs on."""
    return sent(_out(desk, await desk.modules.adisable(name, body.note if body else "")))


@routes.post("/{name}/enable", operation_id="enableModule", response_model=ModuleOut)
async def enable(name: Name, desk: Changing) -> Response:
    """Start jobs of a module again; what people have paused themselves stays paused."""
    return sent(_out(desk, await desk.modules.aenable(name)))


def _out(desk: Desk, module: ModuleRecord) -> dict[str, Any]:
    return module_out(module, places=Permission.MODULES_CHANGE in desk.actor.may)
