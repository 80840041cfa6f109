"""Loads the statements in `sql/`, one per file; each begins with what it does."""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "sql"


@cache
def sql(name: str) -> str:
    """The statement in `sql/<name>.sql`, without its header."""
    lines = (_FOLDER / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


@cache
def sql_for(rows: int, name: str) -> str:
    """The statement in `sql/<name>.sql`, which stores one row of values, for several rows at once.

    A step of SQLite has a price of its own; twenty rows a step take two thirds of the time.
    """
    head, values, tail = sql(name).partition("VALUES ")
    row, end, rest = tail.partition(")")
    return head + values + ", ".join([row + end] * rows) + rest
