"""`/server`: what answers here."""

from typing import Annotated, Final

from fastapi import APIRouter, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.pages import build
from tidemill.api.shapes.server import ServerOut
from tidemill.engines.release import release

routes: Final = APIRouter(prefix=f"{PREFIX}/server", tags=["server"])

Known = Annotated[Desk, needs(None)]


@routes.get("", operation_id="getServer", response_model=ServerOut)
async def get(desk: Known) -> Response:
    """Tell which release this is, and whose dashboard it has."""
    sees_engine = Permission.SETTINGS_READ in desk.actor.may
    engine = (await desk.app.aopen()).traits.name if sees_engine else None
    return sent({"release": release(), "build": build(), "engine": engine})
