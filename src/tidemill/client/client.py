"""Enqueueing: calls become jobs in the store."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeGuard, TypeVar

import msgspec
from msgspec.structs import replace

from tidemill.client.bound import Bound
from tidemill.client.job import Job
from tidemill.client.schemas import Schemas
from tidemill.client.steps import Steps, Walk, ask, awaiting, blocking
from tidemill.client.store import Store
from tidemill.client.terms import Terms
from tidemill.client.tracing import Tracing, carried
from tidemill.client.wishes import NONE, WishKeywords, read_wishes
from tidemill.client.witness import Deed, Witness
from tidemill.core.errors import InvalidOption, UnknownParent, UnknownTask
from tidemill.core.identity import check_name
from tidemill.core.job import Inserted, NewJob, Snapshot
from tidemill.core.record import NewEntry
from tidemill.engines.protocol import Engine
from tidemill.loops.call import Begun, Call
from tidemill.tasks.charter import chartered
from tidemill.tasks.registry import OWN, Registry
from tidemill.tasks.secret import NO_VAULT, Vault

R = TypeVar("R")

SLICE: Final = 1_000
"""Jobs that `enqueue_many` stores in one step."""

ENQUEUE: Final = "jobs.enqueue"
"""What the audit log calls it."""


class Client:
    """Hands calls to the store of one application.

    Every verb comes twice: as it is for threads, with an `a` before it for async code.

    Attributes:
        tenant: whose jobs are enqueued and looked at, unless a call says otherwise.
        confined: whether no call may say otherwise: nothing of others is seen or touched.
        tracing: makes spans; `None`: nobody does.
        schemas: what the payloads of events have to be.
        vault: encrypts what is secret in records.
    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        tenant: str,
        *,
        confined: bool = False,
        witness: Witness | None = None,
        tracing: Tracing | None = None,
        schemas: Schemas | None = None,
        vault: Vault = NO_VAULT,
    ) -> None:
        """Join what is asked for, where it is kept, whose it is, who asks, and who makes spans."""
        self.store = store
        self.registry = registry
        self.tenant = tenant
        self.confined = confined
        self.tracing = tracing
        self.schemas = schemas or Schemas()
        self.vault = vault
        self._witness = witness

    def on_behalf(self, tenant: str | None, witness: Witness) -> "Client":
        """A client that asks for somebody.

        Args:
            tenant: whose jobs alone are seen and touched; `None`: anybody's.
            witness: knows who it is.
        """
        return Client(
            self.store,
            self.registry,
            tenant or "",
            confined=tenant is not None,
            witness=witness,
            tracing=self.tracing,
            schemas=self.schemas,
            vault=self.vault,
        )

    def audit(self, action: str, target: str = "", **facts: Any) -> tuple[NewEntry, ...]:
        """The line that goes with a deed, if somebody keeps account of who asks; see `Deed`."""
        if self._witness is None:
            return ()
        return (self._witness.tells(Deed(action=action, target=target, **facts)),)

    @property
    def asker(self) -> str:
        """Who asks, as the audit log names them; empty: nobody in particular."""
        return "" if self._witness is None else self._witness.source

    def whose(self, tenant: str | None) -> str:
        """The tenant that a call means.

        Raises:
            InvalidOption: another one than all calls have to mean.
        """
        if tenant is None or tenant == self.tenant:
            return self.tenant
        if self.confined:
            raise InvalidOption(f"tenant {tenant!r} is not the one that is asked for")
        return tenant and check_name("tenant", tenant)

    def asks_about(self, tenant: str | None) -> str | None:
        """The tenant that a question is about; `None`: any.

        Raises:
            InvalidOption: another one than all questions have to be about.
        """
        if self.confined:
            return self.whose(tenant)
        return self.tenant or None if tenant is None else tenant

    def sees(self, job: Snapshot | None) -> TypeGuard[Snapshot]:
        """Whether there is such a job, for whoever asks."""
        return job is not None and (not self.confined or job.tenant == self.tenant)

    def offers(self, task: str) -> bool:
        """Whether jobs of a task are made for whoever asks: the platform's own it makes itself."""
        return self._witness is None or not task.startswith(OWN)

    def check_offered(self, task: str) -> None:
        """See to it that jobs of a task are made for whoever asks.

        Raises:
            UnknownTask: they are not, and the task is none that anybody has to know of.
        """
        if not self.offers(task):
            raise UnknownTask(
                f"no task is called {task!r}", hint="name one of the application's own tasks"
            )

    def enqueue(self, bound: Bound[R]) -> Job[R]:
        """Store one job; see `Task.enqueue` for what it raises."""
        # The shortest path there is, and the busiest: written out twice instead of as steps.
        engine = self.store.opened or self.store.open_now()
        if self.confined:
            Walk(self._check_own(engine, [bound])).wait()
        (answer,) = self._storing(engine, bound).wait()
        return self._job(bound, answer)

    async def aenqueue(self, bound: Bound[R]) -> Job[R]:
        """As `enqueue`, from async code."""
        engine = self.store.opened
        if engine is None:
            engine = await Walk(self.store.engine())
        if self.confined:
            await Walk(self._check_own(engine, [bound]))
        (answer,) = await self._storing(engine, bound)
        return self._job(bound, answer)

    def bound(
        self,
        call: object,
        arguments: Mapping[str, Any] | None,
        wishes: WishKeywords,
    ) -> Bound[Any]:
        """A call that is bound as it is, or that of a task by its name.

        Raises:
            UnknownTask: no task of the application has the name, or none for whoever asks.
            InvalidOption: it is neither, or bound and yet given arguments or wishes.
        """
        if isinstance(call, Bound) and not (arguments or wishes):
            return call
        if not isinstance(call, str):
            raise InvalidOption(
                f"{call!r} cannot be enqueued so",
                hint="write task.using(...).enqueue(...), or name a task and its arguments",
            )
        return Bound.of_json(self.terms(call, wishes), arguments or {})

    def terms(self, task: str, wishes: WishKeywords) -> Terms[Any]:
        """The terms on which whoever asks may enqueue calls of a task.

        Raises:
            UnknownTask: no task of the application has the name, or none for whoever asks.
            InvalidOption: a wish makes no sense.
        """
        self.check_offered(task)
        return Terms(self.registry.get(task), read_wishes(NONE, wishes))

    @blocking
    def enqueue_many(self, bounds: Iterable[Bound[R]]) -> Steps[list[Job[R]]]:
        """Store many jobs, a thousand in one step: of each thousand all are stored or none.

        Where a later thousand fails, the earlier ones are stored; enqueueing the same calls again
        stores only what is missing. A job that waits for another comes after it.
        """
        jobs: list[Job[R]] = []
        rest = _several(bounds)
        part = list(islice(rest, SLICE))
        while part:
            engine = yield from self.store.engine()
            yield from self._check_own(engine, part)
            storing = self._storing_all(engine, part)
            if len(part) == SLICE and part[0].terms.wishes.tx is None:
                # The next part is bound while this one is stored; not in a caller's transaction,
                # whose connection may be bound to its thread.
                storing = Begun(storing)
            try:
                following = list(islice(rest, SLICE))
            finally:
                inserted = yield from ask(storing)
            jobs += self._jobs(part, inserted)
            part = following
        return jobs

    aenqueue_many = awaiting(enqueue_many)

    @blocking
    def batch(self, callback: Bound[R], members: Iterable[Bound[Any]]) -> Steps[Job[R]]:
        """Store jobs, all or none, and one that runs when they have all finished, well or not.

        The members' results are found by `app.jobs.find(batch=job.id)`. Without members the
        callback runs at once. The whole batch is part of the callback's transaction, if it has one.

        Returns:
            The job of the callback.
        """
        (callback,) = _several([callback])
        mine = {"batch": callback.id, "tx": callback.terms.wishes.tx}
        joined = [
            member.wishing(msgspec.structs.replace(member.terms.wishes, **mine))
            for member in _several(members)
        ]
        job, *_ = yield from self._insert([callback, *joined])
        return job

    abatch = awaiting(batch)

    def _insert(self, bounds: Sequence[Bound[R]]) -> Steps[list[Job[R]]]:
        engine = yield from self.store.engine()
        yield from self._check_own(engine, bounds)
        return self._jobs(bounds, (yield from ask(self._storing_all(engine, bounds))))

    def _check_own(self, engine: Engine, bounds: Iterable[Bound[Any]]) -> Steps[None]:
        """See to it that jobs are of the one tenant, and follow only jobs of that tenant.

        Raises:
            InvalidOption: a call wishes for another tenant.
            UnknownParent: a job that is to be followed is not the tenant's, or not there at all.
        """
        if not self.confined:
            return
        known: set[str] = set()
        named: set[str] = set()
        for bound in bounds:
            wishes = bound.terms.wishes
            self.whose(wishes.tenant)
            named.update(edge.parent for edge in wishes.after)
            named.update([wishes.batch] if wishes.batch else [])
            known.add(bound.id)
        foreign = sorted(named - known)
        found = (yield from ask(engine.reader.get(foreign))) if foreign else ()
        for id_, job in zip(foreign, found, strict=True):
            # Whose a job is never changes, so it is still so when the new ones are stored.
            if not self.sees(job):
                raise UnknownParent(
                    f"job {id_}, which another one is to follow, is not stored",
                    hint="enqueue the parent first, or both in one call",
                )

    def _storing(self, engine: Engine, bound: Bound[Any]) -> Call[tuple[Inserted, ...]]:
        self.check_offered(bound.terms.declaration.name)
        (job,) = self._traced([self._new(bound)])
        wishes = bound.terms.wishes
        aloud = wishes.wake is not None
        audit = self._witness and self.audit(ENQUEUE, job.id, given=_told([job]))
        return engine.jobs.insert(
            (job,), tx=wishes.tx, wake=aloud, fresh_ids=bound.send(), audit=audit or ()
        )

    def _storing_all(
        self, engine: Engine, bounds: Sequence[Bound[Any]]
    ) -> Call[tuple[Inserted, ...]]:
        for bound in bounds if self._witness else ():
            self.check_offered(bound.terms.declaration.name)
        new = self._traced([self._new(bound) for bound in bounds])
        # Each is told that it is sent, so this does not stop at the first that was before.
        fresh = not [bound for bound in bounds if not bound.send()]
        tx, aloud = _transaction(bounds), any(bound.terms.wishes.wake for bound in bounds)
        audit = self._witness and self.audit(ENQUEUE, given=_told(new))
        return engine.jobs.insert(new, tx=tx, wake=aloud, fresh_ids=fresh, audit=audit or ())

    def _new(self, bound: Bound[Any]) -> NewJob:
        """The job of a call, if whoever asks may have it made.

        Raises:
            UnknownTask: it is of a module that the application does not include.
            NotPermitted: code of a module asks, whose jobs may not go to that queue.
        """
        terms = bound.terms
        if terms.declaration.charter is not None:
            # A module declares its tasks for no application: this one has its own keys and limits.
            terms = Terms(self.registry.get(terms.declaration.name), terms.wishes)
        job = terms.new_job(bound.id, bound.arguments, self.tenant, self.store.clock)
        if (charter := chartered.get()) is not None:
            charter.check_queue(job.queue)
        return job

    def _traced(self, jobs: list[NewJob]) -> list[NewJob]:
        """The jobs with the trace that they are part of, if they are part of one."""
        headers = carried.get() if self.tracing is None else self.tracing.sent(jobs)
        if not headers:
            return jobs
        return [replace(job, headers=dict(headers)) for job in jobs]

    def _jobs(self, bounds: Sequence[Bound[R]], answers: Iterable[Inserted]) -> list[Job[R]]:
        return [self._job(bound, answer) for bound, answer in zip(bounds, answers, strict=True)]

    def _job(self, bound: Bound[R], answer: Inserted) -> Job[R]:
        declaration = bound.terms.declaration
        return Job(
            self.store,
            declaration.decode_result,
            id=answer.id,
            task=declaration.name,
            created=answer.created,
        )


