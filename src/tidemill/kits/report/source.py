"""What an application registers: where rows come from, and how they are to be shown."""

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct

from tidemill import errors
from tidemill.kits.tables.asking import filtering, filters_wanted

Sum: TypeAlias = Literal["", "sum", "mean", "count", "min", "max"]
Shape: TypeAlias = Literal["bar", "column", "line"]

SUMS: Final = ("", "sum", "mean", "count", "min", "max")
SHAPES: Final = ("bar", "column", "line")


class Column(Struct, frozen=True):
    """A column of a report.

    Attributes:
        name: of the value in a row.
        label: what stands above it; empty: made of the name.
        total: what stands below it: `"sum"`, `"mean"`, `"count"` (of values that are there),
            `"min"`, `"max"`, or nothing.
        digits: behind the decimal point; `None`: none for whole numbers, two for others.

    Example:
        >>> Column("unit_price", total="mean").heading
        'Unit price'
    """

    name: str
    label: str = ""
    total: Sum = ""
    digits: int | None = None

    def __post_init__(self) -> None:
        """Check it where it is written."""
        if self.total not in SUMS:
            raise errors.InvalidOption(
                f"column {self.name} has no total {self.total!r}",
                hint=f"there are {', '.join(filter(None, SUMS))}",
            )

    @property
    def heading(self) -> str:
        """What stands above it."""
        return self.label or self.name.replace("_", " ").strip().capitalize()


class Chart(Struct, frozen=True):
    """A chart of a report: its rows grouped by one column, and another one summed up in each.

    Attributes:
        by: the column that makes the groups.
        value: the column that is summed up; empty: rows are counted.
        how: `"sum"`, `"mean"`, `"count"`, `"min"` or `"max"` of the value.
        shape: `"bar"` (lying, largest first), `"column"` or `"line"`, in the order of the groups.
        title: what stands above it; empty: made of the rest.
        most: groups that are shown; of a bar chart the others are put together as one.

    Example:
        >>> Chart(by="site", value="score", how="mean").heading("Site", "Score")
        'Score by site (mean)'
    """

    by: str
    value: str = ""
    how: Sum = "sum"
    shape: Shape = "bar"
    title: str = ""
    most: int = 12

    def __post_init__(self) -> None:
        """Check it where it is written."""
        if self.how not in SUMS[1:] or self.shape not in SHAPES or not 1 <= self.most <= 60:
            raise errors.InvalidOption(
                f"the chart by {self.by} makes no sense: {self.how}, {self.shape}, {self.most}",
                hint=f"how: {', '.join(SUMS[1:])}; shape: {', '.join(SHAPES)}; most: 1 to 60",
            )

    def heading(self, by: str, value: str) -> str:
        """What stands above it, given what stands above these columns."""
        if self.title:
            return self.title
        how = "" if self.how == "sum" or not self.value else f" ({self.how})"
        return f"{value or 'Number'} by {by[:1].lower()}{by[1:]}{how}"


class Source(Struct, frozen=True):
    """Where the rows of a report come from, and how they are shown.

    Attributes:
        name: its own.
        function: answers rows for filters.
        title: of its reports.
        columns: in their order; none: those of the first row.
        charts: above the table.
        wanted: what its filters are read as.
        template: of its pages, in place of the kit's; Jinja2.
    """

    name: str
    function: Callable[..., Any]
    title: str
    columns: tuple[Column, ...]
    charts: tuple[Chart, ...]
    wanted: Any
    template: str = ""


def read_source(
    name: str,
    function: Callable[..., Any],
    title: str,
    columns: Iterable[Column | str],
    charts: Iterable[Chart],
    template: str,
) -> Source:
    """A source as it was registered, checked.

    Raises:
        InvalidOption: a column twice, or a chart of what is no column.
    """
    read = tuple(Column(each) if isinstance(each, str) else each for each in columns)
    drawn = tuple(charts)
    names = [column.name for column in read]
    if len(set(names)) < len(names):
        raise errors.InvalidOption(
            f"the report {name} has a column twice", hint=f"it has {', '.join(names)}"
        )
    if names:
        check_drawn(name, drawn, names)
    heading = title or _words(name).capitalize()
    return Source(
        name, filtering(function), heading, read, drawn, filters_wanted(function), template
    )


def check_drawn(report: str, charts: Iterable[Chart], columns: list[str]) -> None:
    """See to it that charts show columns that there are.

    Raises:
        InvalidOption: one does not.
    """
    if strange := [name for name in drawn_columns(charts) if name not in columns]:
        raise errors.InvalidOption(
            f"a chart of the report {report} shows {strange[0]!r}, which is no column of it",
            hint=f"it has {', '.join(columns)}",
        )


def drawn_columns(charts: Iterable[Chart]) -> list[str]:
    """The columns that charts show, each once."""
    return list(dict.fromkeys(each for chart in charts for each in (chart.by, chart.value) if each))


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip()
