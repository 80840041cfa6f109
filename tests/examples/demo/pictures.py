"""Takes pictures of the demo after a minute: `python -m tests.examples.demo.pictures`."""

import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from dashboard import browser
from tests.dashboard.building import built
from tests.dashboard.pictures import IMAGES, SCHEMES, take
from tests.dashboard.visits import NARROW, WIDE, settle
from tests.examples.demo.running import Demo
from tests.journeys.crowd import until

PAGES: Final = {
    "overview": "/",
    "jobs": "/jobs",
    "schedules": "/schedules",
    "failures": "/failures",
    "modules": "/modules",
    "statistics": "/statistics",
}
MINUTE: Final = 60.0
"""Seconds that it has run by itself when the first one is taken."""
_HEIGHT: Final = {WIDE: 900, NARROW: 844}


def look(demo: Demo) -> None:
    """Go through the pages as the admin, at both widths, in light and in dark."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=browser.FLAGS)
        for width, height in _HEIGHT.items():
            page = chromium.new_page(viewport={"width": width, "height": height})
            login = {"name": "admin", "password": demo.password_of("admin")}
            assert page.request.post(f"{demo.url}/api/v1/session", data=login).ok
            for name, path in PAGES.items():
                page.goto(demo.url + path)
                settle(page)
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    take(page, IMAGES / f"demo-{name}-{scheme}-{width}.png")
        chromium.close()


def main() -> None:
    """Start it, let it run for a minute, take them, and end it."""
    built()
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(Path(folder), weeks=3)
        try:
            until(demo.begun, seconds=300, what="the demo")
            sys.stdout.write(demo.said)
            with suppress(subprocess.TimeoutExpired):
                demo.process.wait(MINUTE)
            look(demo)
            demo.process.send_signal(signal.SIGINT)
            assert demo.process.wait(60) == 0, demo.said
        finally:
            demo.close()


if __name__ == "__main__":
    main()
