"""`/workers`: who takes jobs now."""

from typing import Annotated, Final

from fastapi import APIRouter, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.workers import WorkersOut, worker_out

routes: Final = APIRouter(prefix=f"{PREFIX}/workers", tags=["workers"])

Reading = Annotated[Desk, needs(Permission.WORKERS_READ)]


@routes.get("", operation_id="listWorkers", response_model=WorkersOut)
async def list_workers(desk: Reading) -> Response:
    """List the workers that hold their leases."""
    return sent({"workers": [worker_out(each) for each in await desk.jobs.aworkers()]})
