"""The pages of the project, and the blocks of code in them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.house.source import ROOT

DOCS: Final = ROOT / "docs"
FENCE: Final = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL
)


class Block(NamedTuple):
    """One fenced block of a page."""

    language: str
    text: str
    line: int


def pages() -> list[Path]:
    """Every page that is written for users: the first one, and those under docs and examples."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("examples/**/*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield Block(found["language"], found["text"], line)


def name_of(page: Path) -> str:
    """A page as one would type it at the root of the project."""
    return str(page.relative_to(ROOT))
