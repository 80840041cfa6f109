"""People are told: by mail to a real server, by whatever apprise knows to a real receiver."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.postbox import Postbox
from tests.servers import free_port
from tests.services.third_party import Answer, ThirdParty
from tidemill import Tidemill, current
from tidemill.core.errors import HostUnavailable, InvalidName, InvalidOption, ServiceError
from tidemill.services.breakers import Breakers
from tidemill.services.mail import TERMS, Mail
from tidemill.services.notifications import Notifications, Told
from tidemill.services.post import Post


@pytest.fixture
def server() -> Iterator[Postbox]:
    with Postbox().serving() as postbox:
        yield postbox


@pytest.fixture
async def mail(server: Postbox) -> AsyncIterator[Mail]:
    with Tidemill("memory://") as app:
        mail = mail_by(app, Post(url=server.url, sender="jobs@example.org"))
        yield mail
        await Notifications(mail, {}).aclose()


def mail_by(app: Tidemill, post: Post) -> Mail:
    return Mail(post, Breakers(app.store, TERMS), app.store.clock)


@pytest.fixture
def nobody() -> Iterator[Mail]:
    """Mail that nothing says how to send."""
    with Tidemill("memory://") as app:
        yield mail_by(app, Post())


class TestMail:
    async def test_each_is_told_alone_and_it_is_said_who_was(
        self, mail: Mail, server: Postbox
    ) -> None:
        report = await Notifications(mail, {}).send(
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
        assert [kept.to for kept in server.letters] == [["zoe@example.org"], ["max@example.org"]]
        letter = server.letters[0].letter
        assert (letter["To"], letter["From"]) == ("zoe@example.org", "jobs@example.org")
        parts = {part.get_content_type() for part in letter.walk()}
        assert parts == {"multipart/alternative", "text/plain", "text/html"}

    async def test_a_handler_tells_by_the_settings_of_alerts(
        self, server: Postbox, app: Tidemill, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TIDEMILL_MAIL_URL", server.url)
        monkeypatch.setenv("TIDEMILL_MAIL_SENDER", "jobs@example.org")
        with Tidemill(app.url) as own:

            @own.task
            async def tell() -> None:
                notifications = current().services["notifications"]
                report = await notifications.send("email", "zoe@example.org", "Paid", "7")
                report.raise_for_failures()

            job = tell.enqueue()
            await own.worker().run_until_idle()
            assert own.jobs.get(job).state == "completed"
        (kept,) = server.letters
        assert kept.letter["Message-ID"] == f"<{job.id}-1-1@example.org>"

    @pytest.mark.parametrize(
        "address",
        ["zoe@example.org\r\nBcc: x@example.org", "zoe", "a@b@c", "<zoe@example.org>", "",
         "zoe@example.org,x@example.org", "zoe\0@example.org", "zoe@exa mple.org"],
    )  # fmt: skip
    async def test_what_is_no_address_is_refused_before_anybody_is_told(
        self, mail: Mail, server: Postbox, address: str
    ) -> None:
        with pytest.raises(InvalidOption):
            await Notifications(mail, {}).send("email", ["max@example.org", address], "a", "b")
        assert server.letters == []

    @pytest.mark.parametrize("subject", ["Paid\r\nBcc: x@example.org", "Paid\nX: y", "Paid\r"])
    async def test_line_ends_in_a_subject_become_no_header(
        self, mail: Mail, server: Postbox, subject: str
    ) -> None:
        await Notifications(mail, {}).send("email", "zoe@example.org", subject, "b")
        (kept,) = server.letters
        letter = kept.letter
        assert kept.to == ["zoe@example.org"]
        assert set(letter.keys()) == {
            "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
            "MIME-Version",
            "Content-Type", "Content-Transfer-Encoding",
        }  # fmt: skip
        assert "Bcc" not in letter
        assert "\n" not in letter["Subject"]

    async def test_bcc_and_a_lone_dot_in_a_body_stay_text(
        self, mail: Mail, server: Postbox
    ) -> None:
        await Notifications(mail, {}).send(
            "email", "zoe@example.org", "a", "Bcc: x@example.org\n.\nQUIT\n"
        )
        (kept,) = server.letters
        assert kept.to == ["zoe@example.org"]
        assert kept.text.splitlines() == ["Bcc: x@example.org", ".", "QUIT"]

    async def test_a_server_that_is_away_fails_the_whole(self) -> None:
        away = Post(url=f"smtp://127.0.0.1:{free_port()}?tls=off", sender="jobs@example.org")
        with Tidemill("memory://") as app:
            mail = mail_by(app, away)
            with pytest.raises(HostUnavailable):
                await Notifications(mail, {}).send("email", "zoe@example.org", "a", "b")


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise loads all that it knows
class TestOthers:
    async def test_each_is_told_through_apprise_and_it_is_said_who_was(
        self, third: ThirdParty, nobody: Mail
    ) -> None:
        third.behave = lambda asked: Answer(500 if "nobody" in asked.path else 200)
        ways = {"sms": (f"json://127.0.0.1:{third.port}/sms/{{to}}",)}
        report = await Notifications(nobody, ways).send(
            "sms", ["+61 400", "nobody", "../../x?a=b#c"], "Paid", "Invoice 7 is paid."
        )
        assert [each.ok for each in report.told] == [True, False, True]
        assert "sms" in report.failures[0].error
        assert json.loads(third.asked[0].body)["message"] == "Invoice 7 is paid."
        assert all(asked.path.startswith("/sms/") for asked in third.asked)
        assert "?" not in third.asked[2].path

    async def test_what_is_not_set_up_is_told_so(self, nobody: Mail) -> None:
        with pytest.raises(InvalidOption, match=r"services\.notifications\.push"):
            await Notifications(nobody, {}).send("push", "zoe", "a", "b")

    async def test_a_url_that_is_none_is_told_without_what_it_holds(self, nobody: Mail) -> None:
        ways = {"chat": ("nothing://token/{to}",)}
        report = await Notifications(nobody, ways).send("chat", "zoe", "a", "b")
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
    nobody: Mail, channel: str, to: str | list[str], subject: str, body: str
) -> None:
    with pytest.raises((InvalidOption, InvalidName), match=r"^(?!mail cannot be sent)"):
        await Notifications(nobody, {}).send(channel, to, subject, body)


@pytest.mark.parametrize(
    ("package", "ask", "extra"),
    [
        ("httpx", "services['http']", "kits"),
        ("sqlalchemy", "services['database']", "database"),
        ("apprise", "asyncio.run(services['notifications'].send('sms', 'a', 'b', 'c'))",
         "notifications"),
        ("aiosmtplib", "asyncio.run(services['notifications'].send('email', 'a@b.c', 'b', 'c'))",
         "kits"),
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
