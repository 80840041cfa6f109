"""A server that refuses, defers, hangs or goes away costs no letter, and no attempt of others."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.kits.email.conftest import Open
from tests.postbox import Hook, Postbox, hang, hang_up
from tests.servers import free_port
from tests.services.third_party import certificate_for, tls
from tidemill import Job, JobContext
from tidemill.kits.email import Email, Sent
from tidemill.testing import Harness
from tidemill.worker.middleware import Handler

THREE = ["zoe@example.org", "nobody@example.org", "max@example.org"]


def write(mill: Harness, email: Email, to: list[str] | None = None) -> Job[Sent]:
    return mill.app.enqueue(email.send.bind(to or ["zoe@example.org"], "Paid", "Invoice 7"))


def attempts(job: Job[Any]) -> int:
    return job.snapshot().attempt


class TestRefusals:
    def test_one_that_is_refused_keeps_no_letter_from_the_others(
        self, mill: Harness, email: Email, postbox: Postbox
    ) -> None:
        job = write(mill, email, THREE)
        mill.drain()
        sent = job.result(timeout=0)
        assert sent.accepted == ("zoe@example.org", "max@example.org")
        assert sent.refused == {"nobody@example.org": "550 no such person"}
        assert postbox.letters[0].to == list(sent.accepted)
        told = {event.name: event.payload for event in mill.events("email.*")}
        assert told == {
            "email.sent": {"job": job.id, "to": ["zoe@example.org", "max@example.org"]},
            "email.refused": {
                "job": job.id, "refused": {"nobody@example.org": "550 no such person"},
            },
        }  # fmt: skip

    def test_a_letter_that_is_refused_for_all_fails_at_once(
        self, mill: Harness, email: Email
    ) -> None:
        job = write(mill, email, ["nobody@example.org", "nobody2@example.org"])
        mill.drain()
        seen = job.snapshot()
        assert (seen.state, seen.reason, seen.attempt) == ("failed", "not_retryable", 1)
        assert seen.error is not None
        assert "550 no such person" in seen.error.message
        assert [event.name for event in mill.events("email.*")] == ["email.refused"]

    @pytest.mark.parametrize("reply", ["550 no spam", "552 too large"])
    def test_a_letter_that_the_server_will_never_take_fails_at_once(
        self, mill: Harness, email: Email, postbox: Postbox, reply: str
    ) -> None:
        postbox.on_data = lambda *_: reply
        job = write(mill, email)
        mill.drain()
        assert (job.snapshot().state, attempts(job)) == ("failed", 1)

    def test_a_sender_that_is_refused_fails_the_letter_alone(
        self, mill: Harness, email: Email, postbox: Postbox
    ) -> None:
        said = iter(["553 not you"])
        postbox.on_mail = lambda *_: next(said, None)
        first = write(mill, email)
        mill.drain()
        second = write(mill, email)
        mill.drain()
        assert first.snapshot().state == "failed"
        assert second.snapshot().state == "completed"


class TestLater:
    def test_one_who_is_deferred_is_tried_again_and_the_others_are_not(
        self, mill: Harness, email: Email, postbox: Postbox
    ) -> None:
        busy = iter(["451 later", "450 later still"])
        postbox.on_recipient = lambda _, who: next(busy, None) if who.startswith("max") else None
        job = write(mill, email, THREE)
        mill.drain()
        mill.assert_state(job, "retrying")
        mill.advance("1h")
        mill.advance("1h")
        sent = job.result(timeout=0)
        assert attempts(job) == 3
        assert [kept.to for kept in postbox.letters] == [["zoe@example.org"], ["max@example.org"]]
        assert {kept.letter["Message-ID"] for kept in postbox.letters} == {sent.message_id}
        assert set(sent.accepted) == {"zoe@example.org", "max@example.org"}
        assert set(sent.refused) == {"nobody@example.org"}
        assert postbox.letters[1].letter["To"] == ", ".join(THREE)
        assert [event.name for event in mill.events("email.*")] == [
            "email.sent", "email.refused", "email.sent",
        ]  # fmt: skip

    @pytest.mark.parametrize("when", ["on_mail", "on_recipient", "on_data"])
    def test_a_letter_that_is_deferred_is_tried_again_under_the_same_id(
        self, mill: Harness, email: Email, postbox: Postbox, when: str
    ) -> None:
        said = iter(["451 later"])
        setattr(postbox, when, lambda *_: next(said, None))
        job = write(mill, email)
        mill.drain()
        mill.assert_state(job, "retrying")
        mill.advance("1h")
        assert job.result(timeout=0).message_id == f"<{job.id}@example.org>"
        assert (attempts(job), len(postbox.letters)) == (2, 1)

    def test_a_letter_that_is_always_deferred_fails_when_its_attempts_are_spent(
        self, open_: Open, postbox: Postbox
    ) -> None:
        email = Email(attempts=2)
        mill = open_(email)
        postbox.on_data = lambda *_: "451 never now"
        job = write(mill, email)
        mill.drain()
        mill.advance("1h")
        assert (job.snapshot().state, attempts(job)) == ("failed", 2)


class TestAway:
    """Nothing is spent by what no letter can be the reason of."""

    def test_a_server_that_is_away_spends_no_attempt_and_is_asked_by_one_job_at_a_time(
        self, open_: Open
    ) -> None:
        email, port = Email(), free_port()
        mill = open_(email, url=f"smtp://127.0.0.1:{port}?tls=off")
        jobs = [write(mill, email) for _ in range(20)]
        mill.drain()
        for _ in range(10):
            mill.advance("1m")
        states = {(job.snapshot().state, attempts(job)) for job in jobs}
        assert states == {("scheduled", 0)}
        with Postbox(port).serving() as postbox:
            for _ in range(4):
                mill.advance("1m")
            assert {job.snapshot().state for job in jobs} == {"completed"}
            assert len(postbox.letters) == 20

    @pytest.mark.parametrize("when", ["on_mail", "on_recipient"])
    @pytest.mark.parametrize("trouble", [hang_up, hang, lambda *_: "421 closing"])
    def test_a_server_that_stops_before_it_has_the_letter_spends_no_attempt(
        self, open_: Open, postbox: Postbox, when: str, trouble: Hook
    ) -> None:
        email = Email()
        mill = open_(email, timeout="150ms", connections=1)
        setattr(postbox, when, trouble)
        jobs = [write(mill, email) for _ in range(3)]
        mill.drain()
        assert {(job.snapshot().state, attempts(job)) for job in jobs} == {("scheduled", 0)}
        setattr(postbox, when, None)
        for _ in range(3):
            mill.advance("1m")
        assert {job.snapshot().state for job in jobs} == {"completed"}
        assert len(postbox.letters) == 3

    @pytest.mark.parametrize("trouble", [hang_up, hang])
    def test_a_letter_that_may_have_been_taken_is_sent_again_under_the_same_id_for_an_attempt(
        self, open_: Open, postbox: Postbox, trouble: Any
    ) -> None:
        email, kept = Email(), list[bytes]()
        mill = open_(email, timeout="150ms")

        async def take_and_stop(server: SMTP, _address: str) -> str | None:
            assert server.envelope is not None
            assert isinstance(server.envelope.content, bytes)
            kept.append(server.envelope.content)
            postbox.on_data = None
            return trouble(server) if trouble is hang_up else await trouble(server)

        postbox.on_data = take_and_stop
        job = write(mill, email)
        mill.drain()
        mill.assert_state(job, "retrying")
        mill.advance("1h")
        assert (job.snapshot().state, attempts(job)) == ("completed", 2)
        id_ = job.result(timeout=0).message_id
        assert [id_.encode() in raw for raw in (*kept, postbox.letters[0].raw)] == [True, True]

    def test_a_letter_that_breaks_its_server_each_time_fails_and_others_arrive(
        self, open_: Open, postbox: Postbox
    ) -> None:
        email = Email(attempts=2)
        mill = open_(email)

        def break_(server: SMTP, address: str) -> None:
            if address.startswith("poison"):
                hang_up(server)

        postbox.on_recipient = break_
        poison = write(mill, email, ["poison@example.org"])
        others = [write(mill, email) for _ in range(5)]
        mill.drain()
        for _ in range(12):
            mill.advance("10m")
        assert poison.snapshot().state == "failed"
        assert {(job.snapshot().state, attempts(job)) for job in others} == {("completed", 1)}

    def test_a_line_that_the_server_has_cut_meanwhile_is_made_anew_unnoticed(
        self, mill: Harness, email: Email, postbox: Postbox
    ) -> None:
        def stop_after(server: SMTP, _address: str) -> None:
            assert server.transport is not None
            server.loop.call_soon(server.transport.close)

        postbox.on_data = stop_after
        jobs = [write(mill, email) for _ in range(8)]
        mill.drain()
        assert {(job.snapshot().state, attempts(job)) for job in jobs} == {("completed", 1)}
        assert len(postbox.letters) == 8
        assert postbox.connections > 4
        assert mill.app.open().records.get("breaker", f"127.0.0.1:{postbox.port}").wait() is None

    def test_words_that_are_no_smtp_spend_no_attempt(self, open_: Open, postbox: Postbox) -> None:
        email = Email()
        mill = open_(email)
        postbox.on_mail = lambda *_: "HTTP/1.1 400 Bad Request"
        job = write(mill, email)
        mill.drain()
        assert (job.snapshot().state, attempts(job)) == ("scheduled", 0)


class TestSecrets:
    """What is set wrong is no letter's fault: it is put right, and all of them go."""

    @pytest.mark.filterwarnings("ignore:Requiring AUTH")  # by aiosmtpd, whose server has no TLS
    def test_letters_wait_until_the_server_knows_us(self, open_: Open) -> None:
        def known(*given: Any) -> AuthResult:
            login = given[-1]
            fits = isinstance(login, LoginPassword) and login.password == b"right"
            return AuthResult(success=fits, handled=False)

        with Postbox().serving(
            authenticator=known, auth_required=True, auth_require_tls=False
        ) as postbox:
            for login, state in (("", "scheduled"), ("jobs:wrong@", "scheduled"),
                                 ("jobs:right@", "completed")):  # fmt: skip
                email = Email()
                mill = open_(email, url=f"smtp://{login}127.0.0.1:{postbox.port}?tls=off")
                job = write(mill, email)
                mill.drain()
                mill.advance("1m")
                assert (job.snapshot().state, attempts(job)) == (state, state == "completed")
            assert len(postbox.letters) == 1


