"""People are told: by mail to a real server, by webhooks to a real receiver."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.postbox import Postbox
from tests.receiver import Receiver
from tidemill import Tidemill
from tidemill.alerts.channel import Channel, checked
from tidemill.alerts.delivery import TELL, Delivery
from tidemill.alerts.message import Message
from tidemill.alerts.store import Channels
from tidemill.client.job import Job
from tidemill.core.errors import AddressRefused, InvalidOption
from tidemill.services.post import Post
from tidemill.testing.clock import ManualClock

MESSAGE = Message(
    id="i-opened", turn="opened", incident="i", rule="r", subject="s", severity="info",
    text="t", value=1, tenant="", began_at=0, at=0,
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[Postbox]:
    with Postbox().serving() as postbox:
        yield postbox


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().serving() as receiver:
        yield receiver


def hook(receiver: Receiver) -> str:
    return f"{receiver.url}/hook?a=b"


House = Callable[..., Tidemill]


@pytest.fixture
def house(tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Opens an application with these settings, each time on the same store."""
    with ExitStack() as stack:

        def opened(**settings: str) -> Tidemill:
            for name in ("MAIL_URL", "MAIL_SENDER", "ALERTS_INTERNAL"):
                monkeypatch.setenv(f"TIDEMILL_{name}", settings.get(name.lower(), ""))
            app = Tidemill(f"sqlite:///{tmp_path}/jobs.db", clock=clock)
            return stack.enter_context(app)

        yield opened


def channels_of(app: Tidemill) -> Channels:
    return Channels(app.client, app.works.delivery)


async def tell(app: Tidemill, name: str) -> Job[Any]:
    """Have a message told, and answer the job that did."""
    job = channels_of(app).test(name)
    await app.worker().run_until_idle()
    return app.jobs.get(job)


async def test_mail_arrives(house: House, server: Postbox) -> None:
    app = house(mail_url=server.url, mail_sender="jobs@example.org")
    channels_of(app).create("ops", "mail", to=("ops@example.org", "zoe@example.org"))
    job = await tell(app, "ops")
    assert job.state == "completed"
    (kept,) = server.letters
    letter = kept.letter
    assert kept.to == ["ops@example.org", "zoe@example.org"]
    assert letter["From"] == "jobs@example.org"
    assert letter["Subject"] == "[info] this is a test of the channel ops"
    assert "this is a test of the channel ops." in letter.get_content()


async def test_a_password_goes_nowhere_without_tls(house: House, server: Postbox) -> None:
    without = f"smtp://zoe:secret@127.0.0.1:{server.port}"
    app = house(mail_url=without, mail_sender="jobs@example.org")
    channels_of(app).create("ops", "mail", to=("ops@example.org",))
    job = await tell(app, "ops")
    assert job.state == "scheduled"  # put off until the server has it, no attempt spent
    assert server.letters == []


async def test_without_a_mail_server_the_job_says_what_is_missing(house: House) -> None:
    app = house()
    channels_of(app).create("ops", "mail", to=("ops@example.org",))
    job = await tell(app, "ops")
    assert job.seen is not None
    assert job.seen.error is not None
    assert "mail.url" in job.seen.error.message


