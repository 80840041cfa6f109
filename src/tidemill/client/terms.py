"""The terms on which calls of a task are enqueued: what it says itself, and what is wished for."""

from typing import Generic, TypeVar

import msgspec
from msgspec.structs import replace

from tidemill.client.wishes import Wishes
from tidemill.core.errors import InvalidOption
from tidemill.core.identity import check_key
from tidemill.core.instants import Millis
from tidemill.core.job import NewJob
from tidemill.core.limits import KeyLimit, KeyRate
from tidemill.core.retry import RetryPolicy
from tidemill.core.unique import Unique, UniqueClaim
from tidemill.loops.clock import Clock
from tidemill.tasks.declaration import Declaration
from tidemill.tasks.signature import Arguments

R_co = TypeVar("R_co", covariant=True)


class Terms(Generic[R_co]):
    """What all calls of a task with the same wishes have in common, put together once.

    Attributes:
        declaration: the task to run.
        wishes: what these calls want otherwise than their task does.
    """

    __slots__ = ("_pattern", "_varies", "declaration", "wishes")

    def __init__(self, declaration: Declaration[R_co], wishes: Wishes) -> None:
        """Join them, and see whether jobs on these terms differ in more than their arguments."""
        self.declaration = declaration
        self.wishes = wishes
        options = declaration.options
        self._pattern: NewJob | None = None
        self._varies = any(
            (
                wishes.delay is not None,
                self.expires is not None,
                wishes.key or wishes.unique or options.unique,
                options.concurrency,
                options.rate,
            )
        )

    @property
    def expires(self) -> Millis | None:
        """How long after it was due a job is cancelled that has not started; `None`: never."""
        wished = self.wishes.expires
        return self.declaration.options.expires if wished is None else wished

    @property
    def gives_way(self) -> bool:
        """Whether a later job of the same key may give its arguments to one on these terms."""
        unique = self.wishes.unique or self.declaration.options.unique
        return unique is not None and unique.on_duplicate in ("replace", "debounce")

    def new_job(self, id_: str, arguments: Arguments, tenant: str, clock: Clock) -> NewJob:
        """One job on these terms, as the store is asked for it.

        Args:
            tenant: whose it is, unless a wish says so itself.
            clock: read only when the job is not due at once, or expires.

        Raises:
            InvalidOption: a secret cannot be kept.
        """
        owner = tenant if self.wishes.tenant is None else self.wishes.tenant
        pattern = self._pattern
        if pattern is None or pattern.tenant != owner:
            pattern = self._pattern = self._draw(owner)
        payload = arguments.payload
        if arguments.secrets:
            payload = self._sealed(arguments, owner, id_)
        if not self._varies:
            return replace(pattern, id=id_, args=payload)
        wishes, expires = self.wishes, self.expires
        due_at = wishes.at if wishes.delay is None else clock.now() + wishes.delay
        return replace(
            pattern,
            id=id_,
            args=payload,
            due_at=due_at,
            expires_at=None if expires is None else (due_at or clock.now()) + expires,
            unique=self._unique(arguments, owner),
            limit=self._limit(arguments),
            rate=self._rate(arguments),
        )

    def _sealed(self, arguments: Arguments, owner: str, id_: str) -> bytes:
        """The arguments with what is secret encrypted.

        Raises:
            InvalidOption: no key is set, or the arguments may become those of another job, to which
                the secrets are not bound.
        """
        if self.gives_way:
            raise InvalidOption(
                f"{self.declaration.name} takes a secret, and a later job gives its arguments to "
                "an earlier one",
                hint='use on_duplicate="skip" or "reject"',
            )
        return self.declaration.sealed(arguments, tenant=owner, job=id_)

    def _draw(self, owner: str) -> NewJob:
        """A job with everything that does not depend on the call or its time."""
        wishes, options = self.wishes, self.declaration.options
        return NewJob(
            id="",
            task=self.declaration.name,
            queue=wishes.queue or options.queue,
            tenant=owner,
            priority=options.priority if wishes.priority is None else wishes.priority,
            due_at=wishes.at,
            timeout=options.timeout if wishes.timeout is msgspec.UNSET else wishes.timeout,
            retry=self._retry(),
            after=wishes.after,
            batch=wishes.batch,
            tags=tuple(dict.fromkeys(options.tags + wishes.tags)),
            source=wishes.source,
        )

    def _retry(self) -> RetryPolicy:
        retry, attempts = self.wishes.retry, self.wishes.attempts
        retry = retry or self.declaration.options.retry
        return retry if attempts is None else replace(retry, attempts=attempts)

    def _unique(self, arguments: Arguments, tenant: str) -> UniqueClaim | None:
        unique = self.wishes.unique or self.declaration.options.unique
        if self.wishes.key:
            return (unique or Unique()).claim(tenant, self.declaration.name, {}, self.wishes.key)
        if unique is None:
            return None
        canonical = self.declaration.signature.canonical(arguments)
        return unique.claim(tenant, self.declaration.name, canonical, "")

    def _limit(self, arguments: Arguments) -> KeyLimit | None:
        limit = self.declaration.options.concurrency
        return KeyLimit(self._key(limit.key, arguments), limit.most) if limit else None

    def _rate(self, arguments: Arguments) -> KeyRate | None:
        limit = self.declaration.options.rate
        return KeyRate(self._key(limit.key, arguments), limit.rate) if limit else None

    def _key(self, template: str, arguments: Arguments) -> str:
        if not template:
            return self.declaration.name
        return check_key("limit key", self.declaration.signature.fill(template, arguments))
