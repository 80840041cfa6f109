"""`/queues`: how many jobs each has, its rules, and what is done to all of it."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent, tag
from tidemill.api.callers import needs
from tidemill.api.conditions import IfMatch, version_of
from tidemill.api.desk import Desk
from tidemill.api.shapes.changes import ChangedOut
from tidemill.api.shapes.queues import (
    CleanIn,
    DrainIn,
    KeyLimitIn,
    KeyLimitOut,
    KeyLimitsOut,
    PauseIn,
    QueueOut,
    QueueRulesIn,
    QueuesOut,
    RateLimitShape,
    RetentionIn,
    key_out,
    queue_out,
)
from tidemill.api.shapes.shape import Name
from tidemill.api.sweeping import LEFT, swept
from tidemill.core.change import Cancel, Delete, Which
from tidemill.core.errors import InvalidOption, NotFound
from tidemill.core.instants import millis, to_datetime
from tidemill.core.rules import KeyRules, QueueRules
from tidemill.core.state import State
from tidemill.tasks.options import RateLimit

routes: Final = APIRouter(prefix=PREFIX, tags=["queues"])

Reading = Annotated[Desk, needs(Permission.QUEUES_READ)]
Changing = Annotated[Desk, needs(Permission.QUEUES_CHANGE)]
Deleting = Annotated[Desk, needs(Permission.JOBS_DELETE)]
Cancelling = Annotated[Desk, needs(Permission.JOBS_CHANGE)]

_FINISHED: Final = (State.COMPLETED, State.FAILED, State.CANCELLED)


@routes.get("/queues", operation_id="listQueues", response_model=QueuesOut)
async def list_queues(desk: Reading) -> Response:
    """List queues with their jobs and rules, by name."""
    counts = await desk.counts()
    return sent({"queues": [queue_out(rules, counts) for rules in await _queues(desk)]})


@routes.get("/queues/{queue}", operation_id="getQueue", response_model=QueueOut)
async def get_queue(queue: Name, desk: Reading) -> Response:
    """Look at one queue."""
    return await _shown(desk, queue)


@routes.post("/queues/{queue}/pause", operation_id="pauseQueue", response_model=QueueOut)
async def pause(
    queue: Name, desk: Changing, body: PauseIn | None = None, seen: IfMatch = None
) -> Response:
    """Claim nothing from a queue any more; what runs, runs on."""
    note = body.note if body else ""
    await desk.queues.apause(queue, note, version=version_of(seen))
    return await _shown(desk, queue)


@routes.post("/queues/{queue}/resume", operation_id="resumeQueue", response_model=QueueOut)
async def resume(queue: Name, desk: Changing, seen: IfMatch = None) -> Response:
    """Claim from a queue again."""
    await desk.queues.aresume(queue, version=version_of(seen))
    return await _shown(desk, queue)


@routes.patch("/queues/{queue}", operation_id="changeQueue", response_model=QueueOut)
async def change(queue: Name, body: QueueRulesIn, desk: Changing, seen: IfMatch = None) -> Response:
    """Set the limits of a queue."""
    await desk.queues.alimit(queue, version=version_of(seen), **_limits(body))
    return await _shown(desk, queue)


@routes.patch("/queues/{queue}/retention", operation_id="keepQueue", response_model=QueueOut)
async def keep(queue: Name, body: RetentionIn, desk: Changing, seen: IfMatch = None) -> Response:
    """Set how long finished jobs of a queue are kept; `null`: as the settings say for all."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    await desk.queues.akeep(queue, version=version_of(seen), **given)
    return await _shown(desk, queue)


@routes.post(
    "/queues/{queue}/drain",
    operation_id="drainQueue",
    response_model=ChangedOut,
    responses=LEFT,
)
async def drain(queue: Name, desk: Cancelling, body: DrainIn | None = None) -> Response:
    """Cancel the jobs of a queue that wait; those that run, run on."""
    states = [State.WAITING, State.BLOCKED]
    if body and body.later:
        states += [State.SCHEDULED, State.RETRYING]
    reason = desk.scribe.reason or "drained"
    waiting = Which(filter=desk.jobs.filter({"queues": [queue], "states": states}))
    return await swept(desk, waiting, Cancel(reason))


@routes.post(
    "/queues/{queue}/clean",
    operation_id="cleanQueue",
    response_model=ChangedOut,
    responses=LEFT,
)
async def clean(queue: Name, desk: Deleting, body: CleanIn | None = None) -> Response:
    """Delete finished jobs of a queue, and their history, for good."""
    wanted = body or CleanIn.model_validate({})
    if not set(wanted.states) <= set(_FINISHED):
        raise InvalidOption("only finished jobs can be cleaned", hint=f"of {', '.join(_FINISHED)}")
    before = desk.client.store.clock.now() - millis(wanted.older_than) + 1
    old = desk.jobs.filter(
        {"queues": [queue], "states": wanted.states, "created_before": to_datetime(before)}
    )
    return await swept(desk, Which(filter=old), Delete())


@routes.get("/limits", operation_id="listKeyLimits", response_model=KeyLimitsOut)
async def list_limits(desk: Changing) -> Response:
    """List the keys whose limits somebody has set."""
    rules = await desk.queues.arules()
    return sent({"keys": [key_out(each) for each in rules if isinstance(each, KeyRules)]})


@routes.post("/limits", operation_id="limitKey", response_model=KeyLimitOut)
async def limit_key(body: KeyLimitIn, desk: Changing, seen: IfMatch = None) -> Response:
    """Set the limit of a key, before those that jobs bring along."""
    given = _limits(body)
    await desk.queues.alimit_key(body.key, version=version_of(seen), **given)
    rules = await desk.queues.arules()
    (found,) = (each for each in rules if isinstance(each, KeyRules) and each.key == body.key)
    return sent(key_out(found), etag=tag(found.version))


def _limits(body: QueueRulesIn | KeyLimitIn) -> dict[str, Any]:
    """The limits that were given, as the client takes them."""
    given = {name: getattr(body, name) for name in body.model_fields_set if name != "key"}
    if isinstance(rate := given.get("rate"), RateLimitShape):
        given["rate"] = RateLimit(rate.count, rate.per, burst=rate.burst)
    return given


async def _queues(desk: Desk) -> list[QueueRules]:
    """The queues that a caller may know of: all, or those in which their tenant has jobs."""
    rules = await desk.queues.afind()
    if desk.actor.tenant is None:
        return rules
    counts = await desk.counts()
    known = {each.queue for each in counts}
    known |= {task.options.queue for task in desk.app.registry}
    return [each for each in rules if each.queue in known]


async def _shown(desk: Desk, queue: str) -> Response:
    for rules in await _queues(desk):
        if rules.queue == queue:
            counts = await desk.counts()
            return sent(queue_out(rules, counts), etag=tag(rules.version))
    raise NotFound(f"there is no queue {queue!r}", hint="a queue is there with its first job")
