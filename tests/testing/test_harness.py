"""The harness: an application in memory, run by hand."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from tidemill import Event, RateLimit, Retry, State, Tidemill
from tidemill.testing import Harness, in_memory

app = Tidemill("sqlite:///never-made.db")
heard: list[str] = []


@app.task(name="welcome", retry=Retry.fixed(attempts=2, base="1m", jitter=False))
def welcome(user_id: int, *, fail: bool = False) -> str:
    if fail:
        raise ValueError("no such user")
    return f"hello {user_id}"


@app.task(name="fan_out")
async def fan_out(count: int) -> None:
    await app.aenqueue_many(welcome.bind(number) for number in range(count))


@app.on("user.*")
def note(event: Event) -> None:
    heard.append(event.name)


@app.schedule("0 * * * *")
@app.task(name="hourly")
def hourly() -> None: ...


@pytest.fixture
def mill() -> Iterator[Harness]:
    with in_memory(app) as mill:
        yield mill


def test_what_is_due_runs_and_what_it_enqueues(mill: Harness) -> None:
    fan_out.enqueue(3)
    assert mill.drain() == 4
    assert [job.result(timeout=0) for job in mill.jobs(welcome)] == [
        "hello 2",
        "hello 1",
        "hello 0",
    ]


def test_time_passes_when_it_is_told_to(mill: Harness) -> None:
    job = welcome.using(delay="10m").enqueue(7)
    assert mill.drain() == 0
    mill.assert_state(job, State.SCHEDULED)
    assert mill.advance("10m") == 1
    assert job.result(timeout=0) == "hello 7"


def test_a_retry_waits_for_its_time(mill: Harness) -> None:
    job = welcome.enqueue(1, fail=True)
    mill.drain()
    mill.assert_state(job, "retrying")
    mill.advance("1m")
    mill.assert_state(job, "failed")
    with pytest.raises(AssertionError, match="failed: ValueError: no such user"):
        mill.assert_state(job, "completed")


def test_schedules_tick_and_events_are_heard(mill: Harness) -> None:
    heard.clear()
    app.events.emit("user.joined", {"id": 1})
    mill.advance("1h")
    assert heard == ["user.joined"]
    assert mill.assert_enqueued("hourly").snapshot().state is State.COMPLETED
    assert [event.name for event in mill.events("user.*")] == ["user.joined"]


def test_assertions_say_what_there_is(mill: Harness) -> None:
    welcome.enqueue(1)
    mill.assert_enqueued(welcome, user_id=1)
    mill.assert_not_enqueued(welcome, user_id=2)
    with pytest.raises(AssertionError, match=r'welcome\(\{"user_id":1\}\) waiting'):
        mill.assert_enqueued(welcome, user_id=2)
    with pytest.raises(AssertionError, match="there is a job of welcome"):
        mill.assert_not_enqueued("welcome")
    mill.clear()
    assert mill.drain() == 0


def test_the_application_is_as_it_was_afterwards() -> None:
    with in_memory(app):
        welcome.enqueue(1)
    assert app.store.url == "sqlite:///never-made.db"
    with in_memory(app) as mill:
        assert mill.jobs() == []


def test_the_fixture_does_the_same(tidemill_in_memory: Callable[[Tidemill], Harness]) -> None:
    mill = tidemill_in_memory(app)
    welcome.enqueue(5)
    assert mill.drain() == 1


def test_a_paused_queue_is_left_alone_and_told(mill: Harness) -> None:
    app.queues.pause("default", "lunch")
    job = welcome.enqueue(1)
    assert mill.drain() == 0
    with pytest.raises(
        AssertionError, match=r"waiting: the queue default is paused; app\.queues\.r"
    ):
        mill.assert_state(job, "completed")
    app.queues.resume("default")
    assert mill.drain() == 1
    mill.assert_state(job, "completed")


def test_a_paused_task_is_left_alone_and_told(mill: Harness) -> None:
    app.queues.pause_task("welcome")
    job = welcome.enqueue(1)
    assert mill.drain() == 0
    with pytest.raises(AssertionError, match="blocked: the task is paused"):
        mill.assert_state(job, "completed")
    app.queues.resume_task("welcome")
    assert mill.drain() == 1


def test_a_job_that_waits_for_time_says_when_it_is_due(mill: Harness) -> None:
    job = welcome.using(delay="1h").enqueue(1)
    mill.advance("20m")
    with pytest.raises(AssertionError, match="scheduled: due in 40m"):
        mill.assert_state(job, "completed")


def test_what_a_rate_holds_back_waits_for_the_clock(mill: Harness) -> None:
    app.queues.limit("default", rate=RateLimit(1, "1m"))
    fan_out.enqueue(2)
    assert mill.drain() == 1
    assert mill.drain() == 0
    assert [mill.advance("1m"), mill.advance("1m")] == [1, 1]


def test_a_setting_that_keeps_workers_to_a_queue_does_not_keep_a_drain_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIDEMILL_WORKER_QUEUES", "slow")
    own = Tidemill("memory://")

    @own.task(name="step", queue="first")
    def step(left: int) -> None:
        if left:
            step.using(queue="second").enqueue(left - 1)

    with in_memory(own) as mill:
        step.enqueue(2)
        assert mill.drain() == 3


def test_jobs_without_an_end_are_told() -> None:
    own = Tidemill("memory://")

    @own.task(name="again")
    async def again() -> None:
        await again.aenqueue()

    @own.on("tick")
    def tock(event: Event) -> None:
        own.events.emit(event.name)

    with in_memory(own) as mill:
        own.events.emit("tick")
        with pytest.raises(AssertionError, match=r"tock 4 times .does a job ask for itself"):
            mill.drain(most=3)
    with in_memory(own) as mill:
        again.enqueue()
        with pytest.raises(AssertionError, match=r"still due after .* attempts: again"):
            mill.drain(most=3)


def test_a_handler_without_an_end_is_told() -> None:
    own = Tidemill("memory://")
    go_on = threading.Event()

    @own.task(name="plain")
    def plain() -> None:
        go_on.wait()

    @own.task(name="loops")
    async def loops() -> None:
        await asyncio.Event().wait()

    for task in (plain, loops):
        with in_memory(own) as mill:
            task.enqueue()
            with pytest.raises(AssertionError, match=rf"no job has ended for .*{task.name}"):
                mill.drain(patience="10ms")
    go_on.set()


def test_ctrl_c_ends_a_drain_though_its_clock_stands_still() -> None:
    own = Tidemill("memory://")
    go_on = threading.Event()

    @own.task(name="plain")
    def plain() -> None:
        signal.raise_signal(signal.SIGINT)
        go_on.wait()

    @own.task(name="loops")
    async def loops() -> None:
        signal.raise_signal(signal.SIGINT)
        await asyncio.shield(asyncio.Event().wait())

    for task in (plain, loops):
        with in_memory(own) as mill:
            task.enqueue()
            with pytest.raises(KeyboardInterrupt):
                mill.drain()
    go_on.set()


def test_a_handler_hears_of_what_happened_before_the_first_drain() -> None:
    own = Tidemill("memory://")
    told: list[str] = []

    @own.on("user.*")
    async def early(event: Event) -> None:
        told.append(f"early {event.name}")

    with in_memory(own) as mill:
        own.events.emit("user.joined")

        @own.on("user.*")
        async def late(event: Event) -> None:
            told.append(f"late {event.name}")

        own.events.emit("user.left")
        assert mill.drain() == 3
    assert sorted(told) == ["early user.joined", "early user.left", "late user.left"]


def test_what_happens_before_the_first_drain_is_heard(mill: Harness) -> None:
    heard.clear()
    app.events.emit("user.left", {})
    mill.drain()
    assert heard == ["user.left"]
