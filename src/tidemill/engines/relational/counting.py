"""Counting jobs that match a filter, by state, as far as that is cheap."""

from typing import Final

from msgspec.structs import replace

from tidemill.core.query import JobFilter, StateCount
from tidemill.core.state import FINISHED, LIVE, State
from tidemill.engines.relational.filters import condition, way
from tidemill.engines.relational.finding import rare_tag
from tidemill.engines.relational.link import Link

LOOKED_AT: Final = 10_000
"""Rows of a table, the newest, that are looked at where no index tells states apart."""

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
    if tag is not None or which.batch is not None or which.unique_key is not None:
        return tuple([_counted(link, anywhere, state, tag, most) for state in wanted])
    if anywhere == JobFilter(without=which.without):
        return tuple([_counted(link, anywhere, state, None, most) for state in wanted])
    found: dict[State, StateCount] = {}
    for table, states in (("job", LIVE), ("done", FINISHED)):
        if states.intersection(wanted):
            found |= _among_newest(link, anywhere, table, states, most)
    return tuple([found[state] for state in wanted])


def _among_newest(
    link: Link, which: JobFilter, table: str, states: frozenset[State], most: int
) -> dict[State, StateCount]:
    """What there is among the newest rows, of one queue or task or of all."""
    along, rest = _apart(which)
    inner, first = condition(link.dialect, along, states, None, None)
    where, values = condition(link.dialect, rest, states, None, None)
    rows = link.rows(
        "count_newest",
        # In the order in which they stand in the statement.
        [*first, *values],
        **way(link.dialect, table, None),
        along=inner,
        where=where,
        most=str(LOOKED_AT),
    )
    counts = {State(state): count for state, count, _ in rows}
    cut = sum(row[2] for row in rows) >= LOOKED_AT
    found = {
        state: StateCount(
            state, min(counts.get(state, 0), most), cut or counts.get(state, 0) > most
        )
        for state in states
    }
    if cut and table == "done" and which == JobFilter(queues=which.queues, without=which.without):
        # An index tells the failed and the cancelled of a queue, however far back they lie.
        for state in (State.FAILED, State.CANCELLED):
            found[state] = _counted(link, which, state, None, most)
    return found


def _apart(which: JobFilter) -> tuple[JobFilter, JobFilter]:
    """What an index leads to, newest first, and what has to hold beside it."""
    if len(which.tasks) == 1:
        return JobFilter(tasks=which.tasks), replace(which, tasks=())
    if len(which.queues) == 1:
        return JobFilter(queues=which.queues), replace(which, queues=())
    if which.tenant:
        return JobFilter(tenant=which.tenant), replace(which, tenant=None)
    return JobFilter(), which


def _counted(link: Link, which: JobFilter, state: State, tag: str | None, most: int) -> StateCount:
    """How many there are in one state, where an index leads to them."""
    table, states = ("done", FINISHED) if state.finished else ("job", LIVE)
    where, values = condition(link.dialect, which, states, None, tag)
    where = f"state = '{state.value}'{_HINTS.get(state, '')} AND {where}"
    source = way(link.dialect, table, tag)["source"]
    rows = link.rows("count_some", values, source=source, where=where, most=str(most + 1))
    count = rows[0][0]
    return StateCount(state, min(count, most), count > most)
