"""What is written in a call becomes nothing but what it is: no header, no recipient, no code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.kits.email.conftest import Open
from tests.postbox import Postbox
from tidemill import Tidemill
from tidemill.access.keys import Keys
from tidemill.api.app import create_api
from tidemill.core.errors import InvalidArguments, InvalidOption
from tidemill.kits.email import Attachment, Email
from tidemill.services.breakers import Breakers
from tidemill.services.mail import TERMS, Mail
from tidemill.services.post import Post
from tidemill.testing import Harness

ENDS = ["\r\n", "\r", "\n", "\0", "\v", "\f", "\x1b", "\x85", "\u2028", "\u2029"]
"""What ends a line, or a text, somewhere."""

PLACES: Mapping[str, Mapping[str, Any]] = {
    "to": {"to": ["zoe@example.org{}Bcc: x@example.org"]},
    "to, at its end": {"to": ["zoe@example.org{}"]},
    "cc": {"cc": ["zoe@example.org{}Bcc: x@example.org"]},
    "bcc": {"bcc": ["zoe@example.org{}"]},
    "reply_to": {"reply_to": ["{}zoe@example.org"]},
    "subject": {"subject": "Paid{}Bcc: x@example.org"},
    "from_name": {"from_name": "Zoe{}Bcc: x@example.org"},
    "a header": {"headers": {"X-Order": "7{}Bcc: x@example.org"}},
    "a header's name": {"headers": {"X-Order{}Bcc": "x@example.org"}},
    "an attachment's name": {"attachments": [{"name": "a{}b.txt", "content": "YQ=="}]},
    "an attachment's type": {
        "attachments": [{"name": "a", "content": "YQ==", "media_type": "text/plain{}X: y"}]
    },
}


def filled(value: Any, end: str) -> Any:
    """A value of `PLACES` with this in it."""
    match value:
        case str():
            return value.replace("{}", end)
        case list():
            return [filled(each, end) for each in value]
        case dict():
            return {filled(name, end): filled(each, end) for name, each in value.items()}
        case _:
            return value


@pytest.mark.parametrize("place", PLACES)
def test_what_ends_a_line_is_refused_when_it_is_asked_for(place: str) -> None:
    with Tidemill("memory://") as app:
        app.include(Email())
        for end in ENDS:
            call = {"to": ["zoe@example.org"], "subject": "Paid"} | filled(PLACES[place], end)
            with pytest.raises(InvalidArguments):
                app.enqueue("email.send", call)
            if "subject" not in PLACES[place]:
                many = {"messages": [call]}
                with pytest.raises(InvalidArguments):
                    app.enqueue("email.send_many", many)
        assert list(app.jobs.find()) == []


async def test_over_http_it_is_422() -> None:
    with Tidemill("memory://") as app:
        app.include(Email())
        key = Keys(app.client, "tests").create("tests", role="operator").secret
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(create_api(app)),
            base_url="http://127.0.0.1/api/v1",
            headers={"Authorization": f"Bearer {key}"},
        ) as http:
            call = {"to": ["zoe@example.org"], "subject": "Paid\r\nBcc: x@example.org"}
            told = {"task": "email.send", "arguments": call}
            answer = await http.post("/jobs", json=told)
            assert (answer.status_code, answer.json()["code"]) == (422, "misuse.arguments")
            call["subject"] = "Paid"
            assert (await http.post("/jobs", json=told)).status_code == 201


@pytest.mark.parametrize("place", PLACES)
async def test_the_service_refuses_it_as_well(place: str) -> None:
    with Tidemill("memory://") as app:
        post = Post(url="smtp://127.0.0.1:1?tls=off", sender="jobs@example.org")
        mail = Mail(post, Breakers(app.store, TERMS), app.store.clock)
        for end in ENDS:
            call = {"to": ["zoe@example.org"], "subject": "Paid"} | filled(PLACES[place], end)
            call["attachments"] = [
                (each["name"], b"a", each.get("media_type", "text/plain"))
                for each in call.get("attachments", ())
            ]
            with pytest.raises(InvalidOption):
                await mail.send(**call)


@pytest.mark.parametrize(
    "call",
    [
        {"to": ["zoe@example.org"] * 10_000},
        {"to": ["zoe@example.org"] * 51},
        {"to": []},
        {"to": "zoe@example.org"},
        {"to": ["zoe@example.org, max@example.org"]},
        {"to": ["Zoe <zoe@example.org>"]},
        {"cc": ["zoe@example.org"] * 51},
        {"bcc": ["zoe@example.org"] * 51},
        {"subject": "x" * 501},
        {"headers": {"Bcc": "x@example.org"}},
        {"headers": {"bcc": "x@example.org"}},
        {"headers": {"To": "x@example.org"}},
        {"headers": {"From": "x@example.org"}},
        {"headers": {"Sender": "x@example.org"}},
        {"headers": {"Return-Path": "x@example.org"}},
        {"headers": {"Content-Type": "text/html"}},
        {"headers": {"MIME-Version": "2"}},
        {"headers": {"Message-ID": "<a@b>"}},
        {"headers": {"DKIM-Signature": "v=1"}},
        {"headers": {"Received": "from here"}},
        {"headers": {"X Order": "7"}},
        {"headers": {"X-Order:": "7"}},
        {"attachments": [{"name": "../../etc/passwd", "content": "YQ=="}]},
        {"attachments": [{"name": "..\\evil", "content": "YQ=="}]},
        {"attachments": [{"name": "a", "content": "no base64"}]},
        {"attachments": [{"name": "a", "content": "YQ==", "media_type": "multipart/mixed"}]},
        {"attachments": [{"name": "a", "content": "YQ==", "media_type": "message/rfc822"}]},
        {"attachments": [{"name": "a", "content": "YQ==", "path": "/etc/passwd"}]},
        {"attachments": [{"file": "../../etc/passwd"}]},
        {"sender": "boss@example.org"},
    ],
)
def test_what_makes_no_letter_is_refused_when_it_is_asked_for(call: dict[str, Any]) -> None:
    with Tidemill("memory://") as app:
        app.include(Email())
        with pytest.raises(InvalidArguments):
            app.enqueue("email.send", {"to": ["zoe@example.org"], "subject": "Paid"} | call)


def test_people_of_all_kinds_count_together(mill: Harness, email: Email, postbox: Postbox) -> None:
    people = [f"p{n}@example.org" for n in range(60)]
    many = email.send.bind(people[:20], "Paid", cc=people[20:40], bcc=people[40:51])
    few = email.send.bind(people[:20], "Paid", cc=people[20:40], bcc=people[40:50])
    refused, sent = mill.app.enqueue(many), mill.app.enqueue(few)
    mill.drain()
    assert (refused.snapshot().state, refused.snapshot().reason) == ("failed", "not_retryable")
    assert len(sent.result(timeout=0).accepted) == 50
    assert len(postbox.letters) == 1


def test_bodies_stay_bodies(mill: Harness, email: Email, postbox: Postbox) -> None:
    body = "Bcc: x@example.org\r\n\r\n.\r\nMAIL FROM:<x@example.org>\r\nRCPT TO:<y@example.org>\n"
    mill.app.enqueue(email.send.bind(["zoe@example.org"], "Paid", body))
    mill.app.enqueue(email.send.bind(["zoe@example.org"], "Paid", "a\rBcc: x\n\r.\r\nb"))
    mill.drain()
    assert [kept.to for kept in postbox.letters] == [["zoe@example.org"]] * 2
    assert not any(kept.letter["Bcc"] for kept in postbox.letters)
    first = next(kept for kept in postbox.letters if b"MAIL FROM" in kept.raw)
    assert first.text == body.replace("\r\n", "\n")


EVIL = {
    "sums": "{{ 7*7 }}",
    "classes": "{{ ''.__class__.__mro__ }}",
    "blocks": "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "markup": "<script>alert('x')</script>",
    "lines": "a\r\nBcc: x@example.org",
}


@pytest.mark.parametrize("evil", EVIL)
def test_data_in_a_template_stays_data(open_: Open, postbox: Postbox, evil: str) -> None:
    email = Email(templates={
        "hello.txt": "Subject: For {{ who.name }}\n\nDear {{ who.name }}\n",
        "hello.html": "<p title='{{ who.name }}'>{{ who.name }}</p>",
    })  # fmt: skip
    mill = open_(email)
    value = EVIL[evil]
    to = ["zoe@example.org"]
    job = mill.app.enqueue(email.send_template.bind("hello", to, {"who": {"name": value}}))
    mill.drain()
    mill.assert_state(job, "completed")
    (kept,) = postbox.letters
    # A line that is folded before its first word begins with a space, which means nothing.
    assert kept.letter["Subject"].strip() == "For " + value.replace("\r\n", " ")
    assert "Bcc" not in kept.letter
    assert kept.text == f"Dear {value}\n".replace("\r\n", "\n")
    assert "<script>" not in kept.html
    assert "49" not in kept.html


@pytest.mark.parametrize(
    "gap",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ '' | attr('__class__') }}",
        "{{ ''.format }}",
        "{{ '{0.__class__}'.format(7) }}",
        "{{ who.__class__ }}",
        "{{ who.update({'name': 'x'}) }}",
        "{{ who.pop('name') }}",
        "{{ [1].append(2) }}",
        "{{ [who] | map(attribute='__class__') | first }}",
        "{{ self.__init__.__globals__ }}",
        "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
        "{{ range(10) }}",
        "{{ cycler }}",
        "{{ lipsum() }}",
        "{{ nothing }}",
        "{{ who.nothing }}",
        "{% include '/etc/passwd' %}",
        "{% include '../secret.txt' %}",
        "{{ 1 / 0 }}",
        "{{ ",
    ],
)
def test_no_template_gets_from_data_to_python(
    open_: Open, postbox: Postbox, gap: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "hello.txt").write_text(f"Subject: Hello\n\nx {gap}")
    email = Email(templates=tmp_path / "letters")
    mill = open_(email)
    call = email.send_template.bind("hello", ["zoe@example.org"], {"who": {"name": "Zoe"}})
    job = mill.app.enqueue(call)
    mill.drain()
    assert (job.snapshot().state, job.snapshot().reason) == ("failed", "not_retryable")
    assert postbox.letters == []


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "", "a/b", "a\\b", "a\n", ".hidden"])
def test_what_is_no_name_of_a_template_is_refused_when_it_is_asked_for(name: str) -> None:
    with pytest.raises(InvalidArguments):
        Email().send_template.bind(name, ["zoe@example.org"])


def test_an_attachment_reads_no_file_of_the_machine() -> None:
    fields = set(Attachment.__struct_fields__)
    assert fields == {"name", "content", "file", "media_type"}
