"""Prune: delete what has been kept long enough, and fold statistics into larger stretches."""

from collections.abc import Iterator
from itertools import islice, takewhile

import msgspec

from tidemill.core.instants import Instant
from tidemill.core.record import AUDIT, CHAIN_BASE, EVENTS, ChainBase, Entry, Put, job_log
from tidemill.core.retention import Keep, Pruned
from tidemill.core.state import State
from tidemill.engines.memory.records import put_record
from tidemill.engines.memory.row import Row
from tidemill.engines.memory.store import Step


def prune(step: Step, keep: Keep, limit: int) -> Pruned:
    """Remove at most so many rows of any kind."""
    store, now = step.store, step.now
    jobs = _prune_jobs(step, keep, limit)
    left = limit - jobs
    entries = _prune_entries(step, now - keep.entries, left)
    lines = _prune_chained(step, now - keep.audit, left - entries)
    entries += lines
    left -= entries
    minutes, hours = now - keep.minutes, now - keep.hours
    left -= store.tallies.fold("minute", "hour", minutes, left)
    left -= store.tallies.fold("hour", "day", hours, left)
    store.windows = {key: one for key, one in store.windows.items() if one.until > now}
    more = (
        next(_old_jobs(step, keep), None) is not None
        or bool(_old_entries(step, now - keep.entries))
        or bool(_old_lines(step, now - keep.audit))
        or store.tallies.is_foldable("minute", minutes)
        or store.tallies.is_foldable("hour", hours)
    )
    return Pruned(jobs, entries, more)


def _prune_jobs(step: Step, keep: Keep, limit: int) -> int:
    old = list(islice(_old_jobs(step, keep), limit))
    for row in old:
        forget(step, row)
    return len(old)


def forget(step: Step, row: Row) -> None:
    """Delete a finished job with what it said."""
    step.store.jobs.remove(row)
    step.store.logs.pop(job_log(row.job.id), None)


def _old_jobs(step: Step, keep: Keep) -> Iterator[Row]:
    """Finished jobs that have been kept long enough, the oldest first."""
    for row in step.store.jobs.finished.under():
        own = _own_retention(step, row)
        length = keep.of(row.state) if own is None else own
        if (row.finished_at or 0) <= step.now - length:
            yield row


def _own_retention(step: Step, row: Row) -> int | None:
    """How long its queue keeps such a job, if it has a rule for that."""
    retention = step.store.queue(row.job.queue).rules.retention
    match row.state:
        case State.COMPLETED:
            return retention.completed
        case State.FAILED:
            return retention.failed
        case _:
            return retention.cancelled


def _prune_entries(step: Step, until: Instant, limit: int) -> int:
    old = _old_entries(step, until)[:limit]
    for log, entry in old:
        step.store.logs[log].remove(entry)
    return len(old)


def _old_entries(step: Step, until: Instant) -> list[tuple[str, Entry]]:
    """Events and lines of job logs that are as old as this, the oldest first; no other logs."""
    old = [
        (log, entry)
        for log, entries in step.store.logs.items()
        if log == EVENTS or log.startswith(job_log(""))
        for entry in entries
        if entry.at <= until
    ]
    return sorted(old, key=lambda one: (one[1].at, one[1].position))


def _prune_chained(step: Step, until: Instant, limit: int) -> int:
    """Delete old lines from the beginning of the chained log, and keep the digest of the last."""
    old = _old_lines(step, until)[: max(limit, 0)]
    if old:
        base = ChainBase(old[-1].position, old[-1].digest.hex())
        put_record(step, Put(*CHAIN_BASE, msgspec.json.encode(base)))
        del step.store.logs[AUDIT][: len(old)]
    return len(old)


def _old_lines(step: Step, until: Instant) -> list[Entry]:
    """The lines with which the chained log begins, as far as all of them are as old as this."""
    return list(takewhile(lambda line: line.at <= until, step.store.logs.get(AUDIT, ())))
