"""What nobody is shown, whatever they may see: secrets, and what has the name of one."""

import time
from typing import Any

import msgspec
import pytest

from tests.api.conftest import Caller, People
from tidemill import Cancel, Concurrency, RateLimit, Retry, Secret, Tidemill, current
from tidemill.api.app import create_api
from tidemill.api.masking import shown
from tidemill.tasks.secret import MASK, new_key
from tidemill.tasks.veil import DEEPEST, veiled
from tidemill.testing.clock import ManualClock

HIDDEN = [
    "password", "dbPassword", "passwd", "passphrase", "secret", "client_secret", "token",
    "access_token", "Authorization", "api_key", "apiKey", "api-key", "private_key", "credentials",
    "cookie", "card_number", "cvv",
]  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
def test_what_has_the_name_of_a_secret_is_masked(name: str) -> None:
    inside = {"user": "zoe", "deep": [{name: "hunter2"}], name: {"a": "hunter2"}}
    assert "hunter2" not in str(veiled(inside))
    assert veiled(inside)["user"] == "zoe"


def test_what_lies_deeper_than_anybody_looks_is_masked() -> None:
    value: Any = {"password": "hunter2"}
    for _ in range(DEEPEST + 1):
        value = [value]
    assert "hunter2" not in str(veiled(value))
    assert b"hunter2" not in shown(msgspec.json.encode(value))


@pytest.mark.parametrize("name", ["user", "passenger", "author", "keyboard", "key", "opinion"])
def test_other_names_are_left_alone(name: str) -> None:
    assert veiled({name: "plain"}) == {name: "plain"}


@pytest.mark.parametrize(
    "stored",
    [b"{}", b"null", b'{"a":[1,2.50,"x"]}', b'"password"', b"[1]", b'{"a": ["the token", 2.50]}'],
)
def test_where_there_is_nothing_to_hide_nothing_is_written_anew(stored: bytes) -> None:
    assert shown(stored) is stored


def test_what_is_written_anew_says_the_same() -> None:
    stored = b'{"pin":1,"n":[2.50,1e3,123456789012345678901234567890,0.1]}'
    assert shown(stored) == b'{"pin":"***","n":[2.50,1E+3,123456789012345678901234567890,0.1]}'


def test_a_name_that_is_spelled_in_another_way_is_masked() -> None:
    assert b"hunter2" not in shown(rb'{"p\u0061ssword":"hunter2"}')


def quickest(stored: bytes) -> float:
    """Seconds of this thread alone that it takes to see what of it may be shown."""
    took = []
    for _ in range(5):
        begun = time.thread_time()
        shown(stored)
        took.append(time.thread_time() - begun)
    return min(took)


