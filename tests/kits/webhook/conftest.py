"""An application with the kit, receivers on this machine, and what tests ask of both."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.services.third_party import Answer, Asked, ThirdParty
from tidemill import Job, Tidemill
from tidemill.kits.webhook import Settings, Subscription, Webhooks
from tidemill.testing import Harness, ManualClock, in_memory


@pytest.fixture
def third() -> Iterator[ThirdParty]:
    """A receiver that takes everything."""
    with ThirdParty(lambda _: Answer(204)).serving() as third:
        yield third


@pytest.fixture
def webhooks() -> Webhooks:
    """The kit, for whom this machine is out in the world."""
    return Webhooks(settings=Settings(allow=("127.0.0.1",), answer="1s"))


@pytest.fixture
def mill(webhooks: Webhooks) -> Iterator[Harness]:
    """An application in memory, by a clock that shows the time and stands still."""
    app = Tidemill("memory://")
    app.include(webhooks)
    with in_memory(app, ManualClock(int(time.time() * 1_000))) as mill:
        yield mill


Subscribe = Callable[..., Subscription]


@pytest.fixture
def subscribe(mill: Harness, webhooks: Webhooks, third: ThirdParty) -> Subscribe:
    """Subscribes, by default the receiver to all events."""

    def subscribe(url: str = "", events: tuple[str, ...] = ("**",), **other: Any) -> Subscription:
        ours = webhooks.subscriptions(mill.app)
        return ours.create(url or f"{third.url}/in", events, **other)

    return subscribe


Send = Callable[..., Job[Any]]


@pytest.fixture
def send(mill: Harness, webhooks: Webhooks) -> Send:
    """Enqueues one delivery."""

    def send(to: Subscription, event: str = "invoice.paid", data: Any = None) -> Job[Any]:
        return mill.app.enqueue(webhooks.to(to.id).bind(to.id, event, data))

    return send


Turn = Answer | Callable[[Asked], Answer]


def in_turn(*answers: Turn, then: Answer = Answer(204)) -> Callable[[Asked], Answer]:  # noqa: B008 - a value
    """Behave so in turn, and from then on otherwise."""
    left = list(answers)

    def behave(asked: Asked) -> Answer:
        turn = left.pop(0) if left else then
        return turn if isinstance(turn, Answer) else turn(asked)

    return behave
