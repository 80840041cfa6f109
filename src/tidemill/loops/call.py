"""A call that is made when someone waits for it, from a thread or from async code alike.

Every engine answers with calls, so nothing above the engines exists twice, once to be awaited and
once to block: the same call is finished with `await call` or with `call.wait()`.
"""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any, Generic, Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
S = TypeVar("S")


class Call(Protocol[T_co]):
    """Something to be done, not yet begun. Finish it once, in one of two ways."""

    def wait(self) -> T_co:
        """Do it now, on this thread, and answer."""
        ...

    def __await__(self) -> Generator[Any, None, T_co]:
        """Do it without blocking the event loop, and answer."""
        ...


class Immediate(Generic[T]):
    """A call that is so quick that nobody needs to wait: it runs where it is finished."""

    __slots__ = ("_work",)

    def __init__(self, work: Callable[[], T]) -> None:
        """Keep the work for later."""
        self._work = work

    def wait(self) -> T:
        """Do it now."""
        return self._work()

    def __await__(self) -> Generator[Any, None, T]:
        """Do it now; it does not suspend."""
        yield from ()
        return self._work()


class Elsewhere(Generic[T]):
    """A call that blocks: done on this thread, or on another one while the event loop runs on."""

    __slots__ = ("_work",)

    def __init__(self, work: Callable[[], T]) -> None:
        """Keep the work for later."""
        self._work = work

    def wait(self) -> T:
        """Do it now, on this thread."""
        return self._work()

    def __await__(self) -> Generator[Any, None, T]:
        """Do it on another thread."""
        import asyncio  # noqa: PLC0415 - needed by async code only, see `SystemClock.sleep`

        return asyncio.to_thread(self._work).__await__()


class Begun(Generic[T]):
    """A call that is under way on a thread of its own while its caller goes on; finish it once."""

    __slots__ = ("_answer",)

    def __init__(self, call: Call[T]) -> None:
        """Begin it."""
        self._answer: Future[T] = Future()
        # Not a daemon: a program that ends first lets it come to its end.
        threading.Thread(target=self._run, args=(call,), name="tidemill-call").start()

    def wait(self) -> T:
        """Wait for its answer on this thread."""
        return self._answer.result()

    def __await__(self) -> Generator[Any, None, T]:
        """Wait for its answer without blocking the event loop."""
        import asyncio  # noqa: PLC0415 - needed by async code only, see `SystemClock.sleep`

        return asyncio.wrap_future(self._answer).__await__()

    def _run(self, call: Call[T]) -> None:
        try:
            answer = call.wait()
        except BaseException as error:  # noqa: BLE001 - whoever waits for the answer is told
            self._answer.set_exception(error)
        else:
            self._answer.set_result(answer)


class Then(Generic[S, T]):
    """A call whose answer is turned into another one by a quick function."""

    __slots__ = ("_call", "_turn")

    def __init__(self, call: Call[S], turn: Callable[[S], T]) -> None:
        """Keep both for later."""
        self._call = call
        self._turn = turn

    def wait(self) -> T:
        """Do it now, on this thread, and turn the answer."""
        return self._turn(self._call.wait())

    def __await__(self) -> Generator[Any, None, T]:
        """Do it without blocking the event loop, and turn the answer."""
        answer = yield from self._call.__await__()
        return self._turn(answer)