@pytest.mark.parametrize(
    "address",
    ["zoe", "a@b@c", "a b@c", "zoe@example.org\r\nBcc: x@example.org", "<zoe@example.org>",
     "zoe@example.org,x@example.org", "", "@example.org", "zoe@"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidOption):
        checked(Channel(name="ops", by="mail", to=(address,)), internal=False)


@pytest.mark.parametrize(
    "channel",
    [
        Channel(name="ops", by="mail"),
        Channel(name="ops", by="mail", to=("a@example.org",) * 51),
        Channel(name="ops", by="mail", to=("a@example.org",), url="https://example.org"),
        Channel(name="ops", by="webhook"),
        Channel(name="ops", by="webhook", url="https://example.org", to=("a@example.org",)),
        Channel(name="ops", by="pigeon"),  # type: ignore[arg-type]  # nor is there one
    ],
)
def test_a_channel_that_makes_no_sense_is_refused(channel: Channel) -> None:
    with pytest.raises((InvalidOption, AddressRefused)):
        checked(channel, internal=False)


async def test_a_webhook_is_signed_as_others_verify_it(
    house: House, receiver: Receiver, clock: ManualClock
) -> None:
    app = house(alerts_internal="true")
    made = channels_of(app).create("ops", "webhook", url=hook(receiver))
    job = await tell(app, "ops")
    assert (job.state, job.result()) == ("completed", "answered 204")
    ((headers, body),) = receiver.got
    assert headers["Host"] == receiver.url.split("/")[2]
    told = json.loads(body)
    assert told["type"] == "alert.opened"
    assert told["data"]["text"] == "this is a test of the channel ops"
    assert int(headers["webhook-timestamp"]) == clock.now() // 1_000
    signed = Webhook(made.secret).sign(
        headers["webhook-id"], moment(headers["webhook-timestamp"]), body.decode()
    )
    assert headers["webhook-signature"] == signed


async def test_a_redirect_is_not_followed(house: House, receiver: Receiver) -> None:
    receiver.answers = [(307, {"Location": hook(receiver)})]
    app = house(alerts_internal="true")
    channels_of(app).create("ops", "webhook", url=hook(receiver))
    job = await tell(app, "ops")
    assert job.state == "retrying"
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [200, 403, 410, 500])
async def test_what_a_receiver_says_is_not_kept(
    house: House, receiver: Receiver, status: int
) -> None:
    receiver.document, receiver.answers = "inner-word", [(status, {"X-Inner": "inner-word"})]
    app = house(alerts_internal="true")
    channels_of(app).create("ops", "webhook", url=hook(receiver))
    job = await tell(app, "ops")
    assert len(receiver.got) == 1
    assert str(status) in str(job.seen)
    assert "inner-word" not in str(job.seen)


async def test_one_that_is_busy_says_when_to_come_again(
    house: House, receiver: Receiver, clock: ManualClock
) -> None:
    receiver.answers = [(429, {"Retry-After": "120"})]
    app = house(alerts_internal="true")
    channels_of(app).create("ops", "webhook", url=hook(receiver))
    job = await tell(app, "ops")
    assert job.seen is not None
    assert (job.state, job.seen.ready_at) == ("retrying", clock.now() + 120_000)
    clock.advance("2m")
    await app.worker().run_until_idle()
    assert job.state == "completed"
    first, again = (headers["webhook-id"] for headers, _ in receiver.got)
    assert first == again


async def test_one_that_wants_no_more_is_left_alone(house: House, receiver: Receiver) -> None:
    receiver.answers = [(410, {})]
    app = house(alerts_internal="true")
    channels_of(app).create("ops", "webhook", url=hook(receiver))
    assert (await tell(app, "ops")).state == "cancelled"


async def test_an_inner_address_is_not_asked_though_it_was_saved(
    house: House, receiver: Receiver
) -> None:
    channels_of(house(alerts_internal="true")).create(
        "ops", "webhook", url=f"{receiver.url}/hook?a=b"
    )
    app = house()
    job = await tell(app, "ops")
    assert job.seen is not None
    assert job.seen.error is not None
    assert "may not be asked" in job.seen.error.message
    assert receiver.got == []


async def test_the_address_that_was_looked_at_is_the_one_that_is_asked(
    house: House, receiver: Receiver
) -> None:
    """By the time of the connection the name may stand for another one; here it stands for none."""
    asked: list[str] = []

    async def lookup(host: str, port: int) -> list[str]:
        del port
        asked.append(host)
        return ["127.0.0.1"]

    app, port = house(alerts_internal="true"), receiver.url.rpartition(":")[2]
    url = f"http://hooks.invalid:{port}/hook"
    channels_of(app).create("ops", "webhook", url=url)
    delivery = Delivery(app.client, Post(), internal=True, lookup=lookup)
    assert await delivery.tell(MESSAGE, "ops") == "answered 204"
    assert asked == ["hooks.invalid"]
    ((headers, _),) = receiver.got
    assert headers["Host"] == f"hooks.invalid:{port}"


async def test_a_channel_that_is_gone_is_told_nothing(house: House, receiver: Receiver) -> None:
    app = house(alerts_internal="true")
    channels = channels_of(app)
    channels.create("ops", "webhook", url=hook(receiver))
    job = channels.test("ops")
    channels.delete("ops")
    await app.worker().run_until_idle()
    assert app.jobs.get(job).state == "cancelled"
    assert receiver.got == []


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
def test_a_message_of_one_turn_by_one_channel_is_always_the_same_job(app: Tidemill) -> None:
    delivery = Delivery(app.client, Post())
    first, again, other = (delivery.job(MESSAGE, name) for name in ("a", "a", "b"))
    assert first.id == again.id != other.id
    assert {first.task, other.task} == {TELL}


def moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
