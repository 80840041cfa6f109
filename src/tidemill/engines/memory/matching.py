"""Which jobs a filter means, newest first, a page at a time."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from tidemill.core.query import (
    AttemptQuery,
    JobFilter,
    StateCount,
    Tried,
    Tries,
    at_most,
    last_first,
    read_cursor,
)
from tidemill.core.state import State
from tidemill.engines.memory.row import Row, attempts_of
from tidemill.engines.memory.store import Step


def page(
    step: Step, which: JobFilter, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """At most so many rows that are meant, and the cursor behind them if there are more.

    A cursor is the `ref` of the last row shown, so that a page stays where it is while jobs come
    and go before it.
    """
    below = read_cursor(cursor)
    rows = (row for row in _newest(step, below) if matches(row, which))
    shown = list(islice(rows, at_most(limit)))
    more = next(rows, None) is not None
    return shown, str(shown[-1].ref) if shown and more else None


def _newest(step: Step, below: int | None) -> Iterator[Row]:
    """All rows before a `ref`, newest first: they are kept in the order of their insertion."""
    for row in reversed(step.store.jobs.rows.values()):
        if below is None or row.ref < below:
            yield row


def matches(row: Row, which: JobFilter) -> bool:
    """Whether a filter means this job."""
    job = row.job
    return (
        (not which.states or row.state in which.states)
        and (not which.queues or job.queue in which.queues)
        and (not which.tasks or job.task in which.tasks)
        and not (which.without and job.task.startswith(which.without))
        and set(which.tags) <= set(job.tags)
        and which.tenant in (None, job.tenant)
        and which.batch in (None, job.batch)
        and which.unique_key in (None, row.unique_key)
        and which.source in (None, job.source)
        and (which.created_from is None or row.created_at >= which.created_from)
        and (which.created_before is None or row.created_at < which.created_before)
        # Of bytes, only the letters A to Z have a lower case.
        and which.text.encode().lower() in job.args.lower()
    )


def tally(step: Step, which: JobFilter, most: int) -> tuple[StateCount, ...]:
    """How many jobs match, by state, each up to so many."""
    counts = Counter(row.state for row in _newest(step, None) if matches(row, which))
    return tuple(
        [
            StateCount(state, min(counts[state], most), counts[state] > most)
            for state in which.states or State
        ]
    )


def attempts(step: Step, query: AttemptQuery) -> Tries:
    """Attempts of many jobs, newest first."""
    return last_first(
        [
            Tried(job.id, job.task, job.queue, job.tenant, attempt, job.tags)
            for row in _newest(step, None)
            if _is_asked_for(row, query)
            for job in (row.job,)
            for attempt in attempts_of(row)
            if query.worker in (None, attempt.worker)
        ],
        query,
    )


def _is_asked_for(row: Row, query: AttemptQuery) -> bool:
    job = row.job
    return (
        query.queue in (None, job.queue)
        and query.task in (None, job.task)
        and query.tenant in (None, job.tenant)
    )
