"""Each route, each role, each tenant: who gets through, and that nobody reaches another's data."""

from typing import Any

from fastapi import FastAPI

from tests.api.conftest import PASSWORD, Browser, Caller, People
from tests.api.routes import OPEN, Declared, declared
from tidemill import Tidemill
from tidemill.access.audit import AuditLine, Search, find
from tidemill.access.identity import Grant
from tidemill.access.keys import Keys
from tidemill.access.role import GRADES, Permission, Role, permissions
from tidemill.access.sessions import LOG_IN
from tidemill.access.users import Users
from tidemill.client.steps import Walk
from tidemill.core.record import AUDIT, NewEntry
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


async def test_who_may_gets_through_and_nobody_else(
    app: Tidemill, api: FastAPI, people: People
) -> None:
    for role, tenant in CALLERS:
        caller, may = people(role, tenant), permissions(role, instance=tenant is None)
        cells = 0
        for route in declared(api):
            if not route.open and route.operation != "streamEvents":
                cells += 1
                await check_cell(app, caller, route, may)
        assert cells > 90, (role, tenant)


async def check_cell(
    app: Tidemill, caller: Caller, route: Declared, may: frozenset[Permission]
) -> None:
    """One route as one caller finds it, and what the audit log says of it."""
    refused = route.needs is not None and route.needs not in may
    before = newest_line(app) if refused and route.changes else 0
    path = path_of(route.path, route.operation)
    answer = await caller(route.method, path, body_of(route.operation))
    case = (sorted(may), route, answer.text)
    assert answer.status_code < 500, case
    if refused:
        assert answer.status_code == 403, case
        if route.changes:
            line, *more = lines_after(app, before)
            assert not more, case
            assert (line.account.result, line.action) == ("refused", route.operation), case
    elif route.operation in NOT_BY_KEYS:
        assert answer.status_code == 403, case
    elif route.needs is not None:
        assert answer.status_code not in (401, 403), case


async def test_a_stranger_gets_nowhere(api: FastAPI, people: People) -> None:
    for secret in ("", "tm_wrong", "nonsense"):
        caller = Caller(api, secret)
        for route in declared(api):
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


def newest_line(app: Tidemill) -> int:
    """Where the audit log ends."""
    newest = app.open().records.read(AUDIT, limit=1, newest=True).wait()
    return newest[0].position if newest else 0


def lines_after(app: Tidemill, position: int) -> list[AuditLine]:
    """What the audit log has come to hold."""
    found = Walk(find(app.open(), Search(), cursor=None, limit=10)).wait().lines
    return [line for line in found if line.position > position]
