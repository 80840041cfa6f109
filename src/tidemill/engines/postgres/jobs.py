"""The path of a job, with shorter ways for what is frequent and simple.

Each shorter way is one statement that waits for nobody. Where it cannot serve it changes nothing,
and the verb is done as every relational engine does it, see `tidemill.engines.relational`.
"""

import time
from collections.abc import Sequence
from typing import Any, Final

from tidemill.core.instants import Instant, Millis
from tidemill.core.job import Inserted, NewJob
from tidemill.core.lease import Lease, Renewal
from tidemill.core.record import NewEntry, Put
from tidemill.core.signal import Signal
from tidemill.core.state import State
from tidemill.core.verdict import Receipt, Settlement
from tidemill.core.want import Claimed, Want
from tidemill.engines.postgres.floors import NO_FLOORS, Floors
from tidemill.engines.postgres.ground import FEW, PostgresGround
from tidemill.engines.postgres.link import PostgresLink, columns
from tidemill.engines.postgres.steps import refuse_others, steps, taken
from tidemill.engines.postgres.work import Work
from tidemill.engines.relational import claiming, inserting, leases, settling
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.jobs import RelationalJobs
from tidemill.engines.relational.link import Values
from tidemill.engines.relational.rows import claim_of, text
from tidemill.engines.relational.tally import Tally
from tidemill.loops.call import Call
from tidemill.loops.failpoint import failpoint

_IS_LIVE, _IS_DUE, _CLAIM = 1, 2, 7
"""Where a row of `claim_plain` says whether the lease holds and whether jobs are due, and where the
columns of a claim begin."""

_DETOURS: Final = 16
"""How often the long way is gone at once after the short one was found shut."""


