"""Settle and annotate: what workers report, applied only while their fence holds."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import compress

from tidemill.core.instants import Instant
from tidemill.core.note import Note
from tidemill.core.record import job_log
from tidemill.core.state import State
from tidemill.core.verdict import Receipt, Settlement
from tidemill.engines.relational.aftermath import Aftermath, End, Facts, attempt_row, find_facts
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.link import Row
from tidemill.engines.relational.rows import numbers, text
from tidemill.loops.failpoint import failpoint


def settle(tx: Transaction, settlements: Sequence[Settlement]) -> tuple[Receipt, ...]:
    """Apply a batch of settlements in one step."""
    failpoint("settle.before")
    aftermath = Aftermath(tx)
    held = _plainly_held(tx, settlements)
    completed = State.COMPLETED
    plain = [
        each.state is completed and (each.claim.fence, each.claim.ref) in held
        for each in settlements
    ]
    aftermath.complete(list(compress(settlements, plain)))
    others = [each for each, is_plain in zip(settlements, plain, strict=True) if not is_plain]
    receipts = iter(_settle_with_facts(tx, aftermath, others) if others else ())
    aftermath.write()
    failpoint("settle.inside")
    return tuple([Receipt.APPLIED if is_plain else next(receipts) for is_plain in plain])


def _plainly_held(tx: Transaction, settlements: Sequence[Settlement]) -> set[tuple[int, int]]:
    """Fence and row of those whose settlements apply and on whose end nothing hangs.

    The jobs of one claim share a fence, and mostly one count tells it of all of them; a job that is
    settled twice here is left to those who look closer. Where it applies, the claim itself says all
    there is to know.
    """
    by_fence: defaultdict[int, list[int]] = defaultdict(list)
    for settlement in settlements:
        by_fence[settlement.claim.fence].append(settlement.claim.ref)
    held: set[tuple[int, int]] = set()
    for fence, refs in by_fence.items():
        values = (numbers(refs), fence)
        if tx.link.rows("count_plainly_held", values)[0][0] == len(refs):
            held.update((fence, ref) for ref in refs)
        elif len(refs) == len(set(refs)):
            held.update((fence, ref) for (ref,) in tx.link.rows("plainly_held", values))
    return held


def _settle_with_facts(
    tx: Transaction, aftermath: Aftermath, settlements: Sequence[Settlement]
) -> tuple[Receipt, ...]:
    """Apply settlements of jobs of which more has to be known than their claims say."""
    rows = {facts.seq: facts for facts in find_facts(tx, {s.claim.ref for s in settlements})}
    receipts = _receipts(tx, settlements, rows)
    ends: list[End] = []
    moves: list[Row] = []
    attempts: list[Row] = []
    for settlement, receipt in zip(settlements, receipts, strict=True):
        if receipt is not Receipt.APPLIED:
            continue
        facts = rows[settlement.claim.ref]
        end = _end_of(settlement, facts)
        if end is not None:
            ends.append(end)
            continue
        aftermath.ended(facts, settlement.ending, settlement.at)
        aftermath.tell(facts, settlement.state, settlement.reason, settlement.error)
        attempts.append(attempt_row(facts, settlement.ending, settlement.at, settlement.error))
        moves.append(_move_row(settlement, tx.now))
        if settlement.state is State.WAITING:
            aftermath.ready((facts.queue,))
    if moves:
        tx.link.many("insert_attempt", attempts)
        tx.link.many("move_on", moves)
    aftermath.end(ends)
    return receipts


def _receipts(
    tx: Transaction, settlements: Sequence[Settlement], rows: dict[int, Facts]
) -> tuple[Receipt, ...]:
    """Which settlements apply. The second one of a batch under one fence finds the first's work."""
    gone = [s.claim.ref for s in settlements if s.claim.ref not in rows]
    finished: dict[int, int] = {}
    if gone:
        finished = dict(tx.link.rows("find_done_fences", (numbers(gone),)))
    seen: set[int] = set()
    receipts = []
    for settlement in settlements:
        claim = settlement.claim
        facts = rows.get(claim.ref)
        fence = facts.fence if facts else finished.get(claim.ref)
        if fence != claim.fence or (facts and facts.id != claim.id):
            receipts.append(Receipt.FENCED)
        elif facts is None or facts.state != State.RUNNING or claim.ref in seen:
            receipts.append(Receipt.ALREADY)
        else:
            seen.add(claim.ref)
            receipts.append(Receipt.APPLIED)
    return tuple(receipts)


def _end_of(settlement: Settlement, facts: Facts) -> End | None:
    """How the job ends by this settlement, if it does; asked to stop, it does not run again."""
    if settlement.state.finished:
        return End(
            facts,
            settlement.state,
            settlement.at,
            settlement.reason or _wish(settlement, facts),
            settlement.ending,
            settlement.result,
            settlement.error,
            settlement.crashed,
        )
    if facts.cancel_reason is not None:
        return End(
            facts,
            State.CANCELLED,
            settlement.at,
            facts.cancel_reason,
            settlement.ending,
            error=settlement.error,
            crashed=settlement.crashed,
        )
    return None


def _wish(settlement: Settlement, facts: Facts) -> str:
    """Why a job was cancelled, in the words of whoever asked for it."""
    return facts.cancel_reason or "" if settlement.state is State.CANCELLED else ""


def _move_row(settlement: Settlement, now: Instant) -> Row:
    return (
        settlement.claim.ref,
        settlement.state.value,
        now if settlement.due_at is None else settlement.due_at,
        0 if settlement.spent else 1,
        1 if settlement.crashed else 0,
        text(settlement.error) if settlement.error else None,
    )


def annotate(tx: Transaction, notes: Sequence[Note]) -> tuple[Receipt, ...]:
    """Keep what running jobs say of themselves."""
    rows = {facts.seq: facts for facts in find_facts(tx, {n.claim.ref for n in notes})}
    gone = [n.claim.ref for n in notes if n.claim.ref not in rows]
    finished: dict[int, int] = {}
    if gone:
        finished = dict(tx.link.rows("find_done_fences", (numbers(gone),)))
    receipts = []
    lines: list[Row] = []
    marks: list[Row] = []
    for note in notes:
        seq, fence = note.claim.ref, note.claim.fence
        facts = rows.get(seq)
        runs = facts is not None and facts.fence == fence and facts.state == State.RUNNING
        if not runs and finished.get(seq) != fence:
            receipts.append(Receipt.FENCED)
            continue
        receipts.append(Receipt.APPLIED if runs else Receipt.ALREADY)
        if runs and (note.progress is not None or note.checkpoint is not None):
            progress = text(note.progress) if note.progress else None
            marks.append((seq, progress, note.checkpoint))
        log = job_log(note.claim.id)
        lines.extend(
            (log, tx.now, line.topic, line.tenant, line.source, line.data) for line in note.lines
        )
    if marks:
        tx.link.many("annotate_job", marks)
    if lines:
        tx.link.append(lines)
    return tuple(receipts)
