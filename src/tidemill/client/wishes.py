"""What one call wants otherwise than its task does: when, where, under which key, after what."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, Protocol, TypeAlias, TypedDict

import msgspec
from msgspec import UNSET, Struct, UnsetType

from tidemill.core.errors import InvalidOption
from tidemill.core.graph import Edge, OnFailure
from tidemill.core.identity import check_key, check_name
from tidemill.core.instants import Duration, Instant, Millis, from_datetime, millis
from tidemill.core.retry import RetryPolicy, policy
from tidemill.core.unique import Unique
from tidemill.tasks.options import check_priority, check_retry, check_tags, check_unique


class HasId(Protocol):
    """A job, or a call that will be one."""

    @property
    def id(self) -> str:
        """The job's id."""
        ...


JobOrId: TypeAlias = HasId | str


class WishKeywords(TypedDict, total=False):
    """What may be written behind `task.using(`; the meanings are those of `Wishes`."""

    delay: Duration
    at: datetime
    priority: int
    key: str
    unique: Unique
    queue: str
    tx: Any
    wake: Literal["in_tx"] | None
    tags: Iterable[str]
    tenant: str
    expires: Duration
    after: JobOrId | Iterable[JobOrId]
    on_parent_failure: OnFailure
    batch: JobOrId
    timeout: Duration | None
    retry: RetryPolicy
    attempts: int
    source: str


class Wishes(Struct, frozen=True, kw_only=True):
    """What one call wants; what is not said is as the task's options have it.

    Attributes:
        delay: not before so long from now.
        at: not before this moment.
        priority: -100 to 100, larger sooner.
        key: the caller's own unique key.
        unique: what makes this call the same as another.
        queue: the queue to wait in.
        tx: a transaction of the caller's own, in which the job is stored.
        wake: `"in_tx"`: its commit tells workers of the job even where its driver tells us nothing.
        tags: further tags, besides the task's.
        tenant: whose job it is.
        expires: cancelled if it has not started so long after it was due.
        after: jobs that must be finished first, and what their failure means.
        batch: id of the callback job whose batch it belongs to.
        timeout: longest run of one attempt; `None`: no end.
        retry: how often, and after what waits, it is tried again.
        attempts: how often it may start, where only that differs from the policy.
        source: what caused it.
    """

    delay: Millis | None = None
    at: Instant | None = None
    priority: int | None = None
    key: str = ""
    unique: Unique | None = None
    queue: str = ""
    tx: Any = None
    wake: Literal["in_tx"] | None = None
    tags: tuple[str, ...] = ()
    tenant: str | None = None
    expires: Millis | None = None
    after: tuple[Edge, ...] = ()
    batch: str | None = None
    timeout: Millis | None | UnsetType = UNSET
    retry: RetryPolicy | None = None
    attempts: int | None = None
    source: str = ""


NONE: Final = Wishes()


def read_wishes(earlier: Wishes, written: WishKeywords) -> Wishes:
    """Add to earlier wishes what was written; what is said again counts anew.

    Raises:
        InvalidOption: a wish that is unknown, makes no sense, or contradicts another.
        InvalidName: a queue, tenant, tag or key with characters that are not allowed.
    """
    unknown = written.keys() - WishKeywords.__annotations__.keys()
    if unknown:
        raise InvalidOption(
            f"no call can be wished to have {', '.join(sorted(unknown))}",
            hint=f"there are {', '.join(WishKeywords.__annotations__)}",
        )
    if "delay" in written and "at" in written:
        raise InvalidOption("both delay and at are given", hint="a job is due once: give one")
    read: dict[str, Any] = dict(written)
    on_failure = read.pop("on_parent_failure", None)
    for wish, reading in _READINGS.items():
        if wish in read:
            read[wish] = reading(read[wish])
    if "after" in read:
        read["after"] = tuple(Edge(parent) for parent in read["after"])
    if on_failure is not None:
        read["after"] = _failing(read.get("after", earlier.after), on_failure)
    if "delay" in read or "at" in read:
        read = {"delay": None, "at": None} | read
    return msgspec.structs.replace(earlier, **read)


def id_of(job: JobOrId) -> str:
    """The id of a job, of a call that will be one, or the id itself.

    Raises:
        InvalidName: it is none of these, or no text that an id could be.
    """
    named: object = job
    return check_key("job id", named if isinstance(named, str) else getattr(named, "id", named))


def _ids_of(jobs: JobOrId | Iterable[JobOrId]) -> tuple[str, ...]:
    if isinstance(jobs, Iterable) and not isinstance(jobs, str):
        return tuple(dict.fromkeys(id_of(job) for job in jobs))
    return (id_of(jobs),)


def _failing(edges: tuple[Edge, ...], on_failure: OnFailure) -> tuple[Edge, ...]:
    """The same parents, whose failure means this."""
    if on_failure not in ("cancel", "run"):
        raise InvalidOption(f"on_parent_failure={on_failure!r}", hint='use "cancel" or "run"')
    if not edges:
        raise InvalidOption(
            f"on_parent_failure={on_failure!r} is said of no parent", hint="give after, too"
        )
    return tuple(Edge(edge.parent, on_failure) for edge in edges)


def _check_wake(wake: Any) -> Any:
    if wake not in ("in_tx", None):
        raise InvalidOption(f"wake={wake!r} is not known", hint='use "in_tx", or leave it out')
    return wake


def _check_attempts(attempts: int) -> int:
    return policy("fixed", attempts, 0, 0, jitter=False).attempts


_READINGS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "delay": millis,
    "at": from_datetime,
    "priority": check_priority,
    "key": lambda key: check_key("unique key", key),
    "unique": lambda each: each and check_unique(each),
    "retry": lambda each: each and check_retry(each),
    "queue": lambda name: check_name("queue", name),
    "tags": check_tags,
    "tenant": lambda name: name and check_name("tenant", name),
    "expires": millis,
    "after": _ids_of,
    "batch": id_of,
    "timeout": lambda length: None if length is None else millis(length),
    "attempts": _check_attempts,
    "wake": _check_wake,
    "source": lambda source: source and check_key("source", source),
}
