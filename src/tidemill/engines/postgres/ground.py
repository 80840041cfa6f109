"""Where work is done: on a lent connection, in a transaction of ours or of the caller's."""

import logging
import time
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import islice
from typing import Any, Final, Generic, TypeVar

import psycopg

from tidemill.core.errors import WrongTransaction
from tidemill.core.instants import Instant, Millis
from tidemill.core.job import Inserted, NewJob
from tidemill.core.signal import Signal
from tidemill.engines.postgres.bridge import across
from tidemill.engines.postgres.gathering import Gathered, Gathering
from tidemill.engines.postgres.link import PostgresLink
from tidemill.engines.postgres.manners import begun, for_locks, in_utf8, to_read, to_write
from tidemill.engines.postgres.server import FAILS, MOST_CONNECTIONS, Server
from tidemill.engines.postgres.session import Session
from tidemill.engines.postgres.signals import A_TRANSACTION, channel_of, letter
from tidemill.engines.postgres.statements import statement
from tidemill.engines.postgres.transactions import (
    is_asynchronous,
    remote_of,
    session_of,
    tell_of_commit,
)
from tidemill.engines.postgres.watch import ClockWasSet, ClockWatch, Overtaken, Reading, own_seconds
from tidemill.engines.postgres.work import Threads, Work
from tidemill.engines.relational.ground import Transaction
from tidemill.loops.call import Call
from tidemill.loops.clock import Clock, steady
from tidemill.loops.failpoint import Place, failpoint

T = TypeVar("T")

FEW: Final = 20
"""As many jobs of one call are stored together with those of others; nobody waits for more."""

_IN_THE_WAY: Final = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
"""What another transaction is the cause of, and doing the work anew the cure."""

_FOR_ROWS: Final = 100
"""Milliseconds for which who keeps all others out waits for a row. A transaction of a caller's may
hold it for long, and the whole store would stand still meanwhile: so it lets go, and tries anew."""

_SHORTEST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 1.0
"""Seconds between two such tries, twice as long each time."""

_SEES_OTHERS: Final = ("read committed", "read uncommitted")
"""Isolations at which each statement sees what was committed before it."""

_TRIES: Final = 5
"""How often work is done anew that another transaction stood in the way of."""

_CLOCK_SET: Final = ("clock", "set")
"""Kind and key of the record that tells when leases were last moved, by the time since then."""

_log = logging.getLogger("tidemill")


class _InTransaction(Generic[T]):
    """A call that writes in a transaction of the caller's, on the caller's connection."""

    __slots__ = ("_ground", "_tx", "_work")

    def __init__(self, ground: "PostgresGround", tx: Any, work: Callable[[Transaction], T]) -> None:
        self._ground = ground
        self._tx = tx
        self._work = work

    def wait(self) -> T:
        """Do it now; an asynchronous connection is refused."""
        return self._ground.write_into(self._tx, session_of(self._tx), self._work)

    def __await__(self) -> Generator[Any, None, T]:
        """Do it on the event loop of the connection; a synchronous one blocks it."""
        if not is_asynchronous(self._tx):
            yield from ()
            return self.wait()
        return (yield from self._across().__await__())

    async def _across(self) -> T:
        remote = await remote_of(self._tx)
        return await across(
            remote, lambda session: self._ground.write_into(self._tx, session, self._work)
        )


