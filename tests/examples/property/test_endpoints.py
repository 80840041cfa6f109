"""The endpoints: seven for jobs, those of tickets, health and metrics; on SQLite and PostgreSQL.

All tests of one engine ask one installation, so each looks at what it has brought about itself.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from examples.property.office import Office
from examples.property.receivers import Receivers
from examples.property.words import SYSTEM
from tests.examples.property.conftest import (
    Caller,
    People,
    about,
    broken,
    contractor,
    installed,
    ok,
    waiting,
)
from tidemill.access import audit
from tidemill.access.audit import AuditLog, Search
from tidemill.alerts.store import AlertRules
from tidemill.client.steps import Walk
from tidemill.core.instants import to_datetime
from tidemill.loops.clock import Clock
from tidemill.testing import ManualClock
from tidemill.testing.harness import Harness

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # by apprise


@pytest.fixture(scope="module")
def shared_office(
    shared_kept_url: str, tmp_path_factory: pytest.TempPathFactory, shared_receivers: Receivers
) -> Iterator[Office]:
    """One for all of these tests, its own database included."""
    folder = tmp_path_factory.mktemp("property")
    with installed(shared_kept_url, folder, shared_receivers, ManualClock()) as office:
        yield office


@pytest.fixture
def office(shared_office: Office) -> Office:
    """The one that all of them share."""
    return shared_office


@pytest.fixture
def clock(office: Office) -> Clock:
    """The time that it goes by."""
    return office.app.store.clock


def counted(ops: Caller) -> Counter[str]:
    """How many jobs there are, by their queue and status."""
    queues = ok(ops.get("/jobs/queues"))["queues"]
    assert [each["name"] for each in queues] == ["tickets", "notifications", "dead-letter"]
    return Counter(
        {f"{each['name']} {status}": n for each in queues for status, n in each["counts"].items()}
    )


class TestQueues:
    def test_queues_are_listed_with_counts_by_status_and_dead_letters_as_one(
        self, office: Office, mill: Harness, receivers: Receivers, ops: Caller
    ) -> None:
        mill.drain()
        before = counted(ops)
        broken(office, mill, receivers)
        waiting(office)
        assert counted(ops) - before == Counter({
            "tickets delayed": 1, "tickets completed": 1, "notifications completed": 3,
            "notifications failed": 1, "dead-letter failed": 1,
        })  # fmt: skip

    def test_a_queue_that_is_paused_says_so(self, office: Office, ops: Caller) -> None:
        def paused() -> list[str]:
            queues = ok(ops.get("/jobs/queues"))["queues"]
            return [each["name"] for each in queues if each["isPaused"]]

        assert paused() == []
        office.app.queues.pause("tickets")
        assert paused() == ["tickets"]
        assert ok(ops.get("/jobs/queues/tickets"))["queue"]["isPaused"]
        office.app.queues.resume("tickets")

    def test_jobs_are_listed_by_status_25_on_a_page(
        self, office: Office, mill: Harness, ops: Caller
    ) -> None:
        mill.drain()
        for number in range(28):
            office.app.enqueue("property.flush-spool", {}, key=f"flush-{number}")
        mill.drain()
        first = ok(ops.get("/jobs/queues/tickets", status="completed"))
        assert (len(first["jobs"]), first["pageSize"]) == (25, 25)
        rest = ok(ops.get("/jobs/queues/tickets", status="completed", cursor=first["next"]))
        keys = [each["key"] for each in (*first["jobs"], *rest["jobs"])]
        assert keys[:28] == [f"flush-{number}" for number in reversed(range(28))]
        row = first["jobs"][0]
        assert row["name"] == "property.flush-spool"
        assert row["key"] == "flush-27"
        assert (row["status"], row["progress"], row["attemptsMade"]) == ("completed", 100.0, 1)
        assert row["maxAttempts"] == 3
        assert len(ok(ops.get("/jobs/queues/tickets", pageSize=5))["jobs"]) == 5
        assert ok(ops.get("/jobs/queues/tickets", status="active"))["jobs"] == []


class TestJobs:
    def test_of_a_dead_letter_all_is_told_with_its_stack_trace(
        self, office: Office, mill: Harness, receivers: Receivers, ops: Caller
    ) -> None:
        id_ = broken(office, mill, receivers)
        told = ok(ops.get(f"/jobs/queues/dead-letter/{id_}"))
        assert told == ok(ops.get(f"/jobs/queues/notifications/{id_}"))
        assert (told["status"], told["queue"]) == ("failed", "notifications")
        assert "Undeliverable" in told["error"]
        assert "telling.py" in told["stackTrace"]
        assert re.fullmatch(r"T-\d{5}-\d+-\d+-email", told["data"]["notice"])
        assert told["key"] == f"notify-{told['data']['notice']}"
        assert ops.get(f"/jobs/queues/tickets/{id_}").status_code == 404

    def test_one_that_has_ended_tells_its_result_and_its_log(
        self, office: Office, mill: Harness, ops: Caller
    ) -> None:
        reference = office.tickets.create(1, "Kitchen tap leaks").reference
        mill.drain()
        (job,) = about(office, "property.ticket-event", reference)
        told = ok(ops.get(f"/jobs/queues/tickets/{job.id}"))
        assert told["result"] == {"trade": "plumbing", "notices": 4}
        assert told["message"] == "Done"
        assert [(line["level"], line["message"]) for line in told["logs"]] == [
            ("info", f"{reference} is created")
        ]
        assert (told["error"], told["stackTrace"]) == (None, None)

    def test_a_dead_letter_is_retried_with_a_reason_and_told_in_the_audit(
        self, office: Office, mill: Harness, receivers: Receivers, ops: Caller
    ) -> None:
        id_ = broken(office, mill, receivers)
        receivers.unknown.clear()
        done = ok(
            ops.post(f"/jobs/queues/dead-letter/{id_}/retry", {"reason": "the address is mended"})
        )
        assert done["action"] == "retry"
        mill.drain()
        assert ok(ops.get(f"/jobs/queues/notifications/{id_}"))["status"] == "completed"
        (entry,) = ok(ops.get("/jobs/audit", jobId=id_))["entries"]
        assert entry["timestamp"].startswith(str(to_datetime(mill.clock.now()).date()))
        assert entry.pop("actorUserId").startswith("key:")
        assert {name: entry[name] for name in ("queue", "jobId", "action", "reason")} == {
            "queue": "notifications",
            "jobId": id_,
            "action": "retry",
            "reason": "the address is mended",
        }

    def test_one_that_waits_is_cancelled_and_one_that_is_cancelled_is_removed(
        self, office: Office, mill: Harness, ops: Caller
    ) -> None:
        id_ = waiting(office)
        ok(ops.post(f"/jobs/queues/tickets/{id_}/cancel", {"reason": "resident is away"}))
        told = ok(ops.get(f"/jobs/queues/tickets/{id_}"))
        assert (told["status"], told["reason"]) == ("cancelled", "resident is away")
        ok(ops.post(f"/jobs/queues/tickets/{id_}/remove"))
        assert ops.get(f"/jobs/queues/tickets/{id_}").status_code == 404
        entries = ok(ops.get("/jobs/audit", jobId=id_))["entries"]
        assert [(each["action"], each["queue"], each["reason"]) for each in entries] == [
            ("remove", "tickets", None),
            ("cancel", "tickets", "resident is away"),
        ]
        mill.advance("2h")
        assert office.tickets.find()[0].status == "assigned"

    def test_what_a_job_is_not_ready_for_is_refused_and_nothing_is_done(
        self, office: Office, mill: Harness, ops: Caller
    ) -> None:
        id_ = waiting(office)
        answer = ops.post(f"/jobs/queues/tickets/{id_}/retry")
        assert answer.status_code == 409
        assert "is delayed, so it cannot be retried" in answer.json()["detail"]
        mill.advance("2h")
        answer = ops.post(f"/jobs/queues/tickets/{id_}/cancel")
        assert answer.status_code == 409
        assert ok(ops.get("/jobs/audit", jobId=id_))["entries"] == []


class TestAudit:
    def test_changes_in_the_dashboard_and_by_the_whole_instance_are_in_it_others_are_not(
        self, office: Office, people: People
    ) -> None:
        id_ = waiting(office)
        admin = people("admin", None)
        before = ok(admin.get("/jobs/audit"))["entries"]
        other = office.app.enqueue("property.flush-spool", {}, tenant="other")
        ok(admin.post(f"/tidemill/api/v1/jobs/{other.id}/cancel", {}))
        ok(admin.post(f"/tidemill/api/v1/jobs/{id_}/cancel", {}, headers={"X-Reason": "by%20hand"}))
        entries = ok(admin.get("/jobs/audit"))["entries"]
        new = entries[: len(entries) - len(before)]
        assert [(each["jobId"], each["action"], each["reason"]) for each in new] == [
            (id_, "cancel", "by hand")
        ]

    def test_it_has_pages_and_holds_together(self, office: Office, ops: Caller) -> None:
        jobs: list[str] = []
        for number in range(5):
            job = office.app.enqueue("property.flush-spool", {}, key=f"audited-{number}")
            jobs.insert(0, job.id)
            ok(ops.post(f"/jobs/queues/tickets/{job.id}/cancel"))
        first = ok(ops.get("/jobs/audit", pageSize=3))
        rest = ok(ops.get("/jobs/audit", pageSize=3, cursor=first["next"]))
        ids = [each["jobId"] for each in (*first["entries"], *rest["entries"])]
        assert ids[:5] == jobs
        assert Walk(audit.verify(office.app.open())).wait().whole


class TestTickets:
    def test_a_ticket_is_steered_through_its_life(
        self, office: Office, mill: Harness, ops: Caller
    ) -> None:
        body = {"unit": 2, "title": "Oven trips the fuse", "urgency": "urgent"}
        made = ops.post("/tickets", body)
        assert made.status_code == 201
        reference = made.json()["reference"]
        able = contractor(office, "electrical")
        ok(ops.post(f"/tickets/{reference}/quote", {"contractor": able, "cents": 21_000}))
        ok(ops.post(f"/tickets/{reference}/approve", {"note": "go ahead"}))
        at = to_datetime(mill.clock.now()) + timedelta(hours=1)
        ok(ops.post(f"/tickets/{reference}/assign", {"at": at.isoformat()}))
        mill.advance("1h")
        told = ok(ops.post(f"/tickets/{reference}/complete"))
        assert (told["status"], told["quoteCents"]) == ("completed", 21_000)
        told = ok(ops.get(f"/tickets/{reference}"))
        assert [step["status"] for step in told["steps"]] == [
            "created", "quoted", "approved", "assigned", "in-progress", "completed",
        ]  # fmt: skip
        assert told["steps"][2]["note"] == "go ahead"
        assert ok(ops.get("/tickets", status="completed"))[0]["reference"] == reference
        # What somebody did is in the audit log, and that the appointment began by itself is not.
        lines = (
            AuditLog(office.app.client)
            .page(Search(action="events.emit"), cursor=None, limit=5)
            .lines
        )
        assert [line.account.target for line in lines] == [
            "ticket.completed", "ticket.assigned", "ticket.approved", "ticket.quoted",
            "ticket.created",
        ]  # fmt: skip
        assert {line.actor.partition(":")[0] for line in lines} == {"key"}


class TestHealth:
    def test_all_is_well_and_anybody_may_ask(self, people: People) -> None:
        assert ok(people().get("/health")) == {
            "status": "ok",
            "db": "ok",
            "store": "ok",
            "spooled": 0,
        }


def test_the_four_metrics_of_old_are_told(
    office: Office, mill: Harness, receivers: Receivers, runner: asyncio.Runner
) -> None:
    def told() -> Counter[str]:
        # By a server that was started just now: one remembers for a moment what it has counted.
        text = People(runner, office)("admin", None).get("/metrics").text
        lines = re.findall(r"^(queue_.+) (\S+)$", text, re.MULTILINE)
        return Counter({name: int(float(value)) for name, value in lines})

    mill.drain()
    before = told()
    broken(office, mill, receivers)
    receivers.is_down = True
    office.tickets.create(2, "Tap")
    mill.drain()
    new = told() - before
    assert new['queue_jobs_total{queue="notifications",status="retrying"}'] == 1
    assert new['queue_failures_total{queue="notifications",reason="failed"}'] > 0
    assert new['queue_retries_total{queue="notifications"}'] == 1
    assert new['queue_processing_duration_ms_count{queue="tickets"}'] == 2


def test_operations_are_told_of_dead_letters_and_of_many_that_wait(office: Office) -> None:
    office.prepare()  # again, as with the next start
    rules = {each.value.name: each.value for each in AlertRules(office.app.client).find()}
    assert {(rule.when, rule.queue, rule.above) for rule in rules.values()} == {
        ("queue_depth", "tickets", 100),
        ("queue_depth", "notifications", 500),
        ("dead_letters", "tickets", 0),
        ("dead_letters", "notifications", 10),
    }
    assert {rule.tenant for rule in rules.values()} == {SYSTEM}
