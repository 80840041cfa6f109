"""The path of a job: each verb is one function in one transaction."""

from collections.abc import Sequence
from typing import Any, Generic

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
from tidemill.engines.relational import changing, claiming, inserting, leases, settling, tending
from tidemill.engines.relational.ground import G
from tidemill.engines.relational.inserting import Lot
from tidemill.engines.relational.records import audited
from tidemill.loops.call import Call


class RelationalJobs(Generic[G]):
    """The port of jobs."""

    def __init__(self, ground: G) -> None:
        """Stand on this ground."""
        self._ground = ground

    def insert(
        self,
        jobs: Sequence[NewJob],
        *,
        tx: Any = None,
        put: Put | None = None,
        wake: bool = False,  # noqa: ARG002 - where the commit of any driver is noticed
        fresh_ids: bool = False,
        audit: Sequence[NewEntry] = (),
    ) -> Call[tuple[Inserted, ...]]:
        """Store jobs, all or none."""
        lot = Lot(jobs, fresh_ids, audit)
        if put is None and tx is None and all(map(inserting.is_plain, jobs)):
            return self._ground.write_together(inserting.insert_plain, lot, after="insert.after")
        return self._ground.write(
            lambda inner: inserting.insert(inner, lot, put), after="insert.after", tx=tx
        )

    def claim(self, want: Want) -> Call[Claimed]:
        """Hand waiting jobs to a worker."""
        return self._ground.write(
            lambda tx: claiming.claim(tx, want), after="claim.after", asks_first=True
        )

    def settle(
        self, settlements: Sequence[Settlement], *, tx: Any = None
    ) -> Call[tuple[Receipt, ...]]:
        """Apply what became of jobs."""
        return self._ground.write(
            lambda inner: settling.settle(inner, settlements),
            after="settle.after",
            asks_first=True,
            tx=tx,
        )

    def annotate(self, notes: Sequence[Note], *, tx: Any = None) -> Call[tuple[Receipt, ...]]:
        """Keep what running jobs say of themselves."""
        return self._ground.write(lambda inner: settling.annotate(inner, notes), tx=tx)

    def renew(self, worker: Lease, length: Millis, info: bytes) -> Call[Renewal]:
        """Push on the end of a worker's lease."""
        return self._ground.write(
            lambda tx: leases.renew(tx, worker, length, info), after="renew.after"
        )

    def promote(self, limit: int) -> Call[Promoted]:
        """Make ready what is due."""
        return self._ground.write(lambda tx: tending.promote(tx, limit))

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
        work = audited(lambda tx: changing.change(tx, which, change, cursor, limit), audit)
        return self._ground.write(work, after="change.after")

    def prune(self, keep: Keep, limit: int) -> Call[Pruned]:
        """Delete what has been kept long enough."""
        return self._ground.write(lambda tx: tending.prune(tx, keep, limit))

    def rule(
        self, rules: Rules, *, expected: int | None = None, audit: Sequence[NewEntry] = ()
    ) -> Call[int]:
        """Set the rules of a queue, a task or a key; answer their version."""
        return self._ground.write(audited(lambda tx: changing.rule(tx, rules, expected), audit))
