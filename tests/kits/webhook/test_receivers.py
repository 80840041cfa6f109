"""Receivers that throttle, hang, drip, break TLS or lie lose no job, nor another's attempt."""

import threading
import time
from pathlib import Path

import pytest

from tests.kits.webhook.conftest import Send, Subscribe, in_turn
from tests.services import evil
from tests.services.third_party import Answer, Asked, ThirdParty, certificate_for
from tidemill import Tidemill
from tidemill.kits.webhook import Settings, Webhooks
from tidemill.testing import Harness, in_memory

DRIPS = evil.dripping(evil.OK + b"Content-Length: 1000000\r\n\r\n", b"x")

MANY = 20
"""More than the five failures that cut a host off."""


@pytest.mark.parametrize("status", [429, 503])
def test_one_that_throttles_spends_no_attempt_and_loses_no_job(
    mill: Harness, subscribe: Subscribe, send: Send, third: ThirdParty, status: int
) -> None:
    third.behave = in_turn(Answer(status, headers=(("Retry-After", "60"),)))
    made = subscribe()
    jobs = [send(made) for _ in range(MANY)]
    mill.drain()
    asked = len(third.asked)
    mill.advance("50s")
    assert len(third.asked) == asked, "it was asked while it wanted to be left in peace"
    for _ in range(4):
        mill.advance("1m")
    assert {job.state for job in jobs} == {"completed"}
    assert {job.snapshot().attempt for job in jobs} == {1}


def test_one_that_hangs_spends_few_attempts_and_holds_up_nobody_else(
    mill: Harness, subscribe: Subscribe, send: Send
) -> None:
    with evil.receiver(evil.silent) as port:
        hanging = subscribe(f"http://127.0.0.1:{port}/in")
        jobs = [send(hanging) for _ in range(MANY)]
        well = [send(subscribe()) for _ in range(MANY)]
        begun = time.monotonic()
        mill.drain()
        assert time.monotonic() - begun < 4
        assert {job.state for job in well} == {"completed"}
        spent = [job for job in jobs if job.state == "retrying"]
        parked = [job for job in jobs if job.state == "scheduled"]
        assert len(spent) + len(parked) == MANY
        assert len(spent) <= 5
        assert {job.snapshot().attempt for job in parked} <= {0, 1}
        assert all(not job.snapshot().checkpoint for job in parked)


def test_one_that_takes_its_time_keeps_no_worker_from_the_others(third: ThirdParty) -> None:
    """It answers when they have been posted to, and 150 webhooks to it are before theirs."""
    app, webhooks = Tidemill("memory://"), Webhooks(settings=Settings(("127.0.0.1",)))
    app.include(webhooks)
    all_posted = threading.Event()

    def take(_: Asked) -> Answer:
        if len(third.asked) == MANY:
            all_posted.set()
        return Answer(204)

    third.behave = take
    with in_memory(app) as mill, evil.receiver(evil.waiting(all_posted)) as port:
        ours = webhooks.subscriptions(app)
        slow = ours.create(f"http://127.0.0.1:{port}/in", []).id
        quick = ours.create(f"{third.url}/in", []).id
        jobs = app.enqueue_many(webhooks.to(slow).bind(slow, "a") for _ in range(150))
        jobs += app.enqueue_many(webhooks.to(quick).bind(quick, "a") for _ in range(MANY))
        mill.drain()
        assert {(job.snapshot().state, job.snapshot().attempt) for job in jobs} == {
            ("completed", 1)
        }


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (evil.dripping(evil.OK, b"X: y\r\n"), "ReadTimeout"),
        (evil.hangs_up, ("RemoteProtocolError", "ReadError")),
        (evil.saying(b"what?\r\n\r\n"), "RemoteProtocolError"),
        (evil.saying(b"HTTP/1.1 2xx OK\r\n\r\n"), "RemoteProtocolError"),
        (evil.saying(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"), "RemoteProtocolError"),
        (evil.saying(evil.OK + b"X: " + b"y" * 200_000 + b"\r\n\r\n"), "RemoteProtocolError"),
    ],
    ids=["drips its headers", "hangs up", "no HTTP", "no status", "no length", "a long header"],
)
def test_one_that_does_not_answer_as_it_should_costs_the_job_one_attempt(
    mill: Harness,
    subscribe: Subscribe,
    send: Send,
    webhooks: Webhooks,
    behave: evil.Behaviour,
    error: str | tuple[str, ...],
) -> None:
    with evil.receiver(behave) as port:
        job = send(subscribe(f"http://127.0.0.1:{port}/in"))
        mill.drain()
    seen = job.snapshot()
    assert (seen.state, seen.attempt) == ("retrying", 1)
    (tried,) = webhooks.deliveries(mill.app).get(job.id).tries
    assert tried.error.startswith(error)
    assert tried.status == 0


