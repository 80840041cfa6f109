"""Moments, lengths of time and places at the edge of what there is: refused, or answered."""

from typing import Any

import pytest

from tests.api.conftest import Caller
from tidemill.api.shapes.shape import moment as written
from tidemill.testing import ManualClock

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)

TOO_FAR = ["0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00",
           "9001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"]  # fmt: skip


@pytest.mark.parametrize("moment", TOO_FAR)
@pytest.mark.parametrize(
    "path",
    ["/statistics?since=", "/statistics?until=", "/events?since=", "/events/statistics?since=",
     "/audit?until=", "/jobs?created_from=", "/schedules/preview?pattern=@daily&since="],
)  # fmt: skip
async def test_moments_too_far_away_are_refused(admin: Caller, path: str, moment: str) -> None:
    answer = await admin("GET", path + moment.replace("+", "%2B"))
    assert answer.status_code == 422, answer.text
    assert "1970 to 9000" in answer.text


async def test_a_moment_may_be_so_long_ago_by_the_servers_clock(
    admin: Caller, clock: ManualClock
) -> None:
    first = (await admin.ok("POST", "/jobs", {"task": "add", "arguments": {"a": 1}}))["id"]
    clock.advance("2h")
    second = (await admin.ok("POST", "/jobs", {"task": "add", "arguments": {"a": 2}}))["id"]
    for words, meant in (
        ("-90m", [second]),
        ("-3h", [second, first]),
        ("-9999w", [second, first]),
    ):
        found = await admin.ok("GET", f"/jobs?created_from={words}")
        assert [job["id"] for job in found["jobs"]] == meant
    assert (await admin.ok("GET", "/jobs?created_before=-1h"))["jobs"][0]["id"] == first
    told = await admin.ok("GET", "/statistics?since=-15m&until=-5m")
    assert told["since"] == written(clock.now() - 900_000)
    assert told["until"] == written(clock.now() - 300_000)


@pytest.mark.parametrize(
    "path",
    ["/statistics?since=", "/events?until=", "/events/statistics?since=", "/attempts?since=",
     "/audit?since=", "/jobs?created_from=", "/dead-letters/queues?created_from="],
)  # fmt: skip
async def test_how_long_ago_is_read_or_refused(admin: Caller, path: str) -> None:
    await admin.ok("GET", path + "-24h")
    for words in ("24h", "-24", "-h", "-1.5h", "--1h", "-1y", "-9999999s", "-1h30m"):
        assert (await admin("GET", path + words)).status_code == 422, words


@pytest.mark.parametrize("moment", TOO_FAR)
async def test_moments_too_far_away_are_refused_in_bodies(admin: Caller, moment: str) -> None:
    late = await admin("POST", "/jobs", {"task": "add", "arguments": {"a": 1}, "at": moment})
    assert late.status_code == 422
    rests = {"name": "x", "task": "add", "every": "1h", "blackouts": [[moment, moment]]}
    assert (await admin("POST", "/schedules", rests)).status_code == 422


@pytest.mark.parametrize("moment", ["1970-01-01T00:00:00Z", "9000-12-31T23:59:59Z"])
async def test_the_first_and_the_last_moment_are_answered(admin: Caller, moment: str) -> None:
    await admin.ok("GET", f"/statistics?until={moment}")
    for zone in ("Pacific/Kiritimati", "Etc/GMT%2B12"):
        path = f"/schedules/preview?pattern=0 0 29 2 1&count=100&since={moment}&tz={zone}"
        await admin.ok("GET", path)


@pytest.mark.parametrize("every", ["365000d", "364999d"])
async def test_a_schedule_that_hardly_ever_comes_is_told(admin: Caller, every: str) -> None:
    body = {"name": "rare", "task": "add", "arguments": {"a": 1}, "every": every,
            "tz": "Pacific/Kiritimati", "business_days": True, "holidays": "AU"}  # fmt: skip
    await admin.ok("POST", "/schedules", body)
    assert len((await admin.ok("GET", "/schedules/rare/next?count=100"))["ticks"]) == 100


@pytest.mark.parametrize("place", ["registry", "HolidayBase", "au", "AU-", "AU-NSWX", "AUS", "A\n"])
async def test_places_that_are_none_are_refused(admin: Caller, place: str) -> None:
    body = {"name": "x", "task": "add", "arguments": {"a": 1}, "every": "1h", "holidays": place}
    assert (await admin("POST", "/schedules", body)).status_code == 422


async def test_a_schedule_rests_on_holidays_until_it_does_not(admin: Caller) -> None:
    body = {"name": "x", "task": "add", "arguments": {"a": 1}, "every": "1h", "holidays": "AU-NSW"}
    made = await admin.ok("POST", "/schedules", body)
    assert made["holidays"] == "AU-NSW"
    assert (await admin.ok("PATCH", "/schedules/x", {"holidays": ""}))["holidays"] == ""


@pytest.mark.timeout(20)
@pytest.mark.parametrize("length", ["1" * 400_000, "1s" * 26])
async def test_lengths_of_time_that_are_far_too_long(admin: Caller, length: Any) -> None:
    body = {"task": "add", "arguments": {"a": 1}, "delay": length}
    assert (await admin("POST", "/jobs", body)).status_code == 422
