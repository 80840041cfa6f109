"""When jobs come: by their schedules and calendars, and only under their conditions."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.examples.automation.conftest import Person, Site, wound_at
from tidemill.testing import Harness


@pytest.fixture
def wound(tmp_path: Path) -> Iterator[tuple[Site, Harness]]:
    """An installation whose clock shows 2026-01-01, a Thursday, midnight UTC."""
    with wound_at(tmp_path) as made:
        yield made


@pytest.fixture
def mill(wound: tuple[Site, Harness]) -> Harness:
    return wound[1]


@pytest.fixture
def ada(wound: tuple[Site, Harness]) -> Person:
    return wound[0].admin


def executions(ada: Person, job: str) -> list[Any]:
    """Executions of a job, oldest first."""
    found: list[Any] = ada.ok("GET", f"/executions?jobId={job}&limit=200")["executions"]
    return found[::-1]


def test_a_schedule_brings_one_execution_at_each_of_its_times(ada: Person, mill: Harness) -> None:
    ada.define(id="hourly", schedule="0 * * * *", config={"n": 1})
    for _ in range(3):
        mill.advance("1h")
    ended = executions(ada, "hourly")
    assert [each["status"] for each in ended] == ["COMPLETED"] * 3
    assert {each["trigger"] for each in ended} == {"schedule:automation/automation.job.hourly"}
    ada.ok("PUT", "/jobs/hourly", {"config": {"n": 2}})
    mill.advance("1h")
    configs = [each["result"]["config"]["n"] for each in executions(ada, "hourly")]
    assert configs == [1, 1, 1, 2]
    ada.ok("PUT", "/jobs/hourly/disable")
    mill.advance("5h")
    ada.ok("PUT", "/jobs/hourly/enable")
    mill.advance("1h")
    assert len(executions(ada, "hourly")) == 5
    ada.ok("DELETE", "/jobs/hourly")
    mill.advance("5h")
    assert len(executions(ada, "hourly")) == 5


def test_a_time_that_comes_while_an_execution_has_not_ended_is_left_out(
    ada: Person, mill: Harness
) -> None:
    ada.define(id="held", schedule="0 * * * *")
    ada.ok("PUT", "/modules/automation.odds/disable")
    for _ in range(3):
        mill.advance("1h")
    (waiting,) = executions(ada, "held")
    assert waiting["status"] == "PENDING"
    ada.ok("PUT", "/modules/automation.odds/enable")
    mill.drain()
    mill.advance("1h")
    assert [each["status"] for each in executions(ada, "held")] == ["COMPLETED"] * 2


def test_a_zone_is_that_of_the_job(ada: Person) -> None:
    made = ada.define(id="zoned", schedule="0 9 * * *", timezone="Australia/Sydney")
    assert made["nextRun"] == "2026-01-01T22:00:00.000Z"


def test_a_schedule_rests_on_weekends_holidays_and_in_blackouts(ada: Person, mill: Harness) -> None:
    mill.clock.advance("92d")  # 3 April 2026 is Good Friday, and 6 April Easter Monday
    ada.define(
        id="business",
        schedule="0 9 * * *",
        timezone="Australia/Sydney",
        days={
            "businessDays": True,
            "holidays": "AU-NSW",
            "blackouts": [["2026-04-08T00:00:00+10:00", "2026-04-09T00:00:00+10:00"]],
        },
    )
    days = []
    for _ in range(4):
        following = ada.ok("GET", "/jobs/business")["nextRun"]
        at = datetime.fromisoformat(following)
        days.append((at.month, at.day))
        mill.clock.advance(at - datetime.fromtimestamp(mill.clock.now() / 1_000, UTC))
        mill.drain()
    # At 23:00 UTC of the day before: Tuesday the 7th, Thursday the 9th, Friday, then Monday.
    assert days == [(4, 6), (4, 8), (4, 9), (4, 12)]
    assert len(executions(ada, "business")) == 4


def test_a_tick_that_comes_while_a_job_is_switched_off_is_not_run(
    wound: tuple[Site, Harness],
) -> None:
    site, mill = wound
    ada = site.admin
    ada.define(id="racing", schedule="0 * * * *")
    # As if somebody had been killed between the record and the schedule.
    records = site.system.app.records("automation.jobs")
    records.change("racing", lambda value: value | {"enabled": False})
    mill.advance("1h")
    (held,) = executions(ada, "racing")
    assert (held["status"], held["reason"]) == ("CANCELLED", "condition: the job is disabled")
    records.delete("racing")
    mill.advance("1h")
    assert executions(ada, "racing")[-1]["reason"] == "condition: the job has been deleted"


class TestConditions:
    """Each is looked at when an execution is about to run; one that does not hold cancels it."""

    def held(self, ada: Person, mill: Harness, job: str, **body: Any) -> str:
        """Why an execution was held back; empty: it ran."""
        id_ = ada.execute(job, **body)
        mill.drain()
        execution = ada.execution(id_)
        assert (execution["status"] == "CANCELLED") == execution["reason"].startswith("condition: ")
        return str(execution["reason"].removeprefix("condition: "))

    def test_of_hours(self, ada: Person, mill: Harness) -> None:
        zone = {"timezone": "Australia/Sydney"}  # where it is 11 o'clock
        day = {"rule": "hours", "since": "11:00", "until": "12:00", **zone}
        night = {"rule": "hours", "since": "22:00", "until": "06:00", **zone}
        ada.define(id="by-day", conditions=[day])
        ada.define(id="by-night", conditions=[night])
        assert self.held(ada, mill, "by-day") == ""
        assert "it is 11:00 in Australia/Sydney" in self.held(ada, mill, "by-night")
        mill.clock.advance("12h")
        assert "not from 11:00 to 12:00" in self.held(ada, mill, "by-day")
        assert self.held(ada, mill, "by-night") == ""

    def test_of_the_last_status_of_another_job(self, ada: Person, mill: Harness) -> None:
        ada.define(id="first", handler="fail", retries=0)
        ada.define(
            id="second",
            conditions=[{"rule": "lastStatus", "status": "COMPLETED", "jobId": "first"}],
        )
        assert "is none, not COMPLETED" in self.held(ada, mill, "second")
        self.held(ada, mill, "first")
        assert "is FAILED, not COMPLETED" in self.held(ada, mill, "second")
        self.held(ada, mill, "first", config={"times": 0})
        assert self.held(ada, mill, "second") == ""

    def test_of_an_event_that_was_seen(self, ada: Person, mill: Harness) -> None:
        seen = {"rule": "eventSeen", "pattern": "stock.*", "minutes": 30}
        ada.define(id="after-stock", conditions=[seen])
        assert self.held(ada, mill, "after-stock") == "no event stock.* within 30 minutes"
        ada.ok("POST", "/events", {"name": "stock.counted"})
        assert self.held(ada, mill, "after-stock") == ""
        mill.clock.advance("31m")
        assert self.held(ada, mill, "after-stock") != ""

    def test_of_how_often_it_has_started(self, ada: Person, mill: Harness) -> None:
        ada.define(id="seldom", conditions=[{"rule": "atMost", "times": 2, "minutes": 60}])
        assert [self.held(ada, mill, "seldom") for _ in range(2)] == ["", ""]
        for _ in range(2):
            assert "started 2 times" in self.held(ada, mill, "seldom")
        mill.clock.advance("61m")
        assert self.held(ada, mill, "seldom") == ""

    def test_all_of_them_have_to_hold_and_force_goes_past_them(
        self, ada: Person, mill: Harness
    ) -> None:
        any_time = {"rule": "hours", "since": "00:00", "until": "23:59"}
        never = {"rule": "eventSeen", "pattern": "never.said"}
        ada.define(id="both", conditions=[any_time, never])
        assert "never.said" in self.held(ada, mill, "both")
        assert self.held(ada, mill, "both", force=True) == ""


def test_a_schedule_that_somebody_makes_in_the_dashboard_becomes_a_job(
    wound: tuple[Site, Harness],
) -> None:
    site, mill = wound
    ada = site.admin
    made = {
        "name": "by-mouse",
        "task": "automation.odds.echo",
        "arguments": {"context": {"jobId": "by-mouse", "config": {"word": "tide"}}},
        "pattern": "0 * * * *",
        "tz": "Australia/Sydney",
        "timeout": "90s",
        "attempts": 4,
        "business_days": True,
    }
    headers = {"X-Tenant": "automation"}
    path = "/console/api/v1/schedules"
    assert ada.http.post(path, json=made, headers=headers).status_code == 201
    odd = made | {"name": "odd", "every": "1h"}
    del odd["pattern"]
    assert ada.http.post(path, json=odd, headers=headers).status_code == 201
    (job,) = ada.ok("GET", "/jobs?search=by-mouse")["jobs"]
    told = {
        "moduleId": "automation.odds", "handler": "echo", "schedule": "0 * * * *",
        "timezone": "Australia/Sydney", "timeout": 90_000, "retries": 3, "enabled": True,
        "config": {"word": "tide"},
    }  # fmt: skip
    assert {name: job[name] for name in told} == told
    assert job["days"]["businessDays"] is True
    mill.advance("1h")
    assert [each["status"] for each in executions(ada, "by-mouse")] == ["COMPLETED"]
    names = [each["name"] for each in ada.http.get(path, headers=headers).json()["schedules"]]
    assert "by-mouse" not in names
    assert {"automation.job.by-mouse", "odd"} <= set(names)
