"""Each route, each role, each tenant: who gets through, and that nobody reaches another's data."""

from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.conftest import PASSWORD, Browser, Caller, People
from tests.api.routes import OPEN, declared
from tidemill import Tidemill
from tidemill.access.audit import AuditLine, Search, find
from tidemill.access.identity import Grant
from tidemill.access.keys import Keys
from tidemill.access.role import GRADES, Role, permissions
from tidemill.access.sessions import LOG_IN
from tidemill.access.users import Users
from tidemill.client.steps import Walk
from tidemill.core.record import NewEntry
from tidemill.schedules.store import Schedules

BODIES: dict[str, Any] = {
    "enqueueJob": {"task": "add", "arguments": {"a": 1}},
    "enqueueJobs": {"jobs": [{"task": "add", "arguments": {"a": 1}}]},
    "previewJobs": {"filter": {"queues": ["sums"]}},
    "postponeJob": {"until": "1h"},
    "reprioritiseJob": {"priority": 1},
    "moveJob": {"queue": "new"},
    "postponeJobs": {"ids": ["x"], "until": "1h"},
    "reprioritiseJobs": {"ids": ["x"], "priority": 1},
    "moveJobs": {"ids": ["x"], "queue": "new"},
    "changeQueue": {"most": 1},
    "keepQueue": {"completed": "1d"},
    "limitKey": {"key": "k", "most": 1},
    "createSchedule": {"name": "s", "task": "add", "arguments": {"a": 1}, "every": "1h"},
    "changeSchedule": {"every": "2h"},
    "emitEvent": {"name": "paid"},
    "createUser": {"name": "new", "grants": [{"role": "viewer", "tenant": "acme"}]},
    "changeUser": {"grants": [{"role": "viewer", "tenant": "acme"}]},
    "setPassword": {"password": "a sound horse in june"},
    "createKey": {"title": "k", "role": "viewer"},
    "createTenant": {"name": "new"},
    "changeTenant": {"title": "X"},
    "switchTenant": {"tenant": None},
}
NOT_BY_KEYS = ("createKey", "createUser", "changeUser", "setPassword")
"""What nobody does with a key, whatever it may do: one that leaked could make others, or users."""
QUERIES = {"previewPattern": "?pattern=0 2 * * *"}
CALLERS = [(role, tenant) for role in Role for tenant in (None, "acme")]


def body_of(operation: str) -> Any:
    if operation in BODIES:
        return BODIES[operation]
    return {"ids": ["x"]} if operation.endswith("Jobs") or operation == "runJobsNow" else None


def path_of(path: str, operation: str, name: str = "x") -> str:
    inside = path
    for part in ("{id}", "{queue}", "{task}", "{name}"):
        inside = inside.replace(part, name)
    return inside + QUERIES.get(operation, "")


def test_every_route_declares_its_permission(api: FastAPI) -> None:
    routes = list(declared(api))
    assert {(each.method, each.path) for each in routes if each.open} == OPEN
    assert {each.needs for each in routes if each.needs} <= set(GRADES)
    operations = [each.operation for each in routes]
    assert all(operations)
    assert len(set(operations)) == len(operations)


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
@pytest.mark.parametrize(("role", "tenant"), CALLERS)
async def test_who_may_gets_through_and_nobody_else(
    app: Tidemill, api: FastAPI, people: People, role: Role, tenant: str | None
) -> None:
    may = permissions(role, instance=tenant is None)
    cells = 0
    for route in declared(api):
        if route.open or route.operation == "streamEvents":
            continue
        caller = people(role, tenant)
        body = body_of(route.operation)
        before = len(lines(app))
        answer = await caller(route.method, path_of(route.path, route.operation), body)
        cells += 1
        assert answer.status_code < 500, (route, answer.text)
        if route.needs is not None and route.needs not in may:
            assert answer.status_code == 403, (route, answer.text)
            if route.changes:
                refused = lines(app)[0]
                assert len(lines(app)) == before + 1
                assert (refused.account.result, refused.action) == ("refused", route.operation)
        elif route.operation in NOT_BY_KEYS:
            assert answer.status_code == 403, (route, answer.text)
        elif route.needs is not None:
            assert answer.status_code not in (401, 403), (route, answer.text)
    assert cells > 50


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_a_stranger_gets_nowhere(api: FastAPI, people: People) -> None:
    for route in declared(api):
        for secret in ("", "tm_wrong", "nonsense"):
            caller = Caller(api, secret)
            answer = await caller(route.method, path_of(route.path, route.operation))
            if not route.open:
                assert answer.status_code == 401, (route, secret)
                assert answer.headers["www-authenticate"] == "Bearer"
    del people


async def test_nobody_reaches_another_tenants_data(app: Tidemill, api: FastAPI) -> None:
    """As if it was not there: 404, or 403 where nobody of a tenant has any business."""
    other = app.client.on_behalf("umbra", _Nobody())
    job = other.enqueue(app.client.bound("add", {"a": 1}, {})).id
    call = other.bound("add", {"a": 1}, {})
    Schedules(other).create("theirs", call, every="1h")
    Users(app.client).create("theirs", "", [Grant(Role.VIEWER, "umbra")])
    key = Keys(other, "theirs").create("theirs", role="viewer").key.id
    names = {
        "{id}": {"jobs": job, "keys": key},
        "{name}": {"schedules": "theirs", "users": "theirs"},
    }
    Users(app.client).create("amy", PASSWORD, [Grant(Role.ADMIN, "acme")])
    caller = Browser(api)
    await caller.log_in("amy")
    tried = 0
    for route in declared(api):
        noun = route.path.removeprefix("/api/v1/").partition("/")[0]
        for part, known in names.items():
            if part in route.path and noun in known:
                tried += 1
                path = path_of(route.path, route.operation, known[noun])
                answer = await caller(route.method, path, body_of(route.operation))
                assert answer.status_code == 404, (route, answer.text)
    assert tried > 15
    for path in ("/jobs", "/schedules", "/events", "/users", "/keys"):
        assert "theirs" not in (await caller("GET", path)).text
        assert job not in (await caller("GET", path)).text
    # Their own tries in vain are all that they are told.
    told = (await caller.ok("GET", "/audit?limit=200"))["lines"]
    assert {line["action"] for line in told if line["result"] == "done"} == {LOG_IN}
    assert {line["tenant"] for line in told} == {"acme"}


class _Nobody:
    """Keeps no account."""

    source = "test"

    def tells(self, deed: Any) -> Any:
        return NewEntry(deed.action, b"{}", "umbra", "test")


def lines(app: Tidemill) -> tuple[AuditLine, ...]:
    """The audit log, newest first."""
    return Walk(find(app.open(), Search(), cursor=None, limit=100_000)).wait().lines
