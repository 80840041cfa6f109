"""Executions come to what they should, and are listed, looked at and cancelled over HTTP."""

from typing import Any

import httpx
import pytest

from tests.examples.automation.conftest import Person, Site
from tests.examples.workforce import SEED, until


@pytest.fixture
def ada(shared: Site) -> Person:
    return shared.admin


def lost(execution: Any) -> int:
    """How many workers it has lost: none, unless some are killed."""
    crashed = [each for each in execution["attempts"] if each["outcome"] == "crashed"]
    return 0 if SEED is None else len(crashed)


def test_an_execution_is_given_its_context_and_tells_all_of_itself(ada: Person) -> None:
    ada.define(id="told", config={"word": "tide"})
    id_ = ada.execute("told", config={"loud": True})
    execution = ada.ended(id_)
    assert execution["result"] == {
        "jobId": "told", "executionId": id_, "config": {"word": "tide", "loud": True},
    }  # fmt: skip
    attempts = 1 + lost(execution)
    told = {
        "id": id_, "jobId": "told", "moduleId": "automation.odds", "handler": "echo",
        "status": "COMPLETED", "attempt": attempts, "maxAttempts": 3, "progress": 50.0,
        "message": "half-way", "error": None,
    }  # fmt: skip
    assert {name: execution[name] for name in told} == told
    line = execution["logs"][-1]
    assert 1 <= len(execution["logs"]) <= attempts
    assert (line["level"], line["message"], line["fields"]) == (
        "warning", "echoing", {"of": "told"},
    )  # fmt: skip
    assert execution["startedAt"] <= execution["completedAt"]
    assert execution["duration"] >= 0
    assert execution["trigger"].startswith("manual:")
    assert ada.ok("GET", "/jobs/told")["lastExecution"] == id_


def test_retries_are_attempts_after_the_first_one(ada: Person) -> None:
    ada.define(id="retries", handler="fail", retries=2)
    told = ada.ended(ada.execute("retries"))
    assert (told["status"], told["attempt"], told["maxAttempts"]) == ("FAILED", 3, 3)
    assert (told["error"]["name"], told["error"]["message"]) == ("ValueError", "out of order")
    assert "raise ValueError" in told["error"]["stack"]
    outcomes = [each["outcome"] for each in told["attempts"]]
    assert outcomes.count("failed") == 3 - lost(told)
    assert len(outcomes) == 3
    assert ada.done(ada.execute("retries", config={"times": 2})) == 3
    ada.define(id="never-again", handler="fail", retries=0)
    assert ada.ended(ada.execute("never-again"))["attempt"] == 1


def test_where_nothing_is_said_there_are_three_attempts_and_five_minutes(ada: Person) -> None:
    made = ada.define(id="usual")
    assert (made["retries"] + 1, made["timeout"]) == (3, 300_000)


def test_one_that_takes_too_long_is_timed_out(ada: Person) -> None:
    ada.define(id="slow", handler="wait", timeout=200, retries=0)
    execution = ada.ended(ada.execute("slow"))
    assert execution["status"] == "TIMEOUT"
    assert "longer than its 200ms" in execution["error"]["message"]
    assert [each["outcome"] for each in execution["attempts"]] == ["timed_out"]


