"""Loads the statements in `sql/`, one per file; each begins with what it does."""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "sql"


@cache
def sql(name: str) -> str:
    """The statement in `sql/<name>.sql`, without its header."""
    lines = (_FOLDER / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))
