"""Everything that the engine keeps, under one lock, and the one step in which each verb works."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tidemill.core.errors import StoreUnavailable
from tidemill.core.instants import Instant
from tidemill.core.job import Claim, NewJob
from tidemill.core.lease import Lease
from tidemill.core.limits import Flow, Rate
from tidemill.core.record import EVENTS, Entry, NewEntry, Record
from tidemill.core.rules import KeyRules, QueueRules, TaskRules
from tidemill.core.signal import Signal
from tidemill.core.state import State
from tidemill.engines.memory.order import Order
from tidemill.engines.memory.row import Row
from tidemill.engines.memory.signals import MemorySignals
from tidemill.engines.memory.tallies import Tallies
from tidemill.loops.call import Call, Immediate
from tidemill.loops.clock import Clock

T = TypeVar("T")

DUE_LATER = frozenset({State.SCHEDULED, State.RETRYING})
RESTING = DUE_LATER | {State.BLOCKED, State.WAITING}
"""The states of live jobs that do not run."""


class Queue(Struct):
    """What is known of a queue.

    Attributes:
        flow: where its rate stands.
        served: the tenant that had the last turn; `None`: nobody yet.
    """

    rules: QueueRules
    flow: Flow = Flow()
    served: str | None = None


class Window(Struct, frozen=True):
    """A unique key that is held until a moment, whatever becomes of the job."""

    job: str
    until: Instant


class Jobs:
    """The rows of all jobs, and the orders in which they are looked for."""

    def __init__(self) -> None:
        """Begin empty."""
        self.rows: dict[str, Row] = {}
        self._last_ref = 0
        self.waiting = Order(
            lambda row: (row.job.queue, *row.place) if row.state is State.WAITING else None
        )
        self.turns = Order(
            lambda row: (
                (row.job.queue, row.job.tenant, *row.place) if row.state is State.WAITING else None
            )
        )
        self.parked = Order(
            lambda row: (row.gate, *row.place) if row.state is State.BLOCKED else None
        )
        self.due = Order(lambda row: (row.ready_at, row.ref) if row.state in DUE_LATER else None)
        self.expiring = Order(
            lambda row: (
                (row.job.expires_at, row.ref)
                if row.state in RESTING and row.job.expires_at is not None
                else None
            )
        )
        self.running = Order(
            lambda row: (
                (row.job.queue, row.job.tenant, row.ref) if row.state is State.RUNNING else None
            )
        )
        self.limited = Order(
            lambda row: (row.job.limit.key, row.state, row.ref) if row.job.limit else None
        )
        self.rated = Order(
            lambda row: (row.job.rate.key, row.state, row.ref) if row.job.rate else None
        )
        self.holders = Order(
            lambda row: (
                (row.unique_key, row.ref)
                if row.unique_key is not None and not row.state.finished
                else None
            )
        )
        self.finished = Order(
            lambda row: (row.finished_at, row.ref) if row.state.finished else None
        )
        self._orders = (
            self.waiting, self.turns, self.parked, self.due, self.expiring,
            self.running, self.limited, self.rated, self.holders, self.finished,
        )  # fmt: skip

    def add(self, job: NewJob, state: State, gate: str, now: Instant, ready_at: Instant) -> Row:
        """Make the row of a new job."""
        self._last_ref += 1
        row = Row(
            ref=self._last_ref,
            # The caller may go on using its dictionary.
            job=replace(job, headers=dict(job.headers)),
            state=state,
            gate=gate,
            created_at=now,
            ready_at=ready_at,
            unique_key=job.unique.key if job.unique else None,
        )
        self.rows[job.id] = row
        for order in self._orders:
            order.enter(row)
        return row

    @contextmanager
    def moving(self, row: Row) -> Iterator[None]:
        """Change a row: whatever decides where it stands is changed inside this context."""
        for order in self._orders:
            order.leave(row)
        yield
        for order in self._orders:
            order.enter(row)

    def remove(self, row: Row) -> None:
        """Forget a row."""
        for order in self._orders:
            order.leave(row)
        del self.rows[row.job.id]

    def held_by(self, claim: Claim) -> Row | None:
        """The row of a claimed job if nobody has claimed it since, whatever its state is now."""
        row = self.rows.get(claim.id)
        return row if row is not None and (row.ref, row.fence) == (claim.ref, claim.fence) else None


class Store:
    """All tables. A verb sees them only within its step."""

    def __init__(self, clock: Clock, signals: MemorySignals) -> None:
        """Begin empty and shut."""
        self._clock = clock
        self._signals = signals
        self._lock = threading.RLock()
        self._is_open = False
        self.jobs = Jobs()
        self.tallies = Tallies()
        self.queues: dict[str, Queue] = {}
        self.tasks: dict[str, TaskRules] = {}
        self.keys: dict[str, KeyRules] = {}
        self.flows: defaultdict[str, Flow] = defaultdict(Flow)
        self.windows: dict[str, Window] = {}
        self.leases: dict[str, Lease] = {}
        self.records: dict[tuple[str, str], Record] = {}
        self.logs: defaultdict[str, list[Entry]] = defaultdict(list)
        self.last_position = 0
        self._last_fence = 0

    def open(self) -> None:
        """Let steps begin."""
        with self._lock:
            self._is_open = True

    def close(self) -> None:
        """Let the step under way finish, and no other begin; what is kept stays."""
        with self._lock:
            self._is_open = False

    def call(self, work: Callable[["Step"], T]) -> Call[T]:
        """A call that does the work in one step."""
        return Immediate(lambda: self._run(work))

    def _run(self, work: Callable[["Step"], T]) -> T:
        with self._lock:
            if not self._is_open:
                raise StoreUnavailable("the memory engine is not open", hint="open it first")
            step = Step(self, self._clock.now())
            answer = work(step)
        # Outside the lock, so that a listener may wait for another thread that needs it.
        for signal in step.signals:
            self._signals.send(signal)
        return answer

    def next_fence(self) -> int:
        """Draw the next fence; no number is ever drawn twice."""
        self._last_fence += 1
        return self._last_fence

    def queue(self, name: str) -> Queue:
        """What is known of a queue, from its first job on."""
        return self.queues.setdefault(name, Queue(QueueRules(queue=name)))

    def most_of(self, key: str, own: int) -> int:
        """The limit in force for a key: the rule's, else what the job brought along."""
        rules = self.keys.get(key)
        return own if rules is None or rules.most is None else rules.most

    def rate_of(self, key: str, own: Rate) -> Rate:
        """The rate in force for a key: the rule's, else what the job brought along."""
        rules = self.keys.get(key)
        return own if rules is None or rules.rate is None else rules.rate


class Step:
    """What one verb works with: the store, one reading of its clock, and whom to tell.

    A verb checks everything before it changes anything, for nothing here is ever taken back.

    Attributes:
        signals: hints to be given once the step is done.
    """

    __slots__ = ("now", "signals", "store")

    def __init__(self, store: Store, now: Instant) -> None:
        """Begin with nobody to tell."""
        self.store = store
        self.now = now
        self.signals: list[Signal] = []

    def append(self, log: str, entry: NewEntry) -> None:
        """Add a line to a log; the log of events wakes those who listen."""
        self.store.last_position += 1
        self.store.logs[log].append(
            Entry(
                self.store.last_position,
                self.now,
                entry.topic,
                entry.tenant,
                entry.source,
                entry.data,
            )
        )
        if log == EVENTS and Signal("event") not in self.signals:
            self.signals.append(Signal("event"))

    def is_live(self, lease: Lease) -> bool:
        """Whether a lease still holds: the name is this holding's, and has not run out."""
        held = self.store.leases.get(lease.name)
        return held is not None and held.fence == lease.fence and held.until > self.now
