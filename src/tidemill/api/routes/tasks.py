"""`/tasks`: what can be run, what each takes, and whether its jobs are started."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent, tag
from tidemill.api.callers import needs
from tidemill.api.conditions import IfMatch, version_of
from tidemill.api.desk import Desk
from tidemill.api.shapes.queues import PauseIn
from tidemill.api.shapes.shape import Name
from tidemill.api.shapes.tasks import TaskOut, TasksOut, task_out
from tidemill.core.errors import NotFound
from tidemill.core.rules import TaskRules

routes: Final = APIRouter(prefix=f"{PREFIX}/tasks", tags=["tasks"])

Reading = Annotated[Desk, needs(Permission.TASKS_READ)]
Changing = Annotated[Desk, needs(Permission.TASKS_CHANGE)]


@routes.get("", operation_id="listTasks", response_model=TasksOut)
async def list_tasks(desk: Reading) -> Response:
    """List the tasks that this server knows, and those that have live jobs or are paused."""
    return sent({"tasks": list((await _tasks(desk)).values())})


@routes.get("/{task}", operation_id="getTask", response_model=TaskOut)
async def get_task(task: Name, desk: Reading) -> Response:
    """Look at one task."""
    return await _shown(desk, task)


@routes.post("/{task}/pause", operation_id="pauseTask", response_model=TaskOut)
async def pause(
    task: Name, desk: Changing, body: PauseIn | None = None, seen: IfMatch = None
) -> Response:
    """Start no job of a task any more, in whatever queue; what runs, runs on."""
    _check_known(desk, task)
    note = body.note if body else ""
    await desk.queues.apause_task(task, note, version=version_of(seen))
    return await _shown(desk, task)


@routes.post("/{task}/resume", operation_id="resumeTask", response_model=TaskOut)
async def resume(task: Name, desk: Changing, seen: IfMatch = None) -> Response:
    """Start jobs of a task again."""
    _check_known(desk, task)
    await desk.queues.aresume_task(task, version=version_of(seen))
    return await _shown(desk, task)


async def _shown(desk: Desk, task: str) -> Response:
    found = (await _tasks(desk)).get(task)
    if found is None:
        raise _not_found(task)
    return sent(found, etag=tag(found["version"]))


def _check_known(desk: Desk, task: str) -> None:
    """See to it that it is none of the platform's own, which nobody is shown.

    Raises:
        NotFound: it is.
    """
    if not desk.client.offers(task):
        raise _not_found(task)


def _not_found(task: str) -> NotFound:
    return NotFound(f"there is no task {task!r}", hint="it has no job, and nothing declares it")


async def _tasks(desk: Desk) -> dict[str, dict[str, Any]]:
    """The tasks that a caller may know of, by name."""
    counts = list(await desk.counts())
    rules = {each.task: each for each in await desk.queues.arules() if isinstance(each, TaskRules)}
    declared = {each.name: each for each in desk.app.registry}
    names = {*declared, *(each.task for each in counts)}
    if desk.actor.tenant is None:
        names |= {name for name, each in rules.items() if each.paused}
    return {
        name: task_out(name, declared.get(name), counts, rules.get(name))
        for name in sorted(names)
        if desk.client.offers(name)
    }