def _told(jobs: Sequence[NewJob]) -> dict[str, Any]:
    """What the audit log says of new jobs: never their arguments, which may hold secrets."""
    tasks = Counter(job.task for job in jobs)
    told: dict[str, Any] = {"tasks": dict(tasks)}
    if len(jobs) > 1:
        told |= {"first": jobs[0].id, "last": jobs[-1].id}
    return told


def _several(calls: Iterable[Bound[R]]) -> Iterator[Bound[R]]:
    """The calls, made sure of.

    Raises:
        InvalidOption: they are not several, or something else than a bound call is among them.
    """
    if not isinstance(calls, Iterable):
        raise InvalidOption(f"{calls!r} is not several calls", hint="write [task.bind(...), ...]")
    for call in calls:
        if not isinstance(call, Bound):
            raise InvalidOption(f"{call!r} is no bound call", hint="write task.bind(...)")
        yield call


def _transaction(bounds: Sequence[Bound[Any]]) -> Any:
    """The one transaction that calls stored in one step are to be part of."""
    first = bounds[0].terms.wishes.tx
    if any(bound.terms.wishes.tx is not first for bound in bounds):
        raise InvalidOption(
            "calls that are stored in one step name different transactions",
            hint="give all of them the same tx, or none",
        )
    return first
