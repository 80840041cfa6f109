"""Holds the store and hands out the five ports."""

from typing import Final

from tidemill.engines.health import Durability, Health
from tidemill.engines.memory.jobs import MemoryJobs
from tidemill.engines.memory.leases import MemoryLeases
from tidemill.engines.memory.reader import MemoryReader
from tidemill.engines.memory.records import MemoryRecords
from tidemill.engines.memory.signals import MemorySignals
from tidemill.engines.memory.store import Store
from tidemill.engines.traits import Traits
from tidemill.loops.call import Call, Immediate
from tidemill.loops.clock import Clock, SystemClock

SCHEMA: Final = 1
"""There is nothing older to bring up to date."""


class MemoryEngine:
    """Jobs in this process's memory.

    What it keeps lasts as long as the object: closing it shuts the doors, opening it again finds
    everything as it was.

    Example:
        >>> engine = MemoryEngine()
        >>> engine.open().wait()
        >>> engine.reader.counts().wait()
        ()
    """

    def __init__(self, clock: Clock | None = None) -> None:
        """Begin empty and shut; the time is this clock's, the machine's by default."""
        self._signals = MemorySignals()
        self._store = Store(clock or SystemClock(), self._signals)
        self._jobs = MemoryJobs(self._store)
        self._reader = MemoryReader(self._store)
        self._leases = MemoryLeases(self._store)
        self._records = MemoryRecords(self._store)

    @property
    def traits(self) -> Traits:
        """One process, and no transactions but its own steps."""
        return Traits("memory", shared=False, transactions=False)

    @property
    def jobs(self) -> MemoryJobs:
        """The path of a job."""
        return self._jobs

    @property
    def reader(self) -> MemoryReader:
        """Questions about jobs."""
        return self._reader

    @property
    def leases(self) -> MemoryLeases:
        """Names held for a time."""
        return self._leases

    @property
    def signals(self) -> MemorySignals:
        """Hints between the parts of this process."""
        return self._signals

    @property
    def records(self) -> MemoryRecords:
        """Documents and logs."""
        return self._records

    def open(self, *, make: bool = True) -> Call[None]:  # noqa: ARG002 - nothing is made here
        """Let verbs in; safe twice."""
        return Immediate(self._store.open)

    def close(self) -> Call[None]:
        """Let no more verbs in and no more hints out; safe twice, and unopened."""
        return Immediate(self._close)

    def migrate(self, *, finish: bool = False) -> Call[int]:  # noqa: ARG002 - nothing is ever old
        """Answer the schema's number; there is nothing to do."""
        return Immediate(lambda: SCHEMA)

    def script(self, *, finish: bool = False) -> Call[str]:  # noqa: ARG002 - as above
        """Say that there is nothing to do, by hand or otherwise."""
        return Immediate(lambda: "")

    def tidy(self) -> Call[bool]:
        """Nothing: what has ended leaves nothing behind."""
        return Immediate(lambda: False)

    def health(self) -> Call[Health]:
        """Say that nothing here outlives the process."""
        return Immediate(lambda: Health(Durability.VOLATILE, "memory", SCHEMA))

    def _close(self) -> None:
        self._store.close()
        self._signals.close()
