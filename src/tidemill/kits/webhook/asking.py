"""Verbs that are written once, for threads and for async code."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Asking:
    """How the store is asked: on the caller's thread, or without blocking the event loop."""

    def __init__(self, *, waits: bool) -> None:
        """Say whether each question is waited for."""
        self._waits = waits

    async def __call__(
        self,
        plain: Callable[P, T],
        awaited: Callable[P, Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Ask one question, which has a verb for each of the two ways."""
        return plain(*args, **kwargs) if self._waits else await awaited(*args, **kwargs)


class HasTwin(Protocol):
    """Something with verbs, that can be had once more to be used from threads."""

    def on_thread(self) -> Self:
        """The same, each of whose questions is waited for."""
        ...


S = TypeVar("S", bound=HasTwin)


def blocking(
    verb: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], T]:
    """The same verb for threads: all that it awaits has been done by the time it awaits it."""

    @wraps(verb)
    def take(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        steps = verb(self.on_thread(), *args, **kwargs)
        try:
            steps.send(None)
        except StopIteration as end:
            answer: T = end.value
            return answer
        steps.close()
        raise RuntimeError(f"{verb.__name__} has waited for an event loop")

    return take
