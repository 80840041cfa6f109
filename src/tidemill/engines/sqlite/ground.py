"""Where work on the store is done: our own writer, our own readers, or a caller's transaction."""

import asyncio
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, Generic, TypeVar

from tidemill.core.errors import StoreUnavailable
from tidemill.core.signal import Signal
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.sqlite.driver import Link
from tidemill.engines.sqlite.file import UNREADABLE, StoreFile
from tidemill.engines.sqlite.statements import work_on
from tidemill.engines.sqlite.transactions import link_into
from tidemill.engines.sqlite.write import Write
from tidemill.engines.sqlite.writer import Writer
from tidemill.loops.call import Call, Immediate
from tidemill.loops.clock import Clock
from tidemill.loops.failpoint import Place

T = TypeVar("T")

READ_THREADS: Final = 2
"""Threads that read for event loops; threads of callers read on their own."""


class Read(Generic[T]):
    """A call that reads from one snapshot of the store."""

    __slots__ = ("_readers", "_work")

    def __init__(self, readers: "Readers", work: Callable[[Transaction], T]) -> None:
        """Keep the work for later."""
        self._readers = readers
        self._work = work

    def wait(self) -> T:
        """Read on this thread."""
        return self._readers.read(self._work)

    def __await__(self) -> Generator[Any, None, T]:
        """Read on another thread while the event loop goes on."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._readers.threads(), self.wait)
        return future.__await__()


class Readers:
    """Connections that only read; readers never wait for the writer, nor it for them."""

    def __init__(self, file: StoreFile, clock: Clock) -> None:
        """Connect when someone reads."""
        self._file = file
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: list[Link] = []
        self._threads: ThreadPoolExecutor | None = None
        self._open = threading.Event()

    def open(self) -> None:
        """Let reads begin."""
        self._open.set()

    def close(self) -> None:
        """Finish reads under way and let go of the file."""
        self._open.clear()
        with self._lock:
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown()
        with self._lock:
            idle, self._idle = self._idle, []
        for link in idle:
            link.close()

    def threads(self) -> ThreadPoolExecutor:
        """The threads that read for event loops."""
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(READ_THREADS, "tidemill-sqlite-reader")
            return self._threads

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Do the work on a connection, all of it seeing the store at one moment."""
        with self._connection() as link:
            try:
                link.run("BEGIN")
                try:
                    return work(work_on(link, self._clock))
                finally:
                    link.run("COMMIT")
            except (*UNREADABLE, self._file.driver.errors, OverflowError) as error:
                raise self._file.explain_read(error) from error

    @contextmanager
    def _connection(self) -> Iterator[Link]:
        if not self._open.is_set():
            raise StoreUnavailable(f"{self._file.path} is not open", hint="open the engine first")
        with self._lock:
            link = self._idle.pop() if self._idle else None
        if link is None:
            link = self._file.connect(read_only=True)
        try:
            yield link
        except BaseException:
            link.close()
            raise
        with self._lock:
            kept = self._open.is_set()
            if kept:
                self._idle.append(link)
        if not kept:
            link.close()


class Ground:
    """What every port of the engine stands on."""

    def __init__(self, file: StoreFile, clock: Clock, tell: Callable[[list[Signal]], None]) -> None:
        """Make the writer and the readers of one file."""
        self.file = file
        self.clock = clock
        self.writer = Writer(file, clock, tell)
        self.readers = Readers(file, clock)

    def read(self, work: Callable[[Transaction], T]) -> Call[T]:
        """A call that reads."""
        return Read(self.readers, work)

    def write(
        self,
        work: Callable[[Transaction], T],
        *,
        after: Place | None = None,
        asks_first: bool = False,
        tx: Any = None,
    ) -> Call[T]:
        """A call that writes, in a transaction of ours or in the caller's; see `Write`."""
        if tx is None:
            return Write(self.writer, work, after, asks_first=asks_first)
        return Immediate(lambda: self._write_into(tx, work))

    def write_together(
        self,
        together: Callable[[Transaction, Sequence[Any]], Sequence[T]],
        item: Any,
        *,
        after: Place | None = None,
    ) -> Call[T]:
        """A call that writes, and is done in one go with those like it; see `Write`."""
        return Write(
            self.writer,
            lambda transaction: together(transaction, (item,))[0],
            after,
            together=together,
            item=item,
        )

    def _write_into(self, tx: Any, work: Callable[[Transaction], T]) -> T:
        """Write on the caller's connection; nobody is woken before the caller commits.

        Listeners notice the commit as they notice that of another process.
        """
        link = link_into(tx, self.file.path)
        link.run("SAVEPOINT tidemill")
        try:
            answer = work(work_on(link, self.clock))
        except BaseException as error:
            link.run("ROLLBACK TO tidemill")
            link.run("RELEASE tidemill")
            if isinstance(error, Exception):
                raise self.file.explain(error) from error
            raise
        link.run("RELEASE tidemill")
        return answer