class PostgresGround:
    """What every port of the engine stands on."""

    def __init__(
        self, server: Server, clock: Clock | None, tell: Callable[[Sequence[Signal]], None]
    ) -> None:
        """Work on this server, by its clock unless another one is given."""
        self.server = server
        self._clock = clock
        self._watch = ClockWatch()
        self.tell = tell
        # In one go, and for the transaction only: a pooler may lend the session to others.
        self._begin = to_write(server.address.patience)
        self._snapshot = to_read(server.address.patience)
        self._pen = zlib.crc32(f"{server.address.schema}/pen".encode())
        take_pen = statement("take_pen", server.address.schema).replace("$1", str(self._pen))
        # Sent together, and yet a statement of its own: what follows sees what was done before it.
        self._begin_alone = f"{self._begin}; {take_pen}; SET LOCAL lock_timeout = {_FOR_ROWS}"
        self._queues: set[str] = set()
        shown = server.address.shown
        self.threads = Threads(MOST_CONNECTIONS, "tidemill-postgres", shown)
        self._renewers = Threads(1, "tidemill-postgres-renewer", shown)
        self._gatherings: dict[Callable[..., Any], Gathering[Any, Any]] = {}
        self._stores = Gathering(self.threads, self._store_lots)

    def open(self) -> None:
        """Work for event loops from now on."""
        self.threads.open()
        self._renewers.open()

    def close(self) -> None:
        """Finish what is under way, and refuse what is awaited later."""
        self.threads.close()
        self._renewers.close()
        self._queues.clear()

    def read(self, work: Callable[[Transaction], T]) -> Call[T]:
        """A call that reads, all of it seeing the store at one moment."""
        return Work(lambda: self._do(self._snapshot, work), self.threads)

    def write(
        self,
        work: Callable[[Transaction], T],
        *,
        after: Place | None = None,
        asks_first: bool = False,  # noqa: ARG002 - every write is a transaction of its own here
        tx: Any = None,
    ) -> Call[T]:
        """A call that writes, whole or not at all.

        It has the lock that all of these have, one after the other. Those who go beside it are
        plain claims and settlements, jobs stored that follow no other, and renewals of leases.
        """
        if tx is not None:
            return _InTransaction(self, tx, work)
        return Work(lambda: self._write(work, after, alone=True), self.threads)

    def write_together(
        self,
        together: Callable[[Transaction, Sequence[Any]], Sequence[T]],
        item: Any,
        *,
        after: Place | None = None,
    ) -> Call[T]:
        """A call that writes beside others, what is awaited in one transaction."""
        gathering = self._gatherings.get(together)
        if gathering is None:

            def write(items: Sequence[Any]) -> Sequence[T]:
                return self._write(lambda tx: together(tx, items), after)

            gathering = self._gatherings.setdefault(together, Gathering(self.threads, write))
        return Gathered(gathering, item)

    def write_beside(
        self, work: Callable[[Transaction], T], *, after: Place | None = None
    ) -> Call[T]:
        """A call that writes beside others, as it would in a caller's transaction."""
        return Work(lambda: self._write(work, after), self.threads)

    def renew(self, work: Callable[[Transaction], T], *, after: Place) -> Call[T]:
        """A call that writes beside others, on a connection and a thread that no others have."""
        return Work(lambda: self._write(work, after, renews=True), self._renewers)

    def knows_queues_of(self, jobs: Sequence[NewJob]) -> bool:
        """Whether the queues of these jobs are known to be stored."""
        return self._queues.issuperset([job.queue for job in jobs])

    def store(self, jobs: Sequence[NewJob], *, fresh_ids: bool) -> Call[tuple[Inserted, ...]]:
        """A call that stores plain jobs of known queues: one statement, and no more.

        Where nobody can know their ids none waits for another, and those of several that are
        awaited are stored in one statement.
        """
        if fresh_ids and len(jobs) <= FEW:
            return Gathered(self._stores, jobs)
        return Work(lambda: self._store(jobs, fresh_ids=fresh_ids), self.threads)

    def _store_lots(self, lots: Sequence[Sequence[NewJob]]) -> Sequence[tuple[Inserted, ...]]:
        stored = iter(self._store([job for jobs in lots for job in jobs], fresh_ids=True))
        return [tuple(islice(stored, len(jobs))) for jobs in lots]

    def _store(self, jobs: Sequence[NewJob], *, fresh_ids: bool) -> tuple[Inserted, ...]:
        failpoint("insert.before")
        now = self.given_moments()[0]
        stored = self.alone(lambda link: link.store_plain(jobs, now, fresh_ids=fresh_ids))
        failpoint("insert.after")
        if jobs:
            self.tell((Signal("work", frozenset([job.queue for job in jobs])),))
        return tuple([Inserted(job.id, new) for job, new in zip(jobs, stored, strict=True)])

    def alone(self, do: Callable[[PostgresLink], T]) -> T:
        """Run statements each of which is a transaction of its own."""
        with self.server.lent() as (_, link):
            try:
                return do(link)
            except FAILS as error:
                raise self.server.explain(error) from error

    def given_moments(self) -> tuple[Instant | None, Millis | None]:
        """The time, and the clock of leases, if a clock was given; else the server knows them."""
        return (None, None) if self._clock is None else (self._clock.now(), steady(self._clock))

    def _write(
        self,
        work: Callable[[Transaction], T],
        after: Place | None,
        *,
        alone: bool = False,
        renews: bool = False,
    ) -> T:
        given: list[Transaction] = []

        def remember(tx: Transaction) -> T:
            given.append(tx)
            return work(tx)

        begin = self._begin_alone if alone else self._begin
        answer = self._do(begin, remember, renews=renews)
        if after is not None:
            failpoint(after)
        self._queues |= given[-1].new_queues
        if given[-1].signals:
            self.tell(given[-1].signals)
        return answer

    def write_into(self, tx: Any, session: Session, work: Callable[[Transaction], T]) -> T:
        """Write in the caller's transaction; nobody is told before the caller commits."""
        # Not a driver's own block: it would commit where the caller's transaction has yet to begin.
        try:
            session.run("SAVEPOINT tidemill")
        except psycopg.errors.InFailedSqlTransaction as error:
            raise WrongTransaction(
                "the transaction has failed already, and stores nothing any more",
                hint="roll it back, and begin anew",
            ) from error
        except FAILS as error:
            raise self.server.explain(error) from error
        try:
            with in_utf8(session):
                link = PostgresLink(session, self.server.address.schema)
                # Not by way of the watch: the caller's transaction cannot be done anew.
                ((now, passed),) = link.rows("moments", self.given_moments())
                transaction = Transaction(link, now, passed, self._queues)
                transaction.keep_others_out = lambda: self.take_pen_in(transaction)
                answer = work(transaction)
        except BaseException as error:
            if not session.is_closed:
                session.run("ROLLBACK TO tidemill")
                session.run("RELEASE tidemill")
            if isinstance(error, FAILS):
                raise self.server.explain(error) from error
            raise
        session.run("RELEASE tidemill")
        if transaction.signals:
            tell_of_commit(tx, lambda: self.tell(transaction.signals))
        return answer

    def tell_in(self, tx: Transaction) -> None:
        """Have a caller's transaction tell everybody of what was done in it, when it commits."""
        signals, tx.signals = tx.signals, []
        if signals:
            schema = self.server.address.schema
            tx.link.rows("notify", (channel_of(schema), letter(A_TRANSACTION, signals)))

    def take_pen_in(self, tx: Transaction) -> None:
        """Keep other writers out until a caller's transaction ends; they are waited for a while.

        Raises:
            WrongTransaction: it would not see what they have written.
        """
        ((isolation, patience),) = tx.link.rows("manners")
        if isolation not in _SEES_OTHERS:
            raise WrongTransaction(
                f"a transaction at {isolation!r} does not see what others have counted meanwhile",
                hint="begin it at READ COMMITTED, or complete only jobs without limits and"
                " without others that wait for them",
            )
        tx.link.rows("wait_for_locks", (f"{for_locks(self.server.address.patience)}ms",))
        tx.link.rows("take_pen", (self._pen,))
        tx.link.rows("wait_for_locks", (patience,))

    def _do(self, begin: str, work: Callable[[Transaction], T], *, renews: bool = False) -> T:
        def look(link: PostgresLink) -> T:
            return work(self._transaction(link))

        while True:
            try:
                return self._insist(begin, look, renews=renews)
            except Overtaken:
                continue
            except ClockWasSet as noticed:
                self._move_leases(noticed)

    def _insist(self, begin: str, work: Callable[[PostgresLink], T], *, renews: bool = False) -> T:
        pauses = self._pauses(time.monotonic())
        for left in reversed(range(_TRIES)):
            try:
                return self._try(begin, work, pauses, renews=renews)
            except _IN_THE_WAY as error:
                if not left:
                    raise self.server.explain(error) from error
            except FAILS as error:
                raise self.server.explain(error) from error
        raise AssertionError("the last try answers or raises")

    def _try(
        self,
        begin: str,
        work: Callable[[PostgresLink], T],
        pauses: Iterator[float],
        *,
        renews: bool,
    ) -> T:
        """Do it once others hold no row of it any more; a pause is made without a connection."""
        while True:
            try:
                with (
                    self.server.lent(renews=renews) as (connection, link),
                    begun(connection, begin),
                ):
                    return work(link)
            except psycopg.errors.LockNotAvailable:
                pause = next(pauses, None)
                if pause is None:
                    raise
            time.sleep(pause)

    def _pauses(self, begun_at: float) -> Iterator[float]:
        """How long to rest before each try, for as long as a lock is waited for."""
        ends_at = begun_at + for_locks(self.server.address.patience) / 1_000
        pause = _SHORTEST_PAUSE
        while time.monotonic() + pause < ends_at:
            yield pause
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _transaction(self, link: PostgresLink) -> Transaction:
        asked_at = own_seconds()
        ((now, passed),) = link.rows("moments", self.given_moments())
        if self._clock is None:
            self._watch.look(Reading(now, asked_at, own_seconds()))
        return Transaction(link, now, passed, self._queues)

    def _move_leases(self, noticed: ClockWasSet) -> None:
        """See to it that leases end when they should, though the server's clock was set.

        Whoever notices does it, but once: the first one leaves a note for the others.
        """
        now = noticed.reading.wall

        def move(link: PostgresLink) -> None:
            noted = link.rows("find_record", _CLOCK_SET)
            if noted and int(noted[0][1]) > noticed.last:
                return
            moved = link.run("move_leases", (noticed.by, noticed.before, now))
            version = noted[0][0] + 1 if noted else 1
            link.run("put_record", (*_CLOCK_SET, version, str(now).encode()))
            if moved:
                _log.warning("%s: %d leases are counted on from there", noticed, moved)

        self._insist(self._begin_alone, move)
        self._watch.believe(noticed.reading)