def test_executions_are_found_by_job_module_and_status(ada: Person) -> None:
    ada.define(id="found")
    ada.define(id="found-failing", handler="fail", retries=0)
    ada.define(id="found-slow", handler="wait", timeout=100, retries=0)
    ids = {job: ada.execute(job) for job in ("found", "found-failing", "found-slow")}
    for each in ids.values():
        ada.ended(each)
    for job, status in (
        ("found", "COMPLETED"), ("found-failing", "FAILED"), ("found-slow", "TIMEOUT"),
    ):  # fmt: skip
        path = f"/executions?jobId={job}"
        (mine,) = ada.ok("GET", path)["executions"]
        assert (mine["id"], mine["status"]) == (ids[job], status)
        assert [each["id"] for each in ada.ok("GET", f"{path}&status={status}")["executions"]] == [
            ids[job]
        ]
        for other in {"COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "PENDING"} - {status}:
            assert ada.ok("GET", f"{path}&status={other}")["executions"] == []
    own = ada.execute("automation.odds.echo")
    ada.ended(own)
    mine = ada.ok("GET", "/executions?jobId=automation.odds.echo")["executions"]
    assert own in {each["id"] for each in mine}
    assert not {each["id"] for each in mine} & set(ids.values())
    module = ada.ok("GET", "/executions?moduleId=automation.odds&limit=200")
    assert set(ids.values()) <= {each["id"] for each in module["executions"]}
    assert ada.ok("GET", "/executions?moduleId=automation.sync&jobId=found")["executions"] == []
    assert ada("GET", "/executions?moduleId=nowhere").status_code == 404
    assert ada("GET", "/executions?status=LOST").status_code == 422


def test_executions_are_listed_newest_first_page_by_page(ada: Person) -> None:
    ada.define(id="pages")
    ids = [ada.execute("pages") for _ in range(5)]
    first = ada.ok("GET", "/executions?jobId=pages&limit=3")
    rest = ada.ok("GET", f"/executions?jobId=pages&limit=3&cursor={first['cursor']}")
    assert [each["id"] for each in first["executions"] + rest["executions"]] == ids[::-1]
    assert rest["cursor"] is None


def test_one_that_runs_is_cancelled_and_what_has_ended_is_not(ada: Person) -> None:
    ada.define(id="stop", handler="wait", retries=0)
    id_ = ada.execute("stop")
    until(lambda: ada.execution(id_)["status"] == "RUNNING", seconds=20, what="it runs")
    ada.ok("DELETE", f"/executions/{id_}?reason=enough")
    ended = ada.ended(id_)
    assert (ended["status"], ended["reason"]) == ("CANCELLED", "enough")
    again = ada("DELETE", f"/executions/{id_}")
    assert (again.status_code, again.json()["code"]) == (409, "state")
    assert ada("DELETE", "/executions/nothing").status_code == 404
    assert ada("GET", "/executions/nothing").status_code == 404


def test_asked_for_twice_with_one_key_it_is_executed_once(ada: Person) -> None:
    ada.define(id="keyed")

    def asked(key: str, **config: object) -> httpx.Response:
        body = {"config": config}
        return ada("POST", "/jobs/keyed/execute", body, headers={"Idempotency-Key": key})

    first = asked("k1").json()["executionId"]
    ada.done(first)
    assert asked("k1").json()["executionId"] == first
    assert asked("k2").json()["executionId"] != first
    refused = asked("k1", word="ebb")
    assert (refused.status_code, refused.json()["code"]) == (422, "misuse.option")
    ada.define(id="keyed-too")
    other = ada.ok("POST", "/jobs/keyed-too/execute", headers={"Idempotency-Key": "k1"})
    assert other["executionId"] != first


def test_a_job_has_the_priority_that_it_is_given(shared: Site) -> None:
    ada = shared.admin
    for name, number in (("low", -50), ("normal", 0), ("high", 50), ("critical", 90)):
        assert ada.define(id=f"of-{name}", priority=name)["priority"] == name
        job = shared.system.app.jobs.get(ada.execute(f"of-{name}"))
        assert job.snapshot().priority == number


@pytest.mark.parametrize(
    ("config", "said"),
    [({}, "uses the service 'http'"), ({"event": "page.scraped"}, "emits 'page.scraped'")],
)
def test_a_module_does_what_it_has_permission_for_and_nothing_else(
    shared: Site, config: dict[str, str], said: str
) -> None:
    ada = shared.admin
    ada.ok("PUT", "/jobs/automation.odds.sneak", {"config": config})
    lost = ada.ended(ada.execute("automation.odds.sneak"))
    assert lost["status"] == "FAILED"
    assert lost["error"]["name"] == "tidemill.errors.NotPermitted"
    assert said in lost["error"]["message"]


def test_a_viewer_sees_how_executions_fare_and_nothing_of_what_they_hold(shared: Site) -> None:
    ada = shared.admin
    ada.define(id="masked", handler="fail", retries=0, config={"says": "pa55word"})
    id_ = ada.execute("masked")
    ada.ended(id_)
    seen = shared.person("viewer", "automation").execution(id_)
    assert (seen["status"], seen["result"], seen["logs"]) == ("FAILED", None, [])
    assert "pa55word" not in str(seen)
