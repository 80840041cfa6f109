"""The scraper: opens the pages of a shop in a browser, and keeps what goods cost there."""

from urllib.parse import urljoin

from msgspec import Struct

from examples.automation.context import Context

_READY = "document.body.dataset.ready === 'yes'"
_GOODS = """
[...document.querySelectorAll("li.good")].map((row) => ({
  sku: row.dataset.sku, name: row.textContent, cents: Number(row.dataset.cents),
}))
"""
_NEXT = "document.querySelector('#next')?.getAttribute('href') ?? ''"
_MOST_PAGES = 50


class ScrapeConfig(Struct, kw_only=True):
    """Where it looks.

    Attributes:
        url: the first page; each may lead to a next one.
        pages: so many at most.
    """

    url: str = "http://127.0.0.1:8431/"
    pages: int = _MOST_PAGES


class Change(Struct):
    """A price that is another one than before."""

    sku: str
    cents: int
    before: int


class PageScraped(Struct):
    """What is told of a shop that has been read.

    Attributes:
        execution: that has read it.
    """

    execution: str
    url: str
    pages: int
    goods: int
    changed: list[Change]


async def scrape(context: Context[ScrapeConfig]) -> PageScraped:
    """Read goods and prices from the pages of a shop."""
    config, services = context.config, context.services
    found: dict[str, tuple[str, int]] = {}
    url, number = config.url, 0
    browser = await services.browser.launch()
    try:
        page = await browser.new_page()
        while url and number < min(config.pages, _MOST_PAGES):
            number += 1
            await page.goto(url)
            await page.wait_for_function(_READY)
            for each in await page.evaluate(_GOODS):
                found[each["sku"]] = (each["name"], int(each["cents"]))
            more = await page.evaluate(_NEXT)
            services.logger.info("page read", url=url, goods=len(found))
            await context.job.progress(min(95, 20 * number), f"page {number}")
            url = urljoin(url, more) if more else ""
    finally:
        await browser.close()
    changed = await _keep(context, found)
    told = PageScraped(context.execution_id, config.url, number, len(found), changed)
    await services.events.emit("page.scraped", told)
    return told


async def _keep(context: Context[ScrapeConfig], found: dict[str, tuple[str, int]]) -> list[Change]:
    """Keep what goods cost; answer which cost something else than before.

    An attempt that comes after one which was killed behind this finds the same.
    """
    execution = {"execution": context.execution_id}
    async with context.services.database.transaction() as tx:
        before = {
            row["sku"]: row["cents"]
            for row in await tx.query("select sku, cents from automation_price")
        }
        for sku, (name, cents) in found.items():
            values = {"sku": sku, "name": name, "cents": cents}
            if sku not in before:
                await tx.execute(
                    "insert into automation_price (sku, name, cents) values (:sku, :name, :cents)",
                    values,
                )
            elif before[sku] != cents:
                await tx.execute(
                    "update automation_price set before = cents, cents = :cents, name = :name,"
                    " changed_in = :execution where sku = :sku",
                    values | execution,
                )
        rows = await tx.query(
            "select sku, cents, before from automation_price where changed_in = :execution"
            " order by sku",
            execution,
        )
    return [Change(**row) for row in rows]
