"""The page of the faults has a line for each fault on each engine, and none tells of a loss."""

from pathlib import Path

import pytest

from tests.journeys.figures import Figures, total
from tests.journeys.programme import FAULTS, Journey
from tests.journeys.stage import Stage
from tests.journeys.table import HEAD, NAMES, NONE, PAGE, bring_about, read_page, row

LINES = read_page(PAGE)


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


def well(_: Stage) -> Figures:
    return Figures(accepted=7)


def in_vain(_: Stage) -> Figures:
    raise AssertionError("it never came to that place")


def flawed(_: Stage) -> Figures:
    return Figures(accepted=7, flaws=("a lease was lost",))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A copy of the page."""
    page = tmp_path / "faults.md"
    page.write_text(PAGE.read_text())
    return page


def test_what_a_fault_came_to_is_written_onto_the_page(page: Path) -> None:
    fault = FAULTS[0]._replace(journeys=(well, well))
    assert bring_about([fault], ["sqlite"], "", page) == 0
    changed = {key for key, line in read_page(page).items() if line != LINES[key]}
    assert changed == {("SQLite", fault.name)}
    assert read_page(page)["SQLite", fault.name].startswith(f"| SQLite | {fault.name} | 14 |")


@pytest.mark.parametrize(
    ("journey", "flaw"), [(in_vain, "it never came to that place"), (flawed, "a lease was lost")]
)
def test_what_must_not_be_is_told_and_the_page_stays_as_it_was(
    page: Path, capsys: pytest.CaptureFixture[str], journey: Journey, flaw: str
) -> None:
    fault = FAULTS[0]._replace(journeys=(well, journey))
    assert bring_about([fault], ["sqlite"], "", page) == 1
    assert f"not on the page: {fault.name} on SQLite: {flaw}\n" in capsys.readouterr().out
    assert page.read_text() == PAGE.read_text()
