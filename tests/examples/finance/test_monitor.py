"""The eleven endpoints under `/job-monitor`, in the words of Finance Management, for its admins."""

import time
from typing import Any

import httpx
import pytest

from examples.finance import believable, dialect
from examples.finance.bookkeeping import month_after
from examples.finance.place import ADDRESSES
from examples.finance.routes import routes
from tests.examples.finance.conftest import Site
from tests.examples.finance.test_jobs import MONTH, a_file
from tests.examples.workforce import until
from tidemill.access.keys import Keys

pytestmark = pytest.mark.parametrize("shared_store_url", ["sqlite", "postgres"], indirect=True)

ADA = ADDRESSES["ada"]
NOBODY = "01a2b3c4-0000-7000-8000-000000000000"

ENDPOINTS = [
    ("GET", "/job-monitor/jobs"),
    ("GET", f"/job-monitor/jobs/{NOBODY}"),
    ("GET", f"/job-monitor/jobs/{NOBODY}/logs"),
    ("GET", "/job-monitor/statistics"),
    ("POST", f"/job-monitor/jobs/{NOBODY}/retry"),
    ("DELETE", f"/job-monitor/jobs/{NOBODY}"),
    ("GET", "/job-monitor/queues"),
    ("GET", "/job-monitor/queues/finance-email/status"),
    ("POST", "/job-monitor/queues/finance-email/control"),
    ("POST", "/job-monitor/jobs/clean"),
    ("POST", "/job-monitor/jobs/check-stuck"),
]

FIELDS = """
id externalId queue type status priority data progress result error stackTrace attempts maxAttempts
userId startedAt completedAt failedAt processedBy duration timeout isDuplicate deduplicationKey
rateLimitKey metadata createdAt updatedAt
""".split()


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
class TestWhoMay:
    def test_a_stranger_may_not(self, shared: Site, method: str, path: str) -> None:
        assert shared.person()(method, path).status_code == 401

    def test_a_user_may_not(self, shared: Site, method: str, path: str) -> None:
        assert shared.ben(method, path).status_code == 403

    def test_an_admin_may(self, shared: Site, method: str, path: str) -> None:
        body = {"action": "resume"} if path.endswith("control") else None
        answer = shared.ada(method, path, body)
        assert answer.status_code == (404 if NOBODY in path else 200), answer.text

    def test_a_key_of_the_platform_does_not_do(self, shared: Site, method: str, path: str) -> None:
        key = Keys(shared.finance.app.client, "tests").create("k", role="admin")
        assert shared.person(key.secret)(method, path).status_code == 403


@pytest.mark.usefixtures("shared_store_url")
def test_there_are_eleven_endpoints() -> None:
    told = {(method, route.path) for route in routes.routes for method in route.methods}  # type: ignore[attr-defined]  # an APIRoute has both
    assert len(told) == len(ENDPOINTS) == 11


@pytest.mark.parametrize(
    "claims", [{"aud": "other"}, {"iss": "urn:other"}, {"exp": 1}, {"role": "ROOT"}]
)
def test_a_token_that_says_something_else_opens_nothing(
    shared: Site, claims: dict[str, Any]
) -> None:
    token = shared.identity.token("ada", **claims)
    answer = shared.person(token)("GET", "/job-monitor/jobs")
    assert answer.status_code == (403 if "role" in claims else 401)


def test_an_admin_of_another_tenant_sees_nothing_of_it(shared: Site) -> None:
    mine = shared.ada.ask("BUDGET_REFRESH")
    other = shared.person(shared.identity.token("ada", tenant="umbra"))
    assert other("GET", f"/job-monitor/jobs/{mine}").status_code == 404
    assert other("POST", f"/job-monitor/jobs/{mine}/retry").status_code == 404
    assert other("DELETE", f"/job-monitor/jobs/{mine}").status_code == 404
    assert other.ok("GET", "/job-monitor/jobs")["jobs"] == []


def test_a_wrong_password_gives_no_token(shared: Site) -> None:
    for told in ({"name": "ada", "password": "x"}, {"name": "eve", "password": ""}, {}):
        assert httpx.post(f"{shared.identity.url}/token", json=told).status_code == 401


