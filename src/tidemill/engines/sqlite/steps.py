"""Statements that take rows of values, run for many rows in one step of SQLite.

Each step has a price of its own, and lets Python's other threads in between: twenty rows a step
take a half to three quarters of the time of one.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Final

from tidemill.engines.sqlite.driver import Link, Row
from tidemill.engines.sqlite.statements import sql

ROWS_A_STEP: Final = 20
"""More of them gain little."""


def run_for_rows(link: Link, name: str, rows: Sequence[Row]) -> int:
    """Run `sql/<name>.sql`, which has one row of `VALUES`, for all rows; answer how many changed.

    Example:
        >>> run_for_rows(link, "insert_plain", rows)  # doctest: +SKIP
    """
    whole = len(rows) - len(rows) % ROWS_A_STEP
    changed = 0
    if whole:
        steps = [
            tuple(chain.from_iterable(rows[start : start + ROWS_A_STEP]))
            for start in range(0, whole, ROWS_A_STEP)
        ]
        changed = link.many(_with_rows(name, ROWS_A_STEP), steps)
    if whole < len(rows):
        changed += link.many(sql(name), rows[whole:])
    return changed


@cache
def _with_rows(name: str, rows: int) -> str:
    """The statement with its row of values repeated."""
    head, values, tail = sql(name).partition("VALUES ")
    row, end, rest = tail.partition(")")
    return head + values + ", ".join([row + end] * rows) + rest
