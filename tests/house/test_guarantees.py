"""Every guarantee, and every answer to an attack, names a test that is there."""

import ast
import re

import pytest

from tests.house.source import ROOT
from tidemill.testing.conformance import suite

PAGES = [ROOT / "docs" / "reference" / page for page in ("guarantees.md", "attacks.md")]
NAMED = sorted({
    named
    for page in PAGES
    for named in re.findall(r"`((?:C::|tests/)[^`]+)`", page.read_text())
})  # fmt: skip


def test_there_are_guarantees() -> None:
    assert len(NAMED) > 60


@pytest.mark.parametrize("named", NAMED)
def test_the_test_of_a_guarantee_is_there(named: str) -> None:
    where, _, name = named.partition("::")
    if where == "C":
        assert name in suite.__all__
        return
    tree = ast.parse((ROOT / where).read_text())
    assert not name or name in {node.name for node in tree.body if hasattr(node, "name")}
