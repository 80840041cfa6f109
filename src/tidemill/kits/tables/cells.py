"""Cells of tables: values as text, and no text that a spreadsheet takes for a formula."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

import msgspec

Cell: TypeAlias = "str | int | float | Decimal"

_SIGNS: Final = "=+@-\uff1d\uff0b\uff20\uff0d"
"""What a formula begins with, of full width, too."""
_UNSEEN: Final = "\u200b-\u200f\u2060\ufeff"
_FORMULA: Final = re.compile(
    rf"""[\t\r\n]|["'\s\x00-\x1f{_UNSEEN}]*[{re.escape(_SIGNS)}]""",
)
_NUMBER: Final = re.compile(r"[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?%?")
_SUSPECT: Final = frozenset([
    *f"{_SIGNS}\"'\x7f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff",
    *map(chr, range(0x21)),
    *map(chr, range(0x2000, 0x2010)),
])  # fmt: skip
"""What a text that has to be looked at begins with; most begin with none of these."""


def harmless(text: str) -> str:
    """A text with an apostrophe before it, if a spreadsheet might take it for a formula.

    A formula begins with `=`, `+`, `-` or `@`, of full width or not, quotes and space before it
    notwithstanding; a tab or the end of a line at the beginning counts as one. A text that is
    nothing but a number stays as it is.

    Example:
        >>> harmless("=1+1"), harmless("-12.5"), harmless("a=b")
        ("'=1+1", '-12.5', 'a=b')
    """
    if text[:1] in _SUSPECT and _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def cell(value: Any) -> Cell:
    """A value as it stands in a cell.

    Numbers are as they are, nothing is an empty text, dates are as ISO 8601 has them, lists and
    mappings are JSON.

    Example:
        >>> cell(None), cell(True), cell(-5), cell(date(2026, 3, 1)), cell(["a"])
        ('', 'true', -5, '2026-03-01', '["a"]')
    """
    if isinstance(value, str):
        return value.value if isinstance(value, Enum) else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return cell(value.value)
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return msgspec.json.encode(value, enc_hook=str).decode()


def harmless_cell(value: Any) -> Cell:
    """A value as it stands in a cell, where a spreadsheet might read it."""
    made = cell(value)
    return harmless(made) if isinstance(made, str) else made


def reading(*, formulas: bool) -> Callable[[Any], Cell]:
    """How values become cells: whether texts that are formulas are left as they are."""
    return cell if formulas else harmless_cell
