"""What is asked for is what is stored: once, whole, and as the call wished it."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tidemill import Concurrency, Priority, RateLimit, Retry, State, Tidemill, unique
from tidemill.client.bound import Bound
from tidemill.client.job import Job
from tidemill.core.errors import (
    InvalidArguments,
    InvalidName,
    InvalidOption,
    NotUnique,
    UnknownParent,
    UnknownTask,
    WrongTransaction,
)
from tidemill.core.instants import to_datetime
from tidemill.testing.clock import ManualClock


class Shop:
    """Some tasks."""

    def __init__(self, app: Tidemill) -> None:
        @app.task(name="add")
        def add(first: int, second: int = 2) -> int:
            return first + second

        @app.task(name="welcome", queue="email", tags=["mail"], priority=10, expires="1h")
        async def welcome(user_id: int) -> str:
            return f"hello {user_id}"

        @app.task(name="once", unique=unique("account"))
        def once(account: str, note: str = "") -> str:
            return account + note

        @app.task(
            name="limited",
            concurrency=Concurrency(2, key="account:{account}"),
            rate=RateLimit(5, "1s"),
        )
        def limited(account: str) -> str:
            return account

        self.add, self.welcome, self.once, self.limited = add, welcome, once, limited


@pytest.fixture
def shop(app: Tidemill) -> Shop:
    return Shop(app)


def test_a_task_is_still_its_function(shop: Shop) -> None:
    assert shop.add(1) == 3
    assert asyncio.run(shop.welcome(7)) == "hello 7"
    assert shop.add.name == "add"


def test_a_job_is_stored_as_its_task_says(shop: Shop, clock: ManualClock) -> None:
    job = shop.welcome.enqueue(7)
    seen = job.snapshot()
    assert job.created
    assert (seen.id, seen.task, seen.queue, seen.args) == (
        job.id,
        "welcome",
        "email",
        b'{"user_id":7}',
    )
    assert (seen.state, seen.priority, seen.tags, seen.tenant) == (State.WAITING, 10, ("mail",), "")
    assert (seen.timeout, seen.max_attempts) == (300_000, 3)
    assert seen.expires_at == clock.now() + 3_600_000


def test_a_job_is_stored_as_its_call_wishes(shop: Shop, clock: ManualClock) -> None:
    seen = (
        shop.welcome.using(
            priority=Priority.CRITICAL,
            queue="urgent",
            tags=["vip", "mail"],
            tenant="acme",
            timeout=None,
            retry=Retry.fixed(attempts=9),
            source="schedule:nightly",
            key="welcome-7",
        )
        .using(delay="10m", attempts=4)
        .enqueue(7)
        .snapshot()
    )
    assert (seen.state, seen.ready_at) == (State.SCHEDULED, clock.now() + 600_000)
    assert (seen.priority, seen.queue, seen.tags) == (90, "urgent", ("mail", "vip"))
    assert (seen.tenant, seen.timeout, seen.max_attempts) == ("acme", None, 4)
    assert (seen.source, seen.unique_key) == ("schedule:nightly", "acme/welcome-7")
    assert seen.expires_at == clock.now() + 600_000 + 3_600_000, "expiry counts from when it is due"


def test_a_moment_and_a_delay_replace_each_other(shop: Shop, clock: ManualClock) -> None:
    moment = to_datetime(clock.now()) + timedelta(hours=2)
    assert shop.add.using(delay="1s").using(at=moment).enqueue(1).snapshot().ready_at == (
        clock.now() + 7_200_000
    )
    assert shop.add.using(at=moment).using(delay="1s").enqueue(1).snapshot().ready_at == (
        clock.now() + 1_000
    )


@pytest.mark.parametrize(
    ("wishes", "error"),
    [
        ({"dealy": "1m"}, InvalidOption),
        ({"delay": "1m", "at": to_datetime(0)}, InvalidOption),
        ({"at": to_datetime(0).replace(tzinfo=None)}, InvalidOption),
        ({"priority": 1_000}, InvalidOption),
        ({"attempts": 0}, InvalidOption),
        ({"after": "x", "on_parent_failure": "ignore"}, InvalidOption),
        ({"on_parent_failure": "run"}, InvalidOption),
        ({"unique": unique("nope")}, InvalidOption),
        ({"unique": True}, InvalidOption),
        ({"retry": 3}, InvalidOption),
        ({"queue": "a b"}, InvalidName),
        ({"tenant": "a/b"}, InvalidName),
        ({"key": "a\nb"}, InvalidName),
        ({"key": ""}, InvalidName),
    ],
)
def test_wishes_that_make_no_sense_are_refused_at_once(
    shop: Shop, wishes: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        shop.add.using(**wishes)


def test_bad_arguments_store_nothing(app: Tidemill, shop: Shop) -> None:
    with pytest.raises(InvalidArguments, match=r"add\(\): argument 'first': expected int, got str"):
        shop.add.enqueue("1")  # type: ignore[arg-type]  # it is what is tested
    assert list(app.jobs.find()) == []


def test_a_duplicate_is_the_job_that_is_there(shop: Shop) -> None:
    first = shop.once.enqueue("acme", "one")
    second = shop.once.enqueue(account="acme", note="two")
    other = shop.once.enqueue("bolt")
    assert (first.created, second.created, other.created) == (True, False, True)
    assert second == first
    assert second.snapshot().args == b'{"account":"acme","note":"one"}'
    assert other != first


def test_a_default_argument_is_the_same_as_the_argument(shop: Shop) -> None:
    every = shop.add.using(unique=unique())
    assert every.enqueue(1).id == every.enqueue(1, 2).id == every.enqueue(second=2, first=1).id
    assert every.enqueue(1, 3).created


def test_a_caller_may_ask_to_be_told_of_duplicates(shop: Shop) -> None:
    loud = shop.add.using(unique=unique(on_duplicate="reject"))
    loud.enqueue(1)
    with pytest.raises(NotUnique):
        loud.enqueue(1)


def test_keys_are_made_of_the_arguments(shop: Shop) -> None:
    seen = shop.limited.enqueue("acme").snapshot()
    assert (seen.limit_key, seen.rate_key) == ("account:acme", "limited")


def test_the_same_call_is_stored_once_however_often_it_is_sent(app: Tidemill, shop: Shop) -> None:
    call = shop.add.bind(1)
    assert [app.enqueue(call).created, app.enqueue(call).created] == [True, False]
    assert [job.created for job in app.enqueue_many([call, shop.add.bind(2)])] == [False, True]


def test_many_are_stored_in_order_and_in_slices(app: Tidemill, shop: Shop) -> None:
    jobs = app.enqueue_many(shop.add.bind(number) for number in range(2_345))
    assert len({job.id for job in jobs}) == 2_345
    found = [job.seen.args for job in app.jobs.find() if job.seen]
    assert found == [b'{"first":%d}' % number for number in reversed(range(2_345))]
    assert app.enqueue_many([]) == []


def test_of_a_slice_all_are_stored_or_none(app: Tidemill, shop: Shop) -> None:
    wrong = shop.add.using(after="no-such-job").bind(0)
    calls = [shop.add.bind(number) for number in range(1_500)]
    with pytest.raises(UnknownParent):
        app.enqueue_many([*calls, wrong])
    assert sum(1 for _ in app.jobs.find()) == 1_000
    assert sum(job.created for job in app.enqueue_many(calls)) == 500


def test_what_was_drawn_before_a_call_could_not_be_bound_is_stored(
    app: Tidemill, shop: Shop
) -> None:
    def calls() -> Iterator[Bound[int]]:
        yield from (shop.add.bind(number) for number in range(2_500))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        app.enqueue_many(calls())
    assert sum(1 for _ in app.jobs.find()) == 2_000


def test_many_are_stored_from_async_code_while_its_loop_goes_on(app: Tidemill, shop: Shop) -> None:
    async def ask() -> list[Job[int]]:
        return await app.aenqueue_many(shop.add.bind(number) for number in range(2_345))

    jobs = asyncio.run(ask())
    assert [job.id for job in jobs] == [job.id for job in app.jobs.find()][::-1]


def test_a_task_is_enqueued_by_name(app: Tidemill, shop: Shop) -> None:
    job = app.enqueue("welcome", {"user_id": 7}, delay="1m")
    assert (job.task, job.state) == (shop.welcome.name, State.SCHEDULED)
    with pytest.raises(UnknownTask, match="did you mean welcome"):
        app.enqueue("wellcome", {})
    with pytest.raises(InvalidArguments, match=r"welcome\(\): missing argument 'user_id'"):
        app.enqueue("welcome")


def test_async_code_asks_in_the_same_words(app: Tidemill, shop: Shop) -> None:
    async def ask() -> list[Job[Any]]:
        many = await app.aenqueue_many(shop.add.bind(number) for number in range(3))
        bound = await app.aenqueue(shop.add.bind(5))
        named = await app.aenqueue("add", {"first": 6})
        return [await shop.welcome.aenqueue(7), *many, bound, named]

    jobs = asyncio.run(ask())
    assert all(job.created for job in jobs)
    assert {job.id for job in jobs} == {job.id for job in app.jobs.find()}


def test_a_job_waits_for_its_parents(shop: Shop, hand: Any) -> None:
    parents = [shop.add.enqueue(number) for number in range(2)]
    child = shop.add.using(after=parents).enqueue(9)
    last = shop.add.using(after=child.id, on_parent_failure="run").enqueue(10)
    assert (child.state, child.snapshot().waits_for) == (State.BLOCKED, 2)
    assert set(hand.do()) == {parent.id for parent in parents}
    assert (child.state, last.state) == (State.WAITING, State.BLOCKED)
    child.cancel()
    assert last.state is State.WAITING


def test_what_a_parents_failure_means_may_be_said_apart(shop: Shop) -> None:
    parent = shop.add.enqueue(1)
    follower = shop.add.using(after=parent).using(on_parent_failure="run").enqueue(2)
    parent.cancel()
    assert follower.state is State.WAITING


def test_jobs_of_one_call_may_wait_for_each_other(app: Tidemill, shop: Shop, hand: Any) -> None:
    first = shop.add.bind(1)
    second = shop.add.using(after=first).bind(2)
    app.enqueue_many([first, second])
    assert hand.do() == [first.id]
    assert hand.do() == [second.id]


def test_a_batch_calls_back_once_all_have_finished(app: Tidemill, shop: Shop, hand: Any) -> None:
    members = [shop.add.bind(number) for number in range(1_200)]
    callback = app.batch(shop.welcome.bind(7), members)
    assert callback.state is State.BLOCKED
    assert len(hand.do(result=5)) == 1_000
    assert callback.state is State.BLOCKED
    assert len(hand.do(result=5)) == 200
    assert hand.do(result="hello") == [callback.id]
    assert callback.result(timeout=0) == "hello"
    assert [job.result() for job in app.jobs.find(batch=callback)] == [5] * 1_200


def test_a_batch_of_nothing_calls_back_at_once(app: Tidemill, shop: Shop) -> None:
    assert app.batch(shop.welcome.bind(7), []).state is State.WAITING


def test_a_transaction_is_handed_to_the_engine(app: Tidemill, shop: Shop) -> None:
    with pytest.raises(WrongTransaction):
        shop.add.using(tx=object()).enqueue(1)
    with pytest.raises(InvalidOption, match="different transactions"):
        app.enqueue_many([shop.add.bind(1), shop.add.using(tx=object()).bind(2)])
    with pytest.raises(WrongTransaction):
        app.batch(shop.add.using(tx=object()).bind(0), [shop.add.bind(1)])
    assert list(app.jobs.find()) == []


def test_an_application_may_belong_to_a_tenant(clock: ManualClock) -> None:
    app = Tidemill("memory://", tenant="acme", clock=clock)
    shop = Shop(app)
    mine, theirs = shop.add.enqueue(1), shop.add.using(tenant="bolt").enqueue(1)
    assert (mine.snapshot().tenant, theirs.snapshot().tenant) == ("acme", "bolt")
    assert list(app.jobs.find()) == [mine]
    assert list(app.jobs.find(tenant="bolt")) == [theirs]


def test_many_threads_open_the_store_once_and_lose_nothing(clock: ManualClock) -> None:
    app = Tidemill("memory://", clock=clock)
    shop = Shop(app)
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        for number in range(50):
            shop.add.enqueue(number)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(1 for _ in app.jobs.find()) == 400