def test_a_record_has_every_field_and_says_what_was(shared: Site) -> None:
    sent = shared.ada.send("everyday", a_file("everyday"))
    job = shared.ada.ended(sent["id"])
    assert list(job) == FIELDS
    assert (job["type"], job["queue"]) == ("TRANSACTION_IMPORT", "finance-import")
    assert (job["userId"], job["priority"], job["timeout"]) == ("ada", 3, 600_000)
    assert job["rateLimitKey"] == "account:everyday"
    assert job["deduplicationKey"].startswith("finance.transaction_import/")
    assert job["data"]["account"] == "everyday"
    assert job["result"]["kind"] == "ofx"
    assert job["createdAt"] <= job["startedAt"] <= job["completedAt"] <= job["updatedAt"]
    assert job["failedAt"] is None
    assert job["duration"] >= 0
    assert job["processedBy"]
    assert job["maxAttempts"] == 3
    assert job["progress"] | {"message": ""} == {
        "percentage": 100.0, "currentStep": 3, "totalSteps": 3, "completedSteps": 3,
        "message": "", "estimatedTimeRemaining": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("number", "ours"), [(1, -50), (2, 0), (3, 50), (4, 90)])
def test_priority_numbers_are_those_of_the_system(shared: Site, number: int, ours: int) -> None:
    id_ = shared.ada.ask("BUDGET_REFRESH", {"month": f"2024-0{number}-01"}, priority=number)
    assert shared.ada.job(id_)["priority"] == number
    assert shared.finance.app.jobs.get(id_).snapshot().priority == ours


@pytest.mark.parametrize("priority", [0, 5, "high"])
def test_other_priorities_are_none(shared: Site, priority: object) -> None:
    body = {"type": "BUDGET_REFRESH", "priority": priority}
    assert shared.ada("POST", "/finance/jobs", body).status_code == 422


def test_each_job_may_have_a_timeout_and_attempts_of_its_own(shared: Site) -> None:
    job = shared.ada.job(
        shared.ada.ask("BUDGET_REFRESH", timeout=7_000, maxAttempts=2, delay=60_000)
    )
    assert (job["timeout"], job["maxAttempts"], job["status"]) == (7_000, 2, "DELAYED")


def test_the_same_key_again_is_the_same_job_and_is_told(shared: Site) -> None:
    ask = {"type": "BUDGET_REFRESH", "deduplicationKey": "monthly-ada", "delay": 600_000}
    first = shared.ada.ok("POST", "/finance/jobs", ask)
    again = shared.ada.ok("POST", "/finance/jobs", ask)
    assert (first["isDuplicate"], again["isDuplicate"]) == (False, True)
    assert first["id"] == again["id"]
    job = shared.ada.job(first["id"])
    assert job["deduplicationKey"] == "monthly-ada"
    assert (job["isDuplicate"], job["metadata"]["duplicates"]) == (False, 1)


@pytest.mark.parametrize(
    ("query", "mine"),
    [
        ("status=DELAYED", True),
        ("status=COMPLETED", False),
        ("type=EMAIL_SYNC", True),
        ("type=BUDGET_REFRESH", False),
        ("queue=finance-email", True),
        ("queue=finance-import", False),
        ("userId=zoe", True),
        ("userId=max", False),
        ("externalId=case-7", True),
        ("externalId=case-8", False),
        ("type=EMAIL_SYNC&status=DELAYED&queue=finance-email&userId=zoe&externalId=case-7", True),
    ],
)
def test_jobs_are_found_by_each_documented_index(shared: Site, query: str, mine: bool) -> None:  # noqa: FBT001 - a row of the table
    more = {"userId": "zoe", "externalId": "case-7", "delay": 900_000}
    id_ = shared.ada.ask("EMAIL_SYNC", {"mailbox": "zoe@finance.example"}, **more)
    found = shared.ada.ok("GET", f"/job-monitor/jobs?{query}&limit=200")["jobs"]
    assert (id_ in [job["id"] for job in found]) is mine
    assert [job["createdAt"] for job in found] == sorted(
        (job["createdAt"] for job in found), reverse=True
    )


