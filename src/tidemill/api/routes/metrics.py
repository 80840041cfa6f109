"""`/metrics`: what Prometheus scrapes."""

from typing import Annotated, Final

from fastapi import APIRouter, Request, Response

from tidemill.access.role import Permission
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.metrics import Metrics

routes: Final = APIRouter(tags=["health"])

Reading = Annotated[Desk, needs(Permission.METRICS_READ)]


@routes.get("/metrics", operation_id="getMetrics", include_in_schema=False)
async def metrics(request: Request, desk: Reading) -> Response:
    """Tell how the jobs fare, in the text that Prometheus reads."""
    del desk
    told: Metrics = request.app.state.metrics
    text, media_type = await told.text(request.headers.get("accept", ""))
    return Response(text, media_type=media_type)
