"""What type checkers must accept and refuse of tasks, their calls and their jobs; never run.

A wrong call carries an ignore for each checker; both report an ignore that nothing needed, so a
wrong call that is accepted fails as loudly as a right one that is refused.
"""

from collections.abc import Coroutine
from typing import Any, assert_type

from tidemill import (
    Event,
    Job,
    Module,
    Priority,
    RateLimit,
    Retry,
    State,
    Task,
    Tidemill,
    unique,
)
from tidemill.client.bound import Bound

app = Tidemill("memory://")


@app.task
def add(first: int, second: int = 0) -> int:
    return first + second


@app.task(queue="email", retry=Retry.exponential(attempts=5, base="2s"), timeout="30s")
async def welcome(user_id: int, *, template: str = "hello") -> str:
    return template * user_id


@app.task(unique=unique("path"), rate=RateLimit(5, "1s"), executor="process", memory="512MB")
def measure(path: str, *flags: bool) -> dict[str, list[float]]:
    return {path: [float(len(flags))]}


@app.task(name="silent")
async def silent() -> None: ...


def a_task_is_its_function_still() -> None:
    assert_type(add(1), int)
    assert_type(measure("a.py", True), dict[str, list[float]])
    coroutine = assert_type(welcome(1, template="bye"), Coroutine[Any, Any, str])
    coroutine.close()
    plain: Task[..., int] = add
    awaited: Task[..., str] = welcome
    assert_type(plain.enqueue(1), Job[int])
    assert_type(awaited.enqueue(1), Job[str])


def a_job_is_of_what_the_function_returns_once_awaited() -> None:
    assert_type(add.enqueue(1, 2), Job[int])
    assert_type(welcome.enqueue(1, template="bye"), Job[str])
    assert_type(measure.enqueue("a.py", True, False), Job[dict[str, list[float]]])
    assert_type(silent.enqueue(), Job[None])
    assert_type(welcome.using(delay="10m", priority=Priority.HIGH, key="w-1").enqueue(1), Job[str])
    assert_type(welcome.using(delay="1m").using(timeout=None).bind(1), Bound[str])


def a_result_is_what_the_function_returns() -> None:
    assert_type(add.enqueue(1).result(timeout="5s"), int)
    assert_type(welcome.enqueue(1).result(), str)
    assert_type(add.enqueue(1).state, State)
    assert_type(add.enqueue(1).cancel("no need"), bool)
    jobs: list[Job[object]] = [add.enqueue(1), welcome.enqueue(1)]
    assert_type(jobs[0].result(), object)


def many_by_name_and_in_batches() -> None:
    assert_type(app.enqueue_many(add.bind(number) for number in range(3)), list[Job[int]])
    assert_type(app.enqueue("add", {"first": 1}, delay="1m"), Job[Any])
    assert_type(app.enqueue(add.bind(1)), Job[int])
    assert_type(app.batch(silent.bind(), [add.bind(1), welcome.bind(2)]), Job[None])
    assert_type(app.jobs.cancel(add.enqueue(1), reason="no need"), int)


async def async_code_asks_in_the_same_words() -> None:
    assert_type(await add.aenqueue(1), Job[int])
    assert_type(await welcome.using(delay="1m").aenqueue(1), Job[str])
    assert_type(await (await welcome.aenqueue(1)).aresult(), str)
    assert_type(await app.aenqueue_many([add.bind(1)]), list[Job[int]])
    assert_type(await app.aenqueue(welcome.bind(1)), Job[str])
    assert_type(await app.jobs.aget("id"), Job[Any])
    async for job in app.jobs.find(states=["failed"]):
        assert_type(job, Job[Any])


def wrong_arguments_are_refused() -> None:
    add("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wanted
    add.enqueue("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wanted
    add.enqueue()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wanted
    add.enqueue(1, 2, 3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wanted
    add.enqueue(1, third=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wanted
    add.bind(first="1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wanted
    welcome.enqueue(1, "bye")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wanted
    later = welcome.using(delay="1m")
    later.enqueue("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wanted
    measure.enqueue("a.py", "yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wanted


async def wrong_arguments_are_refused_in_async_code() -> None:
    await add.aenqueue("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wanted
    await welcome.aenqueue(1, "bye")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wanted


def wrong_results_are_refused() -> None:
    job: Job[int] = welcome.enqueue(1)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # wanted
    text: str = add.enqueue(1).result()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # wanted
    assert job.id == text


def wrong_wishes_and_options_are_refused() -> None:
    welcome.using(dealy="1m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wanted
    welcome.using(priority="high")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wanted
    app.task(quue="email")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]  # wanted
    app.task(executor="fork")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]  # wanted
    app.task(timeout=[])  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]  # wanted
    app.jobs.find(state=["failed"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wanted


module = Module("shop", quotas={"per_hour": 10})


@module.schedule("0 2 * * *")
@module.task(timeout="30s")
async def sell(number: int) -> str:
    return f"sold {number}"


@module.on("order.made")
def hear(event: Event) -> None: ...


def tasks_of_a_module_are_as_those_of_an_application() -> None:
    assert_type(app.enqueue(sell.bind(1)), Job[str])
    assert_type(sell.using(delay="1m").enqueue(1), Job[str])
    sell(1).close()
    sell.enqueue("one")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    app.include(module, settings={"word": "mine"})
