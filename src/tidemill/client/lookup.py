"""Asking about jobs: one, many by a filter, how many there are, how they fared, who works."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypedDict, Unpack

from tidemill.client.client import Client
from tidemill.client.job import Job
from tidemill.client.scan import newest_jobs
from tidemill.client.statistics import Statistics, summarise
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.client.why import Cause, Sight, causes, ended
from tidemill.client.wishes import JobOrId, id_of
from tidemill.client.worker_info import WorkerInfo, worker_of
from tidemill.core.circumstances import Circumstances
from tidemill.core.errors import InvalidOption, JobNotFound
from tidemill.core.identity import check_key, check_name, check_several, check_sought
from tidemill.core.instants import from_datetime
from tidemill.core.job import Snapshot
from tidemill.core.lease import WORKER
from tidemill.core.query import (
    AttemptQuery,
    JobFilter,
    Page,
    QueueCounts,
    StateCount,
    StatisticsQuery,
    Step,
    Tries,
)
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.tasks.codec import decoder

PAGE: Final = 100
_RAN: Final = (State.COMPLETED, State.FAILED)
_decode_any: Final = decoder(Any)


class FilterKeywords(TypedDict, total=False):
    """Which jobs are meant; every one given must hold. The meanings are those of `JobFilter`."""

    states: Iterable[State | str]
    queues: Iterable[str]
    tasks: Iterable[str]
    tags: Iterable[str]
    tenant: str
    batch: JobOrId
    unique_key: str
    source: str
    created_from: datetime
    created_before: datetime
    text: str


class Listing:
    """Jobs that match a filter, newest first, read page by page as one goes along.

    Go through it with `for` or with `async for`, as often as one likes.
    """

    def __init__(self, lookup: "Lookup", which: JobFilter) -> None:
        """Keep the question for later."""
        self._lookup = lookup
        self._which = which

    def __iter__(self) -> Iterator[Job[Any]]:
        """Read on the caller's thread."""
        cursor = None
        while True:
            page = self._lookup.page(self._which, cursor=cursor, limit=PAGE)
            yield from map(self._lookup.handle, page.jobs)
            if (cursor := page.cursor) is None:
                return

    async def __aiter__(self) -> AsyncIterator[Job[Any]]:
        """Read without blocking the event loop."""
        cursor = None
        while True:
            page = await self._lookup.apage(self._which, cursor=cursor, limit=PAGE)
            for snapshot in page.jobs:
                yield self._lookup.handle(snapshot)
            if (cursor := page.cursor) is None:
                return


