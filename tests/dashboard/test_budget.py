"""What is sent to a browser stays small, and all of it comes from the server itself."""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

SHELL, PAGE, CSS, FONTS = 105, 160, 20, 55
"""Most kilobytes, packed as servers pack: of scripts before any page, of scripts of one page with
its frame and its words, of styles of one page, of fonts for Latin. Before any page there are React
and the router, 94 of them, the table of pages, and the question who is logged in."""

Manifest = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def manifest(dashboard: Path) -> Manifest:
    """What Vite has made of which source."""
    found: Manifest = json.loads((dashboard / "manifest.json").read_text())
    return found


def needed(manifest: Manifest, *sources: str) -> Iterator[str]:
    """All files that these sources need before they do anything."""
    seen, left = set[str](), list(sources)
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left += manifest[name].get("imports", [])
            yield manifest[name]["file"]
            yield from manifest[name].get("css", [])


def kilobytes(folder: Path, files: Iterable[str], kind: str) -> float:
    """What these come to, packed."""
    kept = {file for file in files if file.endswith(kind)}
    return sum(len(gzip.compress((folder / file).read_bytes())) for file in kept) / 1_000


def test_the_frame_is_small(dashboard: Path, manifest: Manifest) -> None:
    assert kilobytes(dashboard, needed(manifest, "index.html"), ".js") <= SHELL


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_is_small(dashboard: Path, manifest: Manifest, language: str) -> None:
    first = set(needed(manifest, "index.html"))
    pages = json.loads((dashboard / "pages.json").read_text())
    assert len(pages) > 20
    for page in pages:
        for kind, most in ((".js", PAGE), (".css", CSS)):
            size = kilobytes(dashboard, first.union(page["files"][language]), kind)
            assert size <= most, f"{page['path']}: {size:.0f} kB of {kind}"


def test_fonts_are_small(dashboard: Path) -> None:
    fonts = [path for path in dashboard.rglob("*.woff2") if re.search(r"-latin-(?!ext)", path.name)]
    assert len(fonts) == 2
    assert sum(path.stat().st_size for path in fonts) <= FONTS * 1_000


def test_nothing_names_another_host(dashboard: Path) -> None:
    for path in [*dashboard.rglob("*.css"), *dashboard.rglob("*.html")]:
        assert "//" not in re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8")), path.name