class PostgresJobs(RelationalJobs[PostgresGround]):
    """The port of jobs."""

    def __init__(self, ground: PostgresGround) -> None:
        """Stand on this ground."""
        super().__init__(ground)
        self._to_claim, self._to_settle = _Way(), _Way()
        self._floors = Floors()

    def insert(
        self,
        jobs: Sequence[NewJob],
        *,
        tx: Any = None,
        put: Put | None = None,
        wake: bool = False,
        fresh_ids: bool = False,
        audit: Sequence[NewEntry] = (),
    ) -> Call[tuple[Inserted, ...]]:
        """Store jobs, all or none; those without anything special in one statement alone."""
        lot = inserting.Lot(jobs, fresh_ids, audit)
        if tx is not None and wake:
            return self._ground.write(lambda inner: self._insert_aloud(inner, lot, put), tx=tx)
        if tx is not None or put is not None or any(job.after or job.batch for job in jobs):
            return super().insert(jobs, tx=tx, put=put, fresh_ids=fresh_ids, audit=audit)
        if not audit and self._stores_at_once(jobs):
            return self._ground.store(jobs, fresh_ids=fresh_ids)
        if fresh_ids and len(jobs) <= FEW and self._are_nobody_elses(jobs):
            return super().insert(jobs, fresh_ids=True, audit=audit)
        # Whoever else holds one of their keys may take long to commit: only this call is to wait.
        return self._ground.write_beside(
            lambda inner: inserting.insert(inner, lot, None), after="insert.after"
        )

    def _are_nobody_elses(self, jobs: Sequence[NewJob]) -> bool:
        """Whether no transaction of a caller's can have anything in hand that these wait for."""
        return self._ground.knows_queues_of(jobs) and all(map(inserting.is_plain, jobs))

    def _stores_at_once(self, jobs: Sequence[NewJob]) -> bool:
        return self._ground.knows_queues_of(jobs) and all(map(_needs_one_statement, jobs))

    def claim(self, want: Want) -> Call[Claimed]:
        """Hand waiting jobs to a worker; the heads of plain lines in one statement alone."""
        long = super().claim(want)
        if want.limit < 1 or want.without:
            return long
        return Work(lambda: self._claim_plain(want) or long.wait(), self._ground.threads)

    def settle(
        self, settlements: Sequence[Settlement], *, tx: Any = None
    ) -> Call[tuple[Receipt, ...]]:
        """Apply what became of jobs; if all have plainly completed, in one statement alone."""
        if tx is not None:
            return self._ground.write(lambda inner: self._settle_into(inner, settlements), tx=tx)
        long = super().settle(settlements)
        if not _have_completed(settlements):
            return long
        return Work(lambda: self._settle_plain(settlements) or long.wait(), self._ground.threads)

    def renew(self, worker: Lease, length: Millis, info: bytes) -> Call[Renewal]:
        """Push on the end of a worker's lease, beside the lock: on a slow network many wait for it.

        Nor does it need a connection that one of these many may have. Nobody but its holder changes
        the lease of a worker before it has run out.

        Raises:
            SchemaMismatch: what the store has become, this release cannot work on.
        """
        shown = self._ground.server.address.shown

        def work(tx: Transaction) -> Renewal:
            refuse_others(taken(tx.link.rows("steps")), shown, steps())
            return leases.renew(tx, worker, length, info)

        return self._ground.renew(work, after="renew.after")

    def _claim_plain(self, want: Want) -> Claimed | None:
        """The heads of the lines; `None`: more has to be thought of, and nothing was claimed."""
        if not self._to_claim.is_open():
            return None
        failpoint("claim.before")
        claimed = self._ground.alone(lambda link: self._claim_heads(link, want))
        if claimed is None:
            self._to_claim.shut()
            return None
        failpoint("claim.after")
        return claimed

    def _claim_heads(self, link: PostgresLink, want: Want) -> Claimed | None:
        lease = want.worker
        queues = None if want.queues is None else list(want.queues)
        moments = self._ground.given_moments()
        values = (lease.name, lease.fence, *moments, queues, want.limit)
        begun_at = time.monotonic()
        floors = self._floors.values(begun_at)
        rows = link.rows("claim_plain", (*values, False, *floors))
        if floors is NO_FLOORS:
            self._floors.took(time.monotonic() - begun_at)
        if rows[0][_IS_LIVE] and rows[0][_IS_DUE]:
            link.run("make_due_ready", (moments[0], claiming.MOST_DUE))
            rows = link.rows("claim_plain", (*values, True, *floors))
        now, is_live, _, again_at, served, rewinds, fence = rows[0][:_CLAIM]
        if not is_live or not served:
            return None  # on the long way it is seen whether the server's clock was set
        claimed = [claim_of(row[_CLAIM:], fence, lease.fence, now) for row in rows if fence]
        wanted = len(claimed) == want.limit
        if self._floors.learn(claimed, rewinds, all_that_was_wanted=wanted):
            # There may be more before the floor; if there is nothing behind it, look there now.
            return Claimed(tuple(claimed), now) if claimed else self._claim_heads(link, want)
        return Claimed(tuple(claimed), again_at)

    def _settle_plain(self, settlements: Sequence[Settlement]) -> tuple[Receipt, ...] | None:
        """All of them; `None`: more has to be thought of, and nothing was done."""
        if not self._to_settle.is_open():
            return None
        failpoint("settle.before")
        now, _ = self._ground.given_moments()
        values = _completions(settlements, settlements[0].claim.worker, now)
        ((settled,),) = self._ground.alone(lambda link: link.rows("settle_plain", values))
        if not settled:
            self._to_settle.shut()
            return None
        failpoint("settle.after")
        self._ground.tell([Signal("event")])
        return (Receipt.APPLIED,) * len(settlements)

    def _insert_aloud(
        self, tx: Transaction, lot: inserting.Lot, put: Put | None
    ) -> tuple[Inserted, ...]:
        """Store jobs in a caller's transaction, and have its commit tell of them."""
        answers = inserting.insert(tx, lot, put)
        self._ground.tell_in(tx)
        return answers

    def _settle_into(
        self, tx: Transaction, settlements: Sequence[Settlement]
    ) -> tuple[Receipt, ...]:
        """Settle in a caller's transaction: beside all others if it can be, else with the pen."""
        if _have_completed(settlements):
            # Counted apart: a caller's transaction may stay open, and none is to wait for it.
            values = _completions(settlements, -settlements[0].claim.ref, tx.now)
            ((settled,),) = tx.link.rows("settle_plain", values)
            if settled:
                failpoint("settle.inside")
                tx.signals.append(Signal("event"))
                return (Receipt.APPLIED,) * len(settlements)
        self._ground.take_pen_in(tx)
        return settling.settle(tx, settlements)


def _needs_one_statement(job: NewJob) -> bool:
    return inserting.is_plain(job) and not job.tags


def _have_completed(settlements: Sequence[Settlement]) -> bool:
    """Whether these are settlements, each of another job that has completed."""
    refs = {each.claim.ref for each in settlements if each.state is State.COMPLETED}
    return bool(refs) and len(refs) == len(settlements)


def _completions(settlements: Sequence[Settlement], part: int, now: Instant | None) -> Values:
    """The values of `settle_plain`; `part`: with whom they share their rows of statistics."""
    tally = Tally()
    tally.complete(settlements)
    return (
        [each.claim.ref for each in settlements],
        [each.claim.fence for each in settlements],
        [each.at for each in settlements],
        [each.result for each in settlements],
        *columns(
            (*key, *totals, text(waits), text(runs))
            for key, totals, waits, runs in tally.statistics()
        ),
        part,
        now,
        *columns(tally.events()),
    )


class _Way:
    """Remembers that the short way was shut, so that not every call finds it out anew."""

    __slots__ = ("_detours",)

    def __init__(self) -> None:
        self._detours = 0

    def is_open(self) -> bool:
        """Whether to try it; asked once for each call."""
        # Two threads that pass here at 1 take it below zero.
        if self._detours <= 0:
            return True
        self._detours -= 1
        return False

    def shut(self) -> None:
        """It did not serve."""
        self._detours = _DETOURS
