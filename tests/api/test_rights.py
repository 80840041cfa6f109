"""Nobody gets more than they have: by a key, by themselves, by way of others, or by a new name."""

from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from tests.api.conftest import PASSWORD, Browser, Caller, People
from tidemill import Tidemill
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users
from tidemill.testing.clock import ManualClock

VIEWER = [{"role": "viewer", "tenant": "acme"}]
OPERATOR = [{"role": "operator", "tenant": "acme"}]
BLIND = {"payloads": False}


@pytest.fixture
def store_url() -> str:
    return "memory://"


@pytest_asyncio.fixture
async def root(browser: Browser) -> Browser:
    """Who decides for the instance."""
    await browser.log_in("root")
    return browser


@pytest_asyncio.fixture
async def blind(api: FastAPI, users: Users) -> Browser:
    """An admin of acme who may not see what jobs hold."""
    await users.acreate("nora", PASSWORD, [Grant(Role.ADMIN, "acme")], payloads=False)
    browser = Browser(api)
    await browser.log_in("nora")
    return browser


async def key_of(browser: Browser, api: FastAPI, **more: Any) -> Caller:
    """A program with a key that this person has made."""
    made = await browser.ok("POST", "/keys", {"title": "k", "role": "admin", **more})
    assert "of_user" not in made
    return Caller(api, made["secret"])


class TestKeys:
    async def test_a_key_makes_nobody_who_may_more(self, people: People, users: Users) -> None:
        del users
        key = people("admin")
        tries = [
            ("POST", "/users", {"name": "eve", "password": PASSWORD, "grants": VIEWER}),
            ("PATCH", "/users/zoe", {"grants": [{"role": "admin"}]}),
            ("PATCH", "/users/zoe", {"payloads": True}),
            ("PATCH", "/users/zoe", {"disabled": False}),
            ("PUT", "/users/zoe/password", {"password": "another sound horse"}),
        ]
        for method, path, body in tries:
            answer = await key(method, path, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "access.denied"), path
            assert "a person has to do it" in answer.json()["hint"]
        assert (await key("GET", "/users/eve")).status_code == 404
        assert (await key.ok("PATCH", "/users/zoe", {"full_name": "Z"}))["full_name"] == "Z"
        assert (await key.ok("PATCH", "/users/zoe", {"disabled": True}))["disabled"]
        await key.ok("DELETE", "/users/zoe")

    async def test_who_sees_no_payloads_has_no_key_that_does(
        self, blind: Browser, api: FastAPI, people: People
    ) -> None:
        job = await people().ok(
            "POST", "/jobs", {"task": "add", "arguments": {"a": 4_711}, "tenant": "acme"}
        )
        key = await key_of(blind, api)
        assert "4711" not in (await key("GET", f"/jobs/{job['id']}")).text
        assert (await key("GET", "/users")).status_code == 200
        asked = {"title": "k", "role": "operator", "scopes": ["payloads.read"]}
        assert (await blind("POST", "/keys", asked)).status_code == 403

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"disabled": True}, 401),
            ({"grants": VIEWER}, 403),
            (None, 401),
        ],
    )
    async def test_a_key_may_no_more_than_whoever_made_it(
        self, root: Browser, api: FastAPI, users: Users, change: Any, status: int
    ) -> None:
        await users.acreate("bea", PASSWORD, [Grant(Role.ADMIN)])
        bea = Browser(api)
        await bea.log_in("bea")
        key = await key_of(bea, api)
        assert (await key("GET", "/audit")).status_code == 200
        if change is None:
            await root.ok("DELETE", "/users/bea")
        else:
            await root.ok("PATCH", "/users/bea", change)
        assert (await key("GET", "/audit")).status_code == status

    async def test_payloads_that_are_taken_away_are_taken_from_keys(
        self, root: Browser, api: FastAPI, users: Users
    ) -> None:
        await users.acreate("bea", PASSWORD, [Grant(Role.ADMIN)])
        bea = Browser(api)
        await bea.log_in("bea")
        key = await key_of(bea, api)
        job = await root.ok("POST", "/jobs", {"task": "add", "arguments": {"a": 4_711}})
        assert "4711" in (await key("GET", f"/jobs/{job['id']}")).text
        await root.ok("PATCH", "/users/bea", BLIND)
        assert "4711" not in (await key("GET", f"/jobs/{job['id']}")).text

    async def test_a_key_is_not_of_one_who_takes_the_name_later(
        self, root: Browser, api: FastAPI, users: Users, clock: ManualClock
    ) -> None:
        await users.acreate("bea", PASSWORD, [Grant(Role.ADMIN)])
        bea = Browser(api)
        await bea.log_in("bea")
        key = await key_of(bea, api)
        await root.ok("DELETE", "/users/bea")
        clock.advance("1m")
        made = {"name": "bea", "password": PASSWORD, "grants": [{"role": "admin"}]}
        await root.ok("POST", "/users", made)
        assert (await key("GET", "/audit")).status_code == 401
        assert (await bea("GET", "/session")).status_code == 401

    async def test_a_closed_tenant_lets_no_key_in(self, people: People) -> None:
        admin, key = people(), people("operator", "acme")
        await admin.ok("POST", "/tenants", {"name": "acme"})
        await admin.ok("PATCH", "/tenants/acme", {"disabled": True})
        assert (await key("GET", "/jobs")).status_code == 401


