"""What a report says, whatever it is written as: rows, totals, charts, and what was asked for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from msgspec import Struct

from tidemill import errors
from tidemill.kits.report.source import Chart, Column, Source, check_drawn, drawn_columns
from tidemill.kits.tables.asking import names_in, told, values
from tidemill.kits.tables.cells import cell

Number: TypeAlias = int | float | Decimal

OTHERS: Final = "others"
NONE: Final = "(none)"


class Content(Struct, frozen=True):
    """A report before it is written.

    Attributes:
        title: of the report.
        made_at: when its rows were asked for.
        filters: what was asked for, by name.
        columns: in their order.
        rows: values in the order of the columns.
        totals: for each column, or `None`; empty where no column has one.
        series: what its charts show.
        numeric: for each column whether it holds numbers.
    """

    title: str
    made_at: datetime
    filters: Mapping[str, Any]
    columns: tuple[Column, ...]
    rows: list[list[Any]]
    totals: list[Any]
    series: list["Series"]
    numeric: tuple[bool, ...]


class Series(Struct, frozen=True):
    """What a chart shows.

    Attributes:
        title: above it.
        shape: `"bar"`, `"column"` or `"line"`.
        labels: of its groups.
        values: of each group.
        axis: what the values are.
    """

    title: str
    shape: str
    labels: list[str]
    values: list[float]
    axis: str = ""


def content(
    source: Source, rows: Sequence[Any], filters: Any, *, title: str, made_at: datetime
) -> Content:
    """What a report says.

    Args:
        source: where the rows come from.
        rows: as it has answered them.
        filters: as it was given them.
        title: in place of the source's.
        made_at: when that was.

    Raises:
        InvalidArguments: a row does not fit the columns, or nobody has said which there are.
        InvalidOption: a chart shows what is no column.
    """
    columns = source.columns or _columns_of(rows, source)
    names = [column.name for column in columns]
    read = [values(row, names, source.name) for row in rows]
    numeric = tuple(_is_numeric(read, place) for place in range(len(columns)))
    totals = [
        _SUMS[column.total]([row[place] for row in read]) if column.total else None
        for place, column in enumerate(columns)
    ]
    return Content(
        title=title or source.title,
        made_at=made_at,
        filters=told(filters),
        columns=columns,
        rows=read,
        totals=totals if any(column.total for column in columns) else [],
        series=[_series(chart, columns, read) for chart in source.charts],
        numeric=numeric,
    )


def shown(value: Any, column: Column) -> str:
    """A value as people read it: thousands apart, nothing as nothing.

    Example:
        >>> shown(1234567, Column("n")), shown(0.5, Column("n")), shown(True, Column("ok"))
        ('1,234,567', '0.50', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,.{column.digits or 0}f}" if column.digits else f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.{2 if column.digits is None else column.digits}f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(cell(value))


def _columns_of(rows: Sequence[Any], source: Source) -> tuple[Column, ...]:
    """The columns of the first row, where none were registered.

    Raises:
        InvalidArguments: it does not say what its values are called, or not what charts show.
    """
    if not rows:
        return tuple(map(Column, drawn_columns(source.charts)))
    names = names_in(rows[0])
    if not names:
        raise errors.InvalidArguments(
            f"nobody has said which columns the report {source.name} has",
            hint=f"register it with columns=[...], or answer mappings; a row is now of type "
            f"{type(rows[0]).__name__}",
        )
    check_drawn(source.name, source.charts, names)
    return tuple(map(Column, names))


def _is_numeric(rows: Sequence[Sequence[Any]], place: int) -> bool:
    """Whether a column has numbers, and nothing but them."""
    there = [row[place] for row in rows if row[place] is not None]
    return bool(there) and all(map(_is_number, there))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _numbers(given: Sequence[Any]) -> list[Number]:
    return [value for value in given if _is_number(value)]


def _sum(given: Sequence[Any]) -> Number:
    """Decimals and floats do not add up with each other, but people mix them."""
    numbers = _numbers(given)
    try:
        return sum(numbers)
    except TypeError:
        return sum(map(float, numbers))


def _mean(given: Sequence[Any]) -> Number | None:
    numbers = _numbers(given)
    return float(_sum(numbers)) / len(numbers) if numbers else None


def _ends(given: Sequence[Any], which: Callable[..., Any]) -> Any:
    """The first or the last of numbers, or of days and moments."""
    return which((value for value in given if _is_number(value) or _is_day(value)), default=None)


def _is_day(value: Any) -> bool:
    return isinstance(value, date)


_SUMS: Final[dict[str, Callable[[Sequence[Any]], Any]]] = {
    "sum": _sum,
    "mean": _mean,
    "count": lambda given: sum(value is not None for value in given),
    "min": lambda given: _ends(given, min),
    "max": lambda given: _ends(given, max),
}


def _series(chart: Chart, columns: Sequence[Column], rows: list[list[Any]]) -> Series:
    """What a chart shows of these rows."""
    names = [column.name for column in columns]
    by = names.index(chart.by)
    of = names.index(chart.value) if chart.value else None
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        key = tuple(row[by]) if isinstance(row[by], list) else row[by]
        groups.setdefault(key, []).append(1 if of is None else row[of])
    summing = _SUMS["sum" if of is None else chart.how]
    points = [(_label(key), float(summing(group) or 0)) for key, group in _ordered(groups)]
    if chart.shape == "bar":
        points.sort(key=lambda point: -point[1])
    axis = "" if of is None else columns[of].heading
    points = _bounded(points, chart)
    return Series(
        chart.heading(columns[by].heading, axis),
        chart.shape,
        [label for label, _ in points],
        [value for _, value in points],
        axis or "Number",
    )


def _label(key: Any) -> str:
    return NONE if key is None else str(shown(key, _PLAIN))


_PLAIN: Final = Column("")


def _ordered(groups: Mapping[Any, list[Any]]) -> list[tuple[Any, list[Any]]]:
    """The groups in their own order, where they have one, and else as they came."""
    try:
        return sorted(groups.items(), key=lambda item: (item[0] is None, item[0]))
    except TypeError:
        return list(groups.items())


def _bounded(points: list[tuple[str, float]], chart: Chart) -> list[tuple[str, float]]:
    """As many points as the chart has room for: a sum may be put together, other figures not."""
    if len(points) <= chart.most:
        return points
    if chart.shape != "bar":
        return points[-chart.most :]
    adds_up = not chart.value or chart.how in ("sum", "count")
    if not adds_up:
        return points[: chart.most]
    kept, rest = points[: chart.most - 1], points[chart.most - 1 :]
    return [*kept, (f"{len(rest)} {OTHERS}", sum(value for _, value in rest))]
