"""Insert: store jobs, all or none. Everything is checked first, then everything is done."""

from collections.abc import Sequence

from msgspec.structs import replace

from tidemill.core.errors import NotUnique, UnknownParent
from tidemill.core.graph import OnFailure, check_acyclic
from tidemill.core.instants import Instant
from tidemill.core.job import Inserted, NewJob
from tidemill.core.record import Put
from tidemill.core.signal import Signal
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim
from tidemill.engines.memory.aftermath import Aftermath
from tidemill.engines.memory.records import check_put, put_record
from tidemill.engines.memory.row import AFTER, Row
from tidemill.engines.memory.store import Step, Window
from tidemill.engines.memory.table import RESTING


def insert(step: Step, jobs: Sequence[NewJob], put: Put | None) -> tuple[Inserted, ...]:
    """Store jobs and perhaps a record in one step."""
    if put is not None:
        check_put(step, put)
    answers = _Check(step, jobs).answers()
    if put is not None:
        put_record(step, put)
    for job, answer in zip(jobs, answers, strict=True):
        if answer.created:
            _store(step, job)
        elif answer.replaced:
            _replace(step, step.store.jobs.rows[answer.id], job)
    created = [job for job, answer in zip(jobs, answers, strict=True) if answer.created]
    aftermath = Aftermath(step)
    aftermath.cancel([row for job in created if (row := _tie(step, job))], "parent_failed")
    aftermath.close()
    if jobs:
        step.signals.append(Signal("work", frozenset(job.queue for job in jobs)))
    return answers


class _Check:
    """What is to become of the jobs of one call, found out without changing anything."""

    def __init__(self, step: Step, jobs: Sequence[NewJob]) -> None:
        self._step = step
        self._rows = step.store.jobs.rows
        self._jobs = jobs
        self._created: dict[str, NewJob] = {}
        self._keys: dict[str, str] = {}

    def answers(self) -> tuple[Inserted, ...]:
        """The answer for each job, in order.

        Raises:
            CircularDependency: jobs of the call wait for each other in a circle.
            NotUnique: a key is held, and the job asked to be told.
            UnknownParent: a parent is neither stored nor among these jobs.
        """
        check_acyclic((job.id, job.after, job.batch) for job in self._jobs)
        answers = tuple([self._answer(job) for job in self._jobs])
        for job in self._created.values():
            self._check_parents(job)
        return answers

    def _answer(self, job: NewJob) -> Inserted:
        if job.id in self._rows or job.id in self._created:
            return Inserted(job.id, created=False)
        if job.unique is not None:
            holder = self._holder(job.unique.key)
            if holder is not None:
                return self._meet(holder, job.unique)
            self._keys[job.unique.key] = job.id
        self._created[job.id] = job
        return Inserted(job.id, created=True)

    def _holder(self, key: str) -> str | None:
        """The id of the job that holds a key: a live one, one of this call, or by its window."""
        held = self._step.store.jobs.holders.first(key)
        if held is not None:
            return held.job.id
        if key in self._keys:
            return self._keys[key]
        window = self._step.store.windows.get(key)
        if window is None or window.until <= self._step.now or window.job not in self._rows:
            return None
        return window.job

    def _meet(self, holder: str, unique: UniqueClaim) -> Inserted:
        """What the newcomer does to the holder of its key."""
        match unique.on_duplicate:
            case "reject":
                raise NotUnique(
                    f"job {holder} already holds the unique key {unique.key!r}",
                    hint="wait for it, or enqueue with on_duplicate='skip'",
                )
            case "skip":
                return Inserted(holder, created=False)
            case "replace" | "debounce":
                rests = holder in self._created or self._rows[holder].state in RESTING
                return Inserted(holder, created=False, replaced=rests)

    def _check_parents(self, job: NewJob) -> None:
        for edge in job.after:
            if edge.parent not in self._rows and edge.parent not in self._created:
                raise UnknownParent(
                    f"job {job.id} is to follow job {edge.parent}, which is not stored",
                    hint="enqueue the parent first, or both in one call",
                )
        if job.batch is not None and job.batch not in self._created:
            callback = self._rows.get(job.batch)
            if callback is None or (callback.state, callback.gate) != (State.BLOCKED, AFTER):
                raise UnknownParent(
                    f"job {job.id} is to join batch {job.batch}, which no longer waits for jobs",
                    hint="enqueue the callback in the same call, or add jobs while others are left",
                )


def _place(job: NewJob, now: Instant) -> tuple[State, Instant]:
    """The state and the ready time of a job that nothing holds back but its due time."""
    if job.due_at is not None and job.due_at > now:
        return State.SCHEDULED, job.due_at
    return State.WAITING, now


def _store(step: Step, job: NewJob) -> None:
    """Make the row of a job as if it had no parents."""
    store, now = step.store, step.now
    state, ready_at = _place(job, now)
    gate = ""
    if state is State.WAITING and job.limit is not None:
        key_gate = f"key:{job.limit.key}"
        if store.jobs.parked.first(key_gate):
            state, gate = State.BLOCKED, key_gate
    store.jobs.add(job, state, gate, now, ready_at)
    store.queue(job.queue)
    if job.unique is not None and job.unique.window is not None:
        store.windows[job.unique.key] = Window(job.id, now + job.unique.window)


def _replace(step: Step, holder: Row, newer: NewJob) -> None:
    """Give the holder of a key the arguments and options of its duplicate."""
    with step.store.jobs.moving(holder):
        holder.job = replace(
            holder.job,
            args=newer.args,
            priority=newer.priority,
            tags=newer.tags,
            timeout=newer.timeout,
            retry=newer.retry,
            expires_at=newer.expires_at,
        )
        if newer.unique is not None and newer.unique.on_duplicate == "debounce":
            state, holder.ready_at = _place(newer, step.now)
            holder.state = State.BLOCKED if holder.state is State.BLOCKED else state


def _tie(step: Step, job: NewJob) -> Row | None:
    """Tie a stored job to its batch and its parents; answer it if it must end with one of them."""
    rows = step.store.jobs.rows
    row = rows[job.id]
    if job.batch is not None:
        _wait(step, rows[job.batch], row, "run")
    for edge in job.after:
        parent = rows[edge.parent]
        if not parent.state.finished:
            _wait(step, row, parent, edge.on_failure)
        elif parent.state is not State.COMPLETED and edge.on_failure == "cancel":
            return row
    return None


def _wait(step: Step, child: Row, parent: Row, on_failure: OnFailure) -> None:
    child.wait_for(parent, on_failure)
    with step.store.jobs.moving(child):
        child.state, child.gate = State.BLOCKED, AFTER
