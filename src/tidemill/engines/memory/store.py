"""Everything that the engine keeps, under one lock, and the one step in which each verb works."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tidemill.core.errors import StoreUnavailable
from tidemill.core.instants import Instant, Millis
from tidemill.core.lease import Lease
from tidemill.core.limits import Flow, Rate
from tidemill.core.record import AUDIT, EVENTS, Entry, NewEntry, Record, chained
from tidemill.core.rules import KeyRules, QueueRules, TaskRules, TenantRules
from tidemill.core.signal import Signal
from tidemill.engines.memory.signals import MemorySignals
from tidemill.engines.memory.table import JobTable
from tidemill.engines.memory.tallies import Tallies
from tidemill.engines.unstorable import refuse_unsent
from tidemill.loops.call import Call, Immediate
from tidemill.loops.clock import Clock, steady

T = TypeVar("T")


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


class Holding(Struct, frozen=True):
    """A lease and its end by the monotonic clock."""

    lease: Lease
    ends: Millis


class Store:
    """All tables. A verb sees them only within its step."""

    def __init__(self, clock: Clock, signals: MemorySignals) -> None:
        """Begin empty and shut."""
        self._clock = clock
        self._signals = signals
        self._lock = threading.RLock()
        self._is_open = False
        self.jobs = JobTable()
        self.tallies = Tallies()
        self.queues: dict[str, Queue] = {}
        self.tasks: dict[str, TaskRules] = {}
        self.keys: dict[str, KeyRules] = {}
        self.tenants: dict[str, TenantRules] = {}
        self.flows: defaultdict[str, Flow] = defaultdict(Flow)
        self.windows: dict[str, Window] = {}
        self.leases: dict[str, Holding] = {}
        self.records: dict[tuple[str, str], Record] = {}
        self.logs: defaultdict[str, list[Entry]] = defaultdict(list)
        self.last_position = 0
        self.end_of_chain = b""
        self._last_fence = 0

    def open(self) -> None:
        """Let steps begin."""
        with self._lock:
            self._is_open = True

    def close(self) -> None:
        """Let the step under way finish, and no other begin; what is kept stays."""
        with self._lock:
            self._is_open = False

    def call(
        self, work: Callable[["Step"], T], *kept: Any, audit: Sequence[NewEntry] = ()
    ) -> Call[T]:
        """A call that does the work in one step, by which these values are kept.

        Args:
            audit: lines that say who has it done, added behind all that it does.
        """

        def audited(step: Step) -> T:
            answer = work(step)
            for line in audit:
                step.append(AUDIT, line)
            return answer

        return Immediate(lambda: self._run(audited, (*kept, audit)))

    def _run(self, work: Callable[["Step"], T], kept: tuple[Any, ...]) -> T:
        refuse_unsent(kept)
        with self._lock:
            if not self._is_open:
                raise StoreUnavailable("the memory engine is not open", hint="open it first")
            step = Step(self, self._clock.now(), steady(self._clock))
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
        """What is known of a queue; from now on it is known."""
        return self.queues.setdefault(name, Queue(QueueRules(queue=name)))

    def running_of(self, tenant: str) -> int:
        """Jobs of a tenant that run, in all queues."""
        return sum(self.jobs.running.count(queue, tenant) for queue in self.queues)

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
        steady: the monotonic clock, by which leases are counted.
        signals: hints to be given once the step is done.
    """

    __slots__ = ("now", "signals", "steady", "store")

    def __init__(self, store: Store, now: Instant, steady: Millis) -> None:
        """Begin with nobody to tell."""
        self.store = store
        self.now = now
        self.steady = steady
        self.signals: list[Signal] = []

    def append(self, log: str, entry: NewEntry) -> None:
        """Add a line to a log; the log of events wakes those who listen."""
        self.store.last_position += 1
        digest = b""
        if log == AUDIT:
            digest = self.store.end_of_chain = chained(self.store.end_of_chain, self.now, entry)
        self.store.logs[log].append(
            Entry(
                self.store.last_position,
                self.now,
                entry.topic,
                entry.tenant,
                entry.source,
                entry.data,
                digest,
            )
        )
        if log == EVENTS and Signal("event") not in self.signals:
            self.signals.append(Signal("event"))

    def live_leases(self) -> dict[str, Lease]:
        """The leases that have not run out, each with its end as the wall clock stands now."""
        return {
            name: replace(held.lease, until=self.now + held.ends - self.steady)
            for name, held in self.store.leases.items()
            if held.ends > self.steady
        }
