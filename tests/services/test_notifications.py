"""People are told: by mail to a real server, by whatever apprise knows to a real receiver."""

import json
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller

from tests.servers import free_port
from tests.services.third_party import Answer, ThirdParty
from tidemill import Tidemill, current
from tidemill.core.errors import InvalidName, InvalidOption, ServiceError
from tidemill.services.mail import Post
from tidemill.services.notifications import Notifications, Told


class Server:
    """Keeps what it has taken; there are some whom it does not know."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], Message]] = []

    async def handle_RCPT(  # noqa: N802 - its name there
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def post(server: Server) -> Iterator[Post]:
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield Post(f"smtp://127.0.0.1:{controller.port}?tls=off", "jobs@example.org")
    finally:
        controller.stop()


class TestMail:
    async def test_each_is_told_alone_and_it_is_said_who_was(
        self, post: Post, server: Server
    ) -> None:
        report = await Notifications(post, {}).send(
            "email",
            ["zoe@example.org", "nobody@example.org", "max@example.org"],
            "Paid",
            "Invoice 7 is paid.",
            html="<p>Invoice 7 is paid.</p>",
        )
        assert [each.ok for each in report.told] == [True, False, True]
        assert report.failures == (Told("nobody@example.org", "550 no such person"),)
        with pytest.raises(ServiceError, match="1 of 3 could not be told"):
            report.raise_for_failures()
        assert [to for to, _ in server.letters] == [["zoe@example.org"], ["max@example.org"]]
        letter = server.letters[0][1]
        assert (letter["To"], letter["From"]) == ("zoe@example.org", "jobs@example.org")
        parts = {part.get_content_type() for part in letter.walk()}
        assert parts == {"multipart/alternative", "text/plain", "text/html"}

    async def test_a_handler_tells_by_the_settings_of_alerts(
        self, post: Post, server: Server, app: Tidemill, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TIDEMILL_MAIL_URL", post.url)
        monkeypatch.setenv("TIDEMILL_MAIL_SENDER", post.sender)
        with Tidemill(app.url) as own:

            @own.task
            async def tell() -> None:
                notifications = current().services["notifications"]
                report = await notifications.send("email", "zoe@example.org", "Paid", "7")
                report.raise_for_failures()

            job = tell.enqueue()
            await own.worker().run_until_idle()
            assert own.jobs.get(job).state == "completed"
        ((_, letter),) = server.letters
        assert letter["Message-ID"] == f"<{job.id}-1-1@example.org>"

    @pytest.mark.parametrize(
        "address",
        ["zoe@example.org\r\nBcc: x@example.org", "zoe", "a@b@c", "<zoe@example.org>", "",
         "zoe@example.org,x@example.org", "zoe\0@example.org", "zoe@exa mple.org"],
    )  # fmt: skip
    async def test_what_is_no_address_is_refused_before_anybody_is_told(
        self, post: Post, server: Server, address: str
    ) -> None:
        with pytest.raises(InvalidOption):
            await Notifications(post, {}).send("email", ["max@example.org", address], "a", "b")
        assert server.letters == []

    @pytest.mark.parametrize("subject", ["Paid\r\nBcc: x@example.org", "Paid\nX: y", "Paid\r"])
    async def test_line_ends_in_a_subject_become_no_header(
        self, post: Post, server: Server, subject: str
    ) -> None:
        await Notifications(post, {}).send("email", "zoe@example.org", subject, "b")
        ((to, letter),) = server.letters
        assert to == ["zoe@example.org"]
        assert set(letter.keys()) == {
            "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version",
            "Content-Type", "Content-Transfer-Encoding", "X-Peer", "X-MailFrom", "X-RcptTo",
        } & set(letter.keys())  # fmt: skip
        assert "Bcc" not in letter
        assert "\n" not in letter["Subject"]

    async def test_bcc_and_a_lone_dot_in_a_body_stay_text(self, post: Post, server: Server) -> None:
        await Notifications(post, {}).send(
            "email", "zoe@example.org", "a", "Bcc: x@example.org\n.\nQUIT\n"
        )
        ((to, letter),) = server.letters
        assert to == ["zoe@example.org"]
        assert str(letter.get_payload()).splitlines() == ["Bcc: x@example.org", ".", "QUIT"]

    async def test_a_server_that_is_away_fails_the_whole(self) -> None:
        away = Post(f"smtp://127.0.0.1:{free_port()}?tls=off", "jobs@example.org")
        with pytest.raises(aiosmtplib.SMTPException):
            await Notifications(away, {}).send("email", "zoe@example.org", "a", "b")


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise loads all that it knows
class TestOthers:
    async def test_each_is_told_through_apprise_and_it_is_said_who_was(
        self, third: ThirdParty
    ) -> None:
        third.behave = lambda asked: Answer(500 if "nobody" in asked.path else 200)
        ways = {"sms": (f"json://127.0.0.1:{third.port}/sms/{{to}}",)}
        report = await Notifications(Post(), ways).send(
            "sms", ["+61 400", "nobody", "../../x?a=b#c"], "Paid", "Invoice 7 is paid."
        )
        assert [each.ok for each in report.told] == [True, False, True]
        assert "sms" in report.failures[0].error
        assert json.loads(third.asked[0].body)["message"] == "Invoice 7 is paid."
        assert all(asked.path.startswith("/sms/") for asked in third.asked)
        assert "?" not in third.asked[2].path

    async def test_what_is_not_set_up_is_told_so(self) -> None:
        with pytest.raises(InvalidOption, match=r"services\.notifications\.push"):
            await Notifications(Post(), {}).send("push", "zoe", "a", "b")

    async def test_a_url_that_is_none_is_told_without_what_it_holds(self) -> None:
        ways = {"chat": ("nothing://token/{to}",)}
        report = await Notifications(Post(), ways).send("chat", "zoe", "a", "b")
        assert not report.told[0].ok
        assert "token" not in str(report)


@pytest.mark.parametrize(
    ("channel", "to", "subject", "body"),
    [
        ("pigeon", "zoe@example.org", "a", "b"),
        ("email", [], "a", "b"),
        ("email", ["zoe@example.org"] * 51, "a", "b"),
        ("email", "zoe@example.org", "a\0b", "b"),
        ("email", "zoe@example.org", "a", "b" * 100_001),
        ("sms", ["1"] * 501, "a", "b"),
    ],
)
async def test_what_cannot_be_sent_is_refused(
    channel: str, to: str | list[str], subject: str, body: str
) -> None:
    with pytest.raises((InvalidOption, InvalidName)):
        await Notifications(Post("smtp://127.0.0.1:1", "a@b.c"), {}).send(
            channel, to, subject, body
        )


@pytest.mark.parametrize(
    ("package", "ask", "extra"),
    [
        ("httpx", "services['http']", "kits"),
        ("sqlalchemy", "services['database']", "database"),
        ("apprise", "asyncio.run(services['notifications'].send('sms', 'a', 'b', 'c'))",
         "notifications"),
        ("aiosmtplib", "asyncio.run(services['notifications'].send('email', 'a@b.c', 'b', 'c'))",
         "notifications"),
    ],
)  # fmt: skip
def test_a_package_that_is_not_installed_is_named_with_what_brings_it(
    package: str, ask: str, extra: str
) -> None:
    program = (
        f"import asyncio, sys\nsys.modules[{package!r}] = None\n"
        "from tidemill import Tidemill\n"
        "app = Tidemill('memory://')\n"
        "services = app.works.of_a_worker(app.open(), {})['services']\n"
        f"try:\n    {ask}\nexcept Exception as error:\n    print(error)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert package in answer.stdout
    assert f"pip install 'tidemill[{extra}]'" in answer.stdout
