"""Eight scheduler processes, forty schedules, killed at random: no tick missing, none double."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.journeys.crowd import until
from tests.journeys.wound_clock import WoundClock
from tidemill import Tidemill
from tidemill.schedules.schedule import Schedule, of_record

HOURS = int(os.environ.get("SCHEDULER_HOURS", "6"))
NODES = 8
STEP = 5 * 60_000
BEGIN = 1_774_738_800_000
"""2026-03-28T23:00Z: in Europe the clocks go forward within the first three hours."""

PATTERNS = [
    ("* * * * *", "UTC"), ("*/5 * * * *", "Europe/Berlin"), ("*/15 8-17 * * *", "America/New_York"),
    ("0 * * * *", "Asia/Tehran"), ("30 2 * * *", "Europe/Berlin"), ("0 0 * * *", "UTC"),
    ("7,37 * * * *", "Australia/Lord_Howe"), ("0 */2 * * *", "Asia/Kolkata"),
]  # fmt: skip

pytestmark = pytest.mark.timeout(300)

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def url(crowd_url: str) -> str:
    """An empty store, whose users are patient: eight of them share two processors."""
    return f"{crowd_url}{'&' if '?' in crowd_url else '?'}patience=60s"


@pytest.fixture
def start(tmp_path: Path, url: str) -> Iterator[Start]:
    """Starts a node; all that live are killed in the end."""
    nodes: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.journeys.scheduler_process"]
        nodes.append(subprocess.Popen([*command, url, str(tmp_path / "clock")], cwd=ROOT))
        return nodes[-1]

    yield start
    for node in nodes:
        node.kill()
        node.wait()


def schedules_of(app: Tidemill) -> list[Schedule]:
    return [of_record(record) for record in app.open().records.find("schedule").wait()]


def test_every_tick_of_forty_schedules_makes_one_job(
    tmp_path: Path, url: str, start: Start
) -> None:
    clock = WoundClock.create(tmp_path / "clock", BEGIN)
    dice = random.Random(11)
    with Tidemill(url, clock=clock) as app:

        @app.task(name="tick")
        def tick() -> None: ...

        for number in range(40):
            pattern, zone = PATTERNS[number % len(PATTERNS)]
            if number < 32:
                app.schedules.create(
                    f"s{number}", tick.bind(), pattern=pattern, tz=zone, catchup="all"
                )
            else:
                app.schedules.create(f"s{number}", tick.bind(), every=f"{number}m", catchup="all")
        begun = {schedule.name: schedule.next_at for schedule in schedules_of(app)}
        nodes = [start() for _ in range(NODES)]
        while clock.now() < BEGIN + HOURS * 3_600_000:
            clock.wind(STEP)
            victim = dice.randrange(NODES * 6)
            if victim < NODES:
                nodes[victim].kill()
                nodes[victim].wait()
                nodes[victim] = start()
            time.sleep(0.05)
        until(
            lambda: all((s.next_at or 0) > clock.now() for s in schedules_of(app)),
            seconds=120,
            what="every schedule has been moved behind the last tick",
        )
        for schedule in schedules_of(app):
            expected = set()
            at = begun[schedule.name]
            while at is not None and at <= clock.now():
                expected.add(schedule.job_of(at).id)
                at = schedule.tick_after(at)
            made = [job.id for job in app.jobs.find(source=schedule.source)]
            assert len(made) == len(expected), f"{schedule.name}: {schedule.cron}"
            assert set(made) == expected
