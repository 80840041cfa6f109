"""The document of the API: what there is, what it takes and what it answers."""

from typing import Annotated, Final

from fastapi import APIRouter, Request, Response

from tidemill.api import PREFIX
from tidemill.api.answers import sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.viewer import STYLE, page

routes: Final = APIRouter(prefix=PREFIX, tags=["document"])

Known = Annotated[Desk, needs(None)]


@routes.get("/openapi.json", operation_id="getDocument", include_in_schema=False)
async def document(request: Request, desk: Known) -> Response:
    """Tell what there is, as OpenAPI 3.1 has it, and where this server has it."""
    return sent({**request.app.openapi(), "servers": [{"url": desk.root or "/"}]})


@routes.get("/docs", operation_id="showDocument", include_in_schema=False)
async def show(request: Request, desk: Known) -> Response:
    """Show what there is, as a page."""
    del desk
    style = f"{request.url.path}/style.css"
    return Response(page(request.app.openapi(), style), media_type="text/html")


@routes.get("/docs/style.css", operation_id="getStyle", include_in_schema=False)
async def style(desk: Known) -> Response:
    """Tell how the page looks."""
    del desk
    return Response(STYLE, media_type="text/css")