class Lookup:
    """Questions about the jobs of one application.

    Every verb comes twice: as it is for threads, with an `a` before it for async code.
    """

    def __init__(self, client: Client) -> None:
        """Ask the store of this client."""
        self._client = client
        self._store = client.store

    @blocking
    def get(self, job: JobOrId) -> Steps[Job[Any]]:
        """A handle on a job, with what is known of it in `seen`.

        Raises:
            JobNotFound: it is not stored, or its history has been pruned.
        """
        engine = yield from self._store.engine()
        (snapshot,) = yield from ask(engine.reader.get([id_of(job)]))
        if not self._client.sees(snapshot):
            raise _not_found(job)
        return self.handle(snapshot)

    aget = awaiting(get)

    def find(self, **which: Unpack[FilterKeywords]) -> Listing:
        """The jobs that match, newest first, each with what is known of it in `seen`.

        Raises:
            InvalidOption: a filter that is unknown or cannot be read.

        Example:
            >>> for job in app.jobs.find(states=["failed"]):  # doctest: +SKIP
            ...     print(job.id, job.seen.error)
        """
        return Listing(self, self.filter(which))

    @blocking
    def page(self, which: JobFilter, *, cursor: str | None = None, limit: int = 25) -> Steps[Page]:
        """One page of the jobs that match, newest first, and the cursor of the next.

        A page may hold fewer jobs than asked for, or none, and yet have a cursor: where what is
        meant is rare, so far was looked. Only one without a cursor is the last.
        """
        engine = yield from self._store.engine()
        return (yield from ask(engine.reader.find(which, cursor=cursor, limit=limit)))

    apage = awaiting(page)

    @blocking
    def look(self, ids: Sequence[str]) -> Steps[tuple[Snapshot, ...]]:
        """Those of these jobs that are there, as they are now."""
        engine = yield from self._store.engine()
        found = (yield from ask(engine.reader.get(ids))) if ids else ()
        return tuple(job for job in found if self._client.sees(job))

    alook = awaiting(look)

    @blocking
    def tally(self, which: JobFilter, *, most: int = 10_000) -> Steps[tuple[StateCount, ...]]:
        """How many jobs match, by state, each counted up to so many.

        Where no index tells states apart, only the newest 10,000 are looked at of the jobs that are
        not finished, and as many of those that are: of the task, queue or tenant, if one is named.

        Example:
            >>> for each in app.jobs.tally(app.jobs.filter({"queues": ["mail"]})):  # doctest: +SKIP
            ...     print(each.state, each.count, "or more" if each.more else "")
            waiting 12
        """
        engine = yield from self._store.engine()
        return (yield from ask(engine.reader.tally(which, most)))

    atally = awaiting(tally)

    @blocking
    def attempts(
        self,
        since: datetime,
        before: datetime | None = None,
        *,
        queue: str | None = None,
        task: str | None = None,
        tenant: str | None = None,
        worker: int | None = None,
        limit: int = 500,
    ) -> Steps[Tries]:
        """Attempts of many jobs: those that run, and those that ended in a stretch of time.

        Of each way in which an attempt can end, the last 2,000 are looked at where a queue, task,
        tenant or worker is named; else as many as are asked for.

        Raises:
            InvalidOption: a moment without a time zone.
            InvalidArguments: a text that no store could hold.
        """
        for kind, name in (("queue", queue), ("task", task), ("tenant", tenant)):
            if name is not None:
                check_sought(kind, name)
        query = AttemptQuery(
            since=from_datetime(since),
            before=from_datetime(before) if before else self._store.clock.now() + 1,
            queue=queue,
            task=task,
            tenant=self._client.asks_about(tenant),
            worker=worker,
            limit=limit,
        )
        engine = yield from self._store.engine()
        return (yield from ask(engine.reader.attempts(query)))

    aattempts = awaiting(attempts)

    @blocking
    def counts(self) -> Steps[tuple[QueueCounts, ...]]:
        """Live jobs by queue, task and state."""
        engine = yield from self._store.engine()
        tenant = self._client.tenant if self._client.confined else None
        return (yield from ask(engine.reader.counts(tenant)))

    acounts = awaiting(counts)

    @blocking
    def statistics(
        self,
        since: datetime,
        before: datetime | None = None,
        *,
        step: Step = "minute",
        queue: str | None = None,
        task: str | None = None,
        tenant: str | None = None,
    ) -> Steps[Statistics]:
        """What ended from one moment to another (now, unless it is given), summed up.

        Whole minutes, hours or days are summed up, also those that the moments cut into.

        Raises:
            InvalidOption: a moment without a time zone.
            InvalidArguments: a text that no store could hold.
        """
        for kind, name in (("queue", queue), ("task", task), ("tenant", tenant)):
            if name is not None:
                check_sought(kind, name)
        query = StatisticsQuery(
            step=step,
            from_at=from_datetime(since),
            before=from_datetime(before) if before else self._store.clock.now() + 1,
            queue=queue,
            task=task,
            tenant=self._client.asks_about(tenant),
        )
        engine = yield from self._store.engine()
        return summarise((yield from ask(engine.reader.statistics(query))))

    astatistics = awaiting(statistics)

    @blocking
    def workers(self) -> Steps[list[WorkerInfo]]:
        """The workers that hold their leases now."""
        engine = yield from self._store.engine()
        return (yield from _workers(engine))

    aworkers = awaiting(workers)

    @blocking
    def why(self, job: JobOrId, *, masked: bool = False) -> Steps[tuple[Cause, ...]]:
        """Why a job does not run: every cause there is; or that it runs, or has finished.

        Args:
            job: the job, or its id.
            masked: whether to leave out what may come from arguments: keys, and reasons.

        Raises:
            JobNotFound: it is not stored, or its history has been pruned.

        Example:
            >>> for cause in app.jobs.why(job):  # doctest: +SKIP
            ...     print(cause.text)
            the queue mail is paused by user:zoe since 2026-11-30 08:00: stocktaking
        """
        engine = yield from self._store.engine()
        while True:
            (snapshot,) = yield from ask(engine.reader.get([id_of(job)]))
            if not self._client.sees(snapshot):
                raise _not_found(job)
            if snapshot.state.finished:
                return (ended(snapshot, masked=masked),)
            found = yield from ask(engine.reader.circumstances(snapshot.id))
            if found is not None:
                break
            # It has ended, or was deleted, since it was looked at.
        workers = yield from _workers(engine)
        whose = self._client.tenant if self._client.confined else None
        of_task = JobFilter(tasks=(snapshot.task,), states=_RAN, tenant=whose)
        ran = yield from newest_jobs(engine, of_task, 1)
        last = ran[0].finished_at if ran else None
        sight = yield from self._sight(engine, found, masked=masked)
        return causes(found, workers, last, sight)

    awhy = awaiting(why)

    def _sight(self, engine: Engine, found: Circumstances, *, masked: bool) -> Steps[Sight]:
        """What may be told: to who is confined to a tenant, nothing of the jobs of others."""
        if not self._client.confined:
            return Sight(masked=masked)
        ids = [parent.id for parent in found.parents]
        ids += found.limit.holders if found.limit else ()
        seen = (yield from ask(engine.reader.get(ids))) if ids else ()
        ours = frozenset(job.id for job in seen if self._client.sees(job))
        return Sight(confined=True, ours=ours, masked=masked)

    def handle(self, snapshot: Snapshot) -> Job[Any]:
        """A handle on a job just looked at; where its task is unknown, its result is plain JSON."""
        registry = self._client.registry
        known = snapshot.task in registry
        read = registry.get(snapshot.task).decode_result if known else _read_plain
        return Job(
            self._store, read, id=snapshot.id, task=snapshot.task, created=False, seen=snapshot
        )

    def filter(self, which: FilterKeywords) -> JobFilter:
        """Check which jobs are meant; those of the application's own tenant, where it has one.

        Raises:
            InvalidOption: a filter that is unknown or cannot be read.
            InvalidName: what is no name of a queue or a task, or no tag.
            InvalidArguments: a text that no store could hold.
        """
        unknown = which.keys() - FilterKeywords.__annotations__.keys()
        if unknown:
            raise InvalidOption(
                f"jobs cannot be filtered by {', '.join(sorted(unknown))}",
                hint=f"there are {', '.join(FilterKeywords.__annotations__)}",
            )
        read: dict[str, Any] = {**which, "tenant": self._client.asks_about(which.get("tenant"))}
        for name, check in _SEVERAL.items():
            read[name] = tuple([check(each) for each in check_several(name, read.get(name, ()))])
        for name in _SOUGHT & read.keys():
            read[name] = None if read[name] is None else check_sought(name, read[name])
        if "batch" in read:
            read["batch"] = id_of(read["batch"])
        for name in ("created_from", "created_before"):
            if name in read:
                read[name] = from_datetime(read[name])
        return JobFilter(**read)


def _workers(engine: Engine) -> Steps[list[WorkerInfo]]:
    return [worker_of(lease) for lease in (yield from ask(engine.leases.find(WORKER)))]


def _not_found(job: JobOrId) -> JobNotFound:
    return JobNotFound(f"job {id_of(job)} is not stored", hint="is its history pruned?")


def _check_state(state: str) -> State:
    try:
        return State(state)
    except ValueError:
        raise InvalidOption(
            f"{state!r} is no state", hint=f"each is one of {', '.join(State)}"
        ) from None


_SEVERAL: Final[Mapping[str, Callable[[Any], str]]] = {
    "states": _check_state,
    "queues": lambda name: check_name("queue", name),
    "tasks": lambda name: check_name("task", name),
    "tags": lambda tag: check_key("tag", tag),
}
"""What takes several values, and what each of them has to be."""

_SOUGHT: Final = frozenset({"tenant", "unique_key", "source", "text"})
"""What takes any text."""


def _read_plain(result: bytes | None) -> Any:
    return _decode_any(result or b"null")
