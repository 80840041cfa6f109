"""The notifier: tells buyers in their chat of prices that drop, and by mail of what runs out."""

from msgspec import Struct, field

from examples.automation.context import Context
from tidemill import Event, current


class DigestConfig(Struct, kw_only=True):
    """Whom it tells, and of what.

    Attributes:
        channel: `email`, `sms`, `push` or `chat`.
        to: addresses, or whoever that channel knows.
        fewer: goods are told of which there are fewer than this.
    """

    channel: str = "chat"
    to: list[str] = field(default_factory=lambda: ["buyers"])
    fewer: int = 5


async def tell(event: Event) -> int:
    """Tell of a price that has dropped; how many were told."""
    context = Context[None].of_event(None)
    change = event.payload
    report = await context.services.notifications.send(
        "chat",
        list(current().settings["buyers"]),
        f"{change['sku']} has become cheaper",
        f"{change['sku']}: {change['before'] / 100:.2f} before, {change['cents'] / 100:.2f} now",
    )
    report.raise_for_failures()
    return len(report.told)


async def digest(context: Context[DigestConfig]) -> int:
    """Send a list of what is nearly sold out; how many goods it names."""
    config = context.config
    scarce = await context.services.database.query(
        "select sku, name, quantity from automation_stock where quantity < :fewer order by sku",
        {"fewer": config.fewer},
    )
    lines = "\n".join(f"{each['sku']} {each['name']}: {each['quantity']}" for each in scarce)
    if scarce:
        report = await context.services.notifications.send(
            config.channel, config.to, f"{len(scarce)} goods run out", lines
        )
        report.raise_for_failures()
    return len(scarce)
