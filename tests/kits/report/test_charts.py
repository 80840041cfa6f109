"""Charts: what they show, where their axes end, and what SVG is made of them."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tidemill.kits.report import Chart, Column
from tidemill.kits.report.content import Series, content
from tidemill.kits.report.plot import Bar, Curve, Words, plot, shortened, spoken, ticks
from tidemill.kits.report.source import Source
from tidemill.kits.report.svg import svg

AT = datetime(2026, 3, 1, tzinfo=UTC)
finite = st.floats(-1e12, 1e12, allow_nan=False)


def measure(text: str, height: float) -> float:
    return len(text) * height / 2


def shown(chart: Chart, rows: list[tuple[object, object]]) -> list[tuple[str, float]]:
    source = Source("s", list, "S", (Column("by"), Column("n")), (chart,), dict)
    (series,) = content(source, rows, {}, title="", made_at=AT).series
    return list(zip(series.labels, series.values, strict=True))


def test_a_bar_chart_sums_up_groups_largest_first() -> None:
    rows: list[tuple[object, object]] = [("a", 1), ("b", 5), ("a", 2), (None, 1)]
    assert shown(Chart("by", "n"), rows) == [("b", 5), ("a", 3), ("(none)", 1)]
    assert shown(Chart("by"), rows) == [("a", 2), ("b", 1), ("(none)", 1)]
    assert shown(Chart("by", "n", how="mean"), rows) == [("b", 5), ("a", 1.5), ("(none)", 1)]


def test_groups_that_have_no_room_are_put_together_where_they_add_up() -> None:
    rows: list[tuple[object, object]] = [(f"g{number}", number) for number in range(1, 7)]
    assert shown(Chart("by", "n", most=3), rows) == [("g6", 6), ("g5", 5), ("4 others", 10)]
    assert shown(Chart("by", "n", how="max", most=2), rows) == [("g6", 6), ("g5", 5)]


def test_a_line_goes_through_groups_in_their_own_order_and_shows_the_last() -> None:
    rows: list[tuple[object, object]] = [(number, number) for number in (3, 1, 2, None, 4)]
    assert shown(Chart("by", "n", shape="line", most=3), rows) == [
        ("3", 3),
        ("4", 4),
        ("(none)", 0),
    ]


@given(finite, finite)
def test_an_axis_holds_all_values_at_few_round_numbers(one: float, other: float) -> None:
    low, high = min(0.0, one, other), max(0.0, one, other)
    assume(high - low > 1e-100 or high == low)
    found = ticks(low, high)
    slack = 1e-6 * (high - low)
    assert found[0] <= low + slack
    assert found[-1] >= high - slack
    assert 2 <= len(found) <= 9
    assert found == sorted(set(found))


@pytest.mark.parametrize("shape", ["bar", "column", "line"])
@given(values=st.lists(finite, min_size=1, max_size=12))
def test_every_mark_is_on_the_sheet(shape: str, values: list[float]) -> None:
    labels = [f"group {number}" for number in range(len(values))]
    drawn = plot(Series("T", shape, labels, values), 500, measure)
    for mark in drawn.marks:
        match mark:
            case Bar():
                assert 0 <= mark.x <= mark.x + mark.width <= 500.001
                assert 0 <= mark.y <= mark.y + mark.height <= drawn.height
            case Curve():
                assert all(0 <= x <= 500 and 0 <= y <= drawn.height for x, y in mark.points)
            case Words():
                assert 0 <= mark.x <= 500.001
                assert 0 <= mark.y <= drawn.height
            case _:
                pass


def test_numbers_of_an_axis_are_short() -> None:
    assert [spoken(number) for number in (250_000, -1_500_000, 3e9, 0.25)] == [
        "250k",
        "-1.5M",
        "3bn",
        "0.25",
    ]


def test_a_name_that_is_too_long_is_cut() -> None:
    assert shortened("Depot Ballarat", 40, measure) == "Depot Bal…"
    assert shortened("Depot", 40, measure) == "Depot"


def test_svg_says_in_words_what_it_shows_and_escapes_what_it_is_given() -> None:
    made = svg(Series('A "b"', "bar", ["<script>", "x & y"], [1, 2], "n"))
    root = ET.fromstring(made)  # noqa: S314 - our own
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'A "b": <script> 1; x & y 2'
    assert "<script>" not in made
