"""Whatever a page promises, or says that it answers or does, names a test that is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tidemill.testing.conformance import suite

REFERENCE = ROOT / "docs" / "reference"
SYSTEMS = sorted((REFERENCE / "systems").glob("*.md"))
PAGES = [REFERENCE / page for page in ("guarantees.md", "attacks.md", "dashboard.md")] + SYSTEMS
NAMED = sorted({
    named
    for page in PAGES
    for named in re.findall(r"`(C::[^`]+|(?:tests|dashboard)/[^`]+\.[^`]+)`", page.read_text())
})  # fmt: skip
ROWS = re.compile(r"^\| (?!---|test |page |asked )(.+) \|$", re.MULTILINE)


def test_there_are_guarantees() -> None:
    assert len(NAMED) > 60


@pytest.mark.parametrize("named", NAMED)
def test_the_test_of_a_guarantee_is_there(named: str) -> None:
    where, _, name = named.partition("::")
    if where == "C":
        assert name in suite.__all__
    elif where.endswith(".py"):
        assert name in {"", *names_in(ast.parse((ROOT / where).read_text()))}
    else:
        assert f'test("{name}"' in (ROOT / where).read_text()


def names_in(tree: ast.AST) -> Iterator[str]:
    """What a file defines, and `Class::method` what its classes do."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}::{each}" for each in names_in(node))


def test_nothing_is_said_of_the_dashboard_without_a_test() -> None:
    page = (REFERENCE / "dashboard.md").read_text()
    rows = ROWS.findall(page)
    assert len(rows) > 60
    assert not [row for row in rows if not re.search(r"`(?:tests|dashboard)/[^`]+`$", row)]


@pytest.mark.parametrize("page", SYSTEMS, ids=lambda page: page.stem)
def test_nothing_is_said_of_a_system_without_a_test(page: Path) -> None:
    rows = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    heads = [line for line in rows if line.endswith("| test |")]
    assert bool(heads) == bool(rows)
    assert not [
        line
        for line in rows
        if line not in heads and not re.search(r"`(?:tests|dashboard)/[^`]+` \|$", line)
    ]


def test_each_application_has_its_page() -> None:
    applications = {path.parent.name for path in (ROOT / "examples").glob("*/__main__.py")}
    assert applications - {"demo"} == {page.stem for page in SYSTEMS}
