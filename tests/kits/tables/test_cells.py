"""Cells of tables: what a spreadsheet would run it is shown as text, and numbers stay numbers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest

from tidemill.kits.tables.cells import cell, harmless, harmless_cell, reading


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\n", "\r", '"', "'", ' "', "\xa0", "\ufeff", "\u200b"]
)
def test_a_text_that_a_spreadsheet_takes_for_a_formula_is_disarmed(before: str, begin: str) -> None:
    text = f"{before}{begin}cmd|' /C calc'!A0"
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("begin", ["\t", "\r", "\n"])
def test_a_text_that_begins_with_a_tab_or_the_end_of_a_line_is_disarmed(begin: str) -> None:
    assert harmless(f"{begin}x") == f"'{begin}x"


@pytest.mark.parametrize(
    "text", ["-5", "+5", "-12.50", "-1,234.5", "-1.5e-3", "+7%", "-.5", "5", "1e9"]
)
def test_a_text_that_is_a_number_stays_one(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("text", ["-1+1", "-1;=2", "+49 170 5", "-", "--1", "=5", "-5\n=6"])
def test_what_only_begins_like_a_number_is_disarmed(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=b", "x@y.org", " x", "'quoted'", "1-2", "é", "日本"])
def test_any_other_text_is_left_alone(text: str) -> None:
    assert harmless(text) == text


class Colour(StrEnum):
    RED = "=red"


def test_numbers_are_told_as_numbers_and_nothing_as_an_empty_text() -> None:
    given = [-5, -1.5, Decimal("-2.50"), None, True, False]
    assert list(map(harmless_cell, given)) == [-5, -1.5, Decimal("-2.50"), "", "true", "false"]


def test_other_values_are_told_as_iso_8601_or_json() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    given = [date(2026, 3, 1), at, {"a": [1]}, Colour.RED]
    assert list(map(cell, given)) == [
        "2026-03-01",
        "2026-03-01T12:00:00+00:00",
        '{"a":[1]}',
        "=red",
    ]
    assert harmless_cell(Colour.RED) == "'=red"


def test_formulas_are_left_as_they_are_where_that_is_asked_for() -> None:
    assert reading(formulas=True)("=1+1") == "=1+1"
    assert reading(formulas=False)("=1+1") == "'=1+1"
