"""What an engine promises. Everything above it builds on these promises and on nothing else.

An engine keeps jobs and records. It has five ports and a lifecycle; each verb is one atomic step
that either happens whole or not at all. Verbs answer with a `Call`: `await` it, or `wait()`.

Promises that hold for every verb:

* Every time is the store's own clock's, not the caller's.
* Leases are counted by a clock that nobody can set: a wall clock that jumps forward ends none of
  them, and one that jumps back keeps none alive. Jobs are due, expire and are kept by the wall.
* An error is one of `tidemill.core.errors`, and means that nothing was changed. `StoreUnavailable`
  alone may mean that it was, and that the answer was lost.
* A text with NUL or half a surrogate pair and a number of more than 64 bits are refused with
  `InvalidArguments`, or kept and answered as they were given; nothing else is taken for them.
* What has been answered survives to the degree that `Health.durability` states.
* Lines handed over as `audit` are added to the log `AUDIT` in the same step, behind all that the
  verb does: they are there if and only if it was done.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from tidemill.core.change import Change, Changed, Which
from tidemill.core.instants import Millis
from tidemill.core.job import Inserted, NewJob
from tidemill.core.lease import Lease, Renewal
from tidemill.core.note import Note
from tidemill.core.record import Entry, Mention, NewEntry, Put, Record
from tidemill.core.retention import Keep, Pruned
from tidemill.core.rules import Rules
from tidemill.core.signal import Signal
from tidemill.core.verdict import Receipt, Settlement
from tidemill.core.want import Claimed, Promoted, Want
from tidemill.engines.health import Health
from tidemill.engines.reader import Reader
from tidemill.engines.traits import Traits
from tidemill.loops.call import Call

Audit: TypeAlias = Sequence[NewEntry]
"""Lines that say who has a verb done; see above."""


class Jobs(Protocol):
    """The path of a job: asked, taken, done."""

    def insert(
        self,
        jobs: Sequence[NewJob],
        *,
        tx: Any = None,
        put: Put | None = None,
        wake: bool = False,
        fresh_ids: bool = False,
        audit: Audit = (),
    ) -> Call[tuple[Inserted, ...]]:
        """Store jobs, all or none; answer for each whether it was created, in order.

        A job whose id is known, live or finished, is left as it is. A unique key that is held
        decides by its `on_duplicate`. With parents that have not finished a job is `blocked` at the
        gate `"after"`; with `due_at` ahead it is `scheduled`; else it is `waiting`, or `blocked`
        behind jobs of its limit key that are parked. Listeners are woken with the commit.

        Args:
            tx: a transaction of the caller's own; the jobs then exist if and when it commits.
            wake: listeners are told within `tx` itself, for drivers that tell nobody of commits.
            put: a record to write in the same step, or nothing is stored at all.
            fresh_ids: whether all the ids were made by `new_id` and none has been sent before, so
                that no store can know them and none has to look.

        Raises:
            NotUnique: a key with `on_duplicate="reject"` is held.
            UnknownParent: a parent is neither stored nor among these jobs.
            VersionConflict: the record is no longer what the writer saw.
            NotFound: the record needs another one, and that is not there.
            WrongTransaction: `tx` is nothing this engine can write into.
        """
        ...

    def claim(self, want: Want) -> Call[Claimed]:
        """Hand waiting jobs to a worker, as `running`, under its lease, with a new fence.

        The longest overdue of the scheduled and retrying jobs, at most 500, are put into the line
        before, so that a job starts on time whenever a worker asks on time: the answer's `again_at`
        is no later than when the next one is due. Larger priority first, then earlier `ready_at`,
        then earlier insertion. No job of a paused queue or task is given. One that would exceed the
        limit or rate of its key is parked as `blocked`; one whose expiry has passed is cancelled as
        `"expired"`. Limits of queues and of tenants are kept; in a fair queue tenants take turns.
        Nothing is taken and put back.

        Jobs of tasks that are left out cost nothing, however many stand in front. Only in a queue
        that is fair or has a `tenant_most`, and where a tenant has a limit in any, they are passed
        one by one, at most 1,000 in a claim, shared evenly between the tenants that have jobs
        waiting and those of none.

        A job of `Caution` that would come behind the first `at_once` ends the claim; of those to be
        held `APART` at most one is given, and up to 1,000 others are passed.

        Raises:
            LeaseLost: the worker's lease has run out.
        """
        ...

    def settle(
        self, settlements: Sequence[Settlement], *, tx: Any = None
    ) -> Call[tuple[Receipt, ...]]:
        """Apply what became of jobs; each only while it is running under its claim's fence.

        In the same step a finished job moves to history, its unique key is free, jobs that wait for
        it are released or cancelled, room under its limit key goes to the next one parked there,
        and the attempt, the statistics and the event are written. A job asked to cancel that would
        run again is cancelled; see `Cancel`, `Topic`. Within `tx`, see `insert`, it counts when
        that commits.
        """
        ...

    def annotate(self, notes: Sequence[Note], *, tx: Any = None) -> Call[tuple[Receipt, ...]]:
        """Keep what running jobs say while their fence holds; of those finished under it, lines."""
        ...

    def renew(self, worker: Lease, length: Millis, info: bytes) -> Call[Renewal]:
        """Push on the end of a worker's lease, and so of every job it holds; tell what to cancel.

        Raises:
            LeaseLost: it had run out, or was given back; what it held may be someone else's.
        """
        ...

    def promote(self, limit: int) -> Call[Promoted]:
        """Make due jobs `waiting`, release gates that have room, cancel what has expired.

        A gate of a paused task, of a full key or of a rate that is not free stays shut. The first
        job in the line of a gate says how many its key lets run, or how often, unless a rule does.
        Only gates behind which something has happened are looked at, and rates that are free again.
        """
        ...

    def change(
        self,
        which: Which,
        change: Change,
        *,
        cursor: str | None = None,
        limit: int = 500,
        audit: Audit = (),
    ) -> Call[Changed]:
        """Do what a person asks for to one slice of jobs, in states that allow it.

        Cancelling a running job only asks it to stop. With the answered cursor the next call goes
        on where the slice ended; a job is never seen twice. A slice of a filter that no index
        serves ends after a while of looking, whatever it has found.
        """
        ...

    def prune(self, keep: Keep, limit: int) -> Call[Pruned]:
        """Delete what has been kept long enough, at most so many rows, and fold statistics."""
        ...

    def rule(self, rules: Rules, *, expected: int | None = None, audit: Audit = ()) -> Call[int]:
        """Set rules of a queue, task, key or tenant, for every claim from now on; their version.

        Args:
            expected: version of the rules that were read; 0: none may have been set; `None`:
                whatever is there. What the rules themselves say of their version counts nothing.

        Raises:
            VersionConflict: they are not of the expected version.
        """
        ...


class Leases(Protocol):
    """Names that one holder has for a time."""

    def take(
        self, name: str, holder: str, length: Millis, info: bytes = b"{}"
    ) -> Call[Lease | None]:
        """Take a name that is free or has run out, or keep one's own; `None` if another has it.

        A holder that still has the name keeps its fence; others get a larger one than ever before.
        """
        ...

    def give_back(self, lease: Lease) -> Call[bool]:
        """Free a name at once, if this lease still holds it; its jobs are expired now."""
        ...

    def find(self, prefix: str) -> Call[tuple[Lease, ...]]:
        """The leases that have not run out and whose names begin so, by name."""
        ...


class Signals(Protocol):
    """Hints, best effort: a lost one delays, a lost connection yields `resync`."""

    def send(self, signal: Signal) -> None:
        """Tell every listener of this store, in this process and others."""
        ...

    def listen(self, listener: Callable[[Signal], None]) -> Callable[[], None]:
        """Call the listener with every hint, from any thread, until the answer is called."""
        ...


class Records(Protocol):
    """Documents with versions, and logs that only grow."""

    def put(self, put: Put, *, audit: Audit = ()) -> Call[Record]:
        """Write a document.

        Raises:
            NotFound: one that it needs is not there.
            VersionConflict: it is not of the expected version.
        """
        ...

    def get(self, kind: str, key: str) -> Call[Record | None]:
        """The document of this key."""
        ...

    def find(
        self,
        kind: str,
        equal: Mapping[str, str | int | bool] | None = None,
        *,
        prefix: str = "",
        after: str = "",
        limit: int | None = None,
    ) -> Call[tuple[Record, ...]]:
        """The documents of a kind whose top-level fields equal these, by key.

        They are compared as JSON tells them apart: `true` is not 1, 1 is neither `1.0` nor `"1"`,
        and a field that is not there, or is `null`, equals nothing. Keys are in the order of their
        code points.

        Args:
            prefix: what their keys begin with.
            after: behind this key, which need not be there.
            limit: so many at most; `None`: all.
        """
        ...

    def delete(
        self,
        kind: str,
        key: str,
        expected: int | None = None,
        *,
        unless: Sequence[Mention] = (),
        audit: Audit = (),
    ) -> Call[bool]:
        """Remove a document, unless others name it; whether it was there.

        Raises:
            StateError: others do.
            VersionConflict: it is not of the expected version.
        """
        ...

    def append(
        self, log: str, entries: Sequence[NewEntry], *, tx: Any = None, audit: Audit = ()
    ) -> Call[int]:
        """Add lines to a log in order, all or none; answer the position of the last one.

        Raises:
            WrongTransaction: lines of the chained log, of which one follows the other, were to wait
                for a caller's transaction.
        """
        ...

    def read(
        self,
        log: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 100,
        newest: bool = False,
        tenant: str | None = None,
    ) -> Call[tuple[Entry, ...]]:
        """Lines of a log between two positions, oldest first; or the newest ones, newest first.

        Args:
            after: behind this position.
            before: in front of this one; `None`: up to the end.
            tenant: of this tenant, `""` of none; `None`: of any.
        """
        ...


class Engine(Protocol):
    """A place where jobs are kept. Open it before use; close it when done."""

    @property
    def traits(self) -> Traits:
        """What it truly offers."""
        ...

    @property
    def jobs(self) -> Jobs:
        """The path of a job."""
        ...

    @property
    def reader(self) -> Reader:
        """Questions about jobs."""
        ...

    @property
    def leases(self) -> Leases:
        """Names held for a time."""
        ...

    @property
    def signals(self) -> Signals:
        """Hints between nodes."""
        ...

    @property
    def records(self) -> Records:
        """Documents and logs."""
        ...

    def open(self, *, make: bool = True) -> Call[None]:
        """Connect, check the store, and bring it to this release's schema; safe twice.

        Args:
            make: whether a store that is not there is made; what lasts no longer than its process
                is always there.

        Raises:
            StoreMissing: it is not there, and not to be made, or was lost.
            StoreError: the one that names what is wrong with the store.
        """
        ...

    def close(self) -> Call[None]:
        """Let go of the store; calls still under way finish first; safe twice, and unopened."""
        ...

    def migrate(self, *, finish: bool = False) -> Call[int]:
        """Bring the store to this release's schema; answer its number.

        With `finish`, take away what older releases need; raise `ReleaseInUse` while one works.
        """
        ...

    def script(self, *, finish: bool = False) -> Call[str]:
        """What `migrate` would do, to be run by hand; empty: nothing. Needs no open engine."""
        ...

    def tidy(self) -> Call[bool]:
        """Make free the room that ended jobs have left, if that is worth it; whether it was."""
        ...

    def health(self) -> Call[Health]:
        """Look at the store and say how far it can be trusted."""
        ...
