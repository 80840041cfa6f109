"""Every operation of the document, asked as its schema has it and otherwise, by every role.

No answer is a server error, each is of a status, a type and a shape that the document declares, and
what the document forbids is refused. `HYPOTHESIS_PROFILE=thorough` asks twenty-five times as much.

To make a case costs more than to ask it: each is made once, and asked by all. Each store is asked
other ones.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import openapi
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.python.asgi import ASGIClient
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import People
from tidemill import Tidemill
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users
from tidemill.alerts.watch import Watch
from tidemill.api.app import create_api
from tidemill.testing.clock import ManualClock

pytestmark = pytest.mark.timeout(600)

EXAMPLES = 25 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 1
"""Cases of each operation, as it may be asked and as it may not: on each store, by each caller."""
ENDLESS = "streamEvents"
"""The one operation whose answer has no end; `test_live.py` asks it."""
CALLERS = [(role, tenant) for role in Role for tenant in (None, "acme")]
ALWAYS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.fixture
async def lived_in(app: Tidemill, people: People, clock: ManualClock) -> People:
    """A store in which there is one of everything."""
    admin = people()
    for tenant in (None, "acme"):
        more = {} if tenant is None else {"tenant": tenant}
        for delay in ({}, {"delay": "1h"}, {"priority": "high", "tags": ["x"], "key": "k"}):
            body = {"task": "add", "arguments": {"a": 1}, **delay, **more}
            await admin.ok("POST", "/jobs", body)
        await admin.ok("POST", "/jobs", {"task": "broken", "arguments": {"secret": "s"}, **more})
        await admin.ok("POST", "/events", {"name": "order.placed", "payload": {"id": 7}, **more})
        head = {} if tenant is None else {"headers": {"X-Tenant": tenant}}
        channel = {"name": "ops", "by": "webhook", "url": "https://hooks.example.org/x"}
        await admin.ok("POST", "/alerts/channels", channel, **head)
        rule = {"name": "deep", "when": "queue_depth", "above": 0, "channels": ["ops"]}
        await admin.ok("POST", "/alerts/rules", rule, **head)
        schedule = {"name": "nightly", "task": "add", "arguments": {"a": 1}, "pattern": "0 2 * * *"}
        await admin.ok("POST", "/schedules", schedule, **head)
    await Watch(await app.aopen(), clock, app.works.delivery).run_once()
    await app.worker().run_until_idle()
    await admin.ok("POST", "/jobs", {"task": "add", "arguments": {"a": 1}})
    await admin.ok("POST", "/queues/sums/pause", {"note": "lunch"})
    await admin.ok("POST", "/limits", {"key": "k", "most": 1, "rate": {"count": 1, "per": "1m"}})
    await admin.ok("POST", "/tenants", {"name": "acme", "quota": {"waiting": 1_000}})
    Users(app.client).create("zoe", "", [Grant(Role.VIEWER, "acme")])
    return people


Operation = APIOperation[Any, Any, Any, Any]


@pytest.fixture(scope="module")
def operations() -> Sequence[Operation]:
    """Every operation that the document has."""
    with Tidemill("memory://") as app:
        api = create_api(app)
        headers = dict(People(app, api)().http.headers)
        schema = openapi.from_asgi("/api/v1/openapi.json", api, headers=headers)
        return tuple(_operations(schema.get_all_operations()))


def _operations(found: Iterator[Any]) -> Iterator[Operation]:
    for each in found:
        assert isinstance(each, Ok)
        operation = each.ok()
        if operation.definition.raw["operationId"] != ENDLESS:
            yield operation


def test_every_answer_is_as_the_document_says(
    api: FastAPI, lived_in: People, store_url: str, operations: Sequence[Operation]
) -> None:
    # Whoever may do the least asks first: nobody finds only what others have left.
    app: Any = api  # what an application is called with is of narrower types there
    callers = [ASGIClient(app) for _ in CALLERS]
    for client, (role, tenant) in zip(callers, CALLERS, strict=True):
        client.headers.update(lived_in(role, tenant).http.headers)
    asked = 0

    def ask(case: Any, checks: list[CheckFunction]) -> None:
        nonlocal asked
        for client in callers:
            asked += 1
            client.cookies.clear()
            case.validate_response(case.call(session=client), checks=checks)

    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            run(operation, mode, store_url.partition(":")[0], ask)
    assert asked >= 1_000  # on three stores: more than three thousand


def run(
    operation: Operation,
    mode: GenerationMode,
    store: str,
    ask: Callable[[Any, list[CheckFunction]], None],
) -> None:
    """Ask some cases of an operation."""
    checks = [*ALWAYS, *([negative_data_rejection] if mode is GenerationMode.NEGATIVE else [])]

    @seed(store)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def asked(case: Any) -> None:
        ask(case, checks)

    asked()


async def test_the_document_is_told_what_is_there(api: FastAPI, lived_in: People) -> None:
    """So that the answers above are compared with something."""
    admin = lived_in()
    for path, noun in (
        ("/jobs", "jobs"), ("/dead-letters", "jobs"), ("/queues", "queues"), ("/tasks", "tasks"),
        ("/schedules", "schedules"), ("/events", "events"), ("/audit", "lines"),
        ("/users", "users"), ("/keys", "keys"), ("/tenants", "tenants"), ("/limits", "keys"),
        ("/alerts/rules", "rules"), ("/alerts/channels", "channels"),
        ("/alerts/incidents", "incidents"), ("/events/statistics", "names"),
        ("/statistics", "tasks"), ("/failures", "failures"),
    ):  # fmt: skip
        assert (await admin.ok("GET", path))[noun], path
    del api
