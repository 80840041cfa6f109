"""The document of the API: what there is, what it takes and what it answers."""

from typing import Annotated, Final

from fastapi import APIRouter, Request, Response

from tidemill.api.answers import sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk

routes: Final = APIRouter(tags=["document"])

Known = Annotated[Desk, needs(None)]


@routes.get("/openapi.json", operation_id="getDocument", include_in_schema=False)
async def document(request: Request, desk: Known) -> Response:
    """Tell what there is, as OpenAPI 3.1 has it."""
    del desk
    return sent(request.app.openapi())
