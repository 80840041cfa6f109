"""Jobs that are asked for over HTTP: as calls of the application's tasks, each stored once."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tidemill.api.desk import Desk
from tidemill.api.shapes.jobs import EnqueueIn, priority_of
from tidemill.client.bound import Bound
from tidemill.client.job import Job
from tidemill.client.wishes import WishKeywords
from tidemill.core.errors import InvalidOption
from tidemill.core.identity import derived_id


class Made(Struct, frozen=True):
    """What became of one job that was asked for."""

    id: str
    task: str
    created: bool


class Enqueueing:
    """Enqueues for whoever sits at a desk."""

    def __init__(self, desk: Desk) -> None:
        """Ask through this desk."""
        self._desk = desk
        self._client = desk.client

    async def one(self, wanted: EnqueueIn, key: str | None) -> Made:
        """One job; with a key that was sent before, the one that it was sent with.

        Raises:
            InvalidOption: the key was sent with another job.
            AccessError: the tenant has as much as it may.
        """
        call = self._bound(wanted, key, "")
        await self._admit([call])
        job = await self._client.aenqueue(call)
        if key is not None and not job.created:
            await self._check_same(job, call)
        return Made(job.id, job.task, job.created)

    async def many(self, wanted: Sequence[EnqueueIn], key: str | None) -> list[Made]:
        """Many jobs, all or none.

        Raises:
            InvalidOption: the key was sent with others.
        """
        calls = [self._bound(each, key, str(place)) for place, each in enumerate(wanted)]
        await self._admit(calls)
        jobs = await self._client.aenqueue_many(calls)
        if key is not None:
            for job, call in zip(jobs, calls, strict=True):
                if not job.created:
                    await self._check_same(job, call)
        return [Made(job.id, job.task, job.created) for job in jobs]

    async def _admit(self, calls: Sequence[Bound[Any]]) -> None:
        """See to it that the tenants of these calls may have so many jobs."""
        sizes: defaultdict[str, list[int]] = defaultdict(list)
        for call in calls:
            tenant = call.terms.wishes.tenant
            owner = self._client.tenant if tenant is None else tenant
            sizes[owner].append(len(call.arguments.payload))
        for tenant, mine in sizes.items():
            await self._desk.quotas.aadmit(tenant, mine)

    def _bound(self, wanted: EnqueueIn, key: str | None, place: str) -> Bound[Any]:
        call = self._client.bound(wanted.task, wanted.arguments, _wishes(wanted))
        if key is None:
            return call
        # One who sends the same again, after whatever became of the first time, names the same job.
        actor = self._desk.actor
        id_ = derived_id("http", actor.tenant or "", actor.source, key, place)
        return Bound(call.terms, call.arguments, id_, unsent=False)

    async def _check_same(self, job: Job[Any], call: Bound[Any]) -> None:
        """See to it that a key stands for what it stood for.

        Raises:
            InvalidOption: it stood for something else.
        """
        if job.id != call.id:
            return  # another job stands for it, by the unique key that it was asked for with
        seen, declaration = await job.asnapshot(), call.terms.declaration
        if seen.task == declaration.name:
            given = declaration.opened(seen.args, tenant=seen.tenant, job=seen.id)
            same = given == call.arguments.payload
        else:
            same = False
        if not same:
            raise InvalidOption(
                "the Idempotency-Key was sent before, with another job",
                hint="make a new key for each job",
            )


def _wishes(wanted: EnqueueIn) -> WishKeywords:
    """What was asked for beside the task and its arguments."""
    given: dict[str, Any] = {
        name: value
        for name in ("queue", "delay", "at", "key", "expires", "timeout", "attempts", "tenant")
        if (value := getattr(wanted, name)) is not None
    }
    if wanted.priority is not None:
        given["priority"] = priority_of(wanted.priority)
    if wanted.tags:
        given["tags"] = wanted.tags
    if wanted.after:
        given["after"] = wanted.after
    if wanted.on_parent_failure is not None:
        given["on_parent_failure"] = wanted.on_parent_failure
    wishes: WishKeywords = given  # type: ignore[assignment]  # these are some of its keys
    return wishes
