"""A scene: jobs that somebody would define over the stand-in shop, and what goes on there."""

import os
import random
from typing import Any, Final

from examples.automation.conditions import Hours
from examples.automation.definition import Days, JobDefinition, plain
from examples.automation.definitions import of_body
from examples.automation.shop import API_KEY, Shop
from examples.automation.system import Automation
from examples.automation.templates import Template, Templates
from tidemill.errors import VersionConflict

TOLD: Final = "/chat"
"""Where the shop shows what was told in its chat."""


def settings_for(shop: str) -> dict[str, Any]:
    """What is set where the shop stands in for the world."""
    host = shop.removeprefix("http://")
    return {
        "services.allow": [host],
        "services.notifications.chat": [f"json://{host}/chat/{{to}}"],
        # Chromium shuts its pages off by means that root has not.
        "services.browser.sandbox": os.geteuid() != 0,
    }


async def seed(system: Automation, shop: str) -> None:
    """Define what people of a shop would; safe twice."""
    definitions = system.definitions
    for definition in _defined(shop):
        try:
            await definitions.create(definition)
        except VersionConflict:
            continue  # it was there already, perhaps as somebody has changed it
    for manifest, config in (
        ("automation.scraper.scrape", {"url": f"{shop}/"}),
        ("automation.sync.stock", {"url": f"{shop}/api/stock", "key": API_KEY}),
    ):
        await definitions.change(manifest, lambda old, new=config: _with(old, new))  # type: ignore[misc]  # bound now
    template = Template(id="scrape-a-shop", title="Read a shop", job=_of_a_scrape(shop))
    await Templates(system.app.client).put(template)


async def tick(system: Automation, shop: Shop, number: int) -> None:
    """Let something happen that would happen now.

    Args:
        system: the platform.
        shop: whose goods change.
        number: counts up; the same number is the same.
    """
    dice = random.Random(f"automation/{number}")  # noqa: S311 - guards nothing
    if number % 3 == 0:
        shop.turn(goods=dice.randrange(1, 5))
    chosen = dice.choice(["first-page", "stock-by-hand", "stock-by-hand", "misdirected"])
    await system.definitions.execute(chosen, source="manual:scene")
    if number % 2 == 0:
        await system.app.events.aemit(
            "shop.visited", {"visitors": dice.randrange(40)}, source="scene"
        )


def _defined(shop: str) -> tuple[JobDefinition, ...]:
    scraper, sync = "automation.scraper", "automation.sync"
    return (
        JobDefinition(
            id="first-page",
            name="Read the first page",
            description="Looks in now and then.",
            module_id=scraper,
            handler="scrape",
            schedule="*/30 * * * *",
            config={"url": f"{shop}/", "pages": 1},
        ),
        JobDefinition(
            id="stock-by-hand",
            name="Take over the stock",
            module_id=sync,
            handler="stock",
            config={"url": f"{shop}/api/stock", "key": API_KEY},
        ),
        JobDefinition(
            id="stock-on-business-days",
            name="Take over the stock on business days",
            module_id=sync,
            handler="stock",
            schedule="0 6 * * *",
            timezone="Australia/Sydney",
            days=Days(business_days=True, holidays="AU-NSW"),
            config={"url": f"{shop}/api/stock", "key": API_KEY},
            conditions=(Hours("05:00", "20:00", "Australia/Sydney"),),
        ),
        JobDefinition(
            id="misdirected",
            name="Read a shop that has moved",
            description="Fails, until somebody gives it another address.",
            module_id=sync,
            handler="stock",
            retries=1,
            config={"url": f"{shop}/nowhere", "key": API_KEY},
        ),
    )


def _of_a_scrape(shop: str) -> dict[str, Any]:
    return {
        "moduleId": "automation.scraper",
        "handler": "scrape",
        "schedule": "0 */6 * * *",
        "config": {"url": f"{shop}/", "pages": 10},
    }


def _with(definition: JobDefinition, config: dict[str, Any]) -> JobDefinition:
    return of_body({"config": plain(definition)["config"] | config}, before=definition)