class TestOneself:
    async def test_nobody_raises_their_own_rights(self, blind: Browser) -> None:
        own = "/users/nora"
        assert (await blind("PATCH", own, {"payloads": True})).status_code == 403
        assert not (await blind.ok("GET", own))["payloads"]

    async def test_by_way_of_somebody_else(self, blind: Browser, users: Users) -> None:
        del users
        new = {"name": "eve", "password": PASSWORD, "grants": OPERATOR}
        tries = [
            ("POST", "/users", new),
            ("PATCH", "/users/vic", {"grants": OPERATOR}),
            ("PUT", "/users/zoe/password", {"password": "another sound horse"}),
        ]
        for method, path, body in tries:
            answer = await blind(method, path, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "access.denied"), path
        await blind.ok("POST", "/users", {**new, **BLIND})
        await blind.ok("POST", "/users", {**new, "name": "ed", "grants": VIEWER})
        await blind.ok("PUT", "/users/nora/password", {"password": "another sound horse"})

    async def test_an_admin_still_gives_what_they_have(self, root: Browser) -> None:
        new = {"name": "eve", "password": PASSWORD, "grants": [{"role": "admin"}]}
        await root.ok("POST", "/users", new)
        await root.ok("PATCH", "/users/vic", {"grants": [{"role": "admin"}]})
        await root.ok("PUT", "/users/zoe/password", {"password": "another sound horse"})
        # One's own rights may be fewer.
        await root.ok("PATCH", "/users/root", {"grants": [{"role": "viewer"}], **BLIND})


class TestTenants:
    async def test_one_with_users_or_keys_stays(
        self, app: Tidemill, people: People, users: Users
    ) -> None:
        admin = people()
        await admin.ok("POST", "/tenants", {"name": "acme"})
        key = people("operator", "acme")
        await admin.ok("PATCH", "/tenants/acme", {"disabled": True})
        for name in ("zoe", "vic", None):
            answer = await admin("DELETE", "/tenants/acme")
            assert (answer.status_code, answer.json()["code"]) == (409, "state")
            assert "'acme' is named by others: " in answer.json()["detail"]
            assert (await key("GET", "/jobs")).status_code == 401
            if name:
                await users.adelete(name)
        (made,) = [each for each in (await admin.ok("GET", "/keys"))["keys"] if each["tenant"]]
        await admin.ok("DELETE", f"/keys/{made['id']}")
        await admin.ok("DELETE", "/tenants/acme")
        assert (await admin("DELETE", "/tenants/acme")).status_code == 404
        del app
