"""What is said around the table of a report, in every form that people read."""

from typing import Final

from tidemill.kits.report.content import Content, shown

_NAMES: Final = {"sum": "Total", "mean": "Mean", "count": "Count", "min": "Least", "max": "Most"}


def made(report: Content) -> str:
    """When it was made, and how many rows it has."""
    count = len(report.rows)
    rows = "1 row" if count == 1 else f"{count:,} rows"
    return f"Made {report.made_at:%d %B %Y, %H:%M %Z} · {rows}"


def asked(report: Content) -> list[tuple[str, str]]:
    """What was asked for: name and value of each filter."""
    return [
        (name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else f"{value}")
        for name, value in report.filters.items()
    ]


def total_cells(report: Content) -> list[str]:
    """What stands in the row of totals; empty where there is none.

    The first cell without a total says what the others are, and each other total than that says
    so itself.
    """
    if not report.totals:
        return []
    kinds = [column.total for column in report.columns]
    first = next((kind for kind in kinds if kind), "")
    cells = []
    for column, value in zip(report.columns, report.totals, strict=True):
        told = "" if value is None else shown(value, column)
        if column.total and (column.total != first or kinds[0]):
            told = f"{_NAMES[column.total]} {told}"
        cells.append(told)
    if not kinds[0]:
        cells[0] = _NAMES[first]
    return cells
