"""A report for other programs: CSV, whose cells no spreadsheet runs, and JSON."""

import csv
import io
from datetime import UTC

import msgspec

from tidemill.kits.report.content import Content
from tidemill.kits.tables.cells import reading


def as_csv(report: Content, *, formulas: bool = False) -> bytes:
    """A report as CSV (RFC 4180, UTF-8): names, rows, and nothing else.

    Args:
        report: what it says.
        formulas: leave texts that a spreadsheet takes for formulas as they are.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    made = reading(formulas=formulas)
    writer.writerow(made(column.name) for column in report.columns)
    writer.writerows(map(made, row) for row in report.rows)
    return out.getvalue().encode()


def as_json(report: Content) -> bytes:
    """A report as JSON: what it is about, its columns, and its rows as objects."""
    names = [column.name for column in report.columns]
    totals = {
        column.name: {column.total: value}
        for column, value in zip(report.columns, report.totals, strict=False)
        if column.total
    }
    document = {
        "title": report.title,
        "made_at": report.made_at.astimezone(UTC),
        "filters": report.filters,
        "columns": [{"name": column.name, "heading": column.heading} for column in report.columns],
        "count": len(report.rows),
        "totals": totals,
        "rows": [dict(zip(names, row, strict=True)) for row in report.rows],
    }
    return msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode(document)
