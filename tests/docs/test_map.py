"""The map of the documents leads to every page; the glossary's words have homes."""

import re

from tests.docs.pages import DOCS
from tests.house.source import PACKAGE


def test_the_map_leads_to_every_page() -> None:
    linked = set(re.findall(r"\]\(([\w./-]+\.md)\)", (DOCS / "README.md").read_text()))
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    decisions = {page for page in pages if page.startswith("decisions/")}
    assert pages - decisions - {"README.md"} == linked - {"../examples/README.md"}


def test_the_homes_of_the_glossary_are_there() -> None:
    rows = re.findall(
        r"^\| \*\*(.+?)\*\* \|.*\| (`.+`) \|$", (DOCS / "glossary.md").read_text(), re.MULTILINE
    )
    words = [word for word, _ in rows]
    assert words == sorted(words)
    assert len(words) > 30
    for _, homes in rows:
        for home in re.findall(r"`(.+?)`", homes):
            assert (PACKAGE / home).exists(), home