class TestTls:
    def test_a_letter_goes_by_tls_to_a_server_that_is_trusted(
        self, open_: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        certificate = certificate_for("127.0.0.1", tmp_path)
        monkeypatch.setenv("TIDEMILL_SERVICES_CA", str(certificate))
        seen = list[bool]()

        def look(server: SMTP, _address: str) -> None:
            assert server.session is not None
            seen.append(server.session.ssl is not None)

        email = Email()
        with Postbox().serving(tls_context=tls(certificate), require_starttls=True) as postbox:
            postbox.on_mail = look
            mill = open_(email, url=f"smtp://127.0.0.1:{postbox.port}")
            job = write(mill, email)
            mill.drain()
            mill.assert_state(job, "completed")
        assert seen == [True]

    def test_nothing_is_said_to_a_server_whose_certificate_nobody_vouches_for(
        self, open_: Open, tmp_path: Path
    ) -> None:
        context = tls(certificate_for("127.0.0.1", tmp_path))
        email = Email()
        with Postbox().serving(tls_context=context) as postbox:
            mill = open_(email, url=f"smtp://127.0.0.1:{postbox.port}")
            job = write(mill, email)
            mill.drain()
            assert (job.snapshot().state, attempts(job)) == ("scheduled", 0)
            assert postbox.letters == []

    def test_a_server_that_breaks_tls_is_left_in_peace(self, open_: Open) -> None:
        lines = [b"220 here\r\n", b"250-here\r\n250 STARTTLS\r\n", b"220 go on\r\n"]
        with odd_server([*lines, b"what is TLS?\r\n" * 20]) as port:
            email = Email()
            mill = open_(email, url=f"smtp://127.0.0.1:{port}", timeout="2s")
            job = write(mill, email)
            mill.drain()
            assert (job.snapshot().state, attempts(job)) == ("scheduled", 0)

    def test_a_server_that_has_no_tls_is_told_nothing(self, open_: Open, postbox: Postbox) -> None:
        said: list[str] = []
        postbox.on_mail = lambda _, who: said.append(who)
        email = Email()
        mill = open_(email, url=f"smtp://zoe:secret@127.0.0.1:{postbox.port}")
        job = write(mill, email)
        mill.drain()
        assert (job.snapshot().state, attempts(job), said) == ("scheduled", 0, [])


@contextmanager
def odd_server(words: Sequence[bytes]) -> Iterator[int]:
    """Says so, one thing after the other whatever it hears, to whoever comes; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    line, _ = server.accept()
                    with line, suppress(OSError):
                        for said in words:
                            line.sendall(said)
                            if not line.recv(1 << 16):
                                break

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


async def test_what_an_attempt_has_done_is_not_done_again_by_the_next(
    mill: Harness, email: Email, postbox: Postbox
) -> None:
    died: list[str] = []

    async def die_once(job: JobContext, handler: Handler) -> Any:
        answer = await handler()
        if not died:
            died.append(job.id)
            raise ConnectionError("the line to the store was cut")
        return answer

    job = await mill.app.aenqueue(email.send.bind(["zoe@example.org"], "Paid"))
    for _ in range(2):
        await mill.app.worker(middleware=[die_once]).run_until_idle()
        mill.clock.advance("1h")
        await (await mill.app.aopen()).jobs.promote(10)
    assert (job.snapshot().state, attempts(job)) == ("completed", 2)
    assert job.result(timeout=0).accepted == ("zoe@example.org",)
    assert len(postbox.letters) == 1


def test_nothing_says_how_mail_is_sent_so_the_letter_fails_and_says_so(
    open_: Open, postbox: Postbox
) -> None:
    email = Email()
    mill = open_(email, url="", sender="")
    job = write(mill, email)
    mill.drain()
    seen = job.snapshot()
    assert seen.error is not None
    assert "set mail.url" in seen.error.message
    assert (seen.state, postbox.letters) == ("failed", [])
