"""What the audit log tells of those who come in, go out, and try in vain."""

from typing import Any

import pytest

from tests.api.conftest import PASSWORD, Browser, Caller, People
from tidemill import Tidemill
from tidemill.access.setup import SetUp
from tidemill.testing.clock import ManualClock


@pytest.fixture
def store_url() -> str:
    return "memory://"


async def told(admin: Caller, action: str = "session.*") -> list[dict[str, Any]]:
    """Lines of the audit log, oldest first."""
    page = await admin.ok("GET", f"/audit?limit=200&action={action}")
    lines: list[dict[str, Any]] = page["lines"]
    return lines[::-1]


async def test_who_comes_in_looks_around_and_goes_is_told(browser: Browser, admin: Caller) -> None:
    await browser.log_in("root")
    await browser.ok("PATCH", "/session", {"tenant": "acme"}, headers={"X-Reason": "audit"})
    await browser.ok("DELETE", "/session")
    lines = await told(admin)
    assert [(line["action"], line["actor"], line["target"], line["tenant"]) for line in lines] == [
        ("session.log_in", "user:root", "root", ""),
        ("session.switch", "user:root", "root", ""),
        ("session.log_out", "user:root", "root", "acme"),
    ]
    assert {line["result"] for line in lines} == {"done"}
    assert {line["address"] for line in lines} == {"127.0.0.1"}
    assert lines[1]["given"] == {"tenant": "acme"}
    assert lines[1]["reason"] == "audit"
    assert all(line["request"] for line in lines)


@pytest.mark.parametrize("name", ["zoe", "nobody", "' OR 1=1 --", "é" * 200])
async def test_who_is_wrong_is_told(browser: Browser, admin: Caller, name: str) -> None:
    await browser.log_in(name, "not the password")
    (line,) = await told(admin)
    assert (line["actor"], line["result"], line["error"]) == (
        "nobody:", "refused", "access.unauthenticated",
    )  # fmt: skip
    assert line["target"] == name
    assert "not the password" not in str(line)


async def test_who_is_wrong_too_often_is_not_told_of(browser: Browser, admin: Caller) -> None:
    for _ in range(20):
        await browser.log_in("zoe", "wrong")
    assert len(await told(admin)) == 10


async def test_the_first_admin_is_told_of(app: Tidemill, people: People) -> None:
    token = await SetUp(app.client).abegin()
    body = {"token": token, "name": "root", "password": PASSWORD}
    stranger = people.nobody()
    assert (await stranger("POST", "/session/setup", {**body, "token": "wrong"})).status_code == 401
    await stranger.ok("POST", "/session/setup", body)
    lines = await told(people(), "*")
    assert [(line["action"], line["actor"], line["target"]) for line in lines] == [
        ("users.create", "shell:setup", "root"),
        ("session.log_in", "user:root", "root"),
    ]
    assert token not in str(lines)
    assert {line["address"] for line in lines} == {"127.0.0.1"}


async def test_what_strangers_ask_for_is_not_kept(people: People) -> None:
    stranger, wrong = people.nobody(), people.nobody()
    wrong.http.headers["Authorization"] = "Bearer tm_wrong"
    for caller in (stranger, wrong):
        assert (await caller("DELETE", "/users/zoe")).status_code == 401
        assert (await caller("POST", "/jobs", {"task": "add"})).status_code == 401
    assert await told(people(), "*") == []


async def test_a_target_has_an_end(people: People) -> None:
    admin = people()
    name = "A" * 300
    assert (await admin("DELETE", f"/users/{name}")).status_code >= 400
    (line,) = await told(admin, "*")
    assert line["target"] == name[:255]
    found = await admin.ok("GET", f"/audit?target={name}")
    assert [each["position"] for each in found["lines"]] == [line["position"]]


async def test_what_a_change_looked_for_is_masked(people: People) -> None:
    operator = people("operator", "acme")
    for meant in ({"text": "hunter2"}, {"unique_key": "add:hunter2"}):
        await operator.ok("POST", "/jobs/cancel", {"filter": {**meant, "queues": ["sums"]}})
    lines = await told(people(), "jobs.cancel")
    assert "hunter2" not in str(lines)
    assert [line["given"]["filter"] for line in lines] == [
        {"queues": ["sums"], "tenant": "acme", "text": "***"},
        {"queues": ["sums"], "tenant": "acme", "unique_key": "***"},
    ]


async def test_wrong_ones_leave_a_whole_log(
    browser: Browser, admin: Caller, clock: ManualClock
) -> None:
    await browser.log_in("zoe", "wrong")
    clock.advance("1m")
    await browser.log_in("zoe")
    assert (await admin.ok("GET", "/audit/verify"))["whole"]
