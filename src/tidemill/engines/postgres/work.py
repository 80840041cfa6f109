"""Calls, and the threads that do them for event loops."""

import asyncio
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from tidemill.core.errors import StoreUnavailable

T = TypeVar("T")


class Threads:
    """A few threads, made when something is awaited, and ended with the engine."""

    def __init__(self, most: int, name: str, shown: str) -> None:
        """At most so many of this name; they work on the store that is shown in messages so."""
        self._most = most
        self._name = name
        self._shown = shown
        self._lock = threading.Lock()
        self._is_open = False
        self._pool: ThreadPoolExecutor | None = None

    def open(self) -> None:
        """Take work from now on."""
        with self._lock:
            self._is_open = True

    def close(self) -> None:
        """Take no more work, and finish what is under way."""
        with self._lock:
            self._is_open = False
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def run(self, do: Callable[[], T]) -> "asyncio.Future[T]":
        """Have work done while the event loop goes on.

        Raises:
            StoreUnavailable: the store is not open.
        """
        loop = asyncio.get_running_loop()
        # Under the lock: a pool that is being closed takes nothing any more.
        with self._lock:
            return loop.run_in_executor(self._working(), do)

    def begin(self, do: Callable[[], None]) -> None:
        """Have work done that nobody waits for.

        Raises:
            StoreUnavailable: the store is not open.
        """
        with self._lock:
            self._working().submit(do)

    def _working(self) -> ThreadPoolExecutor:
        if not self._is_open:
            raise StoreUnavailable(f"{self._shown} is not open", hint="open the engine first")
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._most, self._name)
        return self._pool


class Work(Generic[T]):
    """A call that is done on a connection of its own."""

    __slots__ = ("_do", "_threads")

    def __init__(self, do: Callable[[], T], threads: Threads | None = None) -> None:
        """Keep the work for later; awaited it is done on these threads, or the event loop's own."""
        self._do = do
        self._threads = threads

    def wait(self) -> T:
        """Do it on this thread."""
        return self._do()

    def __await__(self) -> Generator[Any, None, T]:
        """Do it on another thread while the event loop goes on."""
        if self._threads is not None:
            return self._threads.run(self._do).__await__()
        return asyncio.get_running_loop().run_in_executor(None, self._do).__await__()
