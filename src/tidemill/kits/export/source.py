"""What an application registers: where the rows of a table come from, and what is in them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from tidemill import errors
from tidemill.kits.tables.asking import filtering, filters_wanted

KINDS: Final = (bool, int, float, str, bytes, Decimal, date, datetime, dict, list)
"""What a column may hold; `dict` and `list` become JSON."""


class Source(Struct, frozen=True):
    """Where the rows of a table come from.

    Attributes:
        name: its own.
        function: answers the rows behind a key, so many at most, for filters.
        columns: what each holds, in their order.
        key: place of the column that rows are in the order of.
        chunk: rows that are asked for at once.
        count: answers how many rows there are for filters; `None`: nobody knows.
        wanted: what its filters are read as.
    """

    name: str
    function: Callable[..., Any]
    columns: Mapping[str, type]
    key: int
    chunk: int
    count: Callable[..., Any] | None
    wanted: Any


def read_source(
    name: str,
    function: Callable[..., Any],
    columns: Mapping[str, type],
    key: str,
    chunk: int,
    count: Callable[..., Any] | None,
) -> Source:
    """A source as it was registered, checked.

    Raises:
        InvalidOption: columns of no kind, a key that is none of them, a chunk that is none.
    """
    if not columns or key not in columns:
        raise errors.InvalidOption(
            f"the key {key!r} of the export {name} is no column of it",
            hint=f"it has {', '.join(columns) or 'none'}",
        )
    for column, kind in columns.items():
        if kind not in KINDS:
            raise errors.InvalidOption(
                f"column {column} of the export {name} is of kind {kind!r}",
                hint=f"there are {', '.join(each.__name__ for each in KINDS)}",
            )
    if not 1 <= chunk <= 100_000:
        raise errors.InvalidOption(
            f"chunk={chunk!r} of the export {name} is not possible", hint="rows, 1 to 100,000"
        )
    place = list(columns).index(key)
    counting = count and filtering(count)
    wanted = filters_wanted(function)
    return Source(name, filtering(function), columns, place, chunk, counting, wanted)
