"""All writing of one process: one transaction at a time, and one commit for all who wait.

Whoever comes first holds the pen and writes what is queued, everyone's, in one transaction; what
arrives meanwhile forms the next one. So an idle store answers after one commit and one thread's
work, with no hand-over, and a busy one shares each commit among all who wait: batches form
without a timer. A caller that blocks writes on its own thread; for one that awaits, the
writer's thread holds the pen, so that an event loop never waits for a disk.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from tidemill.core.errors import StoreUnavailable, TidemillError
from tidemill.core.signal import Signal
from tidemill.engines.sqlite.driver import Link
from tidemill.engines.sqlite.file import StoreFile
from tidemill.engines.sqlite.write import Transaction, Write, hand_out
from tidemill.loops.clock import Clock
from tidemill.loops.failpoint import failpoint

COMMIT_BUDGET: Final = 0.005
"""Seconds after which a transaction takes up no more work, so that other processes get a turn."""

MOST_TOGETHER: Final = 200
"""Writes of one kind that are done in one go, so that the budget is looked at now and then."""


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
        at_rest.wait()
        thread, self._thread = self._thread, None
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
            try:
                turn.acquire()
            except BaseException:
                self._leave(write, turn)
                raise
            leads = not write.done
        if leads:
            self._lead()

    def _leave(self, write: Write[Any], turn: threading.Lock) -> None:
        """Wait no more, for this thread is interrupted; others must not wait for it in turn."""
        with self._mutex:
            is_turn = turn.acquire(blocking=False)
            if not is_turn:
                write.left = True
                self._start_thread()
        if is_turn and not write.done:
            self._lead()

    def post(self, write: Write[Any]) -> None:
        """Have it written and come back at once, from an event loop."""
        with self._mutex:
            self._refuse_when_closed()
            self._queue.append(write)
            self._start_thread()
            if self._busy:
                return
            self._busy = True
        self._bell.release()

    def _start_thread(self) -> None:
        """Have the thread that holds the pen for those who cannot; under the mutex."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._serve, name="tidemill-sqlite-writer", daemon=True
            )
            self._thread.start()

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
                if heir is not None:
                    self._pass_pen(heir)
                elif self._at_rest is not None:
                    self._at_rest.set()
            hand_out(batch)

    def _pass_pen(self, heir: Write[Any]) -> None:
        """Let its thread lead, or ours if it has none that could."""
        if heir.loop is not None or heir.left:
            self._bell.release()
        else:
            heir.give_turn()

    def _commit(self, batch: list[Write[Any]]) -> None:
        """Run queued writes in one transaction; fill `batch` with those whose outcome is set."""
        try:
            self._file.take_pen()
            try:
                transaction = self._write_down(batch)
            finally:
                self._file.lay_down_pen()
        except BaseException as error:
            self._fail_all(batch, error)
            if isinstance(error, Exception):
                return
            raise  # this thread is interrupted, while others wait for what it was writing
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
            write.fail(self._file.explain(error))
        link.run("RELEASE write")

    def _fail_all(self, batch: list[Write[Any]], error: BaseException) -> None:
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
