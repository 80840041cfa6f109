"""What is said around the table of a report, in every form that people read."""

from typing import Final

from tidemill.kits.report.content import Content, shown

_NAMES: Final = {"sum": "total", "mean": "mean", "count": "count", "min": "least", "max": "most"}


def made(report: Content) -> str:
    """When it was made, and how many rows it has."""
    count = len(report.rows)
    rows = "1 row" if count == 1 else f"{count:,} rows"
    return f"Made {report.made_at.day} {report.made_at:%B %Y, %H:%M %Z} · {rows}"


def asked(report: Content) -> list[tuple[str, str]]:
    """What was asked for: name and value of each filter."""
    return [
        (
            name.replace("_", " "),
            ", ".join(map(str, value)) if isinstance(value, list) else f"{value}",
        )
        for name, value in report.filters.items()
    ]


def total_cells(report: Content) -> list[str]:
    """What stands in the row of totals; empty where there is none.

    Where all are of one kind, the first cell says which, if it has no total itself; else each says
    so for itself.
    """
    if not report.totals:
        return []
    kinds = {column.total for column in report.columns if column.total}
    shared = not report.columns[0].total and len(kinds) == 1
    cells = []
    for column, value in zip(report.columns, report.totals, strict=True):
        told = "" if value is None else shown(value, column)
        cells.append(f"{_NAMES[column.total]} {told}" if column.total and not shared else told)
    if shared:
        cells[0] = _NAMES[kinds.pop()].capitalize()
    return cells
