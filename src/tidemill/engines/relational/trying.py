"""Attempts across jobs: those that run, and those that ended in a stretch of time."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tidemill.core.error_info import ErrorInfo
from tidemill.core.job import Attempt
from tidemill.core.outcome import Ending
from tidemill.core.query import AttemptQuery, Tried, Tries, at_most, last_first
from tidemill.core.state import FINISHED
from tidemill.engines.relational.link import Link, Row
from tidemill.engines.relational.rows import tags_of

LOOKED_AT: Final = 2_000
"""Attempts, the newest of each way to end, among which those that are meant are looked for."""

_error = msgspec.json.Decoder(ErrorInfo).decode


def attempts(link: Link, query: AttemptQuery) -> Tries:
    """Attempts of many jobs, newest first."""
    stretch = (query.since, query.before)
    narrow = (query.queue, query.task, query.tenant, query.worker)
    most = LOOKED_AT if narrow != (None,) * len(narrow) else at_most(query.limit) + 1
    parts = [link.rows("tried_done", (each.value, *stretch, most)) for each in sorted(FINISHED)]
    parts.append(link.rows("tried_before", (most, *stretch)))
    parts.append(link.rows("tried_now", (LOOKED_AT,)))
    rows = [row for part in parts for row in part if _is_asked_for(row, query)]
    more = any(len(part) >= most for part in parts[:-1])
    return last_first([_tried(row) for row in _newest(rows, query.limit)], query, more=more)


def _is_asked_for(row: Row, query: AttemptQuery) -> bool:
    _, task, queue, tenant, _, worker, started_at, ended_at, ending, *_ = row
    return (
        query.queue in (None, queue)
        and query.task in (None, task)
        and query.tenant in (None, tenant)
        and query.worker in (None, worker)
        # A job that was cancelled before it started, or failed by its parents, was never tried.
        and started_at is not None
        and (started_at < query.before if ended_at is None else ending is not None)
    )


def _newest(rows: Sequence[Row], limit: int) -> Sequence[Row]:
    """A row more than is wanted, so that it is known whether there are others."""
    latest = (1 << 62, 0)
    by_end = sorted(
        rows, key=lambda row: latest if row[7] is None else (row[7], row[6]), reverse=True
    )
    return by_end[: max(limit, 0) + 1]


def _tried(row: Row) -> Tried:
    id_, task, queue, tenant, number, worker, started_at, ended_at, ending, error, tags = row
    told = _error(error) if error and ending != Ending.COMPLETED else None
    attempt = Attempt(
        number, worker, started_at, ended_at, Ending(ending) if ending else None, told
    )
    return Tried(id_, task, queue, tenant, attempt, tags_of(tags) if tags else ())
