"""What is sent to a browser stays small, and all of it comes from the server itself."""

import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

SHELL, PAGE, CSS, FONTS = 105, 160, 20, 55
"""Most kilobytes, packed as servers pack: of scripts before any page, of scripts of one page with
its frame and its words, of styles, of fonts for Latin. Before any page there are React and the
router, 94 of them, the table of pages, and the question who is logged in."""


def kilobytes(folder: Path, files: Iterable[str], kind: str) -> float:
    """What these come to, packed."""
    kept = {file for file in files if file.endswith(kind)}
    return sum(len(gzip.compress((folder / file).read_bytes())) for file in kept) / 1_000


@pytest.fixture(scope="module")
def at_first(dashboard: Path) -> list[str]:
    """The files that are needed before any page."""
    page = (dashboard / "index.html").read_text(encoding="utf-8")
    return re.findall(r'(?:src|href)="\./(assets/[^"]+)"', page)


def test_the_frame_is_small(dashboard: Path, at_first: list[str]) -> None:
    assert 50 < kilobytes(dashboard, at_first, ".js") <= SHELL
    assert 5 < kilobytes(dashboard, at_first, ".css") <= CSS


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_is_small(dashboard: Path, at_first: list[str], language: str) -> None:
    pages = json.loads((dashboard / "pages.json").read_text())
    assert len(pages) > 20
    for page in pages:
        size = kilobytes(dashboard, [*at_first, *page["files"][language]], ".js")
        assert size <= PAGE, f"{page['path']}: {size:.0f} kB of scripts"
        assert not any(file.endswith(".css") for file in page["files"][language])


def test_fonts_are_small(dashboard: Path) -> None:
    fonts = [path for path in dashboard.rglob("*.woff2") if re.search(r"-latin-(?!ext)", path.name)]
    assert len(fonts) == 2
    assert sum(path.stat().st_size for path in fonts) <= FONTS * 1_000


def test_nothing_names_another_host(dashboard: Path) -> None:
    for path in [*dashboard.rglob("*.css"), *dashboard.rglob("*.html")]:
        assert "//" not in re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8")), path.name
