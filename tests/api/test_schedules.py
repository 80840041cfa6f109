"""Schedules over HTTP: what is planned, and what became of the last job."""

from typing import Any

from tests.api.conftest import Caller, People
from tidemill import Tidemill
from tidemill.schedules.tick import Scheduler
from tidemill.testing.clock import ManualClock

WEEK = "since=2026-03-02T00:00:00Z&until=2026-03-09T00:00:00Z"


def schedule(name: str, **rules: Any) -> dict[str, Any]:
    return {"name": name, "task": "add", "arguments": {"a": 1}, **rules}


async def planned(caller: Caller, query: str) -> dict[str, Any]:
    plan = (await caller.ok("GET", f"/schedules/plan?{query}"))["plan"]
    return {each["name"]: each for each in plan}


async def test_the_plan_tells_the_ticks_of_every_schedule(admin: Caller) -> None:
    for name, rules in {
        "nightly": {"pattern": "30 1 * * *", "tz": "Europe/Lisbon"},
        "often": {"every": "1m"},
        "by-hand": {},
    }.items():
        await admin.ok("POST", "/schedules", schedule(name, **rules))
    plan = await planned(admin, WEEK)
    assert plan["nightly"]["ticks"] == [f"2026-03-0{day}T01:30:00.000Z" for day in range(2, 9)]
    assert not plan["nightly"]["more"]
    assert (len(plan["often"]["ticks"]), plan["often"]["more"]) == (200, True)
    assert plan["by-hand"]["ticks"] == []
    await admin.ok("POST", "/schedules/nightly/pause")
    assert (await planned(admin, WEEK))["nightly"]["ticks"] == []


async def test_a_plan_has_a_first_moment_and_no_last_one(admin: Caller) -> None:
    await admin.ok("POST", "/schedules", schedule("hourly", pattern="0 * * * *"))
    query = "since=2026-03-02T01:00:00Z&until=2026-03-02T03:00:00Z"
    ticks = (await planned(admin, query))["hourly"]["ticks"]
    assert ticks == ["2026-03-02T01:00:00.000Z", "2026-03-02T02:00:00.000Z"]


async def test_a_plan_is_of_a_month_at_most_and_of_ones_own_tenant(people: People) -> None:
    await people().ok("POST", "/schedules", schedule("everybodys", every="1h"))
    theirs = people("viewer", "acme")
    assert await planned(theirs, WEEK) == {}
    long = "since=2026-03-02T00:00:00Z&until=2026-04-09T00:00:00Z"
    assert (await theirs("GET", f"/schedules/plan?{long}")).status_code == 422


async def test_a_schedule_tells_the_state_of_its_last_job(
    app: Tidemill, admin: Caller, clock: ManualClock
) -> None:
    await admin.ok("POST", "/schedules", schedule("fast", every="1m"))
    assert (await admin.ok("GET", "/schedules/fast"))["last_state"] is None
    clock.advance(60)
    await Scheduler(app.open(), clock).run_once()
    assert (await admin.ok("GET", "/schedules/fast"))["last_state"] == "waiting"
    app.jobs.cancel(next(iter(app.jobs.find())))
    (listed,) = (await admin.ok("GET", "/schedules"))["schedules"]
    assert listed["last_state"] == "cancelled"


async def test_one_that_is_made_paused_begins_when_it_is_resumed(
    app: Tidemill, admin: Caller, clock: ManualClock
) -> None:
    made = await admin.ok("POST", "/schedules", schedule("fast", every="1m", paused=True))
    assert (made["paused"], made["next_at"]) == (True, None)
    assert made["paused_by"].startswith("key:")
    assert made["paused_at"] == "2026-01-01T00:00:00.000Z"
    clock.advance("1h")
    await Scheduler(app.open(), clock).run_once()
    assert list(app.jobs.find()) == []
    resumed = await admin.ok("POST", "/schedules/fast/resume")
    assert (resumed["paused"], resumed["next_at"]) == (False, "2026-01-01T01:01:00.000Z")
    assert (resumed["paused_by"], resumed["paused_at"]) == ("", None)
    clock.advance("1m")
    await Scheduler(app.open(), clock).run_once()
    assert len(list(app.jobs.find())) == 1
    lines = (await admin.ok("GET", "/audit?target=fast"))["lines"]
    told = {line["action"]: line["given"] for line in lines}
    assert told == {"schedules.create": {"paused": True}, "schedules.resume": {}}


async def test_one_begins_at_once_where_nothing_is_said(admin: Caller) -> None:
    made = await admin.ok("POST", "/schedules", schedule("fast", every="1m"))
    assert not made["paused"]
    assert made["next_at"] is not None
    refused = await admin("POST", "/schedules", schedule("odd", paused="maybe"))
    assert refused.status_code == 422


async def test_its_jobs_have_what_is_asked_otherwise_than_their_task_has(
    app: Tidemill, admin: Caller
) -> None:
    asked = {"timeout": "90s", "attempts": 7, "priority": "high", "tags": ["night"]}
    made = await admin.ok("POST", "/schedules", schedule("hourly", pattern="0 * * * *", **asked))
    told = {"timeout": 90.0, "attempts": 7, "priority": 50, "tags": ["sum", "night"]}
    assert {name: made[name] for name in told} == told
    job = await admin.ok("POST", "/schedules/hourly/run")
    seen = (await app.jobs.aget(job["job"])).seen
    assert seen is not None
    assert (seen.timeout, seen.max_attempts, seen.priority, seen.tags) == (
        90_000, 7, 50, ("sum", "night"),
    )  # fmt: skip
    plain = await admin.ok("POST", "/schedules", schedule("plain"))
    assert (plain["timeout"], plain["attempts"], plain["tags"]) == (300.0, 3, ["sum"])
    wrong = await admin("POST", "/schedules", schedule("wrong", attempts=0))
    assert wrong.status_code == 422
