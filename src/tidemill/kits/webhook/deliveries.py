"""Deliveries: what has been posted to whom, what came of it, and having it posted once more."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Self

import msgspec
from msgspec import Struct

import tidemill
from tidemill import State, Task, Tidemill
from tidemill.kits.webhook.asking import Asking, blocking
from tidemill.kits.webhook.posting import DISABLED, Delivered, Try, made_at, noted

_PAGE: Final = 100
_SLICE: Final = 500


class Delivery(Struct, frozen=True, kw_only=True):
    """One webhook to one subscription.

    Attributes:
        id: of its job.
        subscription: whose it is.
        event: what it tells of.
        message: id of the message, the same for all who are told of the event; `webhook-id`.
        state: of its job: `completed` once it is delivered.
        reason: why it failed or was cancelled.
        created_at: when it was enqueued, milliseconds UTC.
        finished_at: when it was delivered or given up; `None`: it is under way.
        next_at: when it is posted next, if it is to be.
        tries: each time it was posted, oldest first.
    """

    id: str
    subscription: str
    event: str
    message: str
    state: State
    reason: str
    created_at: int
    finished_at: int | None
    next_at: int | None
    tries: tuple[Try, ...]


class Page(Struct, frozen=True):
    """Deliveries, newest first.

    Attributes:
        cursor: hand it back for the next page; `None` on the last one.
    """

    deliveries: tuple[Delivery, ...]
    cursor: str | None


class Deliveries:
    """The deliveries of one tenant; every verb comes with an `a` before it for async code.

    They are jobs, and kept as long as these. Made by `webhooks.deliveries(app)`.
    """

    def __init__(
        self,
        app: Tidemill,
        task: Task[..., Delivered],
        tenant: str | None = None,
        *,
        waits: bool = False,
    ) -> None:
        """Look at the jobs of a task."""
        self._app = app
        self._task = task
        self._tenant = app.client.whose(tenant)
        self._ask = Asking(waits=waits)

    def on_thread(self) -> Self:
        """The same, each of whose questions to the store is waited for."""
        return type(self)(self._app, self._task, self._tenant, waits=True)

    async def apage(
        self,
        subscription: str = "",
        *,
        states: tuple[State | str, ...] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int = 25,
    ) -> Page:
        """One page of them, newest first.

        Args:
            subscription: of this one; by default of any.
            states: in one of these states; by default in any.
            since: enqueued at or after.
            until: enqueued before.
            cursor: where the page before ended.
            limit: so many at most.
        """
        which = self._which(subscription, states, since, until)
        jobs = self._app.jobs
        found = await self._ask(jobs.page, jobs.apage, which, cursor=cursor, limit=limit)
        return Page(tuple(map(_delivery, found.jobs)), found.cursor)

    page = blocking(apage)

    async def aget(self, id: str) -> Delivery:  # noqa: A002 - the word for it
        """One of them.

        Raises:
            JobNotFound: it is not there, or another tenant's, or its history has been pruned.
        """
        return _delivery(await self._look(id))

    get = blocking(aget)

    async def areplay(self, id: str) -> str:  # noqa: A002 - as above
        """Have one posted again that has ended, whatever came of it; answer its job's id.

        One that was delivered is posted by a new job; its message is the same. One that is under
        way stays as it is.

        Raises:
            JobNotFound: it is not there.
        """
        seen = await self._look(id)
        if seen.state != State.COMPLETED:
            await self._ask(self._app.jobs.retry, self._app.jobs.aretry, id)
            return id
        given = msgspec.json.decode(seen.args)
        call = self._task.using(
            tags=seen.tags, tenant=seen.tenant, source=f"job:{seen.id}", queue=seen.queue
        ).bind(
            given["subscription"],
            given["event"],
            given.get("data"),
            id=_message_of(seen.id, given),
            at=given.get("at") or made_at(seen.id) or seen.created_at,
        )
        again = await self._ask(self._app.enqueue, self._app.aenqueue, call)
        return again.id

    replay = blocking(areplay)

    async def areplay_failed(
        self, since: datetime, until: datetime | None = None, *, subscription: str = ""
    ) -> int:
        """Have all posted again that were enqueued in a time and not delivered; how many.

        Those that were cancelled as their subscription was disabled are among them, those that a
        person has cancelled are not.

        Args:
            since: enqueued at or after.
            until: enqueued before; by default until now.
            subscription: of this one; by default of any.
        """
        which = self._which(subscription, (State.FAILED, State.CANCELLED), since, until)
        jobs, ids, cursor = self._app.jobs, list[str](), None
        while True:
            page = await self._ask(jobs.page, jobs.apage, which, cursor=cursor, limit=_PAGE)
            ids += [job.id for job in page.jobs if _is_undelivered(job)]
            if (cursor := page.cursor) is None:
                break
        count = 0
        for several in _slices(ids):
            count += await self._ask(jobs.retry, jobs.aretry, *several)
        return count

    replay_failed = blocking(areplay_failed)

    def _which(
        self,
        subscription: str,
        states: tuple[State | str, ...],
        since: datetime | None,
        until: datetime | None,
    ) -> Any:
        meant: dict[str, Any] = {"tasks": [self._task.name], "tenant": self._tenant}
        if subscription:
            meant["tags"] = [subscription]
        if states:
            meant["states"] = states
        if since is not None:
            meant["created_from"] = since
        if until is not None:
            meant["created_before"] = until
        return self._app.jobs.filter(meant)  # type: ignore[arg-type]  # made key by key

    async def _look(self, id_: str) -> Any:
        job = await self._ask(self._app.jobs.get, self._app.jobs.aget, id_)
        seen = job.seen
        if seen is None or seen.task != self._task.name or seen.tenant != self._tenant:
            raise tidemill.errors.JobNotFound(f"there is no delivery {id_!r:.120}")
        return seen


def _delivery(seen: Any) -> Delivery:
    given = msgspec.json.decode(seen.args)
    return Delivery(
        id=seen.id,
        subscription=given["subscription"],
        event=given["event"],
        message=_message_of(seen.id, given),
        state=seen.state,
        reason=seen.reason,
        created_at=seen.created_at,
        finished_at=seen.finished_at,
        next_at=None if seen.state.finished else seen.ready_at,
        tries=tuple(_tries(seen)),
    )


def _tries(seen: Any) -> Iterator[Try]:
    yield from noted(seen.checkpoint)
    if seen.result is not None:
        done = msgspec.json.decode(seen.result, type=Delivered)
        yield Try(done.attempt, done.at, done.took, done.status, done.body)


def _message_of(job: str, given: dict[str, Any]) -> str:
    """The id of the message that a job posts."""
    return str(given.get("id") or f"msg_{job}")


def _is_undelivered(seen: Any) -> bool:
    return bool(seen.state == State.FAILED or seen.reason.startswith(DISABLED))


def _slices(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _SLICE):
        yield ids[start : start + _SLICE]