@pytest.mark.parametrize("query", ["status=DONE", "type=X", "queue=email", "limit=0", "colour=red"])
def test_what_cannot_be_asked_for_is_refused(shared: Site, query: str) -> None:
    assert shared.ada("GET", f"/job-monitor/jobs?{query}").status_code in (404, 422)


def test_jobs_come_page_by_page(shared: Site) -> None:
    for number in range(3):
        shared.ada.ask("BUDGET_REFRESH", {"month": f"2023-0{number + 1}-01"}, externalId="paged")
    first = shared.ada.ok("GET", "/job-monitor/jobs?externalId=paged&limit=2")
    rest = shared.ada.ok("GET", f"/job-monitor/jobs?limit=200&cursor={first['cursor']}")
    assert len(first["jobs"]) == 2
    assert first["jobs"][-1]["id"] not in [job["id"] for job in rest["jobs"]]


def test_logs_have_four_levels_with_context_and_stack_traces(shared: Site) -> None:
    file = believable.statement(believable.ACCOUNTS[2], month_after(MONTH)).content
    odd = file.replace(b"\r\n", b"\r\n2025-10-01,odd\r\n", 1)
    good = shared.ada.send("card", odd)["id"]
    bad = shared.ada.send("card", b"nothing that a bank would send")["id"]
    shared.ada.ended(good), shared.ada.ended(bad)

    def logs(id_: str, level: str = "") -> Any:
        query = f"?level={level}" if level else ""
        return shared.ada.ok("GET", f"/job-monitor/jobs/{id_}/logs{query}")["logs"]

    assert [line["level"] for line in logs(good)] == ["DEBUG", "WARNING", "INFO"]
    (warning,) = logs(good, "WARNING")
    assert warning["context"]["line"].startswith("line 2: it has 2 columns")
    assert warning["stackTrace"] is None
    (error,) = logs(bad, "ERROR")
    assert error["context"] == {"file": error["context"]["file"], "account": "card"}
    assert "Traceback" in error["stackTrace"]
    assert logs(bad, "INFO") == []


def test_a_failed_job_is_retried_and_one_that_is_done_is_not(shared: Site) -> None:
    failed = shared.ada.send("card", b"broken, and will be")["id"]
    done = shared.ada.ask("BUDGET_REFRESH", {"month": "2022-01-01"})
    shared.ada.ended(failed), shared.ada.ended(done)
    path = f"/job-monitor/jobs/{failed}/retry"
    assert shared.ada("POST", path, headers={"X-Reason": "it was mended"}).status_code == 200
    assert shared.ada.ended(failed)["status"] == "FAILED"
    assert shared.ada("POST", f"/job-monitor/jobs/{done}/retry").status_code == 409
    lines = shared.ada.ok("GET", "/api/v1/audit?action=jobs.retry")["lines"]
    assert ("host:ada", failed, "it was mended") in [
        (line["actor"], line["target"], line["reason"]) for line in lines
    ]


def test_a_job_is_cancelled_while_it_waits_and_removed_when_it_has_ended(shared: Site) -> None:
    id_ = shared.ada.ask("BUDGET_REFRESH", delay=900_000)
    path = f"/job-monitor/jobs/{id_}"
    assert shared.ada.ok("DELETE", path)["action"] == "cancelled"
    assert shared.ada.job(id_)["status"] == "CANCELLED"
    assert shared.ada.ok("DELETE", path)["action"] == "removed"
    assert shared.ada("GET", path).status_code == 404


def test_a_queue_is_paused_and_resumed(shared: Site) -> None:
    control = "/job-monitor/queues/finance-insights/control"
    paused = shared.ada.ok("POST", control, {"action": "pause", "reason": "stocktaking"})
    assert (paused["isPaused"], paused["note"]) == (True, "stocktaking")
    id_ = shared.ada.ask("INSIGHTS_GENERATION", {"week": "2021-01-04"})
    status = shared.ada.ok("GET", "/job-monitor/queues/finance-insights/status")
    assert (status["isPaused"], status["counts"]["PENDING"]) == (True, 1)
    assert shared.ada.job(id_)["status"] == "PENDING"
    assert shared.ada.ok("POST", control, {"action": "resume"})["isPaused"] is False
    assert shared.ada.ended(id_)["status"] == "COMPLETED"