@pytest.mark.parametrize(
    "piece",
    ["password", "passpasswor", 'token"', "card_", "api_", "pin", '"', "\\", '":"', "x"],
)
def test_hostile_text_takes_as_long_as_there_is_of_it(piece: str) -> None:
    """Eight times as much of it may take about eight times as long, and by no means 64 times."""
    small, large = (
        msgspec.json.encode([{"a": piece * (size // len(piece))}]) for size in (25_000, 200_000)
    )
    plain = msgspec.json.encode([{"a": "x" * 200_000}])
    assert quickest(large) < 30 * max(quickest(small), 1e-4)
    assert quickest(large) < 10 * quickest(plain)


async def test_nobody_sees_a_secret_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", new_key("k1"))
    canary = "correct-horse-77zy"
    with Tidemill("memory://", clock=ManualClock()) as app:

        @app.task(name="log_in", retry=Retry.never())
        def log_in(user: str, phrase: Secret) -> None:
            raise ValueError(f"{phrase.reveal()} is wrong for {user}")

        del log_in
        caller = People(app, create_api(app))()
        body = {"task": "log_in", "arguments": {"user": "zoe", "phrase": canary}}
        headers = {"Idempotency-Key": "once"}
        made = await caller.ok("POST", "/jobs", body, headers=headers)
        assert await caller.ok("POST", "/jobs", body, headers=headers) == {**made, "created": False}
        await app.worker().run_until_idle()
        told = await caller.ok("GET", f"/jobs/{made['id']}")
        assert told["arguments"] == {"user": "zoe", "phrase": MASK}
        assert told["state"] == "failed"
        for path in (
            "/jobs",
            f"/jobs/{made['id']}",
            f"/jobs/{made['id']}/logs",
            "/events",
            "/audit",
        ):
            assert canary not in (await caller("GET", path)).text
        task = await caller.ok("GET", "/tasks/log_in")
        assert task["parameters"]["properties"]["phrase"]["format"] == "password"


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_results_and_events_are_masked_by_name(app: Tidemill, admin: Caller) -> None:
    @app.task(name="log_in")
    def log_in(token: str) -> dict[str, str]:
        return {"session_token": token, "user": "zoe"}

    job = log_in.enqueue("hunter2")
    await app.worker().run_until_idle()
    app.events.emit("user.made", {"password": "hunter2", "user": "zoe"})
    told = await admin.ok("GET", f"/jobs/{job.id}")
    assert told["arguments"] == {"token": MASK}
    assert told["result"] == {"session_token": MASK, "user": "zoe"}
    for path in ("/jobs", "/events"):
        assert "hunter2" not in (await admin("GET", path)).text


CANARY = "zoe-77zy"
KEYS = ("unique_key", "limit_key", "rate_key")


@pytest.fixture
def telling(app: Tidemill) -> Tidemill:
    """Tasks that tell of their argument in keys, reasons and progress."""

    @app.task(
        name="tell",
        concurrency=Concurrency(1, key="limit:{who}"),
        rate=RateLimit(1, "1h", key="rate:{who}"),
    )
    def tell(who: str) -> None:
        current().progress(50, f"half of {who}")
        raise Cancel(f"{who} has moved")

    del tell
    return app


async def test_a_viewer_sees_nothing_that_may_come_from_an_argument(
    telling: Tidemill, people: People
) -> None:
    viewer, operator = people("viewer"), people("operator")
    first = telling.enqueue("tell", {"who": CANARY}, key=f"who:{CANARY}")
    await telling.worker().run_until_idle()
    second = telling.enqueue("tell", {"who": CANARY}, key=f"who:{CANARY}")
    for path in (
        "/jobs", f"/jobs/{first.id}", f"/jobs/{first.id}/why", f"/jobs/{second.id}",
        f"/jobs/{second.id}/why",
    ):  # fmt: skip
        assert CANARY not in (await viewer("GET", path)).text, path
        assert CANARY in (await operator("GET", path)).text, path
    told = await viewer.ok("GET", f"/jobs/{first.id}")
    assert [told[name] for name in (*KEYS, "reason")] == [MASK] * 4
    assert told["progress"]["message"] == MASK
    assert told["progress"]["percent"] == 50
    (cause,) = (await viewer.ok("GET", f"/jobs/{first.id}/why"))["causes"]
    assert cause["text"] == "it was cancelled: ***"
    why = (await viewer.ok("GET", f"/jobs/{second.id}/why"))["causes"]
    assert ("rate_spent", MASK) in [(each["kind"], each["what"]) for each in why]
    plain = await operator.ok("GET", f"/jobs/{first.id}")
    assert (plain["reason"], plain["limit_key"]) == (f"{CANARY} has moved", f"limit:{CANARY}")


async def test_what_has_no_key_and_no_reason_shows_no_mask(app: Tidemill, people: People) -> None:
    job = app.enqueue("add", {"a": 1})
    told = await people("viewer").ok("GET", f"/jobs/{job.id}")
    assert [told[name] for name in (*KEYS, "reason", "gate")] == [None, None, None, "", ""]


async def test_reasons_of_our_own_are_no_secret(app: Tidemill, people: People) -> None:
    job = app.enqueue("broken", {"secret": "x"})
    await app.worker().run_until_idle()
    told = await people("viewer").ok("GET", f"/jobs/{job.id}")
    assert told["reason"] == "attempts_spent"
    (cause,) = (await people("viewer").ok("GET", f"/jobs/{job.id}/why"))["causes"]
    assert cause["text"] == "it has failed for good: attempts_spent"


async def test_to_find_a_job_by_its_key_is_to_see_the_key(
    telling: Tidemill, people: People
) -> None:
    job = telling.enqueue("tell", {"who": CANARY}, key=f"who:{CANARY}")
    key = (await people("operator").ok("GET", f"/jobs/{job.id}"))["unique_key"]
    found = await people("operator")("GET", "/jobs", params={"unique_key": key})
    assert [each["id"] for each in found.json()["jobs"]] == [job.id]
    viewer = people("viewer")
    assert (await viewer("GET", "/jobs", params={"unique_key": key})).status_code == 403
    preview = await viewer("POST", "/jobs/preview", {"filter": {"unique_key": key}})
    assert preview.status_code == 403
