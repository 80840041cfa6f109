"""Takes a picture of every page into docs/images: `python -m tests.dashboard.pictures [PAGE…]`.

Each is taken of a site of its own full of work, 1280 and 390 wide, in light and in dark.
"""

import io
import re
import sys
import tempfile
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from dashboard import browser
from tests.dashboard.building import built
from tests.dashboard.places import filled
from tests.dashboard.site import Site, site
from tests.dashboard.visits import NARROW, WIDE, Visits, settle
from tests.house.source import ROOT

IMAGES: Final = ROOT / "docs" / "images"
MOST: Final = 4 << 20
"""Bytes that all pictures may have together."""
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
_COLOURS: Final = 255


def named(path: str) -> str:
    """What the pictures of a page are called."""
    return re.sub(r"\W+", "-", path).strip("-") or "overview"


def take(page: Page, to: Path) -> None:
    """Take one, with few colours: those of small marks are kept, of shades of letters fewer."""
    drawn = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    octree = Image.Quantize.FASTOCTREE
    drawn.quantize(_COLOURS, octree, dither=Image.Dither.NONE).save(to, optimize=True)


def look(harbour: Site, visits: Visits, wanted: set[str]) -> None:
    """Go through all pages at both widths."""
    for width in (WIDE, NARROW):
        page = visits(harbour.url, "ana", width=width)
        for path, place in filled(harbour, page).items():
            name = named(path)
            if wanted and name not in wanted:
                continue
            page.goto(harbour.url + place)
            if path != "/login":
                settle(page)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                take(page, IMAGES / f"{name}-{scheme}-{width}.png")


def main(wanted: set[str]) -> None:
    """Take those that are wanted, or all."""
    IMAGES.mkdir(exist_ok=True)
    built()
    with (
        tempfile.TemporaryDirectory() as folder,
        site(Path(folder), f"sqlite:///{folder}/jobs.db") as harbour,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=browser.FLAGS)
        visits = Visits(chromium)
        look(harbour, visits, wanted)
        visits.close()
        chromium.close()
    size = sum(path.stat().st_size for path in IMAGES.glob("*.png"))
    sys.stdout.write(f"{size >> 10} KiB of pictures in {IMAGES.relative_to(ROOT)}\n")
    assert size <= MOST


if __name__ == "__main__":
    main(set(sys.argv[1:]))
