"""What a type checker must know of a task's calls; checkers read this, nothing runs it."""

from collections.abc import Coroutine
from typing import Any, assert_type

from tidemill import Job, Priority, Tidemill

app = Tidemill("memory://")


@app.task
def add(first: int, second: int = 0) -> int:
    return first + second


@app.task(queue="email", timeout="30s")
async def welcome(user_id: int, template: str = "hello") -> str:
    return template.format(user_id)


def a_task_is_called_as_its_function_is() -> None:
    assert_type(add(1, second=2), int)
    waiting = assert_type(welcome(1), Coroutine[Any, Any, str])
    waiting.close()


def a_job_knows_the_type_of_its_result() -> None:
    assert_type(add.enqueue(1), Job[int])
    assert_type(welcome.enqueue(1), Job[str])
    assert_type(add.using(priority=Priority.HIGH, delay="10m").enqueue(1), Job[int])


async def async_code_enqueues_in_the_same_way() -> None:
    assert_type(await add.aenqueue(1), Job[int])
    assert_type(await welcome.using(key="welcome-1").aenqueue(1), Job[str])


def an_argument_of_another_type_is_refused() -> None:
    add.enqueue("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wanted
    welcome.enqueue(1, template=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wanted


def a_call_that_does_not_fit_is_refused() -> None:
    add.enqueue()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wanted
    add.bind(1, 2, 3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wanted
    add.using(prioritty=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wanted
