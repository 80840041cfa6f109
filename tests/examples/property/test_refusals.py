"""Who may ask, what is refused, and what is said while a store is away."""

from typing import Any

import pytest

from examples.property.office import Office
from examples.property.receivers import Receivers
from tests.examples.property.conftest import Caller, People, installed, ok, waiting
from tidemill import errors
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


def test_the_size_of_a_page_is_set(
    tmp_path: Any, receivers: Receivers, clock: ManualClock, runner: Any
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
def test_what_is_not_there_or_makes_no_sense_is_told(ops: Caller, path: str, status: int) -> None:
    answer = ops.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body", [{"reason": "x" * 501}, {"reason": "nul\0"}, {"why": "x"}, {"reason": 7}, []]
)
def test_a_reason_that_cannot_be_kept_is_refused(office: Office, ops: Caller, body: Any) -> None:
    id_ = waiting(office)
    assert ops.post(f"/jobs/queues/tickets/{id_}/cancel", body).status_code == 422
    assert ok(ops.get(f"/jobs/queues/tickets/{id_}"))["status"] == "delayed"


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
def test_a_ticket_that_makes_no_sense_is_refused(
    office: Office, ops: Caller, path: str, body: dict[str, Any], status: int
) -> None:
    office.tickets.create(1, "Tap")
    assert ops.post(f"/tickets{path}", body).status_code == status
    assert [each.status for each in office.tickets.find()] == ["created"]


class TestHealth:
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


def test_a_store_that_is_away_is_told_and_nothing_is_said_to_be_accepted(
    office: Office, clock: ManualClock
) -> None:
    give_back = office.app.store.lend("postgresql://nobody@127.0.0.1:1/none", clock)
    with pytest.raises(errors.StoreUnavailable):
        office.app.enqueue("property.flush-spool", {})
    give_back()
