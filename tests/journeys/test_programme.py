"""The page of the faults has a line for each fault on each engine, and none tells of a loss."""

import pytest

from tests.journeys.figures import Figures, total
from tests.journeys.programme import FAULTS
from tests.journeys.table import HEAD, NAMES, NONE, PAGE, read_page, row

LINES = read_page()


def test_the_page_has_each_fault_and_no_other() -> None:
    programme = [(NAMES[scheme], fault.name) for fault in FAULTS for scheme in fault.schemes]
    assert list(LINES) == programme


@pytest.mark.parametrize("key", LINES, ids=" ".join)
def test_no_line_of_the_page_tells_of_a_loss(key: tuple[str, str]) -> None:
    cells = dict(zip(HEAD, LINES[key].strip("| ").split(" | "), strict=True))
    assert (cells["lost"], cells["repeated"]) == ("0", "0")
    assert int(cells["accepted"].replace(",", "")) > 0


def test_each_column_is_told_of() -> None:
    assert all(f"- **{word}**:" in PAGE.read_text() for word in HEAD[2:])


def test_a_loss_would_be_on_the_page() -> None:
    found = total([Figures(accepted=3, lost=1), Figures(accepted=2, refused=4, recoveries=(1, 2))])
    cells = row("sqlite", FAULTS[0], found).strip("| ").split(" | ")
    assert cells[2:] == ["5", NONE, NONE, NONE, "1", "0", "4", "2.0, 2.0", "2"]
