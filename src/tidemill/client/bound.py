"""A call that is not enqueued yet, and the job that it will be."""

from typing import Generic, TypeVar

import msgspec

from tidemill.client.wishes import Wishes
from tidemill.core.identity import check_key, new_id
from tidemill.core.job import NewJob
from tidemill.core.limits import KeyLimit, KeyRate
from tidemill.core.retry import RetryPolicy
from tidemill.core.unique import Unique, UniqueClaim
from tidemill.loops.clock import Clock
from tidemill.tasks.declaration import Declaration
from tidemill.tasks.signature import Arguments

R_co = TypeVar("R_co", covariant=True)


class Bound(Generic[R_co]):
    """A call with its arguments checked and its id given: enqueued twice, it is stored once.

    Attributes:
        id: of the job that it will be; others may wait for it already.
        declaration: the task to run.
        arguments: what it is run with.
        wishes: what this call wants otherwise than its task does.
    """

    __slots__ = ("arguments", "declaration", "id", "wishes")

    def __init__(
        self,
        declaration: Declaration[R_co],
        arguments: Arguments,
        wishes: Wishes,
        *,
        id: str = "",  # noqa: A002 - the word for it
    ) -> None:
        """Keep the call, and give it an id unless it has one."""
        self.id = id or new_id()
        self.declaration = declaration
        self.arguments = arguments
        self.wishes = wishes

    def __repr__(self) -> str:
        return f"<Bound {self.declaration.name} {self.id}>"

    def wishing(self, wishes: Wishes) -> "Bound[R_co]":
        """The same call, of the same id, with other wishes."""
        return Bound(self.declaration, self.arguments, wishes, id=self.id)

    def new_job(self, tenant: str, clock: Clock) -> NewJob:
        """The job as the store is asked for it.

        Args:
            tenant: whose it is, unless the call says so itself.
            clock: read only when the job is not due at once, or expires.
        """
        wishes, options = self.wishes, self.declaration.options
        owner = tenant if wishes.tenant is None else wishes.tenant
        expires = options.expires if wishes.expires is None else wishes.expires
        due_at = wishes.at if wishes.delay is None else clock.now() + wishes.delay
        return NewJob(
            id=self.id,
            task=self.declaration.name,
            queue=wishes.queue or options.queue,
            args=self.arguments.payload,
            tenant=owner,
            priority=options.priority if wishes.priority is None else wishes.priority,
            due_at=due_at,
            expires_at=None if expires is None else (due_at or clock.now()) + expires,
            timeout=options.timeout if wishes.timeout is msgspec.UNSET else wishes.timeout,
            retry=self._retry(),
            unique=self._unique(owner) if wishes.key or wishes.unique or options.unique else None,
            limit=self._limit() if options.concurrency else None,
            rate=self._rate() if options.rate else None,
            after=wishes.after,
            batch=wishes.batch,
            tags=tuple(dict.fromkeys(options.tags + wishes.tags)) if wishes.tags else options.tags,
            source=wishes.source,
        )

    def _retry(self) -> RetryPolicy:
        retry = self.wishes.retry or self.declaration.options.retry
        if self.wishes.attempts is None:
            return retry
        return msgspec.structs.replace(retry, attempts=self.wishes.attempts)

    def _unique(self, tenant: str) -> UniqueClaim | None:
        unique = self.wishes.unique or self.declaration.options.unique
        if self.wishes.key:
            return (unique or Unique()).claim(tenant, self.declaration.name, {}, self.wishes.key)
        if unique is None:
            return None
        canonical = self.declaration.signature.canonical(self.arguments)
        return unique.claim(tenant, self.declaration.name, canonical, "")

    def _limit(self) -> KeyLimit | None:
        limit = self.declaration.options.concurrency
        return KeyLimit(self._key(limit.key), limit.most) if limit else None

    def _rate(self) -> KeyRate | None:
        limit = self.declaration.options.rate
        return KeyRate(self._key(limit.key), limit.rate) if limit else None

    def _key(self, template: str) -> str:
        if not template:
            return self.declaration.name
        return check_key("limit key", self.declaration.signature.fill(template, self.arguments))
