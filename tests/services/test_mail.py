"""`mail`: letters go to a real server, and it is said for whom they were taken."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from tests.postbox import Postbox, hang, hang_up
from tidemill import Tidemill
from tidemill.core.errors import HostUnavailable, InvalidOption, MailDeferred, MailRefused
from tidemill.services.breakers import Breakers
from tidemill.services.letter import Letter, checked, one_line
from tidemill.services.lines import Lines
from tidemill.services.mail import TERMS, Mail
from tidemill.services.post import Post, read_url

MakeMail = Callable[..., Mail]


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    with Postbox().serving() as postbox:
        yield postbox


@pytest.fixture
async def make_mail(app: Tidemill, postbox: Postbox) -> AsyncIterator[MakeMail]:
    made: list[Mail] = []

    def make(**said: Any) -> Mail:
        post = Post(**{"url": postbox.url, "sender": "jobs@example.org", **said})
        made.append(Mail(post, Breakers(app.store, TERMS), app.store.clock))
        return made[-1]

    yield make
    for mail in made:
        await mail.aclose()


async def test_it_says_for_whom_a_letter_was_taken(make_mail: MakeMail, postbox: Postbox) -> None:
    mail = make_mail()
    later = iter(["451 later"])
    postbox.on_recipient = lambda _, who: next(later, None) if who.startswith("max") else None
    people = ["zoe@example.org", "nobody@example.org", "max@example.org"]
    mailed = await mail.send(people, "Paid", "Invoice 7", id="7")
    assert mailed.accepted == ("zoe@example.org",)
    assert mailed.refused == {"nobody@example.org": "550 no such person"}
    assert mailed.deferred == {"max@example.org": "451 later"}
    again = await mail.send(people, "Paid", "Invoice 7", id="7", only=mailed.deferred)
    assert again.accepted == ("max@example.org",)
    assert again.message_id == mailed.message_id == "<7@example.org>"
    with pytest.raises(InvalidOption, match="nobody who is left"):
        await mail.send(people, "Paid", only=["else@example.org"])


async def test_a_letter_that_is_taken_for_nobody_says_whether_it_may_be_later(
    make_mail: MakeMail, postbox: Postbox
) -> None:
    mail = make_mail()
    with pytest.raises(MailRefused) as refused:
        await mail.send(["nobody@example.org"], "Paid")
    assert refused.value.refused == {"nobody@example.org": "550 no such person"}
    postbox.on_data = lambda *_: "451 later"
    with pytest.raises(MailDeferred) as deferred:
        await mail.send(["zoe@example.org", "nobody@example.org"], "Paid")
    assert deferred.value.deferred == {"zoe@example.org": "451 later"}
    assert deferred.value.refused == {"nobody@example.org": "550 no such person"}


async def test_a_letter_that_is_cancelled_in_the_middle_takes_no_other_with_it(
    make_mail: MakeMail, postbox: Postbox
) -> None:
    """What the server says to it comes later, and is no answer to another letter."""
    asked, cancelled = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    async def be_slow_for_one(_: SMTP, who: str) -> None:
        if who.startswith("slow"):
            loop.call_soon_threadsafe(asked.set)
            await asyncio.to_thread(cancelled.wait)

    postbox.on_recipient = be_slow_for_one
    mail = make_mail(connections=1)
    slow = asyncio.create_task(mail.send(["slow@example.org"], "Paid"))
    waiting = asyncio.create_task(mail.send(["zoe@example.org"], "Paid"))
    await asked.wait()
    slow.cancel()
    cancelled.set()
    assert (await waiting).accepted == ("zoe@example.org",)
    assert slow.cancelled()
    assert [kept.to for kept in postbox.letters] == [["zoe@example.org"]]
    assert postbox.connections == 2


async def test_who_finds_no_line_free_for_long_is_told_so(
    make_mail: MakeMail, postbox: Postbox
) -> None:
    postbox.on_recipient = hang
    mail = make_mail(connections=1, timeout=50)
    answers = await asyncio.gather(
        *(mail.send(["zoe@example.org"], "Paid") for _ in range(3)), return_exceptions=True
    )
    assert {type(each) for each in answers} == {HostUnavailable}


async def test_a_server_that_hangs_up_is_left_in_peace(
    make_mail: MakeMail, postbox: Postbox
) -> None:
    postbox.on_mail = hang_up
    mail = make_mail()
    with pytest.raises(HostUnavailable, match="cannot be reached"):
        await mail.send(["zoe@example.org"], "Paid")
    with pytest.raises(HostUnavailable, match="left in peace"):
        await mail.send(["zoe@example.org"], "Paid")


async def test_a_line_is_used_for_a_hundred_letters(make_mail: MakeMail, postbox: Postbox) -> None:
    mail = make_mail(connections=1)
    for number in range(101):
        await mail.send(["zoe@example.org"], str(number))
    assert postbox.connections == 2


async def test_senders_share_the_lines_to_a_server(make_mail: MakeMail, postbox: Postbox) -> None:
    mail = make_mail(connections=1)
    senders = [f"desk-{number}@example.org" for number in range(20)]
    for sender in senders:
        await mail.at(sender=sender).send(["zoe@example.org"], "Paid")
    await mail.at(postbox.url).send(["zoe@example.org"], "Paid")
    assert [kept.sender for kept in postbox.letters] == [*senders, "jobs@example.org"]
    assert postbox.connections == 1


async def test_a_service_that_was_closed_can_be_used_again(
    make_mail: MakeMail, postbox: Postbox
) -> None:
    mail = make_mail()
    for _ in range(2):
        await mail.at(sender="desk@example.org").send(["zoe@example.org"], "Paid")
        await mail.aclose()
    assert {kept.sender for kept in postbox.letters} == {"desk@example.org"}
    assert postbox.connections == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_lines_of_an_event_loop_that_is_gone_are_not_used(postbox: Postbox) -> None:
    """Nobody can close them any more, of which Python warns when it does."""

    def send_by_two_loops() -> None:
        lines = Lines(Post(url=postbox.url, sender="jobs@example.org"))

        async def send() -> None:
            async with lines.room():
                await lines.send("a@example.org", ["z@example.org"], b"To: z\r\n\r\n", utf8=False)

        for _ in range(2):
            asyncio.run(send())

    send_by_two_loops()
    gc.collect()
    assert len(postbox.letters) == 2


@pytest.mark.parametrize(
    "url",
    ["", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://mail.example.org/inbox",
     "smtp://mail.example.org?tls=off", "smtp://127.0.0.1?tls=maybe", "smtp://127.0.0.1:seven"],
)  # fmt: skip
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(InvalidOption):
        read_url(url)


@pytest.mark.parametrize("address", ["a..b@example.org", ".a@example.org", "a'b@example.org"])
def test_odd_addresses_can_be_written_to(address: str) -> None:
    letter = checked(Letter(id="7", sender="a@example.org", to=(address,), subject="Paid"))
    assert letter.recipients == (address,)


def test_a_text_becomes_one_line() -> None:
    assert one_line("a\r\n\tb\0c\u2028d  e") == "a b c d e"
    assert len(one_line("x" * 1_000)) == 500
