"""Insert: store jobs, all or none, in a transaction of ours or of the caller's."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from msgspec import Struct

from tidemill.core.errors import NotUnique, UnknownParent
from tidemill.core.graph import check_acyclic
from tidemill.core.job import Inserted, NewJob
from tidemill.core.record import NewEntry, Put
from tidemill.core.rules import QueueRules
from tidemill.core.signal import Signal
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim
from tidemill.engines.relational.aftermath import Aftermath, find_facts
from tidemill.engines.relational.gates import look_at, look_behind
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.records import append_chained, put_record
from tidemill.engines.relational.rows import job_row, place, replacement, text
from tidemill.loops.failpoint import failpoint

_REPLACEABLE = frozenset({State.SCHEDULED, State.BLOCKED, State.WAITING, State.RETRYING})


class Lot(Struct, frozen=True, gc=False):
    """Jobs of one caller, stored in one step.

    Attributes:
        fresh_ids: whether no store can know their ids, as in `Jobs.insert`.
        audit: lines that say who stores them.
    """

    jobs: Sequence[NewJob]
    fresh_ids: bool = False
    audit: Sequence[NewEntry] = ()


def insert(tx: Transaction, lot: Lot, put: Put | None) -> tuple[Inserted, ...]:
    """Store jobs and perhaps a record in one step."""
    if put is not None:
        put_record(tx, put)
    if all(map(is_plain, lot.jobs)):
        return insert_plain(tx, (lot,))[0]
    failpoint("insert.before")
    if lot.fresh_ids and all(map(_stands_alone, lot.jobs)):
        answers = _insert_at_once(tx, lot.jobs)
    else:
        answers = _insert_one_by_one(tx, lot.jobs)
    _announce(tx, lot.jobs, answers)
    append_chained(tx, lot.audit)
    return answers


def insert_plain(tx: Transaction, lots: Sequence[Lot]) -> Sequence[tuple[Inserted, ...]]:
    """Store plain jobs of several callers in one step."""
    failpoint("insert.before")
    jobs = lots[0].jobs if len(lots) == 1 else [job for lot in lots for job in lot.jobs]
    fresh = all(lot.fresh_ids for lot in lots)
    answers = [
        Inserted(job.id, created=new)
        for job, new in zip(jobs, tx.link.store_plain(jobs, tx.now, fresh_ids=fresh), strict=True)
    ]
    _announce(tx, jobs, answers)
    append_chained(tx, [line for lot in lots for line in lot.audit])
    if len(lots) == 1:
        return [tuple(answers)]
    taken = iter(answers)
    return [tuple(islice(taken, len(lot.jobs))) for lot in lots]


def is_plain(job: NewJob) -> bool:
    """Whether nothing but its id decides whether and how the job is stored."""
    return (
        job.unique is None
        and job.limit is None
        and job.rate is None
        and job.batch is None
        and not job.after
    )


def _stands_alone(job: NewJob) -> bool:
    """Whether no other job decides whether it is stored; a limit or a rate may hold it back."""
    return job.unique is None and job.batch is None and not job.after


def _insert_at_once(tx: Transaction, jobs: Sequence[NewJob]) -> tuple[Inserted, ...]:
    """Store jobs that stand alone and whose ids are fresh."""
    places = [place(job, tx.now) for job in jobs]
    gates = {
        _gate_of(job)
        for job, (state, _) in zip(jobs, places, strict=True)
        if job.limit is not None and state is State.WAITING
    }
    occupied = {gate for (gate,) in tx.link.rows("occupied_gates", (text(sorted(gates)),))}
    # One of them may stand before the others there, and bring a larger limit along.
    look_at(tx, *sorted(occupied))
    rows = []
    for job, (state, ready_at) in zip(jobs, places, strict=True):
        if state is State.WAITING and (gate := _gate_of(job)) in occupied:
            rows.append(job_row(job, State.BLOCKED, ready_at, tx.now, gate))
        else:
            rows.append(job_row(job, state, ready_at, tx.now, ""))
    tx.link.bulk("insert_job", rows)
    return tuple([Inserted(job.id, created=True) for job in jobs])


def _gate_of(job: NewJob) -> str:
    """Where the job stands while its limit is full; empty if it has none."""
    return f"key:{job.limit.key}" if job.limit is not None else ""


def _insert_one_by_one(tx: Transaction, jobs: Sequence[NewJob]) -> tuple[Inserted, ...]:
    check_acyclic((job.id, job.after, job.batch) for job in jobs)
    answers = tuple([_insert_one(tx, job) for job in jobs])
    created = [job for job, answer in zip(jobs, answers, strict=True) if answer.created]
    fresh = {job.id for job in created}
    doomed = [seq for job in created if (seq := _tie(tx, job, fresh)) is not None]
    if doomed:
        tx.keep_others_out()
        aftermath = Aftermath(tx)
        aftermath.end(aftermath.end_resting(doomed, State.CANCELLED, "parent_failed"))
        aftermath.write()
    return answers


def _insert_one(tx: Transaction, job: NewJob) -> Inserted:
    """Store one job, or meet the one that is there."""
    while True:
        if tx.link.rows("find_id", (job.id,)):
            return Inserted(job.id, created=False)
        if job.unique is not None and (met := _meet(tx, job, job.unique)) is not None:
            return met
        if _store(tx, job):
            return Inserted(job.id, created=True)
        # Someone has just stored this id or this key; now it can be seen.


def _store(tx: Transaction, job: NewJob) -> bool:
    """Store a job that met nobody; whether it still met nobody then."""
    state, ready_at = place(job, tx.now)
    gate = ""
    if job.limit is not None and state is State.WAITING:
        key_gate = _gate_of(job)
        if tx.link.rows("gate_is_occupied", (key_gate,)):
            state, gate = State.BLOCKED, key_gate
            # It may stand before the others, and bring a larger limit along.
            look_at(tx, key_gate)
    if not tx.link.bulk("insert_job", [job_row(job, state, ready_at, tx.now, gate)]):
        return False
    if job.unique is not None and job.unique.window is not None:
        tx.link.run("put_window", (job.unique.key, job.id, tx.now + job.unique.window))
    return True


def _meet(tx: Transaction, job: NewJob, unique: UniqueClaim) -> Inserted | None:
    """The job that holds the key, by being live or else through its window; `None` if none does."""
    if live := tx.link.rows("find_holder", (unique.key,)):
        seq, holder, state = live[0]
        return _yield_to(tx, job, unique, seq, holder, State(state))
    held = tx.link.rows("find_window", (unique.key, tx.now))
    if not held:
        return None
    found = tx.link.rows("find_id", (held[0][0],))
    if not found:
        return None
    seq, state = found[0]
    for facts in find_facts(tx, [seq]):
        # It may have started since it was looked at; from here on it stays as it is.
        state = facts.state
    return _yield_to(tx, job, unique, seq, held[0][0], State(state))


def _yield_to(
    tx: Transaction, job: NewJob, unique: UniqueClaim, seq: int, holder: str, state: State
) -> Inserted:
    """Do to the holder of the key what the newcomer asks for."""
    if unique.on_duplicate == "reject":
        raise NotUnique(
            f"job {holder} already holds the unique key {unique.key!r}",
            hint="wait for it, or enqueue with on_duplicate='skip'",
        )
    if unique.on_duplicate == "skip" or state not in _REPLACEABLE:
        return Inserted(holder, created=False)
    look_behind(tx, [seq])
    tx.link.run("replace_job", replacement(job, seq))
    if unique.on_duplicate == "debounce":
        new_state, ready_at = place(job, tx.now)
        tx.link.run("debounce_job", (ready_at, new_state.value, seq))
    return Inserted(holder, created=False, replaced=True)


def _tie(tx: Transaction, job: NewJob, fresh: set[str]) -> int | None:
    """Tie a stored job to its parents and its batch; answer its row if a parent has failed."""
    if not job.after and job.batch is None:
        return None
    seq, _ = _find(tx, job.id, job)
    if job.batch is not None:
        _join_batch(tx, job, seq, fresh)
    waits: Counter[int] = Counter()
    doomed = False
    for edge in job.after:
        parent, state = _find(tx, edge.parent, job)
        if not state.finished and not tx.link.run("mark_parent", (parent,)):
            # It has finished since it was looked at.
            parent, state = _find(tx, edge.parent, job)
        if not state.finished:
            waits[parent] += tx.link.run("insert_edge", (parent, seq, edge.on_failure))
        elif state is not State.COMPLETED and edge.on_failure == "cancel":
            doomed = True
    _wait_for(tx, seq, waits)
    return seq if doomed else None


def _join_batch(tx: Transaction, job: NewJob, seq: int, fresh: set[str]) -> None:
    """Let the callback of the batch wait for this job as well, whatever becomes of it."""
    batch = job.batch or ""
    callback, state = _find(tx, batch, job)
    tx.link.run("mark_parent", (seq,))
    tx.link.run("insert_edge", (seq, callback, "run"))
    # It may have been let go since it was looked at; from here on it stays as it is.
    if tx.link.run("join_batch", (callback,)):
        return
    # A callback stored in this very call has nothing to wait for before its first member.
    if batch not in fresh:
        raise UnknownParent(
            f"batch {batch} of job {job.id} is closed: its callback is {state}",
            hint="add jobs while the callback still waits for others",
        )
    tx.link.run("block_child", (1, callback))


def _wait_for(tx: Transaction, child: int, parents: dict[int, int]) -> None:
    new = [parent for parent, added in parents.items() if added]
    if new:
        tx.link.run("block_child", (len(new), child))


def _find(tx: Transaction, id_: str, job: NewJob) -> tuple[int, State]:
    """Row and state of a job that another one names."""
    found = tx.link.rows("find_id", (id_,))
    if not found:
        raise UnknownParent(
            f"job {job.id} is to follow job {id_}, which is not stored",
            hint="enqueue the parent first, or both in one call",
        )
    seq, state = found[0]
    return seq, State(state)


def _announce(tx: Transaction, jobs: Sequence[NewJob], answers: Sequence[Inserted]) -> None:
    """Let searches know of tags, claims of new queues, and workers of new jobs."""
    if tagged := [job.id for job in jobs if job.tags]:
        tx.link.run("tag_jobs", (text(tagged),))
    queues = frozenset([job.queue for job in jobs])
    if not queues <= tx.queues:
        new = {job.queue for job, answer in zip(jobs, answers, strict=True) if answer.created}
        new -= tx.queues
        # In order, or two who do this at once could wait for each other.
        rows = [(name, text(QueueRules(queue=name))) for name in sorted(new)]
        tx.link.many("add_queue", rows)
        tx.new_queues |= new
    if queues:
        tx.signals.append(Signal("work", queues))