@pytest.mark.parametrize(
    ("behave", "body"),
    [
        (evil.saying(evil.OK + b"Content-Length: 100\r\n\r\nshort"), "short"),
        (evil.saying(evil.OK + b"Content-Length: 2\r\n\r\nok, and more"), "ok"),
        (evil.saying(evil.OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz"), "hello"),
        (evil.saying(evil.OK + b"Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx"), ""),
        (evil.saying(evil.OK + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"), ""),
        (evil.endless, "x" * 1_024),
    ],
    ids=["too little", "too much", "broken chunks", "packed strangely", "packed badly", "no end"],
)
def test_one_that_says_yes_has_taken_it_whatever_is_wrong_with_the_rest(
    mill: Harness, subscribe: Subscribe, send: Send, behave: evil.Behaviour, body: str
) -> None:
    with evil.receiver(behave) as port:
        job = send(subscribe(f"http://127.0.0.1:{port}/in"))
        mill.drain()
    assert (job.result(timeout=0).status, job.result(timeout=0).body) == (200, body)


def test_one_that_lets_its_body_drip_is_not_waited_for(
    subscribe: Subscribe, send: Send, mill: Harness
) -> None:
    with evil.receiver(DRIPS) as port:
        made = subscribe(f"http://127.0.0.1:{port}/in")
        begun = time.monotonic()
        jobs = [send(made) for _ in range(MANY)]
        mill.drain()
    assert time.monotonic() - begun < 3
    assert {job.state for job in jobs} == {"completed"}


class TestTls:
    def test_a_certificate_of_nobody_that_is_trusted_costs_one_attempt(
        self,
        mill: Harness,
        subscribe: Subscribe,
        send: Send,
        webhooks: Webhooks,
        tmp_path: Path,
    ) -> None:
        stranger = ThirdParty()
        with stranger.serving(certificate_for("127.0.0.1", tmp_path)):
            job = send(subscribe(f"https://127.0.0.1:{stranger.port}/in"))
            mill.drain()
        assert stranger.asked == []
        assert job.state == "retrying"
        (tried,) = webhooks.deliveries(mill.app).get(job.id).tries
        assert "CERTIFICATE_VERIFY_FAILED" in tried.error

    @pytest.mark.parametrize(
        "behave",
        [evil.hangs_up, evil.saying(b"HTTP/1.1 200 OK\r\n\r\n"), evil.silent],
        ids=["hangs up", "speaks no TLS", "says nothing"],
    )
    def test_a_handshake_that_comes_to_nothing_costs_one_attempt(
        self, mill: Harness, subscribe: Subscribe, send: Send, behave: evil.Behaviour
    ) -> None:
        with evil.receiver(behave) as port:
            job = send(subscribe(f"https://127.0.0.1:{port}/in"))
            mill.drain()
        assert (job.state, job.snapshot().attempt) == ("retrying", 1)

    def test_where_its_certificate_is_trusted_it_is_delivered(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        certificate = certificate_for("127.0.0.1", tmp_path)
        monkeypatch.setenv("TIDEMILL_SERVICES_CA", str(certificate))
        app, webhooks = Tidemill("memory://"), Webhooks(settings=Settings(("127.0.0.1",)))
        app.include(webhooks)
        third = ThirdParty()
        with in_memory(app) as mill, third.serving(certificate):
            url = f"https://127.0.0.1:{third.port}/in"
            made = webhooks.subscriptions(app).create(url, ["**"])
            job = app.enqueue(webhooks.to(made.id).bind(made.id, "a"))
            mill.drain()
            assert job.state == "completed"


def test_one_that_is_away_for_an_hour_is_told_everything_when_it_is_back(
    mill: Harness, subscribe: Subscribe, send: Send, third: ThirdParty
) -> None:
    made = subscribe(f"{third.url}/in")
    third.behave = lambda _: Answer(503)
    jobs = [send(made) for _ in range(MANY)]
    mill.drain()
    for _ in range(12):
        mill.advance("5m")
    states = [job.state for job in jobs]
    assert "failed" not in states
    third.behave = lambda _: Answer(204)
    for _ in range(4):
        mill.advance("5m")
    assert {job.state for job in jobs} == {"completed"}
    assert sum(job.snapshot().attempt for job in jobs) <= MANY + 10
