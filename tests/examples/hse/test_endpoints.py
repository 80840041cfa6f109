"""The endpoints below `/api/jobs`: who may what, and that no organisation meets another one."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from examples.hse.receivers import Receivers
from examples.hse.system import Hse
from examples.hse.words import QUEUES
from tests.examples.hse.conftest import Caller, People, ok
from tidemill.access.audit import AuditLog, Search
from tidemill.alerts.store import AlertRules
from tidemill.signatures import new_secret
from tidemill.testing import ManualClock
from tidemill.testing.harness import Harness

LETTER = {"to": ["zoe@harbour.example"], "subject": "Permit 7", "text": "It ends today."}
REPORT = {"reportType": "audits", "format": "json", "email": ["zoe@harbour.example"]}
EXPORT = {"entities": ["stations", "users"], "format": "csv"}
SECRET: Final = new_secret()


def queued(caller: Caller, path: str, body: Any, **params: str) -> str:
    """Ask for a job; its id."""
    answer = caller.post(f"/api/jobs/{path}", body, **params)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["jobId"])


class TestAsking:
    def test_letters_reports_exports_and_webhooks_are_asked_for_and_done(
        self, people: People, mill: Harness, receivers: Receivers
    ) -> None:
        manager = people("operator")
        receivers.secrets.append(SECRET)
        hook = {
            "url": receivers.url, "event": "permit.expired", "payload": {"permit": 7},
            "secret": SECRET, "headers": {"Authorization": "Bearer x"},
        }  # fmt: skip
        ids = {
            "email": queued(manager, "email", LETTER),
            "report": queued(manager, "reports", REPORT),
            "data-export": queued(manager, "data-exports", EXPORT),
            "webhook": queued(manager, "webhooks", hook),
        }
        mill.drain()
        for queue, id_ in ids.items():
            shown = ok(manager.get(f"/api/jobs/{queue}/jobs/{id_}"))
            assert (shown["status"], shown["organizationId"]) == ("completed", "hse.harbour")
            assert shown["progress"] == 100
        assert len(receivers.letters) == 2
        assert [post.event for post in receivers.posts] == ["permit.expired"]
        export = ok(manager.get(f"/api/jobs/data-export/jobs/{ids['data-export']}"))
        assert export["result"]["rows"] == {"stations": 6, "users": 14}

    def test_a_letter_for_later_is_delayed_and_many_are_one_batch(
        self, people: People, mill: Harness, clock: ManualClock, receivers: Receivers
    ) -> None:
        manager = people("operator")
        at = datetime.fromtimestamp(clock.now() / 1_000, UTC) + timedelta(hours=1)
        later = queued(manager, "email", {**LETTER, "scheduledFor": at.isoformat()})
        queued(manager, "email", {"emails": [LETTER] * 3})
        mill.drain()
        shown = ok(manager.get(f"/api/jobs/email/jobs/{later}"))
        assert (shown["status"], shown["delayedUntil"]) == (
            "delayed", at.isoformat().replace("+00:00", "Z"),
        )  # fmt: skip
        assert len(receivers.letters) == 3
        mill.advance("1h")
        assert len(receivers.letters) == 4

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("email", {**LETTER, "subject": "Permit\r\nBcc: x@example.org"}),
            ("email", {**LETTER, "to": ["zoe@harbour.example\r\nBcc: x@example.org"]}),
            ("email", {**LETTER, "to": []}),
            ("email", {**LETTER, "to": ["a@b.c"] * 51}),
            ("email", {**LETTER, "from": "boss@harbour.example"}),
            ("email", {**LETTER, "scheduledFor": "tomorrow"}),
            ("email", {"emails": []}),
            ("reports", {**REPORT, "reportType": "salaries"}),
            ("reports", {**REPORT, "format": "docx"}),
            ("reports", {**REPORT, "filters": {"planet": "Mars"}}),
            ("reports", {**REPORT, "filters": {"startDate": "soon"}}),
            ("data-exports", {"entities": ["passwords"]}),
            ("data-exports", {"entities": []}),
            ("webhooks", {"url": "https://x.example", "event": "no event"}),
            ("webhooks", {"event": "a.b"}),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, people: People, path: str, body: Any) -> None:
        assert people("operator").post(f"/api/jobs/{path}", body).status_code == 422

    def test_a_webhook_to_an_inner_address_is_refused_by_its_job(
        self, people: People, mill: Harness
    ) -> None:
        manager = people("operator")
        body = {"url": "http://169.254.169.254/latest", "event": "a.b"}
        id_ = queued(manager, "webhooks", body)
        mill.drain()
        shown = ok(manager.get(f"/api/jobs/webhook/jobs/{id_}"))
        assert (shown["status"], shown["attemptsMade"]) == ("failed", 1)


class TestStanding:
    def test_stats_count_each_queue_by_status_and_say_which_is_paused(
        self, people: People, mill: Harness, hse: Hse, receivers: Receivers
    ) -> None:
        manager = people("operator")
        queued(manager, "email", LETTER)
        mill.drain()
        receivers.unknown.add("zoe@harbour.example")
        queued(manager, "email", LETTER)
        mill.drain()
        hse.app.queues.pause("report")
        queued(manager, "reports", REPORT)
        stats = ok(manager.get("/api/jobs/stats"))
        assert set(stats["queues"]) == set(QUEUES)
        email, report = stats["queues"]["email"], stats["queues"]["report"]
        assert (email["completed"], email["failed"], email["paused"]) == (1, 1, False)
        assert (report["waiting"], report["paused"]) == (1, True)
        assert stats["total"] == {
            "waiting": 1, "active": 0, "delayed": 0, "completed": 1, "failed": 1,
        }  # fmt: skip

    def test_jobs_are_listed_by_status_a_page_at_a_time(
        self, people: People, mill: Harness
    ) -> None:
        manager = people("operator")
        ids = [queued(manager, "email", LETTER) for _ in range(5)]
        mill.drain()
        queued(manager, "email", LETTER)
        listed: list[str] = []
        cursor = ""
        for size in (2, 2, 1):
            page = ok(manager.get(
                "/api/jobs/email/jobs", status="completed", limit=2,
                **({"cursor": cursor} if cursor else {}),
            ))  # fmt: skip
            assert len(page["jobs"]) == size
            listed += [job["id"] for job in page["jobs"]]
            cursor = page["next"]
        assert listed == ids[::-1]
        waiting = ok(manager.get("/api/jobs/email/jobs", status="waiting"))["jobs"]
        assert [(job["name"], job["priority"], job["maxAttempts"]) for job in waiting] == [
            ("email.send", "high", 5)
        ]

    def test_what_is_not_there_is_told(self, people: People, mill: Harness) -> None:
        manager = people("operator")
        id_ = queued(manager, "email", LETTER)
        mill.drain()
        for path in ("/api/jobs/letters/jobs", f"/api/jobs/report/jobs/{id_}",
                     "/api/jobs/email/jobs/nothing"):  # fmt: skip
            assert manager.get(path).status_code == 404
        assert manager.get("/api/jobs/email/jobs", status="lost").status_code == 422

    def test_the_dashboard_is_where_it_always_was(self, people: People) -> None:
        answer = people().get("/api/jobs/dashboard")
        assert (answer.status_code, answer.headers["location"]) == (307, "/tidemill/")

    def test_a_failed_job_tells_why_with_its_stack_and_its_log(
        self, people: People, mill: Harness, receivers: Receivers
    ) -> None:
        manager = people("operator")
        receivers.unknown.add("zoe@harbour.example")
        id_ = queued(manager, "email", LETTER)
        mill.drain()
        shown = ok(manager.get(f"/api/jobs/email/jobs/{id_}"))
        assert "550 nobody here is called so" in shown["failedReason"]
        assert "MailRefused" in shown["stacktrace"]
        assert shown["data"]["subject"] == "Permit 7"


class TestSteering:
    def test_a_failed_job_is_retried_and_no_other(
        self, people: People, mill: Harness, receivers: Receivers
    ) -> None:
        manager = people("operator")
        receivers.unknown.add("zoe@harbour.example")
        id_ = queued(manager, "email", LETTER)
        mill.drain()
        receivers.unknown.clear()
        path = f"/api/jobs/email/jobs/{id_}"
        assert ok(manager.post(f"{path}/retry"))["count"] == 1
        mill.drain()
        assert ok(manager.get(path))["status"] == "completed"
        assert manager.post(f"{path}/retry").status_code == 409

    def test_a_job_is_removed(self, people: People, mill: Harness) -> None:
        manager = people("operator")
        done, waiting = queued(manager, "email", LETTER), ""
        mill.drain()
        waiting = queued(manager, "email", LETTER)
        for id_ in (done, waiting):
            assert ok(manager("DELETE", f"/api/jobs/email/jobs/{id_}"))["count"] == 1
            assert manager.get(f"/api/jobs/email/jobs/{id_}").status_code == 404
        mill.drain()

    def test_a_queue_is_cleaned_of_what_ended_long_enough_ago(
        self, people: People, mill: Harness
    ) -> None:
        manager = people("operator")
        queued(manager, "email", LETTER)
        mill.advance("2h")
        queued(manager, "email", LETTER)
        mill.drain()
        assert ok(manager.post("/api/jobs/email/clean", {"grace": 3_600_000}))["count"] == 1
        assert ok(manager.post("/api/jobs/email/clean", {"status": "failed"}))["count"] == 0
        assert ok(manager.post("/api/jobs/email/clean"))["count"] == 1
        assert manager.post("/api/jobs/email/clean", {"grace": -1}).status_code == 422


EVERY = [
    ("GET", "/api/jobs/stats", None),
    ("GET", "/api/jobs/email/jobs", None),
    ("GET", "/api/jobs/email/jobs/x", None),
    ("POST", "/api/jobs/email/jobs/x/retry", None),
    ("DELETE", "/api/jobs/email/jobs/x", None),
    ("POST", "/api/jobs/email/clean", None),
    ("POST", "/api/jobs/email", LETTER),
    ("POST", "/api/jobs/reports", REPORT),
    ("POST", "/api/jobs/data-exports", EXPORT),
    ("POST", "/api/jobs/webhooks", {"url": "https://x.example", "event": "a.b"}),
    ("POST", "/api/jobs/tenant-onboarding", None),
    ("GET", "/api/webhooks", None),
    ("POST", "/api/webhooks", {"url": "https://x.example", "events": ["incident.*"]}),
    ("POST", "/api/webhooks/x/rotate", None),
    ("DELETE", "/api/webhooks/x", None),
]


class TestRoles:
    @pytest.mark.parametrize(("method", "path", "body"), EVERY)
    def test_a_stranger_gets_nowhere_and_a_user_changes_nothing(
        self, people: People, method: str, path: str, body: Any
    ) -> None:
        assert people()(method, path, json=body).status_code == 401
        asked = people("viewer")(method, path, json=body).status_code
        assert asked in ((200, 404) if method == "GET" else (403,))

    def test_a_user_looks_on_and_is_not_shown_what_jobs_hold(
        self, people: People, mill: Harness
    ) -> None:
        id_ = queued(people("operator"), "email", LETTER)
        mill.drain()
        shown = ok(people("viewer").get(f"/api/jobs/email/jobs/{id_}"))
        assert (shown["status"], shown["data"], shown["result"]) == ("completed", None, None)


class TestOrganisations:
    def test_nothing_of_one_is_there_for_another(self, people: People, mill: Harness) -> None:
        ours, theirs = people("admin", "harbour"), people("admin", "ranges")
        id_ = queued(ours, "reports", REPORT)
        mill.drain()
        for method, path in (
            ("GET", f"/api/jobs/report/jobs/{id_}"),
            ("DELETE", f"/api/jobs/report/jobs/{id_}"),
            ("POST", f"/api/jobs/report/jobs/{id_}/retry"),
            ("GET", "/api/jobs/stats?organization=harbour"),
            ("POST", "/api/jobs/reports?organization=harbour"),
        ):
            body = REPORT if path.endswith("organization=harbour") and method == "POST" else None
            assert theirs(method, path, json=body).status_code == 404
        assert ok(theirs.get("/api/jobs/report/jobs"))["jobs"] == []
        assert ok(theirs.post("/api/jobs/report/clean"))["count"] == 0
        assert ok(theirs.get("/api/jobs/stats"))["total"]["completed"] == 0
        assert ok(ours.get(f"/api/jobs/report/jobs/{id_}"))["status"] == "completed"
        url = ok(ours.get(f"/api/jobs/report/jobs/{id_}"))["result"]["url"]
        assert people().get(f"/tidemill{url}").status_code == 200
        assert people().get(f"/tidemill{url}x").status_code == 404

    @pytest.mark.parametrize("tenant", [None, "hse"])
    def test_hse_itself_sees_all_of_them_and_asks_in_the_name_of_one(
        self, people: People, mill: Harness, hse: Hse, tenant: str | None
    ) -> None:
        hse.app.enqueue("hse.email.send", LETTER, tenant="finance")
        for slug in ("harbour", "ranges"):
            queued(people("operator", slug), "email", LETTER)
        everybody = people("admin", "", tenant=tenant or "")
        id_ = queued(everybody, "reports", REPORT, organization="ranges")
        mill.drain()
        shown = ok(everybody.get("/api/jobs/email/jobs"))["jobs"]
        assert {job["organizationId"] for job in shown} == {"hse.harbour", "hse.ranges"}
        theirs = ok(people("viewer", "ranges").get(f"/api/jobs/report/jobs/{id_}"))
        assert theirs["organizationId"] == "hse.ranges"
        assert everybody.post("/api/jobs/reports", REPORT).status_code == 422
        assert ok(everybody.get("/api/jobs/stats"))["queues"]["report"]["completed"] == 1

    @pytest.mark.parametrize("tenant", ["finance", "hsex.harbour", "hse2"])
    def test_who_is_of_another_system_in_the_store_is_of_no_organisation(
        self, people: People, tenant: str
    ) -> None:
        stranger = people("admin", tenant=tenant)
        assert stranger.get("/api/jobs/stats").status_code == 404
        assert stranger.post("/api/jobs/email", LETTER).status_code == 404

    def test_a_subscription_is_made_rotated_and_ended_by_its_own_organisation(
        self, hse: Hse, people: People, receivers: Receivers
    ) -> None:
        ours, theirs = people("operator", "harbour"), people("operator", "ranges")
        made = ok(ours.post("/api/webhooks", {"url": receivers.url, "events": ["incident.*"]}))
        assert made["secret"].startswith("whsec_")
        (shown,) = ok(ours.get("/api/webhooks"))["subscriptions"]
        assert (shown["id"], shown["secret"]) == (made["id"], "")
        assert ok(theirs.get("/api/webhooks"))["subscriptions"] == []
        assert theirs("DELETE", f"/api/webhooks/{made['id']}").status_code == 404
        new = ok(ours.post(f"/api/webhooks/{made['id']}/rotate"))["secret"]
        assert new not in ("", made["secret"])
        assert ours("DELETE", f"/api/webhooks/{made['id']}").status_code == 204
        assert ok(ours.get("/api/webhooks"))["subscriptions"] == []
        meant = Search(target=f"{hse.kits.webhooks.kept_as}/{made['id']}")
        lines = AuditLog(hse.app.client).page(meant, cursor=None, limit=5).lines
        assert [line.action for line in lines] == ["records.delete", "records.put", "records.put"]
        assert {line.actor.partition(":")[0] for line in lines} == {"key"}


def test_each_processor_is_faster_than_it_had_to_be(hse: Hse, mill: Harness) -> None:
    """Five reports and two exports a minute, that is; letters and webhooks are measured apart."""
    service = hse.service("harbour")
    for _ in range(5):
        service.queue_report("compliance", form="csv", fresh=True)
    for _ in range(2):
        service.queue_data_export(["incidents", "audits"])
    began = time.monotonic()
    mill.drain()
    assert time.monotonic() - began < 60
    assert {job.snapshot().state for job in mill.jobs()} == {"completed"}


def test_operations_are_told_when_many_fail(hse: Hse) -> None:
    hse.prepare()
    rules = {kept.value.name: kept.value for kept in AlertRules(hse.app.client).find()}
    for queue in QUEUES:
        rule = rules[f"hse-{queue}-failing"]
        assert (rule.when, rule.above, rule.queue) == ("failure_rate", 0.5, queue)
        assert rule.channels == ("operations",)
