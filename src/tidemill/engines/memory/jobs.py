"""The path of a job: each verb is one function that works in one step."""

from collections.abc import Sequence
from typing import Any

from tidemill.core.change import Change, Changed, Which
from tidemill.core.instants import Millis
from tidemill.core.job import Inserted, NewJob
from tidemill.core.lease import Lease, Renewal
from tidemill.core.note import Note
from tidemill.core.record import NewEntry, Put
from tidemill.core.retention import Keep, Pruned
from tidemill.core.rules import Rules
from tidemill.core.verdict import Receipt, Settlement
from tidemill.core.want import Claimed, Promoted, Want
from tidemill.engines.memory import changing, claiming, inserting, leases, promoting, settling
from tidemill.engines.memory.pruning import prune
from tidemill.engines.memory.records import refuse_transaction
from tidemill.engines.memory.store import Step, Store
from tidemill.loops.call import Call


class MemoryJobs:
    """The port of jobs."""

    def __init__(self, store: Store) -> None:
        """Stand on the store."""
        self._store = store

    def insert(
        self,
        jobs: Sequence[NewJob],
        *,
        tx: Any = None,
        put: Put | None = None,
        wake: bool = False,  # noqa: ARG002 - there are no transactions of others
        fresh_ids: bool = False,  # noqa: ARG002 - to look costs nothing here
        audit: Sequence[NewEntry] = (),
    ) -> Call[tuple[Inserted, ...]]:
        """Store jobs, all or none."""

        def work(step: Step) -> tuple[Inserted, ...]:
            refuse_transaction(tx)
            return inserting.insert(step, jobs, put)

        return self._store.call(work, jobs, put, audit=audit)

    def claim(self, want: Want) -> Call[Claimed]:
        """Hand waiting jobs to a worker."""
        return self._store.call(lambda step: claiming.claim(step, want))

    def settle(
        self, settlements: Sequence[Settlement], *, tx: Any = None
    ) -> Call[tuple[Receipt, ...]]:
        """Apply what became of jobs."""

        def work(step: Step) -> tuple[Receipt, ...]:
            refuse_transaction(tx)
            return settling.settle(step, settlements)

        return self._store.call(work, settlements)

    def annotate(self, notes: Sequence[Note], *, tx: Any = None) -> Call[tuple[Receipt, ...]]:
        """Keep what running jobs say of themselves."""

        def work(step: Step) -> tuple[Receipt, ...]:
            refuse_transaction(tx)
            return settling.annotate(step, notes)

        return self._store.call(work, notes)

    def renew(self, worker: Lease, length: Millis, info: bytes) -> Call[Renewal]:
        """Push on the end of a worker's lease."""
        return self._store.call(lambda step: leases.renew(step, worker, length, info), length)

    def promote(self, limit: int) -> Call[Promoted]:
        """Make ready what is due."""
        return self._store.call(lambda step: promoting.promote(step, limit))

    def change(
        self,
        which: Which,
        change: Change,
        *,
        cursor: str | None = None,
        limit: int = 500,
        audit: Sequence[NewEntry] = (),
    ) -> Call[Changed]:
        """Do what a person asks for to one slice of jobs."""

        def work(step: Step) -> Changed:
            return changing.change(step, which, change, cursor, limit)

        return self._store.call(work, which, change, audit=audit)

    def prune(self, keep: Keep, limit: int) -> Call[Pruned]:
        """Delete what has been kept long enough."""
        return self._store.call(lambda step: prune(step, keep, limit))

    def rule(
        self, rules: Rules, *, expected: int | None = None, audit: Sequence[NewEntry] = ()
    ) -> Call[int]:
        """Set the rules of a queue, a task or a key; answer their version."""
        return self._store.call(
            lambda step: changing.rule(step, rules, expected), rules, audit=audit
        )
