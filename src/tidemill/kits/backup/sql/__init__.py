"""Statements of the backup kit, one for each file; in braces stand names that are quoted before."""

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The statement of a file."""
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
