"""The sync: asks a supplier's API page by page, and keeps the stock as it is there."""

from http import HTTPStatus
from typing import Any

from msgspec import Struct

from examples.automation.context import Context


class SyncConfig(Struct, kw_only=True):
    """Whom it asks.

    Attributes:
        url: the API; `?page=1` is added.
        key: what it lets callers in by.
    """

    url: str = "http://127.0.0.1:8431/api/stock"
    key: str = "stock-of-the-harbour"


class StockSynced(Struct):
    """What is told of a stock that was taken over."""

    goods: int
    pages: int


class KeyRefused(Exception):
    """The key opens nothing, and trying it again will not help."""


async def stock(context: Context[SyncConfig]) -> StockSynced:
    """Take over what a supplier has in stock; a later attempt goes on behind the last page."""
    config, services = context.config, context.services
    done = context.job.checkpoint_value or {"page": 0, "goods": 0}
    number, goods = int(done["page"]) + 1, int(done["goods"])
    following: int | None = number
    while following:
        number = following
        answer = await services.http.get(
            config.url,
            params={"page": number},
            headers={"X-Api-Key": config.key},
            timeout="20s",
        )
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise KeyRefused(f"{config.url} does not take the key: 401")
        answer.raise_for_status()
        told = answer.json()
        goods += await _keep(context, told["goods"])
        following = told["next"]
        services.logger.info("page taken over", page=number, goods=goods)
        if following:
            await context.job.checkpoint({"page": number, "goods": goods})
    synced = StockSynced(goods, number)
    await services.events.emit("stock.synced", synced)
    return synced


async def _keep(context: Context[SyncConfig], goods: list[dict[str, Any]]) -> int:
    async with context.services.database.transaction() as tx:
        for each in goods:
            values = {"sku": each["sku"], "name": each["name"], "quantity": each["left"]}
            await tx.execute(
                "insert into automation_stock (sku, name, quantity)"
                " values (:sku, :name, :quantity)"
                " on conflict (sku) do update set name = :name, quantity = :quantity",
                values,
            )
    return len(goods)
