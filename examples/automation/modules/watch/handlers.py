"""The one half of a pair: hears that a shop has been read, and says which prices have changed."""

from msgspec import Struct

from examples.automation.context import Context
from tidemill import Event


class PriceChanged(Struct):
    """What is told of a price.

    Attributes:
        execution: that has found it out.
    """

    execution: str
    sku: str
    cents: int
    before: int


async def compare(event: Event) -> int:
    """Say which prices have changed; how many."""
    context = Context[None].of_event(None)
    execution, changed = event.payload["execution"], event.payload["changed"]
    for each in changed:
        change = PriceChanged(execution, **each)
        name = "price.dropped" if change.cents < change.before else "price.risen"
        await context.services.events.emit(name, change)
    context.services.logger.info("prices compared", changed=len(changed), of=event.payload["goods"])
    return len(changed)
