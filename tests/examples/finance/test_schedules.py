"""The nine schedules tick at their exact times, and each brings what it is for."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from examples.finance.application import Finance, create
from examples.finance.post_office import PostOffice
from examples.finance.recurring import SCHEDULES
from tidemill import State
from tidemill.testing import in_memory
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
    with PostOffice(tmp_path / "mail").serving() as post:
        made = create("memory://", tmp_path, mail=post.url, files=f"{tmp_path}/files")
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
    for length in ("1h", "1h", "6h", "16h"):
        mill.advance(length)
    seen = [job.seen for job in mill.jobs() if job.seen]
    sources = Counter(job.source for job in seen if job.source.startswith("schedule:"))
    daily = [f"schedule:{name}" for name, when in TIMES.items() if when.startswith("daily")]
    assert {name: sources[name] for name in daily} == dict.fromkeys(daily, 1)
    assert sources["schedule:finance.cache_cleanup"] == 4, "of those that were missed, the latest"
    assert not sources["schedule:finance.weekly_insights"]
    assert not [job for job in seen if job.state is State.FAILED]
    (proved,) = mill.jobs("finance.backup.verify")
    assert proved.result(timeout=0).same is True


def test_the_first_of_a_month_brings_the_reports_of_the_month_before(mill: Harness) -> None:
    mill.advance("4h")
    built = [job.result(timeout=0) for job in mill.jobs("finance.report.build")]
    assert sorted(each.title for each in built) == [
        "Budgets of December 2025", "Spending of December 2025"
    ]  # fmt: skip
