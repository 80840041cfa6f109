"""All writing of one process: one transaction at a time, and one commit for all who wait.

Whoever comes first holds the pen and writes what is queued, everyone's, in one transaction; what
arrives meanwhile forms the next one. So an idle store answers after one commit and one thread's
work, with no hand-over, and a busy one shares each commit among all who wait: batches form
without a timer. A caller that blocks writes on its own thread; for one that awaits, the
writer's thread holds the pen, so that an event loop never waits for a disk.

Python interrupts its main thread for a signal, between any two of its steps. So nothing is left to
that thread that others would wait for: it takes the pen only when the pen is free, it passes it on
to the writer's thread alone, and what it was interrupted in, that thread clears up. Bells are
queues written in C for the same reason: conditions, events and semaphores are written in Python,
and interrupted in the wrong place they stay locked for ever.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from queue import SimpleQueue
from typing import Any, Final

from tidemill.core.errors import StoreUnavailable, TidemillError
from tidemill.core.signal import RESYNC, Signal
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.sqlite.driver import Link
from tidemill.engines.sqlite.file import StoreFile
from tidemill.engines.sqlite.statements import work_on
from tidemill.engines.sqlite.write import Write, hand_out
from tidemill.loops.clock import Clock
from tidemill.loops.failpoint import failpoint

COMMIT_BUDGET: Final = 0.005
"""Seconds after which a transaction takes up no more work, so that other processes get a turn."""

MOST_TOGETHER: Final = 200
"""Writes of one kind that are done in one go, so that the budget is looked at now and then."""


class _Hold(Enum):
    """How a thread that nothing interrupts has the pen."""

    TAKEN = auto()
    """It writes, or has been told that it may."""
    DUE = auto()
    """It is the writer's thread, and is to take it as soon as it hears its bell."""


class _Lead:
    """How the main thread has the pen.

    Attributes:
        batch: what it writes.
        broken: whether it has been interrupted, and left all as it was at that moment.
    """

    __slots__ = ("batch", "broken")

    def __init__(self) -> None:
        """Begin with nothing written."""
        self.batch: list[Write[Any]] = []
        self.broken = False


