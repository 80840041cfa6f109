"""What follows when jobs end or move on: history, dependents, gates, statistics and events.

One `Aftermath` is made for each verb, told what became of jobs, and written once before the
verb's transaction commits, so that a batch costs one event row per topic and one statistics row
per task, not one per job.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from tidemill.core import histogram
from tidemill.core.error_info import ErrorInfo
from tidemill.core.event import Topic
from tidemill.core.instants import Instant
from tidemill.core.outcome import Ending
from tidemill.core.record import EVENTS
from tidemill.core.signal import Signal
from tidemill.core.state import State
from tidemill.core.verdict import Settlement
from tidemill.engines.relational.gates import give_room_on, look_behind
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.link import Row
from tidemill.engines.relational.rows import numbers, text
from tidemill.engines.relational.tally import Tally

TOPICS: Final = {
    State.COMPLETED: Topic.JOBS_COMPLETED,
    State.RETRYING: Topic.JOBS_RETRYING,
    State.FAILED: Topic.JOBS_FAILED,
    State.CANCELLED: Topic.JOBS_CANCELLED,
}

_counts = msgspec.json.Decoder(tuple[int, ...]).decode


class Facts(Struct, frozen=True):
    """What has to be known of a live job to end it or move it on; a row of `find_facts`."""

    seq: int
    id: str
    task: str
    queue: str
    tenant: str
    state: str
    fence: int
    worker: int | None
    attempt: int
    ready_at: Instant
    started_at: Instant | None
    limit_key: str | None
    is_parent: int
    cancel_reason: str | None


class End(Struct, frozen=True):
    """How a job ends.

    Attributes:
        ending: of its last attempt; `None` if it never started this time.
    """

    facts: Facts
    state: State
    at: Instant
    reason: str = ""
    ending: Ending | None = None
    result: bytes | None = None
    error: ErrorInfo | None = None
    crashed: bool = False


def attempt_row(facts: Facts, ending: Ending, at: Instant, error: ErrorInfo | None) -> Row:
    """The values of `insert_attempt`."""
    return (
        facts.seq,
        facts.attempt,
        facts.worker,
        facts.started_at,
        at,
        ending.value,
        text(error) if error else None,
    )


def find_facts(tx: Transaction, seqs: Iterable[int]) -> list[Facts]:
    """The facts of those of these jobs that are live."""
    return [Facts(*row) for row in tx.link.rows("find_facts", (numbers(list(seqs)),))]


class Aftermath:
    """Gathers what one verb brings about."""

    def __init__(self, tx: Transaction) -> None:
        """Begin with nothing."""
        self._tx = tx
        self._ready: set[str] = set()
        self._freed: Counter[str] = Counter()
        self._tally = Tally()

    def complete(self, settlements: Sequence[Settlement]) -> None:
        """Move jobs to history that have completed, and on whose end nothing hangs.

        It is what becomes of most jobs, so it is written out, where `end` minds every other case.
        """
        if not settlements:
            return
        self._tally.complete(settlements)
        state, ending = State.COMPLETED.value, Ending.COMPLETED.value
        rows: list[Row] = [
            (each.claim.ref, state, 0, each.at, ending, "", None, each.result)
            for each in settlements
        ]
        self._tx.link.bulk("finish_jobs", rows)
        seqs = numbers([settlement.claim.ref for settlement in settlements])
        self._tx.link.run("delete_jobs", (seqs,))

    def end(self, ends: Sequence[End]) -> None:
        """Move jobs to history, and on with those that waited for them, however long the chain."""
        while ends:
            self._move_to_done(ends)
            parents = {end.facts.seq: end.state for end in ends if end.facts.is_parent}
            ends = self.release_children(parents) if parents else ()

    def _move_to_done(self, ends: Sequence[End]) -> None:
        link = self._tx.link
        rows: list[Row] = []
        for end in ends:
            told = end.ending is not None and (
                end.error is not None or end.state is State.COMPLETED
            )
            if end.ending is not None and not told:
                # The row keeps the error of an earlier attempt, so it cannot tell this one's.
                link.run("insert_attempt", attempt_row(end.facts, end.ending, end.at, None))
            rows.append(
                (
                    end.facts.seq,
                    end.state.value,
                    1 if end.crashed else 0,
                    end.at,
                    end.ending.value if end.ending and told else None,
                    end.reason,
                    text(end.error) if end.error else None,
                    end.result,
                )
            )
            self.ended(end.facts, end.ending or Ending.CANCELLED, end.at)
            self.tell(end.facts, end.state, end.reason, end.error)
        link.bulk("finish_jobs", rows)
        link.run("delete_jobs", (numbers([end.facts.seq for end in ends]),))

    def ended(self, facts: Facts, ending: Ending, at: Instant) -> None:
        """Count one attempt, or the end of a job that never started, and note the room it left."""
        if facts.started_at is None:
            wait = run = 0
        else:
            wait = max(facts.started_at - facts.ready_at, 0)
            run = max(at - facts.started_at, 0)
        rest = (facts.queue, facts.task, facts.tenant, ending.value)
        self._tally.count(at, rest, wait, run)
        if facts.limit_key is not None and facts.state == State.RUNNING:
            self._freed[facts.limit_key] += 1

    def tell(
        self, facts: Facts, state: State, reason: str = "", error: ErrorInfo | None = None
    ) -> None:
        """Put a job into the event of the state that it reached, if that is told."""
        topic = TOPICS.get(state)
        if topic is None:
            return
        told: dict[str, Any] = {"id": facts.id, "task": facts.task, "queue": facts.queue}
        if reason:
            told["reason"] = reason
        if error is not None:
            told["error"] = {"kind": error.kind, "message": error.message}
        self._tally.tell(topic, facts.tenant, told)

    def ready(self, queues: Iterable[str]) -> None:
        """These queues have something to claim."""
        self._ready.update(queues)

    def release_children(self, parents: dict[int, State]) -> Sequence[End]:
        """Let children go whose last parent ended; answer those that end with their parent."""
        link = self._tx.link
        listed = numbers(list(parents))
        fewer: Counter[int] = Counter()
        doomed: set[int] = set()
        for parent, child, on_failure in link.rows("children", (listed,)):
            if parents[parent] is State.COMPLETED or on_failure == "run":
                fewer[child] += 1
            else:
                doomed.add(child)
        link.run("delete_edges_of_parents", (listed,))
        if fewer:
            link.many("count_down", [(count, child) for child, count in fewer.items()])
            released = link.rows(
                "release_children",
                (self._tx.now, numbers([c for c in fewer if c not in doomed])),
            )
            self.ready(queue for (queue,) in released)
        return self.end_resting(sorted(doomed), State.CANCELLED, "parent_failed")

    def end_resting(self, seqs: Sequence[int], state: State, reason: str) -> Sequence[End]:
        """The ends of jobs that do not run; they wait for nobody any more."""
        if not seqs:
            return ()
        look_behind(self._tx, seqs)
        self._tx.link.run("delete_edges_of_children", (numbers(seqs),))
        return [
            End(facts, state, self._tx.now, reason)
            for facts in find_facts(self._tx, seqs)
            if facts.state != State.RUNNING
        ]

    def write(self) -> None:
        """Write what was gathered and tell who should wake."""
        self._open_gates()
        self._write_statistics()
        self._write_events()
        if self._ready:
            self._tx.signals.append(Signal("work", frozenset(self._ready)))

    def _open_gates(self) -> None:
        """Give the room that was left under limit keys to the first jobs parked there."""
        if not self._freed:
            return
        keys = {f"key:{key}": key for key in self._freed}
        for (gate,) in self._tx.link.rows("occupied_gates", (text(list(keys)),)):
            self.ready(give_room_on(self._tx, keys[gate], self._freed[keys[gate]]))

    def _write_statistics(self) -> None:
        for key, totals, waits, runs in self._tally.statistics():
            add_statistic(self._tx, ("minute", *key), totals, waits, runs)

    def _write_events(self) -> None:
        lines = [
            (EVENTS, self._tx.now, topic, tenant, "", data)
            for topic, tenant, data in self._tally.events()
        ]
        if lines:
            self._tx.link.append(lines)
            self._tx.signals.append(Signal("event"))


def add_statistic(
    tx: Transaction,
    key: Sequence[Any],
    totals: tuple[int, int, int],
    waits: Sequence[int],
    runs: Sequence[int],
) -> None:
    """Add counts to one row of statistics."""
    count, wait, run = totals
    for row in tx.link.rows("find_statistic", key):
        count, wait, run = count + row[0], wait + row[1], run + row[2]
        waits = histogram.add(waits, _counts(row[3]))
        runs = histogram.add(runs, _counts(row[4]))
    tx.link.run("put_statistic", (*key, count, wait, run, text(waits), text(runs)))
