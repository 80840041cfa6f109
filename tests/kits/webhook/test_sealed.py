"""Secrets and headers of subscriptions: sealed where a key is set, sent all the same."""

from collections.abc import Iterator

import pytest

from tests.kits.webhook.conftest import Send, Subscribe
from tests.services.third_party import Answer, ThirdParty
from tidemill import State, Tidemill, errors, signatures
from tidemill.kits.webhook import Subscription, Webhooks
from tidemill.tasks.secret import new_key
from tidemill.testing import Harness, ManualClock, in_memory

HUSH = "Bearer hush"


@pytest.fixture
def mill(webhooks: Webhooks) -> Iterator[Harness]:
    """An application in memory that has a key."""
    app = Tidemill("memory://", settings={"secrets.keys": new_key("k1")})
    app.include(webhooks)
    with in_memory(app, ManualClock()) as mill:
        yield mill


def kept(app: Tidemill, made: Subscription) -> str:
    """What the store keeps of a subscription."""
    found = app.open().records.get("app:webhook.subscriptions", f"/{made.id}").wait()
    assert found is not None
    return found.doc.decode()


def test_what_is_secret_is_sealed_and_sent(
    mill: Harness, webhooks: Webhooks, third: ThirdParty, subscribe: Subscribe, send: Send
) -> None:
    ours = webhooks.subscriptions(mill.app)
    made = subscribe(headers={"Authorization": HUSH})
    new = ours.rotate(made.id)
    assert ours.change(made.id, description="the books").headers == {"Authorization": "***"}
    written = kept(mill.app, made)
    assert not [each for each in (made.secret, new.secret, HUSH) if each in written]
    assert written.count("$secret") == 3
    job = send(made)
    mill.drain()
    assert job.state is State.COMPLETED
    (posted,) = third.asked
    assert posted.headers["Authorization"] == HUSH
    for secret in (made.secret, new.secret):
        signatures.verify(secret, posted.headers, posted.body, at=mill.clock.now())


def test_one_that_is_gone_is_disabled_and_stays_sealed(
    mill: Harness, webhooks: Webhooks, third: ThirdParty, subscribe: Subscribe, send: Send
) -> None:
    third.behave = lambda _: Answer(410)
    made = subscribe()
    job = send(made)
    mill.drain()
    assert job.state is State.CANCELLED
    assert not webhooks.subscriptions(mill.app).get(made.id).enabled
    assert made.secret not in kept(mill.app, made)


def test_what_was_kept_before_there_was_a_key_is_sealed_when_asked(
    mill: Harness, webhooks: Webhooks, subscribe: Subscribe, send: Send
) -> None:
    plain, others = Tidemill("memory://"), Webhooks()
    plain.include(others)
    with in_memory(plain, mill.clock):
        ours = others.subscriptions(plain)
        with pytest.raises(errors.InvalidOption, match="no key is set"):
            ours.seal()
        known = ours.create("https://crm.example.org/in", ["**"], headers={"X-Key": HUSH})
        assert known.secret in kept(plain, known)
        before = plain.records("webhook.subscriptions").get(known.id)
        assert before is not None
    here = mill.app.records("webhook.subscriptions")
    made = subscribe()
    here.change(made.id, lambda seen: before.value | {"url": seen["url"]})
    assert HUSH in kept(mill.app, made)
    job = send(made)
    mill.drain()
    assert job.state is State.COMPLETED, "what is not sealed yet is not sent"
    assert webhooks.subscriptions(mill.app).seal() == 1
    written = kept(mill.app, made)
    assert not [each for each in (known.secret, HUSH) if each in written]
    assert webhooks.subscriptions(mill.app).get(made.id).headers == {"X-Key": "***"}
