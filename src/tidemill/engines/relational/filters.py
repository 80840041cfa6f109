"""A `JobFilter` as where to look and what must hold, in the columns that both tables have."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec.structs import replace

from tidemill.core.query import JobFilter
from tidemill.core.state import FINISHED, LIVE, State
from tidemill.engines.relational.link import Dialect

Part = tuple[str, list[Any]]
"""One part of a condition, and its values."""

_PLAIN: Final = "{column}"

_SERVED: Final = tuple(
    map(
        frozenset,
        (("queue", "tenant"), ("queue", "end"), ("task",), ("unique key",), ("batch",)),
    )
)
"""What may be named together for history to have an index that leads to just that."""


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
    parts = [*parts_of(dialect, which, states, tag=tag)]
    if below is not None:
        parts.append((f"{'job' if tag is not None else 'seq'} < ?", [below]))
    return all_of(parts)


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


def is_served(which: JobFilter) -> bool:
    """Whether an index leads to the newest of what is meant, so that few other rows are met.

    Of live jobs it is enough that few things are asked: they are no history, and have no such
    indexes.
    """
    several = len(which.queues) > 1 or len(which.tasks) > 1
    times = (which.created_from, which.created_before)
    if several or which.tags or which.text or which.tenant == "" or times != (None, None):
        return False
    named = {
        "queue": bool(which.queues),
        "task": bool(which.tasks),
        "tenant": which.tenant is not None,
        "batch": which.batch is not None,
        "unique key": which.unique_key is not None,
        "source": which.source is not None,
        "end": ended_otherwise(which),
    }
    asked = {name for name, is_asked in named.items() if is_asked}
    return any(asked <= served for served in _SERVED)


def ended_otherwise(which: JobFilter) -> bool:
    """Whether of history only jobs are meant that have not completed."""
    ends = FINISHED.intersection(which.states)
    return bool(ends) and State.COMPLETED not in ends


def all_of(parts: Iterable[Part]) -> tuple[str, list[Any]]:
    """These parts as one condition, and its values."""
    parts = [*parts]
    values = [value for _, given in parts for value in given]
    return " AND ".join(part for part, _ in parts) or "TRUE", values


def parts_of(
    dialect: Dialect,
    which: JobFilter,
    states: frozenset[State],
    *,
    tag: str | None = None,
    column: str = _PLAIN,
) -> Iterator[Part]:
    """What must hold, said of columns as they are, or so that no index over them is followed."""
    yield from _of_states(dialect, which, states, column)
    yield from _of_names(which, column)
    yield from _of_tags(dialect, which.tags, tag)
    yield from _of_times(which)
    yield from _of_text(dialect, which.text)


def _of_states(
    dialect: Dialect, which: JobFilter, states: frozenset[State], column: str
) -> Iterator[Part]:
    wanted = states & frozenset(which.states) if which.states else states
    if wanted == states:
        return
    if State.COMPLETED in wanted:
        # So many rows are of it that the newest are met soonest by looking at all, newest first.
        column = dialect.passing
    yield _one_of(column.format(column="state"), sorted(wanted))
    if column == _PLAIN and State.COMPLETED not in wanted:
        # Said so that the partial indexes over other ends may be used.
        yield "state <> 'completed'", []


def _of_names(which: JobFilter, column: str) -> Iterator[Part]:
    for name, wanted in (("queue", which.queues), ("task", which.tasks)):
        if wanted:
            yield _one_of(column.format(column=name), wanted)
    if which.without:
        # Not LIKE: to SQLite it would be the same in either case of its letters.
        yield f"substr(task, 1, {len(which.without)}) <> ?", [which.without]
    for name, value in (
        ("tenant", which.tenant),
        ("batch", which.batch),
        ("unique_key", which.unique_key),
        ("source", which.source),
    ):
        if value is not None:
            yield f"{column.format(column=name)} = ?", [value]
    if which.tenant and column == _PLAIN:
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
