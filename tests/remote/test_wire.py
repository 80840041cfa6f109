"""Who is asked, and with what; and what is said where there is no answer of ours."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest

from tidemill.core.errors import (
    InvalidOption,
    JobFailed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    StoreUnavailable,
    TidemillError,
    TooManyRequests,
)
from tidemill.remote.jobs import RemoteJobs
from tidemill.remote.reading import nothing
from tidemill.remote.remote import Remote
from tidemill.remote.wire import Wire

URL = "https://jobs.example.org"
KEY = "tm_a-key-that-nobody-is-told"

Answer = Callable[[httpx.Request], httpx.Response]


def remote(answer: Answer, url: str = URL) -> Remote:
    return Remote(url, KEY, transport=httpx.MockTransport(answer))


def problem(status: int, code: str, **more: Any) -> httpx.Response:
    said = {"type": "", "title": "", "status": status, "detail": "said so", "code": code, **more}
    return httpx.Response(status, json=said)


def test_nobody_is_there() -> None:
    with (
        pytest.raises(StoreUnavailable, match=r"http://127\.0\.0\.1:9 cannot be asked"),
        Remote("http://127.0.0.1:9", KEY) as far,
    ):
        far.jobs.get("x")


def test_one_who_does_not_answer_is_not_waited_for_for_ever() -> None:
    def late(asked: httpx.Request) -> httpx.Response:
        assert asked.extensions["timeout"]["read"] == 30
        raise httpx.ReadTimeout("", request=asked)

    with pytest.raises(StoreUnavailable, match="cannot be asked: ReadTimeout"):
        remote(late).queues.find()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://jobs.example.org", "readable"),
        ("http://127.0.0.1.example.org", "readable"),
        ("https://u:hunter2@jobs.example.org", "more than where it is"),
        ("https://u:hunter2@jobs.example.org:port", "cannot be read"),
        ("https://jobs.example.org?key=hunter2", "more than where it is"),
        ("https://jobs.example.org#hunter2", "more than where it is"),
        ("https://", "no URL"),
        ("https://[", "cannot be read"),
        ("ftp://x", "no URL"),
    ],
)
def test_a_url_that_will_not_do_is_refused_and_no_secret_in_it_repeated(
    url: str, said: str
) -> None:
    with pytest.raises(InvalidOption, match=said) as refused:
        Wire(url, KEY)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", [URL, f"{URL}/", f"{URL}/api/v1", "http://localhost:8420"])
def test_the_url_is_that_of_the_server_with_or_without_what_is_below(url: str) -> None:
    def answer(asked: httpx.Request) -> httpx.Response:
        assert asked.url.path == "/api/v1/workers"
        assert asked.headers["authorization"] == f"Bearer {KEY}"
        return httpx.Response(200, json={"workers": []})

    assert remote(answer, url).jobs.workers() == []


@pytest.mark.parametrize(
    ("key", "said"),
    [("", "no key"), (" \n", "no key"), ("tm_ü", "no key has"), ("tm_a\r\nX-Y: z", "no key has")],
)
def test_a_key_that_can_be_none_is_not_sent_nor_repeated(key: str, said: str) -> None:
    with pytest.raises(InvalidOption, match=said) as refused:
        Wire(URL, key)
    assert not key.strip() or key not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (problem(401, "access.unauthenticated"), NotAuthenticated, "set TIDEMILL_KEY"),
        (problem(403, "access.denied", hint="ask ada"), NotAllowed, "said so (ask ada)"),
        (problem(404, "state.not_found"), NotFound, "said so"),
        (problem(404, "http.not_found"), InvalidOption, "said so"),
        (problem(503, "store.unavailable"), StoreUnavailable, f"{URL} answers: said so"),
        (problem(500, "internal"), StoreUnavailable, "said so"),
        (problem(409, "state.of_tomorrow"), InvalidOption, "said so"),
        (
            problem(422, "misuse.request", errors=[{"pointer": "/body/x", "message": "no x"}]),
            InvalidOption,
            "/body/x: no x",
        ),
        (httpx.Response(200, text="<html>"), StoreUnavailable, "not as a server"),
        (httpx.Response(200, json={"queues": 7}), StoreUnavailable, "not as a server"),
        (httpx.Response(200, json=[]), StoreUnavailable, "not as a server"),
        (httpx.Response(200), StoreUnavailable, "not as a server"),
        (httpx.Response(200, json={"queues": [{}]}), StoreUnavailable, "not as a server"),
        (httpx.Response(403, text="<html>"), StoreUnavailable, "answers 403, and not as"),
        (httpx.Response(502, json={"detail": 1, "errors": 2}), StoreUnavailable, "answers 502"),
    ],
)
def test_each_answer_that_is_none_is_one_of_our_errors(
    answer: httpx.Response, kind: type[TidemillError], said: str
) -> None:
    with pytest.raises(TidemillError) as refused:
        remote(lambda _: answer).queues.find()
    assert type(refused.value) is kind
    assert said in str(refused.value)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    ("after", "wait"), [("7", 7), ("soon", 1), ("", 1), ("²", 1), ("9" * 5_000, 1)]
)
def test_one_who_asks_too_often_is_told_how_long_to_wait(after: str, wait: int) -> None:
    answer = problem(429, "access.too_many")
    answer.headers = httpx.Headers([(b"retry-after", after.encode())])
    with pytest.raises(TooManyRequests, match=f"try again in {wait} s") as refused:
        remote(lambda _: answer).queues.find()
    assert refused.value.wait == wait


def test_the_key_is_not_sent_on() -> None:
    asked: list[str] = []

    def elsewhere(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(308, headers={"location": "https://evil.example.org/?token=x"})

    with pytest.raises(StoreUnavailable, match=r"on to https://evil.example.org, and") as refused:
        remote(elsewhere).queues.find()
    assert asked == ["jobs.example.org"]
    assert "token" not in str(refused.value)


def test_names_do_not_lead_elsewhere() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.raw_path.decode()} {request.headers.get('x-tenant')}")
        return httpx.Response(204)

    far = remote(answer)
    far.users.delete("a/../b?c=d#e")
    far.schedules.delete("acme/nightly")
    far.alert_rules.delete("deep")
    assert asked == [
        "/api/v1/users/a%2F..%2Fb%3Fc%3Dd%23e None",
        "/api/v1/schedules/nightly acme",
        "/api/v1/alerts/rules/deep None",
    ]
    with pytest.raises(TidemillError, match="tenant"):
        far.schedules.delete("ü/nightly")


def test_what_was_seen_and_why_is_sent_along() -> None:
    def answer(asked: httpx.Request) -> httpx.Response:
        assert asked.headers["if-match"] == '"3"'
        assert asked.headers["x-reason"] == "f%C3%BCr%20alle"
        return httpx.Response(204)

    with closing(Wire(URL, KEY, transport=httpx.MockTransport(answer))) as wire:
        wire.ask(nothing, "PATCH", "/x", {}, reason="für alle", version=3)


def job(state: str, result: Any = None) -> dict[str, Any]:
    """What a server sends of a job."""
    moments = ("created_at", "ready_at", "started_at", "finished_at", "expires_at")
    texts = ("id", "task", "queue", "tenant", "gate", "source", "reason")
    nones = (
        *("timeout", "worker", "unique_key", "limit_key", "rate_key", "batch", "error"),
        *("progress", "arguments"),
    )
    numbers = ("priority", "attempt", "max_attempts", "crashes", "waits_for")
    return {
        **dict.fromkeys(moments, "2026-11-30T08:00:00.000Z"),
        **dict.fromkeys(texts, "x"),
        **dict.fromkeys(nones),
        **dict.fromkeys(numbers, 1),
        "state": state,
        "result": result,
        "tags": [],
        "cancel_requested": False,
    }


def sweeping(*seen: dict[str, Any]) -> tuple[RemoteJobs, list[float]]:
    """Jobs of a server that leaves very many to a job, and how long was waited for it."""
    answers = iter([{"changed": 2, "job": "x"}, *seen])
    waited: list[float] = []
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=next(answers)))
    return RemoteJobs(Wire(URL, KEY, transport=transport), pause=waited.append), waited


def test_very_many_are_waited_for() -> None:
    jobs, waited = sweeping(job("waiting"), job("running"), job("completed", 5))
    told: list[int] = []
    assert jobs.retry(told=told.append, states=["failed"]) == 5
    assert (told, waited) == ([2], [0.5, 0.5])


def test_a_change_of_very_many_that_fails_is_told() -> None:
    with pytest.raises(JobFailed, match="the job x, which went on with the change, is failed"):
        sweeping(job("failed"))[0].retry(states=["failed"])


def test_one_who_may_not_see_results_is_told_where_the_number_is() -> None:
    with pytest.raises(NotAllowed, match="the job x knows how many"):
        sweeping(job("completed", "***"))[0].retry(states=["failed"])
