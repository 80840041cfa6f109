"""What the platform runs as jobs of its own, once a worker in this process knows of it."""

from typing import Any, Final

import pytest

from tests.api.conftest import Caller, People
from tidemill import Tidemill

SWEEP: Final[dict[str, Any]] = {
    "task": "tidemill-sweep",
    "arguments": {
        "rest": {
            "verb": "jobs.delete",
            "change": {},
            "which": {"filter": {"queues": ["sums"]}},
            "cursor": "99999",
            "changed": 0,
        }
    },
}
TELL: Final[dict[str, Any]] = {
    "task": "tidemill-tell",
    "arguments": {"message": {}, "channel": "boss"},
}


@pytest.mark.parametrize("tenant", [None, "acme"])
@pytest.mark.parametrize("body", [SWEEP, TELL])
async def test_own_tasks_are_not_enqueued(
    app: Tidemill, people: People, tenant: str | None, body: dict[str, Any]
) -> None:
    kept = app.enqueue("add", {"a": 1}, tenant="umbra")
    worker = app.worker()
    caller = people("admin", tenant)
    for path, sent in (
        ("/jobs", body),
        ("/jobs/batch", {"jobs": [body]}),
        ("/schedules", {"name": "s", **body}),
    ):
        answer = await caller("POST", path, sent)
        assert (answer.status_code, answer.json()["code"]) == (422, "misuse.unknown_task"), path
    await worker.run_until_idle()
    assert [job.id for job in app.jobs.find()] == [kept.id]


async def test_own_tasks_are_not_run_by_a_schedule_that_is_there(
    app: Tidemill, admin: Caller
) -> None:
    app.worker()
    call = app.client.bound(SWEEP["task"], SWEEP["arguments"], {})
    app.schedules.create("s", call)
    assert (await admin("POST", "/schedules/s/run")).status_code == 422
    assert list(app.jobs.find()) == []


async def test_own_tasks_are_not_shown(app: Tidemill, admin: Caller) -> None:
    app.worker()
    app.enqueue(SWEEP["task"], SWEEP["arguments"])
    tasks = (await admin.ok("GET", "/tasks"))["tasks"]
    assert [each["task"] for each in tasks] == ["add", "broken"]
    path = f"/tasks/{SWEEP['task']}"
    for method, each in (("GET", path), ("POST", f"{path}/pause"), ("POST", f"{path}/resume")):
        assert (await admin(method, each)).status_code == 404


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_own_tasks_finish_a_change_of_very_many_jobs(app: Tidemill, admin: Caller) -> None:
    calls = [app.client.bound("add", {"a": 1}, {"delay": "1h"}) for _ in range(10_001)]
    app.enqueue_many(calls)
    answer = await admin("POST", "/jobs/cancel", {"filter": {"queues": ["sums"]}})
    assert answer.status_code == 202
    await app.worker().run_until_idle()
    assert app.jobs.get(answer.json()["job"]).result() == len(calls)
