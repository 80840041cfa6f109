"""The path of a job, with shorter ways for what is frequent and simple.

Each shorter way is one statement that waits for nobody. Where it cannot serve it changes nothing,
and the verb is done as every relational engine does it, see `tidemill.engines.relational`.
"""

from collections.abc import Sequence
from typing import Any, Final

from tidemill.core.instants import Millis
from tidemill.core.job import Inserted, NewJob
from tidemill.core.lease import Lease, Renewal
from tidemill.core.record import Put
from tidemill.core.signal import Signal
from tidemill.core.state import State
from tidemill.core.verdict import Receipt, Settlement
from tidemill.engines.postgres.ground import PostgresGround, Work
from tidemill.engines.postgres.link import columns
from tidemill.engines.protocol import Claimed, Want
from tidemill.engines.relational import leases
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.inserting import is_plain
from tidemill.engines.relational.jobs import RelationalJobs
from tidemill.engines.relational.rows import claim_of, text
from tidemill.engines.relational.tally import Tally
from tidemill.loops.call import Call
from tidemill.loops.failpoint import failpoint

_DETOURS: Final = 16
"""How often the long way is gone at once after the short one was found shut."""


class PostgresJobs(RelationalJobs):
    """The port of jobs."""

    def __init__(self, ground: PostgresGround) -> None:
        """Stand on this ground."""
        super().__init__(ground)
        self._shortcut = ground
        self._to_claim, self._to_settle = _Way(), _Way()

    def insert(
        self, jobs: Sequence[NewJob], *, tx: Any = None, put: Put | None = None
    ) -> Call[tuple[Inserted, ...]]:
        """Store jobs, all or none; those without anything special in one statement alone."""
        alone = tx is None and put is None and self._shortcut.knows_queues_of(jobs)
        if alone and all(is_plain(job) and not job.tags for job in jobs):
            return self._shortcut.store(jobs)
        return super().insert(jobs, tx=tx, put=put)

    def claim(self, want: Want) -> Call[Claimed]:
        """Hand waiting jobs to a worker; the head of one plain line in one statement alone."""
        long = super().claim(want)
        if want.limit < 1 or want.without:
            return long
        return Work(lambda: self._claim_plain(want) or long.wait(), self._shortcut.threads)

    def settle(self, settlements: Sequence[Settlement]) -> Call[tuple[Receipt, ...]]:
        """Apply what became of jobs; if all have plainly completed, in one statement alone."""
        long = super().settle(settlements)
        refs = {each.claim.ref for each in settlements}
        have_completed = all(each.state is State.COMPLETED for each in settlements)
        if not settlements or not have_completed or len(refs) < len(settlements):
            return long
        return Work(lambda: self._settle_plain(settlements) or long.wait(), self._shortcut.threads)

    def renew(self, worker: Lease, length: Millis, info: bytes) -> Call[Renewal]:
        """Push on the end of a worker's lease, beside the lock: on a slow network many wait for it.

        Nobody but its holder changes the lease of a worker before it has run out.
        """
        return self._shortcut.write_together(_renew, (worker, length, info), after="renew.after")

    def _claim_plain(self, want: Want) -> Claimed | None:
        """The head of the line; `None`: more has to be thought of, and nothing was done."""
        if not self._to_claim.is_open():
            return None
        failpoint("claim.before")
        lease = want.worker
        queues = None if want.queues is None else list(want.queues)
        values = (lease.name, lease.fence, *self._shortcut.given_moments(), queues, want.limit)
        rows = self._shortcut.alone(lambda link: link.rows("claim_plain", values))
        now, is_live, next_due, served, fence = rows[0][:5]
        if not is_live:
            return None  # or the server's clock was set: on the long way it is seen which
        if not served:
            self._to_claim.shut()
            return None
        failpoint("claim.after")
        jobs = () if fence is None else [claim_of(row[5:], fence, lease.fence, now) for row in rows]
        return Claimed(tuple(jobs), next_due)

    def _settle_plain(self, settlements: Sequence[Settlement]) -> tuple[Receipt, ...] | None:
        """All of them; `None`: more has to be thought of, and nothing was done."""
        if not self._to_settle.is_open():
            return None
        failpoint("settle.before")
        tally = Tally()
        tally.complete(settlements)
        values = (
            [each.claim.ref for each in settlements],
            [each.claim.fence for each in settlements],
            [each.at for each in settlements],
            [each.result for each in settlements],
            *columns(
                (*key, *totals, text(waits), text(runs))
                for key, totals, waits, runs in tally.statistics()
            ),
            settlements[0].claim.worker,
            self._shortcut.given_moments()[0],
            *columns(tally.events()),
        )
        ((settled,),) = self._shortcut.alone(lambda link: link.rows("settle_plain", values))
        if not settled:
            self._to_settle.shut()
            return None
        failpoint("settle.after")
        self._shortcut.tell([Signal("event")])
        return (Receipt.APPLIED,) * len(settlements)


def _renew(tx: Transaction, wanted: Sequence[tuple[Lease, Millis, bytes]]) -> Sequence[Renewal]:
    return [leases.renew(tx, *each) for each in wanted]


class _Way:
    """Remembers that the short way was shut, so that not every call finds it out anew."""

    __slots__ = ("_detours",)

    def __init__(self) -> None:
        self._detours = 0

    def is_open(self) -> bool:
        """Whether to try it; asked once for each call."""
        if not self._detours:
            return True
        self._detours -= 1
        return False

    def shut(self) -> None:
        """It did not serve."""
        self._detours = _DETOURS
