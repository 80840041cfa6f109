"""Counting jobs that match a filter, by state, as far as that is cheap."""

from typing import Any, Final

from msgspec.structs import replace

from tidemill.core.query import JobFilter, StateCount
from tidemill.core.state import FINISHED, LIVE, State
from tidemill.engines.relational.filters import condition, way
from tidemill.engines.relational.finding import rare_tag
from tidemill.engines.relational.link import Link

LOOKED_AT: Final = 20_000
"""Rows of a table, the newest, that are looked at where no index leads to those that are meant."""

_HINTS: Final = {
    State.SCHEDULED: " AND state IN ('scheduled', 'retrying')",
    State.RETRYING: " AND state IN ('scheduled', 'retrying')",
    State.FAILED: " AND state <> 'completed'",
    State.CANCELLED: " AND state <> 'completed'",
}
"""Said so that the partial indexes may be used."""


def tally(link: Link, which: JobFilter, most: int) -> tuple[StateCount, ...]:
    """How many jobs match, by state, each up to so many."""
    wanted = which.states or tuple(State)
    anywhere = replace(which, states=())
    tag = rare_tag(link, which.tags)
    if _is_indexed(which, tag):
        return tuple([_counted(link, anywhere, state, tag, most) for state in wanted])
    counts: dict[State, int] = {}
    cut: dict[State, bool] = {}
    for table, states in (("job", LIVE), ("done", FINISHED)):
        if not states.intersection(wanted):
            continue
        source = way(link.dialect, table, None)
        where, values = condition(link.dialect, anywhere, states, None, None)
        rows = link.rows("count_newest", values, **source, where=where, most=str(LOOKED_AT))
        whole = sum(row[2] for row in rows) < LOOKED_AT
        counts |= {State(state): count for state, count, _ in rows}
        cut |= dict.fromkeys(states, not whole)
    return tuple(
        [
            StateCount(
                state, min(counts.get(state, 0), most), cut[state] or counts.get(state, 0) > most
            )
            for state in wanted
        ]
    )


def _is_indexed(which: JobFilter, tag: str | None) -> bool:
    """Whether an index leads to what is meant, or to what is mostly meant."""
    scanned = which.text or which.source is not None
    timed = which.created_from is not None or which.created_before is not None
    if which.batch is not None or which.unique_key is not None or tag is not None:
        return True
    return not (scanned or timed or which.tags)


def _counted(link: Link, which: JobFilter, state: State, tag: str | None, most: int) -> StateCount:
    table, states = ("done", FINISHED) if state.finished else ("job", LIVE)
    where, values = condition(link.dialect, which, states, None, tag)
    named = bool(which.queues or which.tasks or which.tenant or tag)
    column = link.dialect.common_state if state is State.COMPLETED and named else "state"
    where = f"{column} = '{state.value}'{_HINTS.get(state, '')} AND {where}"
    source: dict[str, Any] = way(link.dialect, table, tag)
    rows = link.rows("count_some", values, source=source["source"], where=where, most=str(most + 1))
    count = rows[0][0]
    return StateCount(state, min(count, most), count > most)
