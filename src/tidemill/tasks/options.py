"""How a task runs unless a call says otherwise: its options, read once when it is declared."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from string import Formatter
from typing import Any, Final, Literal, TypedDict

from msgspec import Struct

from tidemill.core.errors import InvalidOption
from tidemill.core.identity import check_key, check_name, check_several
from tidemill.core.instants import Duration, Millis, millis
from tidemill.core.job import DEFAULT_TIMEOUT
from tidemill.core.limits import Rate, check_most, rate
from tidemill.core.retry import RetryPolicy
from tidemill.core.unique import Unique

Executor = Literal["async", "thread", "process"]

MOST_PRIORITY: Final = 100
_SIZE: Final = re.compile(r"(\d+)\s*(KB|MB|GB)", re.IGNORECASE)
_BYTES_IN: Final = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}


class Priority(IntEnum):
    """Names for priorities; any whole number from -100 to 100 will do, larger runs sooner."""

    CRITICAL = 90
    HIGH = 50
    NORMAL = 0
    LOW = -50


class Concurrency(Struct, frozen=True):
    """At most so many jobs of one key run at once, over all workers.

    Attributes:
        most: from 1 to a million.
        key: made for each call from its arguments, such as `"account:{account_id}"`; tasks that
            make the same key share the limit. Empty: the name of the task.
    """

    most: int
    key: str = ""

    def __post_init__(self) -> None:
        """Check it where it is written."""
        check_most(self.most)


class RateLimit(Struct, frozen=True):
    """Jobs of one key start at most so often, over all workers.

    Attributes:
        count: starts.
        per: in this time.
        key: as that of `Concurrency`.
        burst: starts that may come at once after a pause; 0: as many as `count`.

    Example:
        >>> RateLimit(100, "1m", key="api:{account_id}").rate.per
        60000
    """

    count: int
    per: Duration
    key: str = ""
    burst: int = 0

    def __post_init__(self) -> None:
        """Check it where it is written."""
        rate(self.count, self.per, burst=self.burst)

    @property
    def rate(self) -> Rate:
        """The same in milliseconds, without the key."""
        return rate(self.count, self.per, burst=self.burst)


class TaskKeywords(TypedDict, total=False):
    """What may be written behind `@app.task(`; the meanings are those of `TaskOptions`."""

    queue: str
    priority: int
    retry: RetryPolicy
    timeout: Duration | None
    executor: Executor
    unique: Unique
    concurrency: Concurrency | None
    rate: RateLimit | None
    expires: Duration
    tags: Iterable[str]
    give_up_on: Iterable[type[Exception]]
    memory: int | str


class TaskOptions(Struct, frozen=True, kw_only=True):
    """How the jobs of a task run.

    Attributes:
        queue: the queue they wait in.
        priority: -100 to 100, larger sooner.
        retry: how often, and after what waits, a failed job is tried again.
        timeout: longest run of one attempt; `None`: no end.
        executor: `"async"` on the event loop, `"thread"`, or `"process"`, which can be killed.
        unique: what makes two jobs the same; `None`: every job is its own.
        concurrency: how many run at once.
        rate: how often they start.
        expires: a job that has not started so long after it was due is cancelled.
        tags: what they can be found by.
        give_up_on: exceptions that make a job fail for good.
        memory: bytes that one job may use; for the process executor only.
    """

    executor: Executor
    queue: str = "default"
    priority: int = Priority.NORMAL
    retry: RetryPolicy = RetryPolicy()
    timeout: Millis | None = DEFAULT_TIMEOUT
    unique: Unique | None = None
    concurrency: Concurrency | None = None
    rate: RateLimit | None = None
    expires: Millis | None = None
    tags: tuple[str, ...] = ()
    give_up_on: tuple[type[Exception], ...] = ()
    memory: int | None = None


def read_options(function: Callable[..., Any], written: TaskKeywords) -> TaskOptions:
    """Check what was written and put it in its inner form.

    Raises:
        InvalidOption: an option that is unknown, makes no sense, or does not fit the function.
        InvalidName: a queue or tag with characters that are not allowed.
    """
    unknown = written.keys() - TaskKeywords.__annotations__.keys()
    if unknown:
        raise InvalidOption(
            f"no task option is called {', '.join(sorted(unknown))}",
            hint=f"there are {', '.join(TaskKeywords.__annotations__)}",
        )
    read: dict[str, Any] = dict(written)
    for option, reading in _READINGS.items():
        if read.get(option) is not None:
            read[option] = reading(read[option])
    options = TaskOptions(**{"executor": _executor(function, written), **read})
    check_parameters(function, "unique", options.unique.by if options.unique else ())
    for option, limit in (("concurrency", options.concurrency), ("rate", options.rate)):
        check_parameters(function, option, template_fields(limit.key) if limit else ())
    if options.memory is not None and options.executor != "process":
        raise InvalidOption(
            f"memory cannot be limited in the {options.executor} executor",
            hint='only executor="process" has memory of its own',
        )
    return options


def check_priority(priority: object) -> int:
    """Return the priority if it is one.

    Raises:
        InvalidOption: it is no whole number from -100 to 100.
    """
    if isinstance(priority, bool) or not isinstance(priority, int) or abs(priority) > MOST_PRIORITY:
        raise InvalidOption(
            f"priority={priority!r} is not possible",
            hint="a Priority, or a whole number from -100 to 100",
        )
    return int(priority)


def check_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags, each once, if they are allowed.

    Raises:
        InvalidOption: a lone string, which would be taken for its letters.
        InvalidName: one that is empty, too long, or holds control characters.
    """
    return tuple(dict.fromkeys(check_key("tag", tag) for tag in check_several("tags", tags)))


