"""Laying tables out: columns fill the page, texts break, and no row is lost between pages."""

from hypothesis import given
from hypothesis import strategies as st

from tidemill.kits.report.layout import LINE, PAD, Row, broken, fitted, natural, paged, rows

widths = st.lists(st.floats(26, 2_000), min_size=1, max_size=20)


def measure(text: str, height: float) -> float:
    return len(text) * height / 2


@given(widths, st.data())
def test_columns_fill_the_page(wanted: list[float], data: st.DataObject) -> None:
    rigid = data.draw(st.lists(st.booleans(), min_size=len(wanted), max_size=len(wanted)))
    found = fitted(wanted, rigid, 515)
    assert sum(found) <= 515.01
    assert all(width > 0 for width in found)


def test_numbers_keep_their_width_while_texts_give_way() -> None:
    assert fitted([100, 300, 500], [True, False, False], 500) == [100, 200, 200]
    assert fitted([100, 50, 500], [True, False, False], 500) == [100, 50, 350]


@given(st.lists(st.floats(10, 200), max_size=60), st.floats(0, 400), st.floats(100, 400))
def test_every_row_is_on_one_page_and_in_its_place(
    heights: list[float], first: float, other: float
) -> None:
    given_rows = [Row([], height) for height in heights]
    pages = list(paged(given_rows, min(first, other), other))
    assert [row for page in pages for row in page] == given_rows
    for number, page in enumerate(pages):
        room = other if number else min(first, other)
        assert len(page) <= 1 or sum(row.height for row in page) <= room


@given(st.text(alphabet="ab \n", max_size=60), st.integers(1, 20))
def test_no_letter_of_a_text_that_is_broken_is_lost(text: str, letters: int) -> None:
    lines = broken(text, letters * 4, measure)
    assert all(measure(line, 8) <= letters * 4 + 4 for line in lines)
    if len(lines) < 4:
        assert "".join("".join(lines).split()) == "".join(text.split())


def test_what_is_too_much_of_a_text_is_left_out_and_that_is_shown() -> None:
    lines = broken("word " * 100, 40, measure)
    assert len(lines) == 4
    assert lines[-1].endswith("…")


def test_a_row_is_as_high_as_its_highest_cell() -> None:
    (row,) = rows([["one", "one two three"]], [60, 40], measure)
    assert row.cells == [["one"], ["one two", "three"]]
    assert row.height == 2 * LINE + PAD


def test_a_column_is_as_wide_as_its_widest_text_or_heading() -> None:
    assert natural([["a", "b" * 30]], ["A long heading", "B"], measure) == [66, 130]
