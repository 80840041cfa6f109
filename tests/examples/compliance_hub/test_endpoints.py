"""The twelve endpoints, end to end over HTTP, on SQLite and on PostgreSQL, and who may use them."""

from typing import Any

import httpx
import pytest

from examples.compliance_hub.api import routes
from examples.compliance_hub.hub import Hub
from examples.compliance_hub.jobs import STOCK, number_of
from tests.examples.compliance_hub.conftest import Mill, asked, ok
from tidemill import Retry
from tidemill.access.audit import AuditLog, Search
from tidemill.testing import ManualClock

DEAD = "0190a000-0000-7000-8000-000000000000"

ENDPOINTS: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("POST", "/trigger", {"name": "pd-reminders"}),
    ("POST", "/pd-reminders/pause", None),
    ("POST", "/pd-reminders/resume", {"pattern": "0 7 * * *", "tz": "Australia/Sydney"}),
    ("GET", "/metrics", None),
    ("GET", "/history?limit=50", None),
    ("GET", "/dead-letter", None),
    ("POST", f"/dead-letter/{DEAD}/retry", None),
    ("POST", "/queue/pause", None),
    ("POST", "/queue/resume", None),
    ("POST", "/queue/clean", None),
    ("GET", "/queue/status", None),
]


def ask(client: httpx.Client, endpoint: tuple[str, str, Any], **more: Any) -> httpx.Response:
    method, path, body = endpoint
    return client.request(method, f"/jobs{path}", json=body, **more)


@pytest.fixture
def kept_mill(kept_hub: Hub, clock: ManualClock) -> Mill:
    kept_hub.app.schedules.publish()
    return Mill(kept_hub, clock)


def test_a_system_admin_watches_and_steers_all_of_it(kept_hub: Hub, kept_mill: Mill) -> None:
    with asked(kept_hub) as people, people("admin") as admin:
        listed = ok(admin.get("/jobs"))["jobs"]
        assert [each["type"] for each in listed] == [each.type for each in STOCK]
        (xero,) = [each for each in listed if each["type"] == "xero-sync"]
        assert xero | {"note": ""} == {
            "type": "xero-sync", "name": "Sync with Xero", "status": "active", "note": "",
            "pattern": "0 2 * * *", "tz": "Australia/Sydney", "priority": 10, "lastRun": None,
            "lastStatus": None, "lastResult": None, "nextRun": "2027-01-31T15:00:00.000Z",
        }  # fmt: skip
        started = admin.post("/jobs/trigger", json={"name": "xero-sync"})
        assert started.status_code == 202
        assert ok(admin.get("/jobs/queue/status"))["counts"]["waiting"] == 1
        kept_mill.drain()
        (run,) = ok(admin.get("/jobs/history"))["jobs"]
        assert (run["id"], run["status"]) == (started.json()["id"], "completed")
        assert run["result"] == {"contacts": 60, "invoices": 60}
        (xero,) = [each for each in ok(admin.get("/jobs"))["jobs"] if each["type"] == "xero-sync"]
        assert (xero["lastStatus"], xero["lastResult"]["invoices"]) == ("completed", 60)
        told = ok(admin.get("/jobs/metrics"))
        assert (told["completed"], told["failed"], told["successRate"]) == (1, 0, 100.0)
        assert told["byType"]["xero-sync"]["completed"] == 1
        assert ok(admin.post("/jobs/queue/clean", json={"grace": 0}))["count"] == 1
        assert ok(admin.get("/jobs/history"))["jobs"] == []


def test_a_paused_job_comes_no_more_until_it_is_resumed(kept_hub: Hub, kept_mill: Mill) -> None:
    with asked(kept_hub) as people, people("admin") as admin:
        told = ok(admin.post("/jobs/feedback-analysis/pause", json={"reason": "the model is new"}))
        assert (told["status"], told["note"], told["nextRun"]) == (
            "paused",
            "the model is new",
            None,
        )
        kept_mill.advance("14h")
        runs = ok(admin.get("/jobs/history"))["jobs"]
        assert "feedback-analysis" not in {each["type"] for each in runs}
        told = ok(admin.post("/jobs/feedback-analysis/resume"))
        assert (told["status"], told["pattern"]) == ("active", "0 1 * * *")
        assert told["nextRun"] == "2027-02-01T14:00:00.000Z"


