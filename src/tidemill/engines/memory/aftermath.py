"""What follows when jobs end or move on: dependents, gates, statistics, events, and who wakes."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

import msgspec

from tidemill.core.error_info import ErrorInfo
from tidemill.core.event import Topic
from tidemill.core.instants import Instant
from tidemill.core.outcome import Ending
from tidemill.core.record import EVENTS, NewEntry
from tidemill.core.signal import Signal
from tidemill.core.state import State
from tidemill.engines.memory.row import Row
from tidemill.engines.memory.store import Step

TOPICS: Final = {
    State.COMPLETED: Topic.JOBS_COMPLETED,
    State.RETRYING: Topic.JOBS_RETRYING,
    State.FAILED: Topic.JOBS_FAILED,
    State.CANCELLED: Topic.JOBS_CANCELLED,
}


class Aftermath:
    """Gathers what one verb brings about, and brings it to its end with `close`.

    One is made for each verb, so that a call makes one event for each topic and tenant, and so
    that room under a limit is given on when all that ends has ended.
    """

    def __init__(self, step: Step) -> None:
        """Begin with nothing."""
        self._step = step
        self._jobs = step.store.jobs
        self._ended: list[Row] = []
        self._freed: Counter[str] = Counter()
        self._told: defaultdict[tuple[Topic, str], list[dict[str, Any]]] = defaultdict(list)
        self._ready: set[str] = set()

    def count(self, row: Row, ending: Ending, at: Instant) -> None:
        """Count an attempt, or the end of a job that does not run, before the row moves."""
        self._step.store.tallies.count(row, ending, at)
        if row.state is State.RUNNING and row.job.limit is not None:
            self._freed[row.job.limit.key] += 1

    def tell(self, row: Row, error: ErrorInfo | None = None) -> None:
        """Put a job into the event of the state that it has reached, if that is told."""
        topic = TOPICS.get(row.state)
        if topic is None:
            return
        told: dict[str, Any] = {"id": row.job.id, "task": row.job.task, "queue": row.job.queue}
        if row.reason:
            told["reason"] = row.reason
        if error is not None:
            told["error"] = {"kind": error.kind, "message": error.message}
        self._told[topic, row.job.tenant].append(told)

    def ready(self, queue: str) -> None:
        """A queue has something to claim."""
        self._ready.add(queue)

    def end(self, row: Row, state: State, at: Instant, reason: str) -> None:
        """Move a job to history; those that wait for it hear of it when all have ended."""
        with self._jobs.moving(row):
            row.state = state
            row.gate = ""
            row.finished_at = at
            row.reason = reason
            row.cancel_reason = None
        row.wait_no_more()
        self._ended.append(row)

    def cancel(self, rows: Iterable[Row], reason: str) -> None:
        """End jobs that do not run."""
        for row in rows:
            self.count(row, Ending.CANCELLED, self._step.now)
            self.end(row, State.CANCELLED, self._step.now, reason)
            self.tell(row)

    def delete(self, row: Row) -> None:
        """Forget a job; those that wait for it hear that it will never be done."""
        row.wait_no_more()
        self._jobs.remove(row)
        if not row.state.finished:
            self._ended.append(row)

    def move_on_children(self) -> None:
        """Release or cancel the jobs that waited for those that ended, however long the chain."""
        while self._ended:
            ended, self._ended = self._ended, []
            doomed = {child for parent in ended for child in self._let_go(parent)}
            self.cancel(sorted(doomed, key=_by_ref), "parent_failed")

    def _let_go(self, parent: Row) -> list[Row]:
        """Release the children of an ended parent; answer those that are to end with it."""
        doomed = []
        for child in sorted(parent.children, key=_by_ref):
            if parent.state is not State.COMPLETED and child.parents[parent] == "cancel":
                # It stays tied until it ends, so that no other parent of this wave releases it.
                doomed.append(child)
                continue
            del child.parents[parent]
            parent.children.discard(child)
            if not child.parents:
                self._release_child(child)
        return doomed

    def _release_child(self, child: Row) -> None:
        now = self._step.now
        with self._jobs.moving(child):
            child.gate = ""
            child.state = State.SCHEDULED if child.ready_at > now else State.WAITING
            child.ready_at = max(child.ready_at, now)
        self.ready(child.job.queue)

    def release(self, row: Row) -> None:
        """Let a parked job back into the line, at the place that it had; or until it is due."""
        with self._jobs.moving(row):
            row.gate = ""
            row.state = State.SCHEDULED if row.ready_at > self._step.now else State.WAITING
        self.ready(row.job.queue)

    def close(self) -> None:
        """Do what is left: dependents, the room that was freed, events, and whom to wake."""
        self.move_on_children()
        for key, freed in self._freed.items():
            self._give_room_on(key, freed)
        for (topic, tenant), jobs in self._told.items():
            data = msgspec.json.encode({"jobs": jobs})
            self._step.append(EVENTS, NewEntry(topic.value, data, tenant))
        if self._ready:
            self._step.signals.append(Signal("work", frozenset(self._ready)))

    def _give_room_on(self, key: str, freed: int) -> None:
        """Give the room that was left under a limit to the first jobs parked for it."""
        gate = f"key:{key}"
        head = self._jobs.parked.first(gate)
        if head is None or head.job.limit is None:
            return
        most = self._step.store.most_of(key, head.job.limit.most)
        room = min(freed, most - self._jobs.limited.count(key, State.RUNNING))
        for row in list(islice(self._jobs.parked.under(gate), max(room, 0))):
            self.release(row)


def _by_ref(row: Row) -> int:
    return row.ref
