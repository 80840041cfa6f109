"""What event loops wait for, written together: one step under way, what comes meanwhile the next.

A thread and a transaction for each of them would be more threads than processors, that take the
interpreter from one another, and a commit for each. So batches form without a timer: who comes
while nothing is under way is served at once, and alone.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from tidemill.core.errors import MisuseError
from tidemill.engines.postgres.work import Threads
from tidemill.loops.bell import wake

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item

MOST_TOGETHER: Final = 200
"""Items that are written in one step, so that none waits for long behind others."""


class Gathering(Generic[I, T]):
    """Gathers what is awaited, and has it written step by step on one thread."""

    def __init__(self, threads: Threads, write: Callable[[Sequence[I]], Sequence[T]]) -> None:
        """Write on one of these threads.

        Args:
            write: writes several items, all or none, and answers each.
        """
        self._threads = threads
        self._write = write
        self._lock = threading.Lock()
        self._asked: deque[Gathered[I, T]] = deque()
        self._is_under_way = False

    def post(self, asked: "Gathered[I, T]") -> None:
        """Have it written and come back at once.

        Raises:
            StoreUnavailable: the store is not open.
        """
        with self._lock:
            if not self._is_under_way:
                self._threads.begin(self._work)
                self._is_under_way = True
            self._asked.append(asked)

    def alone(self, item: I) -> T:
        """Write one item on this thread."""
        return self._write((item,))[0]

    def _work(self) -> None:
        """Write until nobody asks any more."""
        while batch := self._next():
            self._serve(batch)
            wake([asked.bell for asked in batch])

    def _next(self) -> "list[Gathered[I, T]]":
        with self._lock:
            batch = list(islice(self._asked, MOST_TOGETHER))
            for _ in batch:
                self._asked.popleft()
            self._is_under_way = bool(batch)
            return batch

    def _serve(self, batch: "Sequence[Gathered[I, T]]") -> None:
        try:
            answers = self._write([asked.item for asked in batch])
        except MisuseError as error:
            # One of them cannot be stored, and only the one who asked for it is to hear of that.
            if len(batch) == 1:
                batch[0].error = error
                return
            for asked in batch:
                self._serve([asked])
        except BaseException as error:  # noqa: BLE001 - whoever waits for the answer is told
            for asked in batch:
                asked.error = error
        else:
            for asked, answer in zip(batch, answers, strict=True):
                asked.answer = answer


class Gathered(Generic[I, T]):
    """A call that is written alone by a thread that waits for it, and together with others awaited.

    Attributes:
        item: what is to be written.
        answer: what became of it, once the bell has been rung.
        error: what is raised instead.
        bell: is rung for the event loop that waits.
    """

    __slots__ = ("_gathering", "answer", "bell", "error", "item")

    def __init__(self, gathering: Gathering[I, T], item: I) -> None:
        """Keep the item for later."""
        self._gathering = gathering
        self.item = item
        self.answer: T | None = None
        self.error: BaseException | None = None

    def wait(self) -> T:
        """Write it on this thread."""
        return self._gathering.alone(self.item)

    def __await__(self) -> Generator[Any, None, T]:
        """Have it written while the event loop goes on."""
        self.bell: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gathering.post(self)
        # It is written whether or not anyone still waits, so the future is only a bell.
        yield from self.bell.__await__()
        if self.error is not None:
            raise self.error
        return self.answer  # type: ignore[return-value]  # set whenever there is no error
