"""`/api/v1/executions`: what runs, what ran, what came of it; and its end, where somebody asks."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from examples.automation.definition import id_of, tag_of
from examples.automation.executions import STATES, execution_out, line_out, status_of
from examples.automation.seat import Seat, seat
from examples.automation.shapes import ExecutionsIn
from tidemill.access.role import Permission
from tidemill.client.lookup import FilterKeywords
from tidemill.errors import JobNotFound, NotFound, StateError

routes: Final = APIRouter(prefix="/api/v1/executions", tags=["executions"])

Reading = Annotated[Seat, seat(Permission.JOBS_READ)]
Changing = Annotated[Seat, seat(Permission.JOBS_CHANGE)]


@routes.get("")
async def list_executions(which: Annotated[ExecutionsIn, Query()], seat: Reading) -> dict[str, Any]:
    """List executions, newest first.

    A page may be short while it has a cursor: the last one is the one without.
    """
    meant = FilterKeywords(tasks=_tasks(seat, which.module_id))
    if which.job_id in seat.catalogue.listeners():
        meant["tasks"] = [which.job_id]  # which no definition stands for
    elif which.job_id:
        meant["tags"] = [tag_of(which.job_id)]
    if which.status:
        meant["states"] = STATES[which.status]
    page = await seat.desk.jobs.apage(
        seat.desk.jobs.filter(meant), cursor=which.cursor, limit=which.limit
    )
    shown = [each for each in page.jobs if which.status in (None, status_of(each))]
    return {"executions": [_out(seat, each) for each in shown], "cursor": page.cursor}


@routes.get("/{id_}")
async def get(id_: str, seat: Reading) -> dict[str, Any]:
    """Look at one execution, with its log and its attempts."""
    job = await _found(seat, id_)
    lines = await job.alogs() if seat.desk.sees_payloads else []
    attempts = [
        {
            "number": each.number,
            "outcome": each.ending.value if each.ending else "running",
            "error": each.error.message if each.error and seat.desk.sees_payloads else "",
        }
        for each in job.seen.attempts
    ]
    return _out(seat, job.seen) | {"logs": [line_out(line) for line in lines], "attempts": attempts}


@routes.delete("/{id_}")
async def cancel(id_: str, seat: Changing, reason: str = "") -> dict[str, Any]:
    """Cancel an execution that waits, or ask one that runs to stop.

    It is refused where it has ended already.
    """
    job = await _found(seat, id_)
    if not await seat.desk.jobs.acancel(id_, reason=reason):
        raise StateError(
            f"execution {id_} is {status_of(job.seen)}", hint="only what has not ended is cancelled"
        )
    return _out(seat, await job.asnapshot())


def _tasks(seat: Seat, module: str) -> list[str]:
    """The tasks of a module, or of all.

    Raises:
        NotFound: there is no such module.
    """
    found = [task for task in seat.tasks if not module or task.startswith(f"{module}.")]
    if not found:
        raise NotFound(f"there is no module {module!r}")
    return found


async def _found(seat: Seat, id_: str) -> Any:
    """An execution; other jobs of the store are none.

    Raises:
        JobNotFound: there is none of this id.
    """
    job = await seat.desk.jobs.aget(id_)
    if job.task not in seat.tasks:
        raise JobNotFound(f"there is no execution {id_}")
    return job


def _out(seat: Seat, seen: Any) -> dict[str, Any]:
    return execution_out(seen, id_of(seen.tags, seen.task), shows=seat.desk.sees_payloads)
