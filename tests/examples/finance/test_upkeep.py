"""Jobs that do not go on are found, old ones go, a rate holds back, progress tells what is left."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from examples.finance import dialect
from examples.finance.application import Finance, create
from examples.finance.place import ADDRESSES
from examples.finance.upkeep import Stuck, find_stuck
from tests.examples.finance.conftest import Site
from tests.examples.workforce import QUICK, until
from tests.house.source import ROOT
from tidemill import State, current
from tidemill.core.job import Progress
from tidemill.loops.failpoint import VARIABLE
from tidemill.testing import in_memory
from tidemill.testing.harness import Harness

ADA = ADDRESSES["ada"]


@pytest.fixture
def finance(tmp_path: Path) -> Iterator[Finance]:
    made = create("memory://", tmp_path, files=f"{tmp_path}/files")
    yield made
    made.close()


@pytest.fixture
def mill(finance: Finance) -> Iterator[Harness]:
    with in_memory(finance.app) as mill:
        yield mill


def test_a_job_that_nobody_takes_is_stuck_after_an_hour(finance: Finance, mill: Harness) -> None:
    job = finance.app.enqueue(finance.work.budget_refresh.bind())

    def look(paused: frozenset[str] = frozenset()) -> list[Stuck]:
        return asyncio.run(find_stuck(finance.app.jobs, mill.clock.now(), paused))

    mill.clock.advance("59m")
    assert look() == []
    mill.clock.advance("2m")
    assert [(each.id, each.why) for each in look()] == [(job.id, "not taken")]
    assert look(frozenset({dialect.BUDGET})) == []


def test_a_job_that_runs_for_too_long_is_stuck_and_asked_to_stop(
    finance: Finance, mill: Harness
) -> None:
    looks: list[list[str]] = []

    @finance.app.task(name="finance.slow", queue=dialect.BUDGET, timeout="1m")
    async def slow() -> None:
        now, jobs = mill.clock.now(), finance.app.jobs
        for after in (0, 119_000, 121_000):
            found = await find_stuck(jobs, now + after, asking=False)
            looks.append([each.why for each in found])
        assert not (await jobs.aget(current().id)).seen.cancel_requested  # type: ignore[union-attr]  # just looked at
        await find_stuck(jobs, now + 121_000)
        assert (await jobs.aget(current().id)).seen.cancel_requested  # type: ignore[union-attr]  # the same

    job = slow.enqueue()
    mill.drain()
    assert looks == [[], [], ["overdue"]]
    assert job.snapshot().error is None


def test_nothing_is_stuck_while_workers_work(finance: Finance, mill: Harness) -> None:
    job = finance.app.enqueue(finance.upkeep.check_stuck.bind())
    mill.drain()
    assert job.result(timeout=0) == [], "it runs itself"


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("store_url", ["sqlite", "postgres"], indirect=True)
def test_a_job_whose_worker_is_lost_is_stuck_until_another_worker_has_it(idle: Site) -> None:
    sent = idle.ada.ask("BUDGET_REFRESH", {"month": "2025-09-01"})
    victim = a_worker(idle, "run.before=kill@1")
    assert victim.wait(60) == -signal.SIGKILL
    until(lambda: stuck(idle) == [(sent, "worker lost")], seconds=20, what="it is stuck")
    assert idle.ada.ok("GET", "/job-monitor/statistics")["stuckJobs"] == 1
    heir = a_worker(idle)
    try:
        assert idle.ada.ended(sent)["status"] == "COMPLETED"
        assert stuck(idle) == []
    finally:
        heir.terminate()
        assert heir.wait(30) == 0


def stuck(site: Site) -> list[tuple[str, str]]:
    told = site.ada.ok("POST", "/job-monitor/jobs/check-stuck")["stuckJobs"]
    return [(each["id"], each["why"]) for each in told]


def a_worker(site: Site, failpoints: str = "") -> subprocess.Popen[bytes]:
    environment = os.environ | QUICK | {VARIABLE: failpoints}
    return subprocess.Popen([sys.executable, "-m", *site.worker], cwd=ROOT, env=environment)


def test_a_mailbox_is_read_six_times_a_minute_and_not_more_often(
    finance: Finance, mill: Harness
) -> None:
    jobs = []
    for _ in range(7):
        jobs.append(finance.app.enqueue(finance.work.email_sync.bind(ADA)))
        mill.drain()
    assert [job.snapshot().state for job in jobs[:6]] == [State.COMPLETED] * 6
    seventh = jobs[6].snapshot()
    assert not seventh.state.finished
    assert dialect.record(seventh, {})["rateLimitKey"] == f"mailbox:{ADA}"
    mill.advance("10s")
    mill.assert_state(jobs[6], State.COMPLETED)


def test_a_mailbox_that_is_about_to_be_read_is_not_asked_for_twice(finance: Finance) -> None:
    first = finance.app.enqueue(finance.work.email_sync.bind(ADA))
    again = finance.app.enqueue(finance.work.email_sync.bind(ADA))
    assert (again.id, again.created) == (first.id, False)


def test_jobs_are_kept_for_thirty_days(finance: Finance, mill: Harness) -> None:
    finance.prepare()
    for schedule in finance.app.schedules.find():
        finance.app.schedules.pause(schedule.name)
    old = finance.app.enqueue(finance.work.budget_refresh.bind())
    mill.drain()
    kept = {each.queue: each.retention for each in finance.app.queues.find()}
    assert {kept[queue].failed for queue in dialect.QUEUES} == {30 * 86_400_000}
    mill.clock.advance("29d")
    young = finance.app.enqueue(finance.work.insights.bind())
    mill.clock.advance("2d")
    clean = finance.app.enqueue(finance.upkeep.clean_old_jobs.bind())
    mill.drain()
    assert clean.result(timeout=0) >= 1
    assert old.id not in [job.id for job in mill.jobs()]
    assert young.id in [job.id for job in mill.jobs()]


def test_progress_tells_the_time_that_is_left(finance: Finance, mill: Harness) -> None:
    job = finance.app.enqueue(finance.work.budget_refresh.bind())
    seen = job.snapshot()
    began = mill.clock.now()

    def told(percent: float, after: int) -> object:
        progress = Progress(percent, "Half way", 2, 4, began + after)
        now = replace(seen, state=State.RUNNING, started_at=began, progress=progress)
        return dialect.progress(now)

    assert told(25.0, 10_000) == {
        "percentage": 25.0, "currentStep": 2, "totalSteps": 4, "completedSteps": 1,
        "message": "Half way", "estimatedTimeRemaining": 30_000,
    }  # fmt: skip
