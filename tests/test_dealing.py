"""What is dear to make for a file is made by one process."""

import pytest

from tests.dealing import SITES, WHOLE, lot_of
from tests.house.source import ROOT


@pytest.mark.parametrize("file", [*sorted(WHOLE), f"{SITES}test_lists.py"])
def test_the_tests_of_a_dear_file_go_together(file: str) -> None:
    assert (ROOT / file).exists()
    assert {lot_of(f"{file}::test_{name}[a::b]") for name in "ab"} == {file}


def test_other_tests_go_one_by_one() -> None:
    tests = [f"tests/core/test_values.py::test_{name}" for name in "ab"]
    assert [lot_of(test) for test in tests] == tests
