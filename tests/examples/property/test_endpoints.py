"""The endpoints: seven for jobs, those of tickets, health and metrics; for ADMIN and OPS alone."""

import re
from datetime import timedelta
from typing import Any

import pytest

from examples.property.office import Office
from examples.property.receivers import Receivers
from examples.property.words import SYSTEM
from tests.examples.property.conftest import Caller, People, installed, ok
from tidemill import errors
from tidemill.access import audit
from tidemill.alerts.store import AlertRules
from tidemill.client.steps import Walk
from tidemill.core.instants import to_datetime
from tidemill.testing import ManualClock
from tidemill.testing.harness import Harness

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # by apprise

SEVEN = (
    ("get", "/jobs/queues"),
    ("get", "/jobs/queues/tickets"),
    ("get", "/jobs/queues/tickets/{id}"),
    ("post", "/jobs/queues/tickets/{id}/retry"),
    ("post", "/jobs/queues/tickets/{id}/cancel"),
    ("post", "/jobs/queues/tickets/{id}/remove"),
    ("get", "/jobs/audit"),
)
"""The endpoints of jobs."""


@pytest.fixture
def ops(people: People) -> Caller:
    """Somebody of OPS."""
    return people("operator")


def broken(office: Office, mill: Harness, receivers: Receivers) -> str:
    """A ticket whose notice to the manager is a dead letter; the id of that job."""
    receivers.refuses.add(manager_of(office))
    office.tickets.create(1, "No hot water")
    mill.drain()
    (dead,) = [job.id for job in mill.jobs("property.notify") if job.state == "failed"]
    return dead


def manager_of(office: Office) -> str:
    """The address of the manager."""
    with office.books.begin() as tx:
        (address,) = tx.exec_driver_sql("SELECT email FROM property_person WHERE part = 'manager'")
    return str(address[0])


def waiting(office: Office) -> str:
    """A ticket whose appointment is ahead; the id of that job."""
    tickets = office.tickets
    reference = tickets.create(1, "Tap").reference
    with office.books.begin() as tx:
        found = tx.exec_driver_sql("SELECT id FROM property_person WHERE part = 'contractor'")
        able = int(found.scalars().all()[0])
    tickets.quote(reference, able, 5_000)
    tickets.approve(reference)
    tickets.assign(reference, office.app.store.clock.now() + 3_600_000)
    (job,) = office.app.jobs.find(tasks=["property.appointment-start"])
    return job.id


class TestRoles:
    @pytest.mark.parametrize(("method", "path"), [*SEVEN, ("get", "/tickets"), ("get", "/metrics")])
    def test_who_is_neither_admin_nor_ops_is_refused(
        self, office: Office, people: People, method: str, path: str
    ) -> None:
        path = path.format(id=waiting(office))
        assert getattr(people(), method)(path).status_code == 401
        for caller in (people("viewer"), people("admin", "other"), people("operator", "other")):
            refused = getattr(caller, method)(path)
            assert refused.status_code == 403, refused.text
            assert refused.json()["code"] == "access.denied"
        (job,) = office.app.jobs.find(tasks=["property.appointment-start"])
        assert job.state == "scheduled"

    @pytest.mark.parametrize("role", ["admin", "operator"])
    def test_admin_and_ops_see_and_steer_all_of_it(
        self, office: Office, mill: Harness, people: People, role: str
    ) -> None:
        caller, id_ = people(role), waiting(office)
        mill.drain()
        for method, path in SEVEN:
            answer = getattr(caller, method)(path.format(id=id_))
            assert answer.status_code in (200, 409), answer.text

    def test_the_permission_of_metrics_is_for_the_whole_instance(self, people: People) -> None:
        assert people("admin", None).get("/metrics").status_code == 200