class Writer:
    """The pen of one process and the thread that holds it for event loops."""

    def __init__(self, file: StoreFile, clock: Clock, tell: Callable[[list[Signal]], None]) -> None:
        """Write into the file; tell listeners of what was committed."""
        self._file = file
        self._clock = clock
        self._tell = tell
        self._mutex = threading.Lock()
        self._at_rest: SimpleQueue[None] | None = None
        self._queue: deque[Write[Any]] = deque()
        self._queues: set[str] = set()
        # Who has the pen; set in one step, so that an interruption finds either this or that.
        self._hold: _Hold | _Lead | None = None
        self._closed = True
        self._link: Link | None = None
        self._bell: SimpleQueue[None] = SimpleQueue()
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
            at_rest: SimpleQueue[None] = SimpleQueue()
            self._at_rest = at_rest
            if self._hold is None and self._queue:
                self._give_thread_the_pen()
            elif self._hold is None:
                at_rest.put(None)
        at_rest.get()
        thread, self._thread = self._thread, None
        if thread is not None:
            self._bell.put(None)
            thread.join()
        if self._link is not None:
            self._file.fold(self._link)
            self._link.close()
            self._link = None

    def write(self, write: Write[Any]) -> None:
        """Have it written and come back when it is, from a thread that may block."""
        if threading.current_thread() is threading.main_thread():
            self._write_interruptibly(write)
            return
        turn = None
        with self._mutex:
            if self._is_first(write):
                self._hold = _Hold.TAKEN
            else:
                turn = self._wait_for_turn(write)
        if turn is not None:
            turn.acquire()
        if not write.done:
            self._lead()

    def _write_interruptibly(self, write: Write[Any]) -> None:
        """Have it written as in `write`, on the thread that an interruption may end at any step."""
        write.interruptible = True
        lead = _Lead()
        turn = None
        try:
            with self._mutex:
                if self._is_first(write):
                    self._hold = lead
                else:
                    turn = self._wait_for_turn(write)
            if turn is None:
                self._commit(lead.batch)
                self._hand_on(lead.batch)
            else:
                turn.acquire()
        except BaseException:
            self._rescue(lead)
            raise

    def _rescue(self, lead: _Lead) -> None:
        """Leave to the writer's thread whatever this one has not brought to its end."""
        with self._mutex:
            if not self._closed or self._hold is not None:
                self._start_thread()
            self._bell.put(None)
            if self._hold is lead:
                lead.broken = True
                return
            if self._hold is None and self._at_rest is not None:
                self._at_rest.put(None)
        hand_out(lead.batch)

    def _is_first(self, write: Write[Any]) -> bool:
        """Put a write in the queue, under the mutex; answer whether its thread is to lead."""
        self._refuse_when_closed()
        first = self._hold is None and not self._queue
        self._queue.append(write)
        return first

    def _wait_for_turn(self, write: Write[Any]) -> threading.Lock:
        """What a write waits on that stands behind others; under the mutex."""
        turn = write.prepare_turn()
        if self._hold is None:
            # An event loop has yet to ask the pen for those before it.
            self._give_thread_the_pen()
        return turn

    def post(self, write: Write[Any], loop: asyncio.AbstractEventLoop) -> None:
        """Have it written and come back at once, from an event loop."""
        with self._mutex:
            self._refuse_when_closed()
            self._queue.append(write)
            self._start_thread()
            if self._hold is not None:
                return
            if write.together is None:
                self._give_thread_the_pen()
                return
        # More of its kind may be about to be asked for. Each of them asks for the pen, for one that
        # relied on another would be left alone if the loop were interrupted in that one's place.
        loop.call_soon(self._ask_for_pen)

    def _ask_for_pen(self) -> None:
        """Have the writer's thread write what is queued, unless somebody is at it."""
        with self._mutex:
            if self._hold is None and self._queue:
                self._give_thread_the_pen()

    def _give_thread_the_pen(self) -> None:
        """Have the writer's thread lead next; under the mutex, for which it waits.

        The bell comes first: rung for nothing it does no harm, and unrung nobody would lead.
        """
        self._start_thread()
        self._bell.put(None)
        self._hold = _Hold.DUE

    def _start_thread(self) -> None:
        """Have the thread that holds the pen for those who cannot; under the mutex."""
        if self._thread is None:
            thread = threading.Thread(
                target=self._serve, name="tidemill-sqlite-writer", daemon=True
            )
            thread.start()
            # An interruption before this costs a second thread, which does no harm.
            self._thread = thread

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StoreUnavailable(f"{self._file.path} is not open", hint="open the engine first")

    def _serve(self) -> None:
        """Hold the pen whenever it is left to this thread."""
        while True:
            self._bell.get()
            with self._mutex:
                hold = self._hold
                broken = hold if isinstance(hold, _Lead) and hold.broken else None
                leads = hold is _Hold.DUE or broken is not None
                if leads:
                    self._hold = _Hold.TAKEN
                elif self._closed and hold is None:
                    self._bell.put(None)  # for another one, should there be two
                    return
            if broken is not None:
                self._clear_up(broken.batch)
            if leads:
                self._lead()

    def _clear_up(self, batch: list[Write[Any]]) -> None:
        """Undo what the main thread has left half done, and tell those whose work it was."""
        if self._link is not None:
            self._file.roll_back(self._link)
        self._file.lay_down_pen()
        for write in batch:
            if not write.done:
                write.fail(self._file.explain(KeyboardInterrupt()))
        hand_out(batch)
        # It may have been committed, and nobody told of it.
        self._tell([RESYNC])

    def _lead(self) -> None:
        """Write one transaction, then pass the pen to whoever is first in the queue."""
        batch: list[Write[Any]] = []
        try:
            self._commit(batch)
        finally:
            self._hand_on(batch)

    def _hand_on(self, batch: list[Write[Any]]) -> None:
        """Pass the pen, then let everyone go on whose work was in the batch."""
        with self._mutex:
            if self._queue:
                self._pass_pen(self._queue[0])
            else:
                self._hold = None
                if self._at_rest is not None:
                    self._at_rest.put(None)
        hand_out(batch)

    def _pass_pen(self, heir: Write[Any]) -> None:
        """Let its thread lead, or ours if either of the two threads could be interrupted."""
        if heir.bell is not None or heir.interruptible or isinstance(self._hold, _Lead):
            self._give_thread_the_pen()
        else:
            heir.give_turn()
            self._hold = _Hold.TAKEN

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
            transaction = work_on(link, self._clock, self._queues)
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
        link = self._link
        assert link is not None  # noqa: S101 - as in `_write_down`
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
