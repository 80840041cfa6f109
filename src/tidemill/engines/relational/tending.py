"""Promote and prune: what becomes ready with time, and what has been kept long enough."""

from typing import Final

import msgspec

from tidemill.core.instants import Instant, Millis
from tidemill.core.query import at_most
from tidemill.core.record import job_log
from tidemill.core.retention import DAY, Keep, Pruned
from tidemill.core.state import State
from tidemill.core.want import Promoted
from tidemill.engines.relational import gates
from tidemill.engines.relational.aftermath import Aftermath, add_statistic
from tidemill.engines.relational.ground import HELD_UP, Transaction
from tidemill.engines.relational.link import Row
from tidemill.engines.relational.records import prune_chained
from tidemill.engines.relational.rows import numbers, queue_rules, text
from tidemill.loops.failpoint import failpoint

_HOUR: Final[Millis] = 3_600_000
_counts = msgspec.json.Decoder(tuple[int, ...]).decode


def promote(tx: Transaction, limit: int) -> Promoted:
    """Make ready what is due, let out what has room, end what has expired."""
    return _Promotion(tx, at_most(limit)).make()


class _Promotion:
    """One promotion in the making."""

    def __init__(self, tx: Transaction, limit: int) -> None:
        self._tx = tx
        self._left = limit
        self._aftermath = Aftermath(tx)
        self._more = False

    def make(self) -> Promoted:
        before = self._left
        self._promote_due()
        failpoint("promote.middle")
        self._cancel_expired()
        link, now = self._tx.link, self._tx.now
        looked_at = link.rows("gates", (now, before))
        for gate, since in looked_at:
            self._open(gate, since)
        self._aftermath.write()
        moments = (*link.rows("next_due")[0], *link.rows("next_look")[0])
        next_at = min((at for at in moments if at is not None), default=None)
        if next_at is None or next_at > now:
            return Promoted(before - self._left, next_at, self._more)
        if looked_at or self._left < before:
            return Promoted(before - self._left, next_at, more=True)
        return Promoted(0, now + HELD_UP, more=False)

    def _promote_due(self) -> None:
        """Put due jobs into the line, but for those that are too late for it."""
        expired, due, queues = [], [], set()
        for seq, queue, expires_at in self._tx.link.rows("find_due", (self._tx.now, self._left)):
            if expires_at is not None and expires_at <= self._tx.now:
                expired.append(seq)
            else:
                due.append(seq)
                queues.add(queue)
        if due:
            self._tx.link.run("make_ready", (numbers(due),))
            self._aftermath.ready(queues)
            self._left -= len(due)
        self._expire(expired)

    def _cancel_expired(self) -> None:
        """End the jobs that have not started and no longer may."""
        rows = self._tx.link.rows("find_expired_resting", (self._tx.now, self._left))
        self._expire([seq for (seq,) in rows])

    def _expire(self, seqs: list[int]) -> None:
        self._aftermath.end(self._aftermath.end_resting(seqs, State.CANCELLED, "expired"))
        self._left -= len(seqs)

    def _open(self, gate: str, since: Instant) -> None:
        """Let out of a gate as many as there is room for, and see when to look at it again."""
        link = self._tx.link
        # First of all: who stores a job behind it meanwhile has it looked at once more.
        link.run("shut_gate", (gate,))
        look_again_at = None
        while head := link.rows("find_parked", (gate, 1)):
            room, look_again_at = gates.room(self._tx, gate, head[0])
            if room == 0:
                break
            most = self._left + 1 if room is None else min(room, self._left + 1)
            parked = link.rows("find_parked", (gate, most))
            chosen = parked[: self._left]
            self._release(chosen)
            if len(chosen) < len(parked):
                self._more = True
                gates.look_at(self._tx, gate, at=since)
                return
        if head and look_again_at is not None:
            gates.look_at(self._tx, gate, at=look_again_at)

    def _release(self, parked: list[Row]) -> None:
        """Let these into the line."""
        self._tx.link.run("release", (self._tx.now, numbers([row[0] for row in parked])))
        self._aftermath.ready(row[1] for row in parked)
        self._left -= len(parked)


def prune(tx: Transaction, keep: Keep, limit: int) -> Pruned:
    """Delete what has been kept long enough, and fold statistics into larger steps."""
    jobs = _prune_jobs(tx, keep, limit)
    windows = tx.link.run("prune_windows", (tx.now, limit))
    tx.link.run("prune_leases", (tx.steady,))
    left = limit - jobs
    entries = tx.link.run("prune_entries", (tx.now - keep.entries, left)) if left else 0
    left -= entries
    lines = prune_chained(tx, tx.now - keep.audit, left) if left > 0 else 0
    entries += lines
    left -= lines
    folded = _fold(tx, "minute", "hour", _HOUR, tx.now - keep.minutes, left) if left > 0 else 0
    left -= folded
    folded += _fold(tx, "hour", "day", DAY, tx.now - keep.hours, left) if left > 0 else 0
    return Pruned(jobs, entries, more=jobs + entries + folded >= limit or windows >= limit)


def _prune_jobs(tx: Transaction, keep: Keep, limit: int) -> int:
    """Delete finished jobs whose queue, or else the platform, keeps them no longer."""
    own = {name: queue_rules(raw).retention for name, raw, _, _ in tx.link.rows("queues")}
    old: list[Row] = []
    for state in (State.COMPLETED, State.FAILED, State.CANCELLED):
        special = {
            name: length
            for name, retention in own.items()
            if (length := getattr(retention, state.value)) is not None
        }
        plain = (state.value, tx.now - keep.of(state), text(list(special)), limit)
        old += tx.link.rows("find_prunable", plain)
        for name, length in special.items():
            values = (state.value, tx.now - length, name, limit)
            old += tx.link.rows("find_prunable_of_queue", values)
    old = sorted(old)[:limit]
    if old:
        forget(tx, [row[1] for row in old], [row[2] for row in old])
    return len(old)


def forget(tx: Transaction, seqs: list[int], ids: list[str]) -> None:
    """Delete finished jobs with their attempts and logs."""
    listed = numbers(seqs)
    tx.link.run("delete_done", (listed,))
    tx.link.run("delete_attempts", (listed,))
    tx.link.run("delete_logs", (text([job_log(id_) for id_ in ids]),))


def _fold(
    tx: Transaction, step: str, larger: str, length: Millis, until: Instant, limit: int
) -> int:
    """Fold old statistics of one step into the next larger one; no count is lost."""
    rows = tx.link.rows("find_foldable", (step, until, limit))
    for at, queue, task, tenant, ending, count, wait, run, waits, runs, *own in rows:
        rest = (queue, task, tenant, ending)
        key = (larger, at - at % length, *rest)
        add_statistic(tx, key, (count, wait, run), _counts(waits), _counts(runs))
        tx.link.run("delete_statistic", (step, at, *rest, *own))
    return len(rows)