class TestQueues:
    def test_queues_are_listed_with_counts_by_status_and_dead_letters_as_one(
        self, office: Office, mill: Harness, receivers: Receivers, ops: Caller
    ) -> None:
        broken(office, mill, receivers)
        waiting(office)
        queues = {each["name"]: each for each in ok(ops.get("/jobs/queues"))["queues"]}
        assert list(queues) == ["tickets", "notifications", "dead-letter"]
        assert queues["tickets"]["counts"]["delayed"] == 1
        assert queues["tickets"]["counts"]["completed"] == 1
        assert queues["notifications"]["counts"]["failed"] == 1
        assert queues["dead-letter"]["counts"] == {
            "waiting": 0, "active": 0, "delayed": 0, "completed": 0, "failed": 1, "cancelled": 0,
        }  # fmt: skip
        assert not any(each["isPaused"] for each in queues.values())
        office.app.queues.pause("tickets")
        assert ok(ops.get("/jobs/queues/tickets"))["queue"]["isPaused"]

    def test_jobs_are_listed_by_status_25_on_a_page(
        self, office: Office, mill: Harness, ops: Caller
    ) -> None:
        for number in range(28):
            office.app.enqueue("property.flush-spool", {}, key=f"flush-{number}")
        mill.drain()
        first = ok(ops.get("/jobs/queues/tickets", status="completed"))
        assert (len(first["jobs"]), first["pageSize"]) == (25, 25)
        rest = ok(ops.get("/jobs/queues/tickets", status="completed", cursor=first["next"]))
        assert (len(rest["jobs"]), rest["next"]) == (3, None)
        row = first["jobs"][0]
        assert row["name"] == "property.flush-spool"
        assert row["key"] == "flush-27"
        assert (row["status"], row["progress"], row["attemptsMade"]) == ("completed", 100.0, 1)
        assert row["maxAttempts"] == 3
        assert len(ok(ops.get("/jobs/queues/tickets", pageSize=5))["jobs"]) == 5
        assert ok(ops.get("/jobs/queues/tickets", status="active"))["jobs"] == []

    def test_the_size_of_a_page_is_set(
        self, tmp_path: Any, receivers: Receivers, clock: ManualClock, runner: Any
    ) -> None:
        with installed("memory://", tmp_path, receivers, clock, page_size=3) as office:
            for number in range(5):
                office.app.enqueue("property.flush-spool", {}, key=f"flush-{number}")
            listed = ok(People(runner, office)("operator").get("/jobs/queues/tickets"))
        assert len(listed["jobs"]) == listed["pageSize"] == 3

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/jobs/queues/email", 404),
            ("/jobs/queues/tickets?status=odd", 422),
            ("/jobs/queues/tickets?pageSize=0", 422),
            ("/jobs/queues/tickets?pageSize=201", 422),
            ("/jobs/queues/tickets?cursor=odd", 422),
            ("/jobs/queues/tickets/none", 404),
            ("/jobs/queues/email/none", 404),
        ],
    )
    def test_what_is_not_there_or_makes_no_sense_is_told(
        self, ops: Caller, path: str, status: int
    ) -> None:
        answer = ops.get(path)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


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
        assert re.fullmatch(r"T-00001-\d+-\d+-email", told["data"]["notice"])
        assert told["key"] == f"notify-{told['data']['notice']}"
        assert ops.get(f"/jobs/queues/tickets/{id_}").status_code == 404

    def test_one_that_has_ended_tells_its_result_and_its_log(
        self, office: Office, mill: Harness, ops: Caller
    ) -> None:
        office.tickets.create(1, "Kitchen tap leaks")
        mill.drain()
        (job,) = mill.jobs("property.ticket-event")
        told = ok(ops.get(f"/jobs/queues/tickets/{job.id}"))
        assert told["result"] == {"trade": "plumbing", "notices": 4}
        assert told["message"] == "Done"
        assert [(line["level"], line["message"]) for line in told["logs"]] == [
            ("info", "T-00001 is created")
        ]
        assert (told["error"], told["stackTrace"]) == (None, None)

    def test_a_dead_letter_is_retried_with_a_reason_and_told_in_the_audit(
        self, office: Office, mill: Harness, receivers: Receivers, ops: Caller
    ) -> None:
        id_ = broken(office, mill, receivers)
        receivers.refuses.clear()
        done = ok(
            ops.post(f"/jobs/queues/dead-letter/{id_}/retry", {"reason": "the address is mended"})
        )
        assert done["action"] == "retry"
        mill.drain()
        assert ok(ops.get(f"/jobs/queues/notifications/{id_}"))["status"] == "completed"
        (entry,) = ok(ops.get("/jobs/audit"))["entries"]
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
        assert ok(ops.get("/jobs/audit"))["entries"] == []

    @pytest.mark.parametrize(
        "body", [{"reason": "x" * 501}, {"reason": "nul\0"}, {"why": "x"}, {"reason": 7}, []]
    )
    def test_a_reason_that_cannot_be_kept_is_refused(
        self, office: Office, ops: Caller, body: Any
    ) -> None:
        id_ = waiting(office)
        assert ops.post(f"/jobs/queues/tickets/{id_}/cancel", body).status_code == 422
        assert ok(ops.get(f"/jobs/queues/tickets/{id_}"))["status"] == "delayed"


