"""Options are read where they are written, and nonsense is refused there by name."""

from typing import Any

import pytest

from tidemill.core.errors import InvalidName, InvalidOption
from tidemill.core.limits import Rate
from tidemill.core.unique import unique
from tidemill.tasks.directives import Retry
from tidemill.tasks.options import Concurrency, Priority, RateLimit, read_options


def plain(account_id: int, name: str = "x") -> str:
    return name * account_id


async def coroutine() -> None: ...
def generator() -> Any:
    yield


def test_defaults_follow_the_kind_of_function() -> None:
    assert read_options(plain, {}).executor == "thread"
    assert read_options(coroutine, {}).executor == "async"
    options = read_options(plain, {})
    assert (options.queue, options.priority, options.timeout) == ("default", 0, 300_000)
    assert options.retry.attempts == 3


def test_what_is_written_is_read() -> None:
    options = read_options(
        plain,
        {
            "queue": "email",
            "priority": Priority.HIGH,
            "retry": Retry.never(),
            "timeout": "90s",
            "executor": "process",
            "unique": unique("name"),
            "concurrency": Concurrency(3, key="account:{account_id}"),
            "rate": RateLimit(100, "1m", key="all", burst=5),
            "expires": "1h",
            "tags": ["a", "b", "a"],
            "give_up_on": [ValueError],
            "memory": "512MB",
        },
    )
    assert (options.queue, options.priority, options.timeout) == ("email", 50, 90_000)
    assert (options.expires, options.tags, options.memory) == (3_600_000, ("a", "b"), 512 << 20)
    assert options.give_up_on == (ValueError,)
    assert options.rate is not None
    assert options.rate.rate == Rate(100, 60_000, 5)


def test_no_timeout_is_not_the_default_timeout() -> None:
    assert read_options(plain, {"timeout": None}).timeout is None


@pytest.mark.parametrize(
    ("function", "written", "said"),
    [
        (plain, {"quue": "x"}, "no task option is called quue"),
        (plain, {"executor": "fork"}, "executor='fork' is not known"),
        (plain, {"executor": "async"}, "def plain cannot run in the async executor"),
        (coroutine, {"executor": "thread"}, "async def coroutine cannot run in the thread"),
        (generator, {}, "generator is a generator"),
        (plain, {"priority": 101}, "priority=101"),
        (plain, {"priority": True}, "priority=True"),
        (plain, {"priority": "high"}, "priority='high'"),
        (plain, {"retry": 3}, "3 is no RetryPolicy"),
        (plain, {"timeout": "soon"}, "'soon' cannot be read"),
        (plain, {"timeout": -1}, "-1 is negative"),
        (plain, {"unique": "name"}, "'name' is no Unique"),
        (plain, {"unique": unique("nope")}, "unique of plain names 'nope'"),
        (plain, {"concurrency": 5}, "5 is no Concurrency"),
        (plain, {"concurrency": Concurrency(1, "{nope}")}, "concurrency of plain names 'nope'"),
        (plain, {"concurrency": Concurrency(1, "{}")}, "concurrency of plain names ''"),
        (plain, {"concurrency": Concurrency(1, "{account_id")}, "cannot be read"),
        (plain, {"rate": RateLimit(1, 1, "{nope.x[0]}")}, "rate of plain names 'nope'"),
        (plain, {"tags": "urgent"}, "tags='urgent' is one string"),
        (plain, {"give_up_on": [3]}, "give_up_on holds 3"),
        (plain, {"give_up_on": [KeyboardInterrupt]}, "give_up_on holds"),
        (plain, {"memory": "512MB"}, "memory cannot be limited in the thread executor"),
        (plain, {"memory": "much", "executor": "process"}, "memory='much' cannot be read"),
        (plain, {"memory": 0, "executor": "process"}, "memory=0 cannot be read"),
    ],
)
def test_nonsense_is_refused_where_it_is_written(function: Any, written: Any, said: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        read_options(function, written)
    assert said in str(caught.value)


@pytest.mark.parametrize("written", [{"queue": "a b"}, {"queue": ""}, {"tags": [""]}])
def test_names_are_checked(written: Any) -> None:
    with pytest.raises(InvalidName):
        read_options(plain, written)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Concurrency(0),
        lambda: RateLimit(0, "1s"),
        lambda: RateLimit(1, 0),
        lambda: RateLimit(1, "1s", burst=2),
    ],
)
def test_limits_are_checked_where_they_are_made(make: Any) -> None:
    with pytest.raises(InvalidOption):
        make()
