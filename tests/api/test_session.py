"""Coming in by a password; cookies, tokens of pages, and going out again."""

import pytest

from tests.api.conftest import PASSWORD, Browser, People
from tidemill import Tidemill
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.setup import SetUp
from tidemill.access.users import Users
from tidemill.testing.clock import ManualClock


async def test_who_comes_in_is_known_until_they_go(browser: Browser) -> None:
    assert (await browser("GET", "/session")).status_code == 401
    answer = await browser.log_in("zoe")
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("tidemill=")
    for flag in ("HttpOnly", "Path=/", "SameSite=lax", "Max-Age=43200"):
        assert flag in cookie
    assert "Secure" not in cookie
    told = await browser.ok("GET", "/session")
    assert (told["user"], told["role"], told["tenant"]) == ("zoe", "operator", "acme")
    assert "jobs.enqueue" in told["permissions"]
    kept = dict(browser.http.cookies)
    assert (await browser("DELETE", "/session")).status_code == 204
    browser.http.cookies.update(kept)
    assert (await browser("GET", "/session")).status_code == 401


async def test_over_tls_the_cookie_is_of_this_host_alone(browser: Browser) -> None:
    browser.http.base_url = "https://jobs.example.org"
    cookie = (await browser.log_in("zoe")).headers["set-cookie"]
    assert cookie.startswith("__Host-tidemill=")
    for flag in ("Secure", "HttpOnly", "Path=/", "SameSite=lax", "Max-Age=43200"):
        assert flag in cookie
    assert "Domain" not in cookie


async def test_each_cookie_is_taken_only_where_it_was_given(browser: Browser) -> None:
    await browser.log_in("zoe")
    token = browser.http.cookies["tidemill"]
    browser.http.cookies.clear()
    for place, name, status in (
        ("http://localhost", "tidemill", 200),
        ("http://localhost", "__Host-tidemill", 401),
        ("https://jobs.example.org", "tidemill", 401),
        ("https://jobs.example.org", "__Host-tidemill", 200),
    ):
        answer = await browser.http.get(
            f"{place}/api/v1/session", headers={"Cookie": f"{name}={token}"}
        )
        assert answer.status_code == status, (place, name)


async def test_without_tls_a_session_goes_to_this_machine_alone(browser: Browser) -> None:
    browser.http.base_url = "http://jobs.example.org"
    answer = await browser.log_in("zoe")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize("name", ["zoe", "nobody", "' OR 1=1 --"])
async def test_a_wrong_password_tells_nothing(browser: Browser, name: str) -> None:
    answer = await browser.log_in(name, "not the password")
    assert answer.status_code == 401
    assert answer.json()["detail"] == "the name or the password is wrong"


async def test_a_session_that_was_chosen_before_is_not_taken(browser: Browser) -> None:
    answer = await browser.http.post(
        "/api/v1/session",
        json={"name": "zoe", "password": PASSWORD},
        headers={"Cookie": "tidemill=chosen"},
    )
    assert answer.status_code == 201
    assert "chosen" not in answer.headers["set-cookie"]


async def test_ten_wrong_ones_have_to_wait(browser: Browser) -> None:
    answers = [await browser.log_in("zoe", "wrong") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "wrong"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_page_of_another_site_changes_nothing(
    app: Tidemill, browser: Browser, headers: dict[str, str]
) -> None:
    await browser.log_in("zoe")
    body = {"task": "add", "arguments": {"a": 1}}
    assert (await browser("POST", "/jobs", body, headers=headers)).status_code == 403
    assert list(app.jobs.find()) == []
    ours = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert (await browser("POST", "/jobs", body, headers=ours)).status_code == 201


@pytest.mark.parametrize("what", ["password", "role", "disabled", "idle"])
async def test_a_session_ends_at_once_with_what_it_stood_on(
    browser: Browser, users: Users, clock: ManualClock, what: str
) -> None:
    await browser.log_in("zoe")
    match what:
        case "password":
            await users.aset_password("zoe", "quite another password")
        case "role":
            await users.achange("zoe", grants=[Grant(Role.VIEWER, "acme")])
        case "disabled":
            await users.achange("zoe", disabled=True)
        case _:
            clock.advance("30m")
    assert (await browser("GET", "/jobs")).status_code == 401


async def test_who_may_look_at_all_may_look_at_one(browser: Browser) -> None:
    await browser.log_in("root")
    assert (await browser.ok("GET", "/session"))["tenant"] is None
    assert (await browser.ok("PATCH", "/session", {"tenant": "acme"}))["tenant"] == "acme"
    assert (await browser("GET", "/workers")).status_code == 403
    assert (await browser.ok("PATCH", "/session", {"tenant": None}))["tenant"] is None


async def test_who_may_look_at_one_may_look_at_no_other(browser: Browser) -> None:
    await browser.log_in("zoe")
    for tenant in ("umbra", None):
        assert (await browser("PATCH", "/session", {"tenant": tenant})).status_code == 404


async def test_a_key_has_no_session(people: People) -> None:
    assert (await people()("GET", "/session")).status_code == 403


async def test_a_closed_tenant_lets_nobody_in(people: People, browser: Browser) -> None:
    admin = people()
    await admin.ok("POST", "/tenants", {"name": "acme"})
    await browser.log_in("zoe")
    await admin.ok("PATCH", "/tenants/acme", {"disabled": True})
    assert (await browser("GET", "/jobs")).status_code == 401
    await admin.ok("PATCH", "/tenants/acme", {"disabled": False})
    assert (await browser("GET", "/jobs")).status_code == 200


BODY = {"name": "root", "password": PASSWORD}


class TestSetUp:
    async def test_who_reads_the_console_makes_the_first_admin(
        self, app: Tidemill, people: People
    ) -> None:
        token = await SetUp(app.client).abegin()
        stranger = people.nobody()
        for wrong in ("", "x", token[:-1]):
            answer = await stranger("POST", "/session/setup", {"token": wrong, **BODY})
            assert answer.status_code == 401
        made = await stranger("POST", "/session/setup", {"token": token, **BODY})
        assert (made.status_code, made.json()["role"]) == (201, "admin")
        again = await stranger("POST", "/session/setup", {"token": token, **BODY})
        assert again.status_code == 401

    async def test_a_password_that_will_not_do_leaves_the_token(
        self, app: Tidemill, people: People
    ) -> None:
        token = await SetUp(app.client).abegin()
        body = {"token": token, "name": "root"}
        stranger = people.nobody()
        assert (
            await stranger("POST", "/session/setup", {**body, "password": "short"})
        ).status_code == 422
        assert (
            await stranger("POST", "/session/setup", {**body, "password": PASSWORD})
        ).status_code == 201

    async def test_a_token_is_worth_nothing_after_a_quarter_of_an_hour(
        self, app: Tidemill, people: People, clock: ManualClock
    ) -> None:
        token = await SetUp(app.client).abegin()
        clock.advance("15m")
        answer = await people.nobody()("POST", "/session/setup", {"token": token, **BODY})
        assert answer.status_code == 401

    async def test_where_there_is_an_admin_there_is_no_set_up(
        self, app: Tidemill, people: People, users: Users
    ) -> None:
        del users
        token = await SetUp(app.client).abegin()
        answer = await people.nobody()("POST", "/session/setup", {"token": token, **BODY})
        assert answer.status_code == 401
