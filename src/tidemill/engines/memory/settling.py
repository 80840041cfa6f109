"""Settle and annotate: what workers report, applied only while their fence holds."""

from collections.abc import Sequence

from tidemill.core.job import Attempt
from tidemill.core.note import Note
from tidemill.core.record import job_log
from tidemill.core.state import State
from tidemill.core.verdict import Receipt, Settlement
from tidemill.engines.memory.aftermath import Aftermath
from tidemill.engines.memory.row import Row
from tidemill.engines.memory.store import Step


def settle(step: Step, settlements: Sequence[Settlement]) -> tuple[Receipt, ...]:
    """Apply a batch of settlements in one step."""
    aftermath = Aftermath(step)
    receipts = tuple([_settle_one(step, aftermath, settlement) for settlement in settlements])
    aftermath.close()
    return receipts


def _settle_one(step: Step, aftermath: Aftermath, settlement: Settlement) -> Receipt:
    row = step.store.jobs.held_by(settlement.claim)
    if row is None:
        return Receipt.FENCED
    if row.state is not State.RUNNING:
        return Receipt.ALREADY
    aftermath.count(row, settlement.ending, settlement.at)
    _keep_attempt(row, settlement)
    state, reason = _next(row, settlement)
    if state.finished:
        row.result = settlement.result
        aftermath.end(row, state, settlement.at, reason)
    else:
        _run_again(step, row, settlement)
        if state is State.WAITING:
            aftermath.ready(row.job.queue)
    aftermath.tell(row, settlement.error)
    return Receipt.APPLIED


def _next(row: Row, settlement: Settlement) -> tuple[State, str]:
    """The state that the job gets to, and why; asked to stop, it does not run again."""
    wish = row.cancel_reason
    if wish is None:
        return settlement.state, settlement.reason
    if settlement.state is State.CANCELLED:
        return State.CANCELLED, settlement.reason or wish
    if settlement.state.finished:
        return settlement.state, settlement.reason
    return State.CANCELLED, wish


def _keep_attempt(row: Row, settlement: Settlement) -> None:
    """Write the attempt down; the last error stays in sight until the job is completed."""
    claim = settlement.claim
    row.attempts.append(
        Attempt(
            claim.attempt,
            claim.worker,
            claim.started_at,
            settlement.at,
            settlement.ending,
            settlement.error,
        )
    )
    if settlement.crashed:
        row.crashes += 1
    if settlement.error is not None or settlement.state is State.COMPLETED:
        row.error = settlement.error


def _run_again(step: Step, row: Row, settlement: Settlement) -> None:
    """Put the job back: into the line, or until its time comes."""
    with step.store.jobs.moving(row):
        row.state = settlement.state
        row.ready_at = step.now if settlement.due_at is None else settlement.due_at
        row.worker = None
        row.started_at = None
        if not settlement.spent:
            row.attempt -= 1


def annotate(step: Step, notes: Sequence[Note]) -> tuple[Receipt, ...]:
    """Keep what running jobs say of themselves."""
    return tuple([_annotate_one(step, note) for note in notes])


def _annotate_one(step: Step, note: Note) -> Receipt:
    row = step.store.jobs.held_by(note.claim)
    if row is None or not (row.state is State.RUNNING or row.state.finished):
        return Receipt.FENCED
    for line in note.lines:
        step.append(job_log(row.job.id), line)
    if row.state.finished:
        return Receipt.ALREADY
    if note.progress is not None:
        row.progress = note.progress
    if note.checkpoint is not None:
        row.checkpoint = note.checkpoint
    return Receipt.APPLIED
