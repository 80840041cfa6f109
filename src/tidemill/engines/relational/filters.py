"""A `JobFilter` as where to look and what must hold, in the columns that both tables have."""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from tidemill.core.query import JobFilter
from tidemill.core.state import FINISHED, LIVE, State
from tidemill.engines.relational.link import Dialect

Part = tuple[str, list[Any]]
"""One part of a condition, and its values."""


def way(dialect: Dialect, table: str, tag: str | None) -> dict[str, str]:
    """Where to look, in which order: along a tag, or through the table."""
    if tag is not None:
        return {"source": dialect.along_tag.format(table=table), "newest": "job"}
    return {"source": dialect.through.format(table=table), "newest": "seq"}


def condition(
    dialect: Dialect,
    which: JobFilter,
    states: frozenset[State],
    below: int | None,
    tag: str | None,
) -> tuple[str, list[Any]]:
    """The condition and its values for one table.

    Args:
        states: those that the table can hold; asking for all of them needs no condition.
        below: only rows before this one, for the page after it.
        tag: the one of its tags along which is looked, if any.
    """
    parts = [
        *_of_states(dialect, which, states),
        *_of_names(which),
        *_of_tags(dialect, which.tags, tag),
        *_of_times(which),
        *_of_text(dialect, which.text),
    ]
    if below is not None:
        parts.append((f"{'job' if tag is not None else 'seq'} < ?", [below]))
    values = [value for _, given in parts for value in given]
    return " AND ".join(part for part, _ in parts) or "TRUE", values


def may_be_live(which: JobFilter) -> bool:
    """Whether the hot table can hold what is meant."""
    return not which.states or bool(LIVE.intersection(which.states))


def finished_parts(which: JobFilter) -> Iterator[JobFilter]:
    """What is meant in history, in parts of which each is found newest first without sorting.

    An index over states is in order within one state only.
    """
    if not which.states:
        yield which
        return
    ends = FINISHED.intersection(which.states)
    if State.COMPLETED in ends:
        yield replace(which, states=tuple(sorted(ends)))
    else:
        for state in sorted(ends):
            yield replace(which, states=(state,))


def _of_states(dialect: Dialect, which: JobFilter, states: frozenset[State]) -> Iterator[Part]:
    wanted = states & frozenset(which.states) if which.states else states
    if wanted == states:
        return
    if State.COMPLETED in wanted:
        yield _one_of(dialect.common_state, sorted(wanted))
    else:
        yield _one_of("state", sorted(wanted))
        # Said so that the partial indexes over other ends may be used.
        yield "state <> 'completed'", []


def _of_names(which: JobFilter) -> Iterator[Part]:
    for column, names in (("queue", which.queues), ("task", which.tasks)):
        if names:
            yield _one_of(column, names)
    if which.without:
        # Not LIKE: to SQLite it would be the same in either case of its letters.
        yield f"substr(task, 1, {len(which.without)}) <> ?", [which.without]
    for column, value in (
        ("tenant", which.tenant),
        ("batch", which.batch),
        ("unique_key", which.unique_key),
        ("source", which.source),
    ):
        if value is not None:
            yield f"{column} = ?", [value]
    if which.tenant:
        # Said so that the partial index over tenants may be used.
        yield "tenant <> ''", []


def _of_tags(dialect: Dialect, tags: tuple[str, ...], along: str | None) -> Iterator[Part]:
    for tag in tags:
        if tag == along:
            yield "tag = ?", [tag]
        else:
            # Asked of the index, so that rows found by another one need not be read for it.
            yield dialect.is_tagged, [tag]


def _of_times(which: JobFilter) -> Iterator[Part]:
    if which.created_from is not None:
        yield "created_at >= ?", [which.created_from]
    if which.created_before is not None:
        yield "created_at < ?", [which.created_before]


def _of_text(dialect: Dialect, text: str) -> Iterator[Part]:
    if text:
        yield dialect.args_contain, [text]


def _one_of(column: str, values: Any) -> Part:
    return f"{column} IN ({', '.join('?' * len(values))})", list(values)
