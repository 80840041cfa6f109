"""The nine schedules tick at their exact times, and each brings what it is for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from examples.finance.application import Finance, create
from examples.finance.recurring import SCHEDULES
from tidemill.testing import in_memory
from tidemill.testing.clock import START
from tidemill.testing.harness import Harness

TIMES = {
    "finance.budget_refresh": "daily 01:00",
    "finance.email_sync": "daily 02:00",
    "finance.backup_verification": "daily 00:00",
    "finance.clean_old_jobs": "daily 00:00",
    "finance.notification_digest": "daily 08:00",
    "finance.weekly_insights": "Sunday 03:00",
    "finance.monthly_reports": "1st 04:00",
    "finance.cache_cleanup": "hourly",
    "finance.check_stuck": "every 10 minutes",
}

FIRST = {
    "daily 00:00": [(2, 0, 0), (3, 0, 0)],
    "daily 01:00": [(1, 1, 0), (2, 1, 0)],
    "daily 02:00": [(1, 2, 0), (2, 2, 0)],
    "daily 08:00": [(1, 8, 0), (2, 8, 0)],
    "Sunday 03:00": [(4, 3, 0), (11, 3, 0)],
    "hourly": [(1, 1, 0), (1, 2, 0)],
    "every 10 minutes": [(1, 0, 10), (1, 0, 20)],
}
"""The next ticks after the first moment of January 2026: day, hour, minute."""


@pytest.fixture
def finance(tmp_path: Path) -> Iterator[Finance]:
    made = create("memory://", tmp_path, mail="smtp://127.0.0.1:9?tls=off")
    yield made
    made.close()


@pytest.fixture
def mill(finance: Finance) -> Iterator[Harness]:
    with in_memory(finance.app) as mill:
        yield mill


def test_there_are_nine_schedules(mill: Harness) -> None:
    assert {each.name for each in mill.app.schedules.find()} == TIMES.keys()
    assert len(SCHEDULES) == 9


@pytest.mark.parametrize("name", TIMES)
def test_a_schedule_ticks_when_it_is_said_to(mill: Harness, name: str) -> None:
    told = mill.app.schedules.upcoming(name, 2)
    if TIMES[name] == "1st 04:00":
        assert told == tuple(datetime(2026, month, 1, 4, tzinfo=UTC) for month in (1, 2))
        return
    expected = [
        datetime(2026, 1, day, hour, minute, tzinfo=UTC) for day, hour, minute in FIRST[TIMES[name]]
    ]
    assert list(told) == expected


def test_schedules_are_meant_in_the_zone_of_the_installation(tmp_path: Path) -> None:
    made = create("memory://", tmp_path, zone="Australia/Sydney")
    with in_memory(made.app) as mill:
        (tick,) = mill.app.schedules.upcoming("finance.notification_digest", 1)
    assert tick.astimezone(UTC).hour == 21
    made.close()


def test_a_day_brings_a_job_of_each_and_those_that_they_ask_for(mill: Harness) -> None:
    mill.drain()
    for _ in range(24):
        mill.advance("1h")
    began = datetime.fromtimestamp(START / 1_000, UTC)
    day = [job for job in mill.jobs() if job.seen and job.seen.source.startswith("schedule:")]
    ticks = {name: 0 for name in TIMES}
    for job in day:
        assert job.seen is not None
        ticks[job.seen.source.removeprefix("schedule:")] += 1
    assert ticks["finance.cache_cleanup"] == 24
    assert ticks["finance.weekly_insights"] == 0
    assert {
        name: count for name, count in ticks.items() if "daily" in TIMES[name]
    } == dict.fromkeys((name for name, when in TIMES.items() if "daily" in when), 1)
    assert mill.app.schedules.get("finance.check_stuck").last_at is not None
    assert began + timedelta(days=1) == datetime.fromtimestamp(mill.clock.now() / 1_000, UTC)
    assert [job.seen.state for job in mill.jobs("finance.backup.verify") if job.seen] == [
        "completed"
    ]
    assert len(mill.jobs("finance.report.build")) == 2, "of the month before"
