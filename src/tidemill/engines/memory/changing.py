"""Change and rule: what people ask to be done to jobs, queues, tasks and keys."""

from typing import assert_never

import msgspec
from msgspec.structs import replace

from tidemill.core.change import (
    FROM,
    Cancel,
    Change,
    Changed,
    Delete,
    Move,
    Postpone,
    PutBack,
    Reprioritise,
    Retry,
    RunNow,
    Which,
    moment_given,
)
from tidemill.core.earlier import Earlier, earlier_of, is_as_left
from tidemill.core.event import Topic
from tidemill.core.instants import Instant
from tidemill.core.query import read_cursor
from tidemill.core.record import EVENTS, NewEntry, check_version, job_log
from tidemill.core.rules import KeyRules, QueueRules, Rules, TaskRules, TenantRules, subject
from tidemill.core.signal import Signal
from tidemill.core.state import State
from tidemill.engines.memory.aftermath import Aftermath
from tidemill.engines.memory.matching import page
from tidemill.engines.memory.row import Row, snapshot
from tidemill.engines.memory.store import Step


def change(step: Step, which: Which, change: Change, cursor: str | None, limit: int) -> Changed:
    """Do what is asked for to one slice of jobs."""
    rows, onward = _slice(step, which, FROM[type(change)], cursor, limit)
    given = moment_given(change, step.now)
    earlier: dict[str, Earlier] = {}
    if given is not None:
        earlier = {
            row.job.id: earlier_of(snapshot(row, with_attempts=False), given) for row in rows
        }
    ids = tuple([row.job.id for row in _Wish(step, rows).do(change)])
    return Changed(ids, onward, tuple([earlier[id_] for id_ in ids if id_ in earlier]))


def _slice(
    step: Step, which: Which, allowed: frozenset[State], cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """The next jobs meant that are in a state that allows the change."""
    if which.filter is None:
        return _slice_of_ids(step, which, allowed, read_cursor(cursor) or 0, limit)
    states = allowed.intersection(which.filter.states or allowed)
    if not states:
        return [], None
    return page(step, replace(which.filter, states=tuple(states)), cursor, limit)


def _slice_of_ids(
    step: Step, which: Which, allowed: frozenset[State], start: int, limit: int
) -> tuple[list[Row], str | None]:
    """The next of the ids given, in the order given, each once."""
    meant = list(dict.fromkeys(which.ids))
    end = start + limit
    rows = [row for id_ in meant[start:end] if (row := step.store.jobs.rows.get(id_))]
    fit = [row for row in rows if row.state in allowed and which.tenant in (None, row.job.tenant)]
    return fit, str(end) if end < len(meant) else None


class _Wish:
    """One change of some jobs, all of which are in a state that allows it."""

    def __init__(self, step: Step, rows: list[Row]) -> None:
        self._step = step
        self._jobs = step.store.jobs
        self._rows = rows
        self._aftermath = Aftermath(step)

    def do(self, change: Change) -> list[Row]:
        """Make the change; answer the jobs that it changed."""
        changed = self._rows
        match change:
            case Cancel(reason):
                self._cancel(reason)
            case Retry():
                changed = [row for row in self._rows if self._retry(row)]
            case RunNow():
                self._make_due(State.WAITING, self._step.now)
            case Postpone(until):
                self._make_due(State.SCHEDULED, until)
            case Reprioritise(priority):
                for row in self._rows:
                    with self._jobs.moving(row):
                        row.job = replace(row.job, priority=priority)
            case Move(queue):
                self._move(queue)
            case Delete():
                for row in self._rows:
                    self._aftermath.delete(row)
                    self._step.store.logs.pop(job_log(row.job.id), None)
            case PutBack(to):
                known = {each.id: each for each in to}
                changed = [
                    row
                    for row in self._rows
                    if row.job.id in known and self._put_back(row, known[row.job.id])
                ]
            case _:
                assert_never(change)
        self._aftermath.close()
        return changed

    def _cancel(self, reason: str) -> None:
        """Ask those that run to stop, and end the others."""
        running = [row for row in self._rows if row.state is State.RUNNING]
        for row in running:
            row.cancel_reason = reason
        if running:
            names = frozenset(row.job.id for row in running)
            self._step.signals.append(Signal("control", names))
        self._aftermath.cancel([row for row in self._rows if row not in running], reason)

    def _retry(self, row: Row) -> bool:
        """Bring a finished job back, unless another one holds its unique key now."""
        if row.unique_key and not row.let_go and self._jobs.holders.first(row.unique_key):
            return False
        with self._jobs.moving(row):
            row.state = State.WAITING
            row.ready_at = self._step.now
            row.attempt = row.crashes = 0
            row.worker = row.started_at = row.finished_at = None
            row.reason = ""
            # Or a job that expired would expire again before it could start.
            row.job = replace(row.job, expires_at=None)
        self._aftermath.ready(row.job.queue)
        return True

    def _put_back(self, row: Row, earlier: Earlier) -> bool:
        """Undo what was done to a job, unless it is not any more what it was left as."""
        ends = earlier.state.finished
        if not is_as_left(snapshot(row, with_attempts=False), earlier) or (ends and row.children):
            return False
        with self._jobs.moving(row):
            row.state = earlier.state
            row.ready_at = earlier.ready_at
            row.gate = ""
            if ends:
                row.attempt = earlier.attempt
                row.crashes = earlier.crashes
                row.worker = earlier.worker
                row.started_at = earlier.started_at
                row.finished_at = earlier.finished_at
                row.reason = earlier.reason
                row.job = replace(row.job, expires_at=earlier.expires_at)
        if not ends:
            self._aftermath.ready(row.job.queue)
        return True

    def _make_due(self, state: State, at: Instant) -> None:
        for row in self._rows:
            with self._jobs.moving(row):
                row.state, row.ready_at = state, at
            self._aftermath.ready(row.job.queue)

    def _move(self, queue: str) -> None:
        if self._rows:
            self._step.store.queue(queue)
            self._aftermath.ready(queue)
        for row in self._rows:
            with self._jobs.moving(row):
                row.job = replace(row.job, queue=queue)


def rule(step: Step, rules: Rules, expected: int | None) -> int:
    """Set the rules of a queue, a task, a key or a tenant, and tell of it; answer their version.

    Raises:
        VersionConflict: another one was expected.
    """
    kind, name = subject(rules)
    standing = _standing(step, rules)
    version = standing.version if standing else 0
    check_version(f"what is set for {kind} {name!r}", version, expected)
    rules = replace(rules, version=version + 1)
    match rules:
        case QueueRules():
            step.store.queue(name).rules = rules
        case TaskRules():
            step.store.tasks[name] = rules
        case KeyRules():
            step.store.keys[name] = rules
        case TenantRules():
            step.store.tenants[name] = rules
        case _:
            assert_never(rules)
    data = msgspec.json.encode({kind: name, "rules": rules})
    step.append(EVENTS, NewEntry(Topic(f"{kind}.changed").value, data))
    step.signals.append(Signal("work"))
    return rules.version


def _standing(step: Step, rules: Rules) -> Rules | None:
    """The rules that are set for what these are about."""
    match rules:
        case QueueRules(queue=name):
            queue = step.store.queues.get(name)
            return queue.rules if queue else None
        case TaskRules(task=name):
            return step.store.tasks.get(name)
        case KeyRules(key=name):
            return step.store.keys.get(name)
        case TenantRules(tenant=name):
            return step.store.tenants.get(name)
        case _:
            assert_never(rules)
