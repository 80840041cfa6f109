"""Each of the eleven schedules fires at its exact time in Sydney, as its clock is changed, too."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from examples.compliance_hub.hub import Hub
from examples.compliance_hub.jobs import STOCK, SYSTEM
from tests.examples.compliance_hub.conftest import SYDNEY, MakeHub, asked, at, ok
from tidemill.core.instants import from_datetime, to_datetime
from tidemill.schedules.tick import Scheduler
from tidemill.testing import ManualClock

DAILY = {
    "feedback-analysis": "01:00",
    "xero-sync": "02:00",
    "accelerate-sync": "03:00",
    "pd-reminders": "08:00",
    "credential-expiry": "08:00",
    "policy-reviews": "08:00",
    "complaint-sla": "09:00",
    "onboarding-check": "09:30",
}

SPRING = (at(2026, 10, 1), at(2026, 10, 6))
"""On Sunday 4 October 2026, 02:00 is followed by 03:00."""
AUTUMN = (at(2027, 4, 1), at(2027, 4, 6))
"""On Sunday 4 April 2027, 03:00 is followed by 02:00 again."""


async def tick(hub: Hub, clock: ManualClock) -> None:
    """Have asked for what is due, and run none of it."""
    scheduler = Scheduler(await hub.app.aopen(), clock)
    while await scheduler.run_once() == 0:
        pass


def fired(hub: Hub, clock: ManualClock, end: datetime) -> dict[str, list[str]]:
    """When each schedule asked for its job, by the clock on the wall, until this moment."""
    app, found = hub.app, defaultdict(list)
    while clock.now() < from_datetime(end):
        asyncio.run(tick(hub, clock))
        for job in app.jobs.find(states=["waiting", "scheduled"]):
            assert job.seen is not None
            assert job.seen.ready_at == clock.now(), "no tick lies between two looks"
            local = to_datetime(job.seen.ready_at).astimezone(SYDNEY)
            found[job.task.removeprefix(f"{SYSTEM}.")].append(local.isoformat(timespec="minutes"))
            job.cancel()
        clock.advance("30m")
    return found


@pytest.mark.parametrize(
    ("window", "before", "after"),
    [(SPRING, "+10:00", "+11:00"), (AUTUMN, "+11:00", "+10:00")],
    ids=["clocks forward", "clocks back"],
)
def test_each_schedule_fires_at_its_exact_time_in_sydney_as_clocks_change(
    make_hub: MakeHub, window: tuple[datetime, datetime], before: str, after: str
) -> None:
    # One tick earlier, so that what is due with the first moment is not due already.
    start, end = window
    clock = ManualClock(from_datetime(start - timedelta(minutes=30)))
    hub = make_hub(clock=clock)
    hub.app.schedules.publish()
    found = fired(hub, clock, end)
    days = [(start + timedelta(days=number)).date() for number in range(5)]
    change = days[3]

    def moments(time: str) -> list[str]:
        """That time of each day, as the zone has it."""
        whole = (f"{day}T{time}" for day in days)
        return [
            datetime.fromisoformat(each).replace(tzinfo=SYDNEY).isoformat(timespec="minutes")
            for each in whole
        ]

    for type_, time in DAILY.items():
        if type_ != "xero-sync":
            assert found[type_] == moments(time), type_
    # 02:00 is skipped in spring, so it is made up for at once; and comes once in autumn, first.
    of_change = "03:00+11:00" if after == "+11:00" else "02:00+11:00"
    assert found["xero-sync"] == [
        *moments("02:00")[:3], f"{change}T{of_change}", f"{days[4]}T02:00{after}",
    ]  # fmt: skip
    assert found["weekly-digest"] == [f"{days[4]}T08:00{after}"]
    assert found["monthly-report"] == [f"{days[0]}T09:00{before}"]
    assert set(found) == {each.type for each in STOCK}


@pytest.mark.parametrize(
    ("window", "of_change"),
    [
        (SPRING, ["00:00+10:00", "04:00+11:00", "06:00+11:00"]),
        (AUTUMN, ["00:00+11:00", "02:00+11:00", "02:00+10:00", "04:00+10:00", "06:00+10:00"]),
    ],
    ids=["clocks forward", "clocks back"],
)
def test_failed_mails_are_retried_at_every_even_hour_on_the_wall_and_so_by_what_time_passes(
    make_hub: MakeHub, window: tuple[datetime, datetime], of_change: list[str]
) -> None:
    start, end = window
    clock = ManualClock(from_datetime(start - timedelta(minutes=30)))
    hub = make_hub(clock=clock)
    hub.app.schedules.publish()
    found = fired(hub, clock, end)["retry-failed-emails"]
    change = f"{(start + timedelta(days=3)).date()}"
    that_day = [each.partition("T")[2] for each in found if each.startswith(change)]
    assert that_day[: len(of_change)] == of_change
    first = [each for each in found if each.startswith(str(start.date()))]
    assert [each[11:16] for each in first] == [f"{hour:02}:00" for hour in range(0, 24, 2)]


def test_schedules_stand_as_the_mission_has_them(hub: Hub) -> None:
    hub.app.schedules.publish()
    patterns = {each.name: (each.cron, each.zone) for each in hub.app.schedules.find()}
    assert patterns == {
        f"compliance.{type_}": (pattern, "Australia/Sydney")
        for type_, pattern in {
            "feedback-analysis": "0 1 * * *",
            "xero-sync": "0 2 * * *",
            "accelerate-sync": "0 3 * * *",
            "pd-reminders": "0 8 * * *",
            "credential-expiry": "0 8 * * *",
            "policy-reviews": "0 8 * * *",
            "complaint-sla": "0 9 * * *",
            "onboarding-check": "30 9 * * *",
            "weekly-digest": "0 8 * * 1",
            "monthly-report": "0 9 1 * *",
            "retry-failed-emails": "0 */2 * * *",
        }.items()
    }


def test_a_job_that_was_given_another_pattern_and_zone_comes_by_these(
    make_hub: MakeHub, clock: ManualClock
) -> None:
    hub = make_hub()
    hub.app.schedules.publish()
    with asked(hub) as people, people("admin") as admin:
        body = {"pattern": "15 6 * * *", "tz": "Australia/Perth"}
        told = ok(admin.post("/jobs/xero-sync/resume", json=body))
        assert (told["pattern"], told["tz"]) == ("15 6 * * *", "Australia/Perth")
        assert told["nextRun"] == "2027-01-31T22:15:00.000Z"
    clock.advance("21h")  # 09:00 of the next day in Sydney, 06:00 in Perth
    asyncio.run(tick(hub, clock))
    assert not list(hub.app.jobs.find(tasks=["compliance.xero-sync"]))
    clock.advance("15m")
    asyncio.run(tick(hub, clock))
    (job,) = hub.app.jobs.find(tasks=["compliance.xero-sync"])
    assert job.seen is not None
    assert to_datetime(job.seen.ready_at) == datetime(2027, 1, 31, 22, 15, tzinfo=UTC)
