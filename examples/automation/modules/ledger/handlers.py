"""The other half of the pair: hears of every change of a price, and writes each down once."""

from examples.automation.context import Context
from tidemill import Event


async def record(event: Event) -> str:
    """Write down one change of a price."""
    context = Context[None].of_event(None)
    change = {name: event.payload[name] for name in ("execution", "sku", "cents")}
    # An event may have been said twice, by an attempt that was killed and by the next one.
    await context.services.database.execute(
        "insert into automation_ledger (execution, event, sku, cents)"
        " values (:execution, :event, :sku, :cents) on conflict (execution, sku) do nothing",
        {**change, "event": event.name},
    )
    return str(change["sku"])
