"""Every operation of the document, asked as its schema has it and otherwise, by every role.

To find what to ask takes much longer than to ask it, so that each question is put to all roles.

No answer is a server error, each is of a status, a type and a shape that the document declares, and
what the document forbids is refused. `HYPOTHESIS_PROFILE=thorough` asks twenty-five times as much.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, note, settings
from schemathesis import openapi
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Caller, People, application
from tidemill import Tidemill
from tidemill.access.identity import Grant
from tidemill.access.role import Role
from tidemill.access.users import Users
from tidemill.alerts.watch import Watch
from tidemill.api.app import create_api
from tidemill.testing.clock import ManualClock

pytestmark = pytest.mark.timeout(600)

EXAMPLES = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 2
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


class Asking(NamedTuple):
    """Somebody of a role, and the API over a store that nobody else asks."""

    api: FastAPI
    caller: Caller


async def live_in(app: Tidemill, people: People, clock: ManualClock) -> None:
    """Make one of everything."""
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


@pytest.fixture
async def everybody(clock: ManualClock) -> AsyncIterator[list[Asking]]:
    """One of each role and tenant, each over a store in which there is one of everything."""
    with ExitStack() as stack:
        asking = []
        for role, tenant in CALLERS:
            app = stack.enter_context(application("memory://", clock))
            api = create_api(app)
            people = People(app, api)
            await live_in(app, people, clock)
            asking.append(Asking(api, people(role, tenant)))
        yield asking


def operations(api: FastAPI, caller: Caller) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    """Every operation that the document has."""
    headers = dict(caller.http.headers)
    for found in openapi.from_asgi(
        "/api/v1/openapi.json", api, headers=headers
    ).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.definition.raw["operationId"] != ENDLESS:
            yield operation


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_as_the_document_says(
    everybody: list[Asking], mode: GenerationMode
) -> None:
    checks = [*ALWAYS, *([negative_data_rejection] if mode is GenerationMode.NEGATIVE else [])]
    answers = 0

    def ask(operation: APIOperation[Any, Any, Any, Any]) -> None:
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=EXAMPLES == 2,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(mode))
        def asked(case: Any) -> None:
            nonlocal answers
            for (role, tenant), (api, caller) in zip(CALLERS, everybody, strict=True):
                note(f"asked by: {role} of {tenant or 'the instance'}")
                headers = {"Authorization": caller.http.headers["Authorization"]}
                case.validate_response(case.call(app=api, headers=headers), checks=checks)
                answers += 1

        asked()

    for operation in operations(*everybody[-1]):
        ask(operation)
    assert answers >= 1_000, answers  # of both kinds: more than two thousand


async def test_the_document_is_told_what_is_there(everybody: list[Asking]) -> None:
    """So that the answers above are compared with something."""
    admin = everybody[CALLERS.index((Role.ADMIN, None))].caller
    for path, noun in (
        ("/jobs", "jobs"), ("/dead-letters", "jobs"), ("/queues", "queues"), ("/tasks", "tasks"),
        ("/schedules", "schedules"), ("/events", "events"), ("/audit", "lines"),
        ("/users", "users"), ("/keys", "keys"), ("/tenants", "tenants"), ("/limits", "keys"),
        ("/alerts/rules", "rules"), ("/alerts/channels", "channels"),
        ("/alerts/incidents", "incidents"), ("/events/statistics", "names"),
        ("/statistics", "tasks"),
    ):  # fmt: skip
        assert (await admin.ok("GET", path))[noun], path