class TestAudit:
    def test_changes_in_the_dashboard_and_by_the_whole_instance_are_in_it_others_are_not(
        self, office: Office, people: People
    ) -> None:
        id_ = waiting(office)
        admin = people("admin", None)
        other = office.app.enqueue("property.flush-spool", {}, tenant="other")
        ok(admin.post(f"/tidemill/api/v1/jobs/{other.id}/cancel", {}))
        ok(admin.post(f"/tidemill/api/v1/jobs/{id_}/cancel", {}, headers={"X-Reason": "by%20hand"}))
        entries = ok(admin.get("/jobs/audit"))["entries"]
        assert [(each["jobId"], each["action"], each["reason"]) for each in entries] == [
            (id_, "cancel", "by hand")
        ]

    def test_it_has_pages_and_holds_together(self, office: Office, ops: Caller) -> None:
        for number in range(5):
            job = office.app.enqueue("property.flush-spool", {}, key=f"flush-{number}")
            ok(ops.post(f"/jobs/queues/tickets/{job.id}/cancel"))
        first = ok(ops.get("/jobs/audit", pageSize=3))
        rest = ok(ops.get("/jobs/audit", pageSize=3, cursor=first["next"]))
        ids = [each["jobId"] for each in (*first["entries"], *rest["entries"])]
        assert len(set(ids)) == len(ids) == 5
        assert Walk(audit.verify(office.app.open())).wait().whole


class TestTickets:
    def test_a_ticket_is_steered_through_its_life(
        self, office: Office, mill: Harness, ops: Caller
    ) -> None:
        body = {"unit": 2, "title": "Oven trips the fuse", "urgency": "urgent"}
        made = ops.post("/tickets", body)
        assert made.status_code == 201
        reference = made.json()["reference"]
        with office.books.begin() as tx:
            found = tx.exec_driver_sql("SELECT id FROM property_person WHERE trade = 'electrical'")
            able = int(found.scalars().all()[0])
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

    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            ("", {"unit": 1, "title": ""}, 422),
            ("", {"unit": 1, "title": "x", "status": "completed"}, 422),
            ("", {"unit": 999, "title": "x"}, 404),
            ("/T-00001/approve", {}, 409),
            ("/T-00001/quote", {"contractor": 1, "cents": 0}, 422),
            ("/T-00001/assign", {"at": "2031-01-01T10:00:00"}, 422),
            ("/T-99999/cancel", {}, 404),
            ("/..%2f1/cancel", {}, 400),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, office: Office, ops: Caller, path: str, body: dict[str, Any], status: int
    ) -> None:
        office.tickets.create(1, "Tap")
        assert ops.post(f"/tickets{path}", body).status_code == status
        assert [each.status for each in office.tickets.find()] == ["created"]


class TestHealth:
    def test_all_is_well_and_anybody_may_ask(self, people: People) -> None:
        assert ok(people().get("/health")) == {
            "status": "ok",
            "db": "ok",
            "store": "ok",
            "spooled": 0,
        }

    def test_without_the_store_it_is_degraded_and_tickets_go_on(
        self, office: Office, people: People, clock: ManualClock
    ) -> None:
        ops = people("operator")
        ok(ops.get("/jobs/queues"))
        give_back = office.app.store.lend("postgresql://nobody@127.0.0.1:1/none", clock)
        office.tickets.create(1, "No hot water")
        told = ok(people().get("/health"))
        assert told == {"status": "degraded", "db": "ok", "store": "down", "spooled": 1}
        answer = ops.get("/jobs/queues")
        assert answer.status_code == 503, answer.text
        give_back()
        assert ok(people().get("/health"))["store"] == "ok"

    def test_without_its_database_it_is_degraded(self, office: Office, people: People) -> None:
        with office.books.begin() as tx:
            tx.exec_driver_sql("DROP TABLE property_spool")
        told = ok(people().get("/health"))
        assert (told["status"], told["db"], told["spooled"]) == ("degraded", "down", None)


def test_the_four_metrics_of_old_are_told(
    office: Office, mill: Harness, receivers: Receivers, people: People
) -> None:
    broken(office, mill, receivers)
    receivers.is_down = True
    office.tickets.create(2, "Tap")
    mill.drain()
    text = people("admin", None).get("/metrics").text
    assert 'queue_jobs_total{queue="notifications",status="retrying"} 1.0' in text
    assert 'queue_failures_total{queue="notifications",reason="failed"}' in text
    assert 'queue_retries_total{queue="notifications"} 1.0' in text
    assert re.search(r'queue_processing_duration_ms_count\{queue="tickets"\} 2', text)


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


def test_a_store_that_is_away_is_told_and_nothing_is_said_to_be_accepted(
    office: Office, clock: ManualClock
) -> None:
    give_back = office.app.store.lend("postgresql://nobody@127.0.0.1:1/none", clock)
    with pytest.raises(errors.StoreUnavailable):
        office.app.enqueue("property.flush-spool", {})
    give_back()
