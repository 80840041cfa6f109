"""Every guarantee names a test that is there."""

import ast
import re

import pytest

from tests.house.source import ROOT
from tidemill.testing.conformance import suite

PAGE = ROOT / "docs" / "reference" / "guarantees.md"
NAMED = sorted(set(re.findall(r"`((?:C|tests/[\w/]+\.py)::\w+)`", PAGE.read_text())))


def test_there_are_guarantees() -> None:
    assert len(NAMED) > 15


@pytest.mark.parametrize("named", NAMED)
def test_the_test_of_a_guarantee_is_there(named: str) -> None:
    where, name = named.split("::")
    if where == "C":
        assert name in suite.__all__
        return
    tree = ast.parse((ROOT / where).read_text())
    assert name in {node.name for node in tree.body if hasattr(node, "name")}