def test_a_queue_is_drained_and_cleaned(shared: Site) -> None:
    control = "/job-monitor/queues/finance-reconciliation/control"
    shared.ada.ok("POST", control, {"action": "pause"})
    ids = [shared.ada.ask("ACCOUNT_RECONCILIATION", {"account": f"a{n}"}) for n in range(3)]
    drained = shared.ada.ok("POST", control, {"action": "drain"})
    assert drained["affected"] >= 3
    assert {shared.ada.job(id_)["status"] for id_ in ids} == {"CANCELLED"}
    assert shared.ada.ok("POST", control, {"action": "clean"})["affected"] >= 3
    assert shared.ada("GET", f"/job-monitor/jobs/{ids[0]}").status_code == 404
    shared.ada.ok("POST", control, {"action": "resume"})


def test_queues_that_are_not_of_this_application_are_not_there(shared: Site) -> None:
    listed = shared.ada.ok("GET", "/job-monitor/queues")["queues"]
    assert [queue["name"] for queue in listed] == list(dialect.QUEUES)
    assert shared.ada("GET", "/job-monitor/queues/tidemill/status").status_code == 404
    control = "/job-monitor/queues/hse-report/control"
    assert shared.ada("POST", control, {"action": "pause"}).status_code == 404
    assert shared.ada("POST", control, {"action": "explode"}).status_code == 422


def test_old_jobs_are_cleaned_by_age_and_status(shared: Site) -> None:
    id_ = shared.ada.ask("BUDGET_REFRESH", {"month": "2020-01-01"})
    shared.ada.ended(id_)

    def clean(**body: Any) -> Any:
        return shared.ada.ok("POST", "/job-monitor/jobs/clean", body)

    assert clean(olderThanDays=1)["deleted"] == 0
    clean(olderThanDays=0, status="FAILED")
    assert shared.ada.job(id_)["status"] == "COMPLETED"
    assert clean(olderThanDays=0)["deleted"] >= 1
    assert shared.ada("GET", f"/job-monitor/jobs/{id_}").status_code == 404


def test_statistics_add_up(shared: Site) -> None:
    until(shared.still, seconds=30, what="all is done")
    shared.ada.ok("POST", "/job-monitor/jobs/clean", {"olderThanDays": 0})
    shared.ada.ended(shared.ada.ask("BUDGET_REFRESH", {"month": "2019-01-01"}))
    shared.ada.ended(shared.ada.ask("ACCOUNT_RECONCILIATION", {"account": "card"}))
    shared.ada.ended(shared.ada.send("card", f"broken {time.time_ns()}".encode())["id"])
    until(shared.still, seconds=30, what="all is done")
    told = shared.ada.ok("GET", "/job-monitor/statistics")
    assert told["byStatus"]["COMPLETED"] == 2
    assert told["byStatus"]["FAILED"] == 1
    assert told["successRate"] == pytest.approx(2 / 3)
    assert told["totalJobs"] == sum(told["byStatus"].values()) == sum(told["byType"].values())
    assert told["byType"].keys() == dialect.TYPES.keys()
    assert told["byType"]["TRANSACTION_IMPORT"] == 1
    assert told["averageDuration"] > 0
    assert (told["activeJobs"], told["stuckJobs"]) == (0, 0)


def test_the_platform_is_there_as_well(shared: Site) -> None:
    assert shared.ada("GET", "/api/v1/jobs").status_code == 200
    assert shared.ben("GET", "/api/v1/jobs").status_code == 403
    assert shared.ada("GET", "/livez").status_code == 200
    document = shared.ada.ok("GET", "/api/v1/openapi.json")
    assert document["openapi"].startswith("3.1")
