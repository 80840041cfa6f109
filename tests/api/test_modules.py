"""Modules over HTTP: what they bring, and disabling and enabling them."""

import asyncio

import pytest

from tests.api.conftest import Caller, People
from tidemill import Module, Tidemill
from tidemill.access.audit import AuditLog, Search
from tidemill.modules.record import ModuleRecord


@pytest.fixture
def module(app: Tidemill) -> Module:
    """A module that a node has told of."""
    module = Module(
        "billing",
        version="1.2.0",
        description="Sends bills.",
        permissions={"queues": ["mail"], "events": {"emit": ["invoice.*"]}, "services": ["http"]},
        quotas={"concurrency": 2, "rate": "100/1m", "per_hour": 500},
        settings={"currency": "AUD", "bank": "https://app:hunter2@bank.example", "api_key": ""},
    )

    @module.schedule("0 2 * * *")
    @module.task
    def charge() -> None:
        """Send a bill."""

    app.include(module, settings={"currency": "EUR", "api_key": "k-1"})
    app.schedules.publish()
    app.included.publish()
    return module


async def test_a_module_is_told_with_all_that_it_brings_and_may(
    module: Module, admin: Caller
) -> None:
    (told,) = (await admin.ok("GET", "/modules"))["modules"]
    assert told == await admin.ok("GET", f"/modules/{module.name}")
    assert told == {
        "module": "billing",
        "version": "1.2.0",
        "description": "Sends bills.",
        "place": 'Module("billing")',
        "tasks": ["billing.charge"],
        "schedules": ["billing.charge"],
        "former_tasks": [],
        "former_schedules": [],
        "handlers": {},
        "services": ["http"],
        "permissions": {"queues": ["mail"], "emit": ["invoice.*"], "hear": []},
        "quotas": {"concurrency": 2, "rate": "100/1m", "per_hour": 500},
        "settings": {"currency": "EUR", "bank": "https://***@bank.example", "api_key": "***"},
        "error": "",
        "disabled": False,
        "note": "",
        "changed_by": "",
        "changed_at": None,
    }


async def test_a_module_is_disabled_with_a_note_and_enabled_again(
    app: Tidemill, module: Module, admin: Caller
) -> None:
    told = await admin.ok("POST", "/modules/billing/disable", {"note": "too dear"})
    assert (told["disabled"], told["note"]) == (True, "too dear")
    assert told["changed_by"].startswith("key:")
    task = await admin.ok("GET", "/tasks/billing.charge")
    assert (task["paused"], task["note"]) == (True, "module billing is disabled: too dear")
    assert (await admin.ok("GET", "/schedules/billing.charge"))["paused"]
    told = await admin.ok("POST", "/modules/billing/enable")
    assert not told["disabled"]
    assert not (await admin.ok("GET", "/tasks/billing.charge"))["paused"]
    lines = (await AuditLog(app.client).apage(Search(), cursor=None, limit=50)).lines
    deeds = [line.action for line in lines]
    assert deeds.count("modules.disable") == deeds.count("modules.enable") == 1
    del module


async def test_operators_of_the_instance_disable_modules_and_nobody_of_a_tenant_sees_them(
    module: Module, people: People
) -> None:
    path = f"/modules/{module.name}"
    assert (await people("operator")("POST", f"{path}/disable")).status_code == 200
    assert (await people("viewer")("GET", path)).status_code == 200
    assert (await people("viewer")("POST", f"{path}/enable")).status_code == 403
    assert (await people("admin", "acme")("GET", path)).status_code == 403


async def test_what_is_secret_in_settings_is_not_even_in_the_store(
    app: Tidemill, module: Module
) -> None:
    record = await app.modules.aget(module.name)
    assert record.settings["currency"] == "EUR"
    assert "hunter2" not in repr(record)
    assert "k-1" not in repr(record)


async def test_who_may_only_look_is_told_the_names_of_settings_and_no_more(
    module: Module, people: People
) -> None:
    told = await people("viewer").ok("GET", f"/modules/{module.name}")
    assert told["settings"] == {"currency": "***", "bank": "***", "api_key": "***"}


async def test_a_worker_tells_which_modules_it_includes(
    app: Tidemill, module: Module, admin: Caller
) -> None:
    working = asyncio.create_task(app.worker().run())
    try:
        async with asyncio.timeout(30):
            while not (workers := (await admin.ok("GET", "/workers"))["workers"]):
                await asyncio.wait([working], timeout=0.02)
    finally:
        working.cancel()
        await asyncio.wait([working])
    assert workers[0]["modules"] == {module.name: "1.2.0"}


async def test_who_may_only_look_is_not_told_of_the_servers_files(
    app: Tidemill, people: People
) -> None:
    broken = ModuleRecord(name="odd", place="/srv/modules/odd", error="/srv/modules/odd holds none")
    await app.modules.apublish([], [broken])
    told = await people("operator").ok("GET", "/modules/odd")
    assert (told["place"], told["error"]) == (broken.place, broken.error)
    told = await people("viewer").ok("GET", "/modules/odd")
    assert "/srv" not in str(told)
    assert "could not be included" in told["error"]


async def test_a_module_that_no_node_has_told_of_is_not_there(admin: Caller) -> None:
    for method, path in (("GET", ""), ("POST", "/enable"), ("POST", "/disable")):
        answer = await admin(method, f"/modules/news{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "state.not_found")
