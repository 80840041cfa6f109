"""`/schedules/upcoming`: what comes of all schedules together, and of jobs that are due later."""

from typing import Any

import pytest

from tests.api.conftest import Caller, People
from tidemill import Tidemill
from tidemill.api.routes.schedules import MOST_LOOKED_AT
from tidemill.core.instants import Instant, to_datetime
from tidemill.testing.clock import START, ManualClock

HOUR = 3_600_000
BODY = {"task": "add", "arguments": {"a": 1}}


def told(instant: Instant) -> str:
    return to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S.000Z")


async def schedule(caller: Caller, name: str, **more: Any) -> None:
    await caller.ok("POST", "/schedules", {"name": name, **BODY, **more})


async def test_ticks_of_all_schedules_come_in_order(admin: Caller) -> None:
    await schedule(admin, "often", every="2h")
    await schedule(admin, "seldom", every="5h")
    await schedule(admin, "resting", every="1h")
    await admin.ok("POST", "/schedules/resting/pause")
    out = await admin.ok("GET", f"/schedules/upcoming?until={told(START + 6 * HOUR + 1_000)}")
    assert [(each["at"], each["schedule"]) for each in out["ticks"]] == [
        (told(START + 2 * HOUR), "often"),
        (told(START + 4 * HOUR), "often"),
        (told(START + 5 * HOUR), "seldom"),
        (told(START + 6 * HOUR), "often"),
    ]
    assert sum(each["ticks"] for each in out["hours"]) == 4
    assert (out["more"], out["until"]) == (False, told(START + 6 * HOUR + 1_000))
    few = await admin.ok("GET", "/schedules/upcoming?limit=1")
    assert len(few["ticks"]) == 1
    assert sum(each["ticks"] for each in few["hours"]) > 1


async def test_jobs_that_are_due_later_are_counted_by_the_hour(
    app: Tidemill, admin: Caller
) -> None:
    for delay in ("10m", "20m", "3h", "13h"):
        app.enqueue("add", {"a": 1}, delay=delay)
    app.enqueue("add", {"a": 1})
    hours = (await admin.ok("GET", "/schedules/upcoming"))["hours"]
    assert sum(each["scheduled"] for each in hours) == 3
    assert [each["at"] for each in hours] == sorted(each["at"] for each in hours)
    assert all(each["ticks"] == each["retrying"] == each["work"] == 0 for each in hours)


async def test_work_is_known_from_runs_of_the_last_day(
    app: Tidemill, admin: Caller, clock: ManualClock
) -> None:
    @app.task(name="slow")
    async def slow() -> None:
        clock.advance("4s")

    app.enqueue("slow", {})
    await app.worker().run_until_idle()
    await admin.ok("POST", "/schedules", {"name": "s", "task": "slow", "every": "8h"})
    app.enqueue("slow", {}, delay="1h")
    out = await admin.ok("GET", "/schedules/upcoming")
    assert [each["run"] for each in out["ticks"]] == [4.0]
    assert sum(each["work"] for each in out["hours"]) == 8.0


async def test_what_is_overdue_counts_in_the_first_hour(
    app: Tidemill, admin: Caller, clock: ManualClock
) -> None:
    app.enqueue("add", {"a": 1}, delay="1m")
    clock.advance("5h")
    (hour,) = (await admin.ok("GET", "/schedules/upcoming"))["hours"]
    assert (hour["at"], hour["scheduled"]) == (told((START + 5 * HOUR) // HOUR * HOUR), 1)


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
async def test_a_look_ahead_has_an_end(admin: Caller) -> None:
    await schedule(admin, "restless", every="1s")
    out = await admin.ok("GET", "/schedules/upcoming?limit=200")
    assert out["more"]
    assert sum(each["ticks"] for each in out["hours"]) == MOST_LOOKED_AT
    assert out["until"] == told(START + (MOST_LOOKED_AT + 1) * 1_000)
    for too_far in ("until=9000-01-01T00:00:00Z", "limit=201"):
        assert (await admin("GET", f"/schedules/upcoming?{too_far}")).status_code == 422


async def test_a_tenant_sees_its_own_alone(people: People) -> None:
    await schedule(people("admin", "umbra"), "theirs", every="1h")
    await people("admin", "umbra").ok("POST", "/jobs", {**BODY, "delay": "1h"})
    out = await people("viewer", "acme").ok("GET", "/schedules/upcoming")
    assert (out["ticks"], out["hours"]) == ([], [])


async def test_queues_are_summed_up_by_themselves(app: Tidemill, admin: Caller) -> None:
    app.enqueue("add", {"a": 1})
    app.enqueue("broken", {"secret": "x"})
    await app.worker().run_until_idle()
    queues = (await admin.ok("GET", "/statistics"))["queues"]
    assert [(each["queue"], each["endings"]) for each in queues] == [
        ("default", {"failed": 1}),
        ("sums", {"completed": 1}),
    ]


async def test_how_long_attempts_ran_on_average_is_told_in_all_by_task_and_by_queue(
    app: Tidemill, admin: Caller, clock: ManualClock
) -> None:
    @app.task(name="long")
    async def long(seconds: int) -> None:
        clock.advance(seconds)

    for seconds in (2, 7):
        app.enqueue("long", {"seconds": seconds})
        await app.worker().run_until_idle()
    told = await admin.ok("GET", "/statistics")
    means = [each["run"]["mean"] for each in (told, *told["tasks"], *told["queues"])]
    assert means == [4.5, 4.5, 4.5]
