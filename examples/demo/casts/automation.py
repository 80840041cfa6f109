"""The automation platform on the stage, with the shop that it reads and a mail server."""

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from dashboard import browser
from examples.automation import scene
from examples.automation.shop import Shop
from examples.automation.system import create
from examples.demo.cast import Cast, Deed, Setup, Stage
from examples.finance.post_office import PostOffice
from tidemill.loops.clock import Clock

NAME: Final = "automation"

_SHOP: Final = Shop(throttles=11, breaks=29)
"""Of the one process in which the stage is set up."""


def set_up(stack: ExitStack, folder: Path) -> Setup:
    """Begin what stands in for the world."""
    post = stack.enter_context(PostOffice(folder / "mail").serving())
    return {
        "shop": stack.enter_context(_SHOP.serving(0)),
        "mail": post.url,
        "browser": _chromium(),
    }


def _chromium() -> str:
    """The browser that reads the shop; empty: there is none, and jobs say so."""
    try:
        return browser.find(apt=False)
    except browser.NoBrowser as none:
        print(f"Nothing will read the pages of the shop: {none}", file=sys.stderr, flush=True)
        return ""


def make(url: str, folder: Path, setup: Setup, clock: Clock | None = None) -> Cast:
    """Make the application."""
    shop = setup["shop"]
    # Its worker tells people of alerts, whoever has set them.
    post = {"mail.url": setup["mail"], "mail.sender": "alerts@automation.example"}
    settings = scene.settings_for(shop) | post
    if program := setup["browser"]:
        settings["services.browser.program"] = program
        settings["services.browser.sandbox"] &= not browser.is_ours(program)
    system = create(url, folder, tenant=NAME, settings=settings, clock=clock)

    def tick(number: int) -> None:
        asyncio.run(scene.tick(system, _SHOP, number))

    return Cast(
        app=system.app,
        prepare=lambda: asyncio.run(system.prepare()),
        api=lambda: system.api,
        worker=system.app.worker,
        seed=lambda: asyncio.run(scene.seed(system, shop)),
        tick=tick,
        close=system.app.close,
    )


STAGE: Final = Stage(
    NAME,
    "Automation platform",
    "modules, events, a browser that reads a shop",
    set_up,
    make,
    (
        Deed(
            task="automation.scraper.scrape",
            result=lambda dice: {"goods": dice.randrange(18, 42), "pages": 3},
            seconds=(2, 14),
            fails=0.08,
            dies=0.01,
            error=("playwright.async_api.TimeoutError", "the page was not there in 30 s"),
            says="a page has been read",
        ),
        Deed(
            task="automation.sync.stock",
            result=lambda dice: {"changed": dice.randrange(9), "same": dice.randrange(30)},
            seconds=(0.5, 4),
            fails=0.1,
            dies=0.05,
            error=("HTTPStatusError", "404 Not Found: /nowhere/api/stock"),
            says="the stock has been taken over",
        ),
        Deed(task="automation.notifier.digest", seconds=(0.3, 2)),
    ),
)