def test_a_dead_letter_is_listed_with_its_error_and_runs_again(
    kept_hub: Hub, kept_mill: Mill
) -> None:
    fixed: list[bool] = []

    @kept_hub.app.task(name="compliance.fragile", queue="compliance", retry=Retry.never())
    def fragile() -> str:
        if not fixed:
            raise ValueError("the ledger is closed")
        return "done"

    job = fragile.enqueue()
    kept_mill.drain()
    with asked(kept_hub) as people, people("admin") as admin:
        (dead,) = ok(admin.get("/jobs/dead-letter"))["jobs"]
        assert (dead["id"], dead["error"]) == (job.id, "ValueError: the ledger is closed")
        fixed.append(True)
        assert ok(admin.post(f"/jobs/dead-letter/{job.id}/retry")) == {"count": 1}
        kept_mill.drain()
        assert job.result(timeout=0) == "done"
        assert ok(admin.get("/jobs/dead-letter"))["jobs"] == []
        assert admin.post(f"/jobs/dead-letter/{job.id}/retry").status_code == 404


def test_a_paused_queue_starts_nothing_and_goes_on_when_it_is_resumed(
    kept_hub: Hub, kept_mill: Mill
) -> None:
    with asked(kept_hub) as people, people("admin") as admin:
        told = ok(admin.post("/jobs/queue/pause", json={"reason": "audit day"}))
        assert (told["isPaused"], told["note"], told["concurrency"]) == (True, "audit day", 5)
        ok(admin.post("/jobs/trigger", json={"name": "pd-reminders"}))
        kept_mill.drain()
        assert ok(admin.get("/jobs/queue/status"))["counts"]["waiting"] == 1
        assert not ok(admin.post("/jobs/queue/resume"))["isPaused"]
        kept_mill.drain()
        counts = ok(admin.get("/jobs/queue/status"))["counts"]
        assert (counts["waiting"], counts["completed"]) == (0, 1)


@pytest.mark.parametrize(("number", "ours"), [(1, 90), (5, 50), (10, 0), (15, -50)])
def test_the_hubs_numbers_are_read_and_told_at_its_edge(hub: Hub, number: int, ours: int) -> None:
    hub.app.schedules.publish()
    with asked(hub) as people, people("admin") as admin:
        body = {"name": "weekly-digest", "priority": number}
        id_ = ok(admin.post("/jobs/trigger", json=body))["id"]
    seen = hub.app.jobs.get(id_).seen
    assert seen is not None
    assert seen.priority == ours
    assert number_of(seen.priority) == number


def test_urgent_jobs_run_before_others_that_wait(hub: Hub, mill: Mill) -> None:
    hub.app.schedules.publish()
    hub.app.queues.limit("compliance", most=1)
    for type_ in ("weekly-digest", "policy-reviews", "credential-expiry", "complaint-sla"):
        hub.app.schedules.run(f"compliance.{type_}")
    mill.drain()
    order = sorted(hub.app.jobs.find(), key=lambda job: job.snapshot().fence)
    assert [job.task.partition(".")[2] for job in order] == [
        "complaint-sla", "credential-expiry", "policy-reviews", "weekly-digest",
    ]  # fmt: skip
    stock = {each.type: each.priority for each in STOCK}
    assert [stock[each] for each in ("complaint-sla", "credential-expiry", "policy-reviews",
                                     "weekly-digest")] == [1, 5, 10, 15]  # fmt: skip