def check_parameters(function: Callable[..., Any], option: str, names: Iterable[str]) -> None:
    """Make sure that what an option names are parameters of the function.

    Raises:
        InvalidOption: one is not.
    """
    parameters = inspect.signature(function).parameters
    if strangers := set(names) - parameters.keys():
        raise InvalidOption(
            f"{option} of {function.__name__} names {', '.join(map(repr, sorted(strangers)))},"
            " which is no parameter of it",
            hint=f"its parameters: {', '.join(parameters) or 'none'}",
        )


def template_fields(template: str) -> set[str]:
    """The parameters that a key template such as `"account:{account_id}"` asks for.

    Raises:
        InvalidOption: its braces do not match.
    """
    if not isinstance(template, str):
        raise InvalidOption(
            f"a key of type {type(template).__name__} is no template",
            hint='write key="account:{account_id}"',
        )
    try:
        fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
    except ValueError as error:
        raise InvalidOption(f"key {template!r} cannot be read: {error}") from None
    return {re.split(r"[.\[]", field, maxsplit=1)[0] for field in fields}


def _executor(function: Callable[..., Any], written: TaskKeywords) -> Executor:
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise InvalidOption(f"{function.__name__} is a generator, and nobody would draw from it")
    is_async = inspect.iscoroutinefunction(function)
    executor = written.get("executor", "async" if is_async else "thread")
    if executor not in ("async", "thread", "process"):
        raise InvalidOption(
            f"executor={executor!r} is not known", hint='use "async", "thread" or "process"'
        )
    if (executor == "async" and not is_async) or (executor == "thread" and is_async):
        kind = "async def" if is_async else "def"
        raise InvalidOption(
            f"{kind} {function.__name__} cannot run in the {executor} executor",
            hint="async def runs in async or process, def in thread or process",
        )
    return executor


def _check_classes(classes: Iterable[object]) -> tuple[type[Exception], ...]:
    chosen: list[type[Exception]] = []
    if not isinstance(classes, Iterable):
        raise InvalidOption(
            f"give_up_on={classes!r} is no list", hint="write give_up_on=[ValueError]"
        )
    for each in classes:
        if not (isinstance(each, type) and issubclass(each, Exception)):
            raise InvalidOption(f"give_up_on holds {each!r}", hint="give exception classes")
        chosen.append(each)
    return tuple(chosen)


def _check_size(size: object) -> int:
    amount = size
    if isinstance(size, str) and (found := _SIZE.fullmatch(size.strip())):
        amount = int(found[1]) * _BYTES_IN[found[2].upper()]
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
        raise InvalidOption(
            f"memory={size!r} cannot be read", hint='write "512MB", "2GB", or a number of bytes'
        )
    return amount


def instance_of(kind: type, hint: str) -> Callable[[Any], Any]:
    """Make the reading of an option that must be of this class."""

    def check(value: Any) -> Any:
        if not isinstance(value, kind):
            raise InvalidOption(f"{value!r} is no {kind.__name__}", hint=hint)
        return value

    return check


check_retry: Final = instance_of(
    RetryPolicy, "write retry=Retry.exponential(...), fixed, never, ..."
)
check_unique: Final = instance_of(Unique, "write unique=unique(...)")

_READINGS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "queue": lambda name: check_name("queue", name),
    "priority": check_priority,
    "retry": check_retry,
    "timeout": millis,
    "unique": check_unique,
    "concurrency": instance_of(Concurrency, "write concurrency=Concurrency(5)"),
    "rate": instance_of(RateLimit, 'write rate=RateLimit(100, "1m")'),
    "expires": millis,
    "tags": check_tags,
    "give_up_on": _check_classes,
    "memory": _check_size,
}
