"""Ways to look through a table, newest first: each along an index, of which the order is kept."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from tidemill.core.query import JobFilter
from tidemill.core.state import FINISHED, LIVE, State
from tidemill.engines.relational.filters import (
    Part,
    all_of,
    ended_otherwise,
    finished_parts,
    may_be_live,
    parts_of,
)
from tidemill.engines.relational.link import Dialect

Leads = tuple[JobFilter, ...]
"""Filters that hold between them what is meant, each met newest first along an index of its own."""

Stretch = tuple[int | None, int | None]
"""From this row on, and only before that one; `None`: from the first, to the last."""

_ANY: Final = JobFilter()

_MOST: Final = 20
"""Names that are followed one by one; of more of them all rows are looked at."""

_FIRST: Final = 0
_LAST: Final = (1 << 63) - 1
"""What no number of a job lies before or behind."""


class Meant(NamedTuple):
    """What is meant in one table.

    Attributes:
        statement: that shows its rows.
        states: those that it can hold.
        ways: all those to look at it.
    """

    table: str
    statement: str
    states: frozenset[State]
    which: JobFilter
    ways: Sequence[Leads]


class Look(NamedTuple):
    """A question for one table.

    Attributes:
        gaps: what fills those of its statement.
    """

    gaps: dict[str, str]
    values: list[Any]


def parts_meant(which: JobFilter) -> list[Meant]:
    """What is meant, in parts of one table each, of which none has rows of another."""
    parts = []
    if may_be_live(which):
        ways = [*_through_live(which)]
        parts.append(Meant("job", "snapshot_job", LIVE, which, ways))
    for part in finished_parts(which):
        ways = [*_through_history(part)]
        parts.append(Meant("done", "snapshot_done", FINISHED, part, ways))
    return parts


def along(dialect: Dialect, table: str, lead: JobFilter, below: int | None) -> Look:
    """What comes along an index, before this row."""
    order, parts = _led(dialect, lead, (None, below))
    where, values = all_of(parts)
    source = dialect.through.format(table=table)
    return Look({"source": source, "where": where, "newest": order}, values)


def within(dialect: Dialect, meant: Meant, lead: JobFilter, stretch: Stretch, rows: int) -> Look:
    """What is meant of one stretch along an index, in which there are so many rows at most."""
    order, led = _led(dialect, lead, stretch)
    given = [name for name in lead.__struct_fields__ if getattr(lead, name) != getattr(_ANY, name)]
    rest = replace(meant.which, **{name: getattr(_ANY, name) for name in given})
    others = [*parts_of(dialect, rest, meant.states, column=dialect.passing)]
    if dialect.stretch is None:
        where, values = all_of([*led, *others])
        source = dialect.through.format(table=meant.table)
        return Look({"source": source, "where": where, "newest": order}, values)
    inner, values = all_of(led)
    where, more = all_of(others)
    source = dialect.stretch.format(table=meant.table, where=inner, newest=order, rows=rows)
    return Look({"source": source, "where": where, "newest": "seq"}, [*values, *more])


def _through_live(which: JobFilter) -> Iterator[Leads]:
    """Every way to look at live jobs, newest first; at the worst at all of them."""
    yield from _by_keys(which) or ((_ANY,),)


def _through_history(which: JobFilter) -> Iterator[Leads]:
    """Every way to look at one of the parts of history, newest first; at the worst at all of it."""
    ways = _by_keys(which)
    if ended_otherwise(which):
        ways.append((JobFilter(states=which.states),))
    if 0 < len(which.tasks) <= _MOST:
        ways.append(tuple([JobFilter(tasks=(task,)) for task in dict.fromkeys(which.tasks)]))
    of_tenant = JobFilter(tenant=which.tenant or None)
    if 0 < len(which.queues) <= _MOST:
        names = dict.fromkeys(which.queues)
        ways.append(tuple([replace(of_tenant, queues=(queue,)) for queue in names]))
    elif which.tenant:
        ways.append((of_tenant,))
    yield from ways or ((_ANY,),)


def _by_keys(which: JobFilter) -> list[Leads]:
    ways: list[Leads] = []
    if which.unique_key is not None:
        ways.append((JobFilter(unique_key=which.unique_key),))
    if which.batch is not None:
        ways.append((JobFilter(batch=which.batch),))
    return ways


def _led(dialect: Dialect, lead: JobFilter, stretch: Stretch) -> tuple[str, list[Part]]:
    """The order of an index, and what must hold along it."""
    named, parts = _named(lead)
    if named and dialect.stretch is not None:
        # As rows: of a column that is said to be equal to something PostgreSQL drops the order,
        # and goes along another index, past all that is not meant.
        columns = ", ".join([*named, "seq"])
        marks = ", ".join("?" * (len(named) + 1))
        above, below = stretch
        parts.append((f"({columns}) >= ({marks})", [*named.values(), above or _FIRST]))
        parts.append((f"({columns}) < ({marks})", [*named.values(), below or _LAST]))
        return ", ".join([*(f"{column} DESC" for column in named), "seq"]), parts
    parts += [(f"{column} = ?", [value]) for column, value in named.items()]
    for compared, end in zip((">=", "<"), stretch, strict=True):
        if end is not None:
            parts.append((f"seq {compared} ?", [end]))
    return "seq", parts


def _named(lead: JobFilter) -> tuple[dict[str, str], list[Part]]:
    """The columns of an index with their values, and what is said so that it may be used."""
    named: dict[str, str] = {}
    parts: list[Part] = []
    for column in ("unique_key", "batch"):
        if (value := getattr(lead, column)) is not None:
            named[column] = value
            parts.append((f"{column} IS NOT NULL", []))
    if lead.tenant is not None:
        named["tenant"] = lead.tenant
        parts.append(("tenant <> ''", []))
    for column, values in (("queue", lead.queues), ("task", lead.tasks)):
        for value in values:
            named[column] = value
    for state in lead.states:
        named["state"] = state.value
        parts.append(("state <> 'completed'", []))
    return named, parts