def test_there_are_the_twelve_that_the_hub_documents() -> None:
    there = {(next(iter(each.methods)), each.path) for each in routes.routes}  # type: ignore[attr-defined]  # all of them are routes of an API
    assert len(there) == len(ENDPOINTS) == 12
    prefix = "/api/v1/jobs"
    assert there == {
        ("GET", prefix),
        ("POST", f"{prefix}/trigger"),
        ("POST", f"{prefix}/{{type}}/pause"),
        ("POST", f"{prefix}/{{type}}/resume"),
        ("GET", f"{prefix}/metrics"),
        ("GET", f"{prefix}/history"),
        ("GET", f"{prefix}/dead-letter"),
        ("POST", f"{prefix}/dead-letter/{{id}}/retry"),
        ("POST", f"{prefix}/queue/pause"),
        ("POST", f"{prefix}/queue/resume"),
        ("POST", f"{prefix}/queue/clean"),
        ("GET", f"{prefix}/queue/status"),
    }


def test_each_is_for_system_admins_alone(hub: Hub) -> None:
    hub.app.schedules.publish()
    with asked(hub) as people:
        with people.stranger() as stranger:
            assert {ask(stranger, each).status_code for each in ENDPOINTS} == {401}
        for role, tenant in (("viewer", None), ("operator", None), ("admin", "other")):
            with people(role, tenant) as client:
                assert {ask(client, each).status_code for each in ENDPOINTS} == {403}, role
        with people("admin") as admin:
            answers = [ask(admin, each).status_code for each in ENDPOINTS]
            assert answers == [200, 202, 200, 200, 200, 200, 200, 404, 200, 200, 200, 200]
        with people("admin", scopes=["jobs.read"]) as reader:
            answers = [ask(reader, each).status_code for each in ENDPOINTS]
            assert answers == [200, 403, 403, 403, 200, 200, 200, 403, 403, 403, 403, 200]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/trigger", {"name": "nothing"}, 404),
        ("/trigger", {}, 422),
        ("/trigger", {"name": "xero-sync", "priority": 2}, 422),
        ("/trigger", {"name": "xero-sync", "queue": "x"}, 422),
        ("/xero-sync/resume", {"pattern": "61 * * * *"}, 422),
        ("/xero-sync/resume", {"tz": "Australia/Atlantis"}, 422),
        ("/nothing/pause", None, 404),
        ("/queue/clean", {"status": "active"}, 422),
        ("/queue/clean", {"grace": -1}, 422),
        (f"/dead-letter/{DEAD}/retry", None, 404),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    hub: Hub, path: str, body: Any, status: int
) -> None:
    hub.app.schedules.publish()
    before = hub.app.schedules.find()
    with asked(hub) as people, people("admin") as admin:
        answer = admin.post(f"/jobs{path}", json=body)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert admin.get("/jobs/history?limit=0").status_code == 422
    assert hub.app.schedules.find() == before
    assert not list(hub.app.jobs.find())


def test_every_action_is_in_the_audit_log_with_who_asked_and_why(hub: Hub) -> None:
    hub.app.schedules.publish()
    with asked(hub) as people, people("admin") as admin:
        why = {"X-Reason": "drill"}
        for each in ENDPOINTS:
            if each[0] == "POST":
                ask(admin, each, headers=why)
    lines = list(AuditLog(hub.app.client).find(Search(tenant="")))
    told = [(each.action, each.account.result) for each in reversed(lines)]
    assert [each for each in told if each[0] != "keys.create"] == [
        ("schedules.run", "done"),
        ("schedules.pause", "done"),
        ("schedules.resume", "done"),
        ("retryDeadLetter", "refused"),
        ("queues.pause", "done"),
        ("queues.resume", "done"),
        ("jobs.delete", "done"),
    ]
    mine = [each for each in lines if each.action != "keys.create"]
    assert {each.account.reason for each in mine} == {"drill"}
    assert len({each.actor for each in mine}) == 1


def test_who_asks_too_often_is_told_when_to_come_again(hub: Hub, clock: ManualClock) -> None:
    hub.app.schedules.publish()
    with asked(hub, per_minute=3) as people, people("admin") as admin, people("admin") as other:
        assert [admin.get("/jobs/queue/status").status_code for _ in range(4)] == [200] * 3 + [429]
        clock.advance("20s")
        refused = admin.get("/jobs/queue/status")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")
        assert other.get("/jobs/queue/status").status_code == 200
        clock.advance("40s")
        assert admin.get("/jobs/queue/status").status_code == 200
