"""Promote: make ready what is due, let out of gates what has room, end what has expired.

Every gate is looked at each time, which no store of any size could afford: what another engine
finds by remembering where something happened is compared with this.
"""

from collections.abc import Iterator
from itertools import islice

from tidemill.core.instants import Instant
from tidemill.core.limits import Flow, Rate
from tidemill.core.state import State
from tidemill.core.want import Promoted
from tidemill.engines.memory.aftermath import Aftermath
from tidemill.engines.memory.row import AFTER, Row
from tidemill.engines.memory.store import Step


def promote(step: Step, limit: int) -> Promoted:
    """Move at most so many jobs."""
    return _Promotion(step, limit).make()


class _Promotion:
    """One promotion in the making."""

    def __init__(self, step: Step, limit: int) -> None:
        self._step = step
        self._store = step.store
        self._jobs = step.store.jobs
        self._aftermath = Aftermath(step)
        self._limit = limit
        self._count = 0
        self._more = False

    def make(self) -> Promoted:
        """Let time do its work first, for it decides what room is left at the gates."""
        self._promote_due()
        self._aftermath.move_on_children()
        self._cancel_expired()
        self._aftermath.move_on_children()
        for gate in self._jobs.parked.groups():
            if gate != AFTER:
                self._open(gate)
        self._aftermath.close()
        return Promoted(self._count, min(self._moments(), default=None), self._more)

    def _may_move(self) -> bool:
        """Whether one more job may be moved; that there is one to move is the caller's word."""
        if self._count == self._limit:
            self._more = True
            return False
        self._count += 1
        return True

    def _promote_due(self) -> None:
        now = self._step.now
        for row in self._jobs.due.under():
            if row.ready_at > now or not self._may_move():
                return
            if row.job.expires_at is not None and row.job.expires_at <= now:
                self._aftermath.cancel([row], "expired")
            else:
                self._aftermath.release(row)

    def _cancel_expired(self) -> None:
        for row in self._jobs.expiring.under():
            if (row.job.expires_at or 0) > self._step.now or not self._may_move():
                return
            self._aftermath.cancel([row], "expired")

    def _open(self, gate: str) -> None:
        """Let as many out of a gate as there is room for; who stands first may change that."""
        while room := self._room(gate):
            for row in list(islice(self._jobs.parked.under(gate), room)):
                if not self._may_move():
                    return
                self._aftermath.release(row)

    def _room(self, gate: str) -> int:
        """How many jobs parked at a gate may go into the line now."""
        kind, _, name = gate.partition(":")
        head = self._jobs.parked.first(gate)
        if kind == "task":
            rules = self._store.tasks.get(name)
            return 0 if rules and rules.paused else self._jobs.parked.count(gate)
        if kind == "key" and head and head.job.limit:
            taken = (self._jobs.limited.count(name, s) for s in (State.RUNNING, State.WAITING))
            return max(self._store.most_of(name, head.job.limit.most) - sum(taken), 0)
        if kind == "rate" and head and head.job.rate:
            rate, flow = self._rate_after_waiting(head)
            return flow.free(rate, self._step.now)
        return 0

    def _rate_after_waiting(self, head: Row) -> tuple[Rate, Flow]:
        """The rate that holds a job back, and where it would stand had all started that wait."""
        assert head.job.rate is not None  # noqa: S101 - it is parked for its rate
        key = head.job.rate.key
        rate = self._store.rate_of(key, head.job.rate.rate)
        waiting = self._jobs.rated.count(key, State.WAITING)
        return rate, self._store.flows[key].take(rate, self._step.now, waiting)

    def _moments(self) -> Iterator[Instant]:
        """When something will be due, expire, or be free to start."""
        if due := self._jobs.due.first():
            yield due.ready_at
        if (expiring := self._jobs.expiring.first()) and expiring.job.expires_at is not None:
            yield expiring.job.expires_at
        for gate in self._jobs.parked.groups():
            head = self._jobs.parked.first(gate)
            if head and gate.startswith("rate:"):
                rate, flow = self._rate_after_waiting(head)
                yield flow.next_at(rate, self._step.now)
