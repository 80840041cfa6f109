"""What a write is: a call that waits for its turn."""

import asyncio
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from tidemill.engines.relational.ground import Transaction
from tidemill.loops.bell import wake
from tidemill.loops.failpoint import Place

T = TypeVar("T")


class TakesWrites(Protocol):
    """Whoever sees to it that writes are written."""

    def write(self, write: "Write[Any]") -> None:
        """Have it written and come back when it is, from a thread that may block."""
        ...

    def post(self, write: "Write[Any]", loop: asyncio.AbstractEventLoop) -> None:
        """Have it written and come back at once, from an event loop."""
        ...


class Write(Generic[T]):
    """A call that changes the store, to be waited for or awaited.

    Attributes:
        bell: is rung for the event loop that awaits it; `None`: a thread waits.
        done: whether its outcome is set.
        interruptible: whether the thread that waits for it may be interrupted at any moment.
    """

    __slots__ = (
        "_answer",
        "_error",
        "_turn",
        "_writer",
        "after",
        "asks_first",
        "bell",
        "done",
        "interruptible",
        "item",
        "together",
        "work",
    )

    def __init__(
        self,
        writer: TakesWrites,
        work: Callable[[Transaction], T],
        after: Place | None = None,
        *,
        asks_first: bool = False,
        together: Callable[[Transaction, Sequence[Any]], Sequence[T]] | None = None,
        item: Any = None,
    ) -> None:
        """Keep the work for the writer.

        Args:
            after: a fail-point to pass once it is committed.
            asks_first: it raises errors of ours only before it has changed anything, so it needs
                no savepoint to go back to.
            together: does the work of several such writes at once, given their items, and raises
                no error of ours; `work` is what it does for this one alone.
        """
        self._writer = writer
        self.work = work
        self.after = after
        self.asks_first = asks_first
        self.together = together
        self.item = item
        self.done = False
        self.interruptible = False
        self._answer: T | None = None
        self._error: BaseException | None = None
        self._turn: threading.Lock | None = None
        self.bell: asyncio.Future[None] | None = None

    def wait(self) -> T:
        """Write it on this thread, or have it written by the thread that holds the pen."""
        self._writer.write(self)
        return self._result()

    def __await__(self) -> Generator[Any, None, T]:
        """Have it written by the writer's thread while the event loop goes on."""
        loop = asyncio.get_running_loop()
        self.bell = loop.create_future()
        self._writer.post(self, loop)
        # The write happens whether or not anyone still waits: a cancelled caller must not leave
        # the pen with nobody, so the future is only a bell.
        yield from self.bell.__await__()
        return self._result()

    def prepare_turn(self) -> threading.Lock:
        """The lock on which a blocked caller waits, made when one has to."""
        self._turn = threading.Lock()
        self._turn.acquire()
        return self._turn

    def give_turn(self) -> None:
        """Let the blocked caller go on: its write is done, or it holds the pen now; safe twice."""
        if self._turn is not None and self._turn.locked():
            self._turn.release()

    def succeed(self, answer: T) -> None:
        """Keep the answer; it counts once the transaction is committed."""
        self._answer = answer

    def fail(self, error: BaseException) -> None:
        """Keep the error instead of an answer."""
        self._error = error

    def _result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._answer  # type: ignore[return-value]  # set whenever there is no error


def hand_out(batch: Iterable[Write[Any]]) -> None:
    """Let everyone go on whose outcome is set.

    Safe twice: one who is interrupted in it has it done again.
    """
    bells = []
    for write in batch:
        write.done = True
        if write.bell is None:
            write.give_turn()
        else:
            bells.append(write.bell)
    wake(bells)
