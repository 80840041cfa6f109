"""All writing of one process: one transaction at a time, and one commit for all who wait.

Whoever comes first holds the pen and writes what is queued, everyone's, in one transaction; what
arrives meanwhile forms the next one. So an idle store answers after one commit and one thread's
work, with no hand-over, and a busy one shares each commit among all who wait: batches form
without a timer. A caller that blocks writes on its own thread; for one that awaits, the
writer's thread holds the pen, so that an event loop never waits for a disk.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, Generic, TypeVar

from tidemill.core.errors import StoreUnavailable, TidemillError
from tidemill.core.instants import Instant, Millis
from tidemill.core.signal import Signal
from tidemill.engines.sqlite.driver import Link
from tidemill.engines.sqlite.file import StoreFile
from tidemill.loops.clock import Clock, steady
from tidemill.loops.failpoint import Place, failpoint

T = TypeVar("T")

COMMIT_BUDGET: Final = 0.005
"""Seconds after which a transaction takes up no more work, so that other processes get a turn."""

MOST_TOGETHER: Final = 200
"""Writes of one kind that are done in one go, so that the budget is looked at now and then."""


class Transaction:
    """What the writes of one commit see: the connection, one reading of the clock, whom to tell.

    Attributes:
        steady: the monotonic clock, by which leases are counted.
        queues: queues that are known to be stored, so that they need not be stored again.
        new_queues: queues stored here; known once it is committed.
        signals: hints to be given once it is committed.
    """

    __slots__ = ("link", "new_queues", "now", "queues", "signals", "steady")

    def __init__(self, link: Link, clock: Clock, queues: AbstractSet[str] = frozenset()) -> None:
        """Read the clock; begin with nobody to tell."""
        self.link = link
        self.now: Instant = clock.now()
        self.steady: Millis = steady(clock)
        self.queues = queues
        self.new_queues: set[str] = set()
        self.signals: list[Signal] = []


class Write(Generic[T]):
    """A call that changes the store, to be waited for or awaited."""

    __slots__ = (
        "_answer",
        "_error",
        "_future",
        "_loop",
        "_turn",
        "_writer",
        "after",
        "asks_first",
        "done",
        "item",
        "together",
        "work",
    )

    def __init__(
        self,
        writer: "Writer",
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
        self._answer: T | None = None
        self._error: BaseException | None = None
        self._turn: threading.Lock | None = None
        self._future: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def wait(self) -> T:
        """Write it on this thread, or have it written by the thread that holds the pen."""
        self._writer.write(self)
        return self._result()

    def __await__(self) -> Generator[Any, None, T]:
        """Have it written by the writer's thread while the event loop goes on."""
        self._loop = asyncio.get_running_loop()
        self._future = self._loop.create_future()
        self._writer.post(self)
        # The write happens whether or not anyone still waits: a cancelled caller must not leave
        # the pen with nobody, so the future is only a bell.
        yield from self._future.__await__()
        return self._result()

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that waits for it; `None`: a thread does."""
        return self._loop

    def prepare_turn(self) -> threading.Lock:
        """The lock on which a blocked caller waits, made when one has to."""
        self._turn = threading.Lock()
        self._turn.acquire()
        return self._turn

    def give_turn(self) -> None:
        """Let the blocked caller go on: its write is done, or it holds the pen now."""
        if self._turn is not None:
            self._turn.release()

    def succeed(self, answer: T) -> None:
        """Keep the answer; it counts once the transaction is committed."""
        self._answer = answer

    def fail(self, error: BaseException) -> None:
        """Keep the error instead of an answer."""
        self._error = error

    def ring(self) -> None:
        """Let the coroutine that awaits it go on; called on its event loop."""
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    def _result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._answer  # type: ignore[return-value]  # set whenever there is no error


def hand_out(batch: Iterable[Write[Any]]) -> None:
    """Let everyone go on whose outcome is set; an event loop is woken once for all of its own."""
    rung: dict[asyncio.AbstractEventLoop, list[Write[Any]]] = {}
    for write in batch:
        write.done = True
        if write.loop is None:
            write.give_turn()
        else:
            rung.setdefault(write.loop, []).append(write)
    for loop, writes in rung.items():
        try:
            loop.call_soon_threadsafe(_ring, writes)
        except RuntimeError:
            continue  # The loop has been closed: nobody waits any more.


def _ring(writes: list[Write[Any]]) -> None:
    for write in writes:
        write.ring()


class Writer:
    """The pen of one process and the thread that holds it for event loops."""

    def __init__(self, file: StoreFile, clock: Clock, tell: Callable[[list[Signal]], None]) -> None:
        """Write into the file; tell listeners of what was committed."""
        self._file = file
        self._clock = clock
        self._tell = tell
        self._mutex = threading.Lock()
        self._at_rest: threading.Event | None = None
        self._queue: deque[Write[Any]] = deque()
        self._queues: set[str] = set()
        self._busy = False
        self._closed = True
        self._link: Link | None = None
        self._bell = threading.Semaphore(0)
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Connect. The thread starts with the first awaited write."""
        self._link = self._file.connect()
        self._at_rest = None
        self._closed = False

    def close(self) -> None:
        """Write what is queued, then let go of the file."""
        with self._mutex:
            if self._closed:
                return
            self._closed = True
            self._at_rest = at_rest = threading.Event()
            if not self._busy:
                at_rest.set()
            thread, self._thread = self._thread, None
        at_rest.wait()
        if thread is not None:
            self._bell.release()
            thread.join()
        if self._link is not None:
            self._file.fold(self._link)
            self._link.close()
            self._link = None

    def write(self, write: Write[Any]) -> None:
        """Have it written and come back when it is, from a thread that may block."""
        with self._mutex:
            self._refuse_when_closed()
            self._queue.append(write)
            leads = not self._busy
            self._busy = True
            turn = None if leads else write.prepare_turn()
        if turn is not None:
            turn.acquire()
            leads = not write.done
        if leads:
            self._lead()

    def post(self, write: Write[Any]) -> None:
        """Have it written and come back at once, from an event loop."""
        with self._mutex:
            self._refuse_when_closed()
            self._queue.append(write)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._serve, name="tidemill-sqlite-writer", daemon=True
                )
                self._thread.start()
            if self._busy:
                return
            self._busy = True
        self._bell.release()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StoreUnavailable(f"{self._file.path} is not open", hint="open the engine first")

    def _serve(self) -> None:
        """Hold the pen whenever it is left to an awaited write."""
        while True:
            self._bell.acquire()
            with self._mutex:
                over = self._closed and not self._queue
            if over:
                return
            self._lead()

    def _lead(self) -> None:
        """Write one transaction, then pass the pen to whoever is first in the queue."""
        batch: list[Write[Any]] = []
        try:
            self._commit(batch)
        finally:
            with self._mutex:
                heir = self._queue[0] if self._queue else None
                self._busy = heir is not None
                if heir is None and self._at_rest is not None:
                    self._at_rest.set()
            if heir is not None:
                if heir.loop is not None:
                    self._bell.release()
                else:
                    heir.give_turn()
        hand_out(batch)

    def _commit(self, batch: list[Write[Any]]) -> None:
        """Run queued writes in one transaction; fill `batch` with those whose outcome is set."""
        try:
            self._file.take_pen()
            try:
                transaction = self._write_down(batch)
            finally:
                self._file.lay_down_pen()
        except Exception as error:  # noqa: BLE001 - handed to every caller of the batch
            self._fail_all(batch, error)
            return
        for write in batch:
            if write.after is not None:
                failpoint(write.after)
        self._queues |= transaction.new_queues
        if transaction.signals:
            self._tell(transaction.signals)

    def _write_down(self, batch: list[Write[Any]]) -> Transaction:
        """Begin, run what is queued, and commit; or else leave the store as it was."""
        link = self._link
        assert link is not None  # noqa: S101 - the pen is only handed out while open
        self._file.begin(link)
        try:
            transaction = Transaction(link, self._clock, self._queues)
            self._run_queued(transaction, batch)
            link.run("COMMIT")
        except BaseException:
            self._file.roll_back(link)
            raise
        return transaction

    def _run_queued(self, transaction: Transaction, batch: list[Write[Any]]) -> None:
        """Run writes until none is queued or the budget is spent, each whole or not at all."""
        deadline = time.monotonic() + COMMIT_BUDGET
        queue = self._queue
        # Only whoever holds the pen takes from the queue, so looking at it needs no mutex.
        while queue:
            write = queue.popleft()
            batch.append(write)
            if len(batch) == 1 and not queue:
                # Nobody else's work is in the transaction: it is its own savepoint.
                write.succeed(write.work(transaction))
                return
            if write.together is not None:
                self._run_together(write, transaction, batch)
            else:
                self._run_one(write, transaction)
            if time.monotonic() > deadline:
                return

    def _run_together(
        self, first: Write[Any], transaction: Transaction, batch: list[Write[Any]]
    ) -> None:
        """Run a write and those like it that stand behind it in the queue."""
        alike = [first]
        queue, together = self._queue, first.together
        assert together is not None  # noqa: S101 - the caller has looked
        while queue and queue[0].together is together and len(alike) < MOST_TOGETHER:
            alike.append(queue.popleft())
        batch.extend(alike[1:])
        answers = together(transaction, [write.item for write in alike])
        for write, answer in zip(alike, answers, strict=True):
            write.succeed(answer)

    def _run_one(self, write: Write[Any], transaction: Transaction) -> None:
        """Run one of several writes of a transaction.

        What the driver raises, or anyone else in the middle of a change, ends the transaction.
        """
        if write.asks_first:
            try:
                write.succeed(write.work(transaction))
            except TidemillError as error:
                write.fail(error)
            return
        link = transaction.link
        link.run("SAVEPOINT write")
        try:
            write.succeed(write.work(transaction))
        except self._file.driver.errors:
            raise
        except Exception as error:  # noqa: BLE001 - this caller's alone
            link.run("ROLLBACK TO write")
            # Which of the new queues were its own is not known; they are stored again when needed.
            transaction.new_queues.clear()
            write.fail(error)
        link.run("RELEASE write")

    def _fail_all(self, batch: list[Write[Any]], error: Exception) -> None:
        """The transaction did not happen: everyone in it hears why, and whoever waits first too.

        With an empty batch the transaction could not even begin; then the first in the queue is
        failed, so that a store that stays away fails callers one by one instead of hanging them.
        """
        if not batch:
            with self._mutex:
                if self._queue:
                    batch.append(self._queue.popleft())
        for write in batch:
            write.fail(self._file.explain(error))
