"""A `JobFilter` as the condition of a query, in the columns that both tables have."""

from typing import Any

from tidemill.core.query import JobFilter
from tidemill.core.state import FINISHED, LIVE, State


def condition(
    which: JobFilter, states: frozenset[State], below: int | None
) -> tuple[str, list[Any]]:
    """The condition and its values for one table.

    Args:
        states: those that the table can hold; asking for all of them needs no condition.
        below: only rows before this one, for the page after it.
    """
    parts: list[str] = []
    values: list[Any] = []

    def require(part: str, *given: Any) -> None:
        parts.append(part)
        values.extend(given)

    wanted = states & frozenset(which.states) if which.states else states
    if wanted != states:
        require(f"state IN ({', '.join('?' * len(wanted))})", *sorted(wanted))
    for column, names in (("queue", which.queues), ("task", which.tasks)):
        if names:
            require(f"{column} IN ({', '.join('?' * len(names))})", *names)
    for tag in which.tags:
        require("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)", tag)
    for column, value in (
        ("tenant", which.tenant),
        ("batch", which.batch),
        ("unique_key", which.unique_key),
        ("source", which.source),
    ):
        if value is not None:
            require(f"{column} = ?", value)
            if column == "tenant" and value:
                # Said so that the partial index over tenants may be used.
                require("tenant <> ''")
    if which.created_from is not None:
        require("created_at >= ?", which.created_from)
    if which.created_before is not None:
        require("created_at < ?", which.created_before)
    if which.text:
        require("instr(lower(CAST(args AS TEXT)), lower(?)) > 0", which.text)
    if below is not None:
        require("seq < ?", below)
    return " AND ".join(parts) or "TRUE", values


def may_be_live(which: JobFilter) -> bool:
    """Whether the hot table can hold what is meant."""
    return not which.states or bool(LIVE.intersection(which.states))


def may_be_finished(which: JobFilter) -> bool:
    """Whether history can hold what is meant."""
    return not which.states or bool(FINISHED.intersection(which.states))
