"""`/operations`: changes of many jobs, and how they are undone."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import page, sent
from tidemill.api.callers import needs
from tidemill.api.desk import Desk
from tidemill.api.shapes.operations import (
    OperationListIn,
    OperationOut,
    OperationPageOut,
    operation_out,
)
from tidemill.api.shapes.shape import Key
from tidemill.core.change import Cancel
from tidemill.operations.operation import Operation

routes: Final = APIRouter(prefix=f"{PREFIX}/operations", tags=["operations"])

Reading = Annotated[Desk, needs(Permission.JOBS_READ)]
Changing = Annotated[Desk, needs(Permission.JOBS_CHANGE)]


@routes.get("", operation_id="listOperations", response_model=OperationPageOut)
async def list_operations(
    request: Request, which: Annotated[OperationListIn, Query()], desk: Reading
) -> Response:
    """List changes of many jobs, newest first; the last 500 are kept."""
    found, cursor = await desk.operations.page(which.cursor, which.limit)
    out = {"operations": await _shown(desk, found), "cursor": cursor}
    return page(request, out, cursor)


@routes.get("/{id}", operation_id="getOperation", response_model=OperationOut)
async def get(id: Key, desk: Reading) -> Response:  # noqa: A002 - the word for it
    """Look at one change of many jobs."""
    (shown,) = await _shown(desk, [await desk.operations.get(id)])
    return sent(shown)


@routes.post("/{id}/undo", operation_id="undoOperation", response_model=OperationOut)
async def undo(id: Key, desk: Changing) -> Response:  # noqa: A002 - the word for it
    """Make jobs again what they were, but for those that have begun or were changed since.

    For ten minutes that can be done to retries, to moves, to other priorities, to what was made due
    at another time, and to the cancelling of jobs that waited. What was retried has again failed or
    been cancelled, as it was before, but for jobs that others have come to wait for. Jobs that were
    cancelled because one that they follow was stay cancelled.
    """
    operation = await desk.operations.get(id)
    if desk.actor.tenant and isinstance(operation.change(), Cancel) and operation.earlier:
        await desk.quotas.aall_again(desk.actor.tenant, operation.earlier)
    undone = await desk.operations.undo(id, desk.scribe.source, desk.jobs)
    desk.changed()
    (shown,) = await _shown(desk, [undone])
    return sent(shown)


async def _shown(desk: Desk, operations: list[Operation]) -> list[dict[str, object]]:
    """Operations as they travel, each with what the job says that goes on with it."""
    now = desk.client.store.clock.now()
    rests = await desk.jobs.alook([each.job for each in operations if each.job])
    by_id = {job.id: job for job in rests}
    return [operation_out(each, by_id.get(each.job), now) for each in operations]
