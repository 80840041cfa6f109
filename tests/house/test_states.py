"""The page of states is what the code says."""

from tests.house.states import PAGE, render


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text() == render(), "run: python -m tests.house.states"
