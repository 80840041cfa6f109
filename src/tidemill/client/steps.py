"""Several calls in a row as one call: what the client does is written once, as steps.

Steps are a generator that yields calls and is handed their answers. Driven by `wait()` each call
blocks, driven by `await` each is awaited; the steps themselves cannot tell.
"""

from collections.abc import Callable, Coroutine, Generator
from functools import wraps
from types import MethodType
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar

from tidemill.loops.call import Call

P = ParamSpec("P")
T = TypeVar("T")

Steps: TypeAlias = Generator[Call[Any], Any, T]
"""Yields calls, is sent their answers, and returns what they come to."""


def ask(call: Call[T]) -> Steps[T]:
    """Take one step and keep the type of its answer; written behind `yield from`."""
    answer: T = yield call
    return answer


class Walk(Generic[T]):
    """Steps as a call; finish it once, with `wait()` or with `await`."""

    __slots__ = ("_steps",)

    def __init__(self, steps: Steps[T]) -> None:
        """Keep the steps for later."""
        self._steps = steps

    def wait(self) -> T:
        """Take the steps on this thread."""
        steps = self._steps
        try:
            call = next(steps)
            while True:
                try:
                    answer = call.wait()
                except BaseException as error:  # noqa: BLE001 - the steps are told, whatever it is
                    call = steps.throw(error)
                else:
                    call = steps.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result

    def __await__(self) -> Generator[Any, None, T]:
        """Take the steps without blocking the event loop."""
        steps = self._steps
        try:
            call = next(steps)
            while True:
                try:
                    answer = yield from call.__await__()
                except BaseException as error:  # noqa: BLE001 - the steps are told, whatever it is
                    call = steps.throw(error)
                else:
                    call = steps.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result


def blocking(steps: Callable[P, Steps[T]]) -> Callable[P, T]:
    """Turn a function of steps into one that takes them on the caller's thread."""

    @wraps(steps)
    def take(*args: P.args, **kwargs: P.kwargs) -> T:
        return Walk(steps(*args, **kwargs)).wait()

    return take


def awaiting(taken: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The same verb for async code, made of one that `blocking` has made."""
    steps: Callable[P, Steps[T]] = vars(taken)["__wrapped__"]

    @wraps(steps)
    async def take(*args: P.args, **kwargs: P.kwargs) -> T:
        return await Walk(steps(*args, **kwargs))

    return take


def steps_of(verb: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Steps[T]:
    """The steps of another object's verb that `blocking` has made, to be taken among one's own."""
    if not isinstance(verb, MethodType):
        raise TypeError(verb)
    steps: Callable[..., Steps[T]] = vars(verb.__func__)["__wrapped__"]
    return steps(verb.__self__, *args, **kwargs)
