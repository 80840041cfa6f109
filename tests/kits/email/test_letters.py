"""What is sent is what arrives: every part of a letter, read back from a real server."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.kits.email.conftest import Open
from tests.postbox import Postbox
from tidemill import Priority, RateLimit
from tidemill.kits.email import Attachment, Email
from tidemill.testing import Harness

EVERY_BYTE = bytes(range(256)) * 40


def test_every_part_arrives_byte_for_byte(mill: Harness, email: Email, postbox: Postbox) -> None:
    text = "Dear Zoë,\n.\n..\nFrom here  \n" + "x" * 2_000 + "\nBcc: x@example.org\n"
    html = f"<p>Zoë &amp; {'y' * 1_200}</p>"
    job = mill.app.enqueue(
        email.send.bind(
            ["zoe@example.org", "max@example.org"],
            "Rechnung für Zoë: 7 € bezahlt, " + "und noch viel mehr " * 10,
            text,
            html=html,
            cc=["cc@example.org"],
            bcc=["secret@example.org"],
            reply_to=["desk@example.org"],
            from_name="Müller, Billing",
            headers={"X-Order": "7", "List-Unsubscribe": f"<https://example.org/{'u' * 90}>"},
            attachments=[
                Attachment(name="every byte.bin", content=EVERY_BYTE),
                Attachment(name="übersicht.csv", content=b"a;b\r\n1;2\n", media_type="text/csv"),
            ],
        )
    )
    mill.drain()
    sent = job.result(timeout=0)
    (kept,) = postbox.letters
    assert (len(kept.raw), hashlib.sha256(kept.raw).hexdigest()) == (sent.size, sent.digest)
    assert kept.sender == "jobs@example.org"
    assert kept.to == list(sent.accepted) == [
        "zoe@example.org", "max@example.org", "cc@example.org", "secret@example.org",
    ]  # fmt: skip
    assert b"secret" not in kept.raw
    letter = kept.letter
    assert letter["From"].addresses[0].display_name == "Müller, Billing"
    assert letter["To"] == "zoe@example.org, max@example.org"
    assert letter["Cc"] == "cc@example.org"
    assert letter["Reply-To"] == "desk@example.org"
    assert letter["Subject"].startswith("Rechnung für Zoë: 7 € bezahlt, und noch")
    assert letter["X-Order"] == "7"
    assert letter["List-Unsubscribe"] == f"<https://example.org/{'u' * 90}>"
    assert letter["Message-ID"] == sent.message_id == f"<{job.id}@example.org>"
    assert letter["Date"].datetime == datetime.fromtimestamp(mill.clock.now() / 1_000, UTC)
    assert kept.text == text
    assert kept.html == f"{html}\n"
    first, second = letter.iter_attachments()
    assert (first.get_filename(), first.get_content()) == ("every byte.bin", EVERY_BYTE)
    assert second.get_filename() == "übersicht.csv"
    assert second.get_payload(decode=True) == b"a;b\r\n1;2\n"


def test_what_goes_over_the_line_is_plain_ascii_of_short_lines(
    mill: Harness, email: Email, postbox: Postbox
) -> None:
    mill.app.enqueue(email.send.bind(["zoe@example.org"], "ü" * 400, "ü\r" * 500, html="ü" * 5_000))
    mill.drain()
    (kept,) = postbox.letters
    assert kept.raw.isascii()
    assert max(map(len, kept.raw.split(b"\r\n"))) <= 78
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", kept.raw)


def test_an_address_of_other_letters_goes_to_a_server_that_takes_them(
    mill: Harness, email: Email, postbox: Postbox
) -> None:
    job = mill.app.enqueue(email.send.bind(["zoë@example.org"], "Hé", "é"))
    mill.drain()
    assert job.result(timeout=0).accepted == ("zoë@example.org",)
    assert postbox.letters[0].letter["To"] == "zoë@example.org"


def test_a_server_that_takes_ascii_alone_is_sent_no_other_addresses(open_: Open) -> None:
    with Postbox().serving(enable_SMTPUTF8=False) as postbox:
        email = Email()
        mill = open_(email, url=postbox.url)
        odd, plain = (
            mill.app.enqueue(email.send.bind([to], "Hé", "é"))
            for to in ("zoë@example.org", "zoe@example.org")
        )
        mill.drain()
        mill.assert_state(odd, "failed")
        mill.assert_state(plain, "completed")
        assert len(postbox.letters) == 1


def test_html_alone_needs_no_text(mill: Harness, email: Email, postbox: Postbox) -> None:
    mill.app.enqueue(email.send.bind(["zoe@example.org"], "Paid", html="<b>7</b>"))
    mill.drain()
    (kept,) = postbox.letters
    assert (kept.letter.get_content_type(), kept.html, kept.text) == (
        "text/html", "<b>7</b>\n", "",
    )  # fmt: skip


def test_a_letter_waits_until_it_is_due(mill: Harness, email: Email, postbox: Postbox) -> None:
    at = datetime.fromtimestamp(mill.clock.now() / 1_000, UTC) + timedelta(hours=2)
    mill.app.enqueue(email.send.using(delay="1h").bind(["zoe@example.org"], "first"))
    mill.app.enqueue(email.send.using(at=at).bind(["zoe@example.org"], "second"))
    mill.drain()
    assert postbox.letters == []
    mill.advance("1h")
    assert [kept.letter["Subject"] for kept in postbox.letters] == ["first"]
    mill.advance("1h")
    assert [kept.letter["Subject"] for kept in postbox.letters] == ["first", "second"]


def test_many_letters_share_a_line(mill: Harness, email: Email, postbox: Postbox) -> None:
    mill.app.enqueue_many(email.send.bind(["zoe@example.org"], str(n)) for n in range(40))
    mill.drain()
    assert len(postbox.letters) == 40
    assert 1 <= postbox.connections <= 4


def test_a_kit_has_its_own_server_sender_and_name(open_: Open) -> None:
    with Postbox().serving() as own:
        email = Email("post", server=own.url, sender="desk@own.example", from_name="Desk")
        mill = open_(email, url="smtp://127.0.0.1:1?tls=off")
        job = mill.app.enqueue(email.send.bind(["zoe@example.org"], "Hello"))
        named = mill.app.enqueue(email.send.bind(["zoe@example.org"], "Hello", from_name="Zoe"))
        mill.drain()
        assert job.result(timeout=0).message_id == f"<{job.id}@own.example>"
        assert named.result(timeout=0).accepted
        names = {kept.letter["From"] for kept in own.letters}
        assert names == {"Desk <desk@own.example>", "Zoe <desk@own.example>"}
        assert {event.name for event in mill.events("post.*")} == {"post.sent"}


def test_its_options_are_those_that_it_is_made_with() -> None:
    email = Email(
        "post", queue="slow", attempts=2, backoff="1m", timeout="10s",
        priority=Priority.HIGH, rate=RateLimit(10, "1s"),
    )  # fmt: skip
    for task in (email.send, email.send_template):
        options = task.options
        assert (options.queue, options.priority, options.timeout) == ("slow", 50, 10_000)
        assert (options.retry.attempts, options.retry.base) == (2, 60_000)
        assert options.rate == RateLimit(10, "1s")
    assert {task.options.queue for task in email.tasks.values()} == {"slow"}


def test_a_kept_file_is_attached(mill: Harness, email: Email, postbox: Postbox) -> None:
    with mill.app.files.create("audits.csv") as out:
        out.write(b"id,station\n1,2\n")
    mill.app.enqueue(
        email.send.bind(["zoe@example.org"], "Audits", attachments=[Attachment(file=out.file.id)])
    )
    mill.drain()
    (part,) = postbox.letters[0].letter.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("audits.csv", "text/csv")
    assert part.get_payload(decode=True) == b"id,station\n1,2\n"


@pytest.mark.parametrize(
    "attachment",
    [Attachment(), Attachment(name="a"), Attachment(content=b"a"),
     Attachment(name="a", content=b"a", file="b"), Attachment(file="nothing")],
)  # fmt: skip
def test_an_attachment_that_is_none_fails_its_letter_at_once(
    mill: Harness, email: Email, postbox: Postbox, attachment: Attachment
) -> None:
    call = email.send.bind(["zoe@example.org"], "Audits", attachments=[attachment])
    job = mill.app.enqueue(call)
    mill.drain()
    mill.assert_state(job, "failed")
    assert job.snapshot().reason == "not_retryable"
    assert postbox.letters == []
