"""Someone sets the machine's clock while workers run: nobody is taken for dead, nor for alive."""

import time
from pathlib import Path

import pytest

from tests.journeys.crowd import Crowd, until
from tests.journeys.history import judge
from tests.journeys.setting import HOUR, LONG, LOOKED, SHORT, clock_set
from tests.journeys.stage import Stage
from tests.journeys.wound_clock import WoundClock
from tidemill.core.lease import WORKER
from tidemill.loops.clock import SystemClock

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def clock(tmp_path: Path) -> WoundClock:
    return WoundClock.create(tmp_path / "clock", SystemClock().now())


def starts(crowd: Crowd) -> int:
    """How many attempts have been started."""
    return sum(line.what == "start" for line in crowd.lines())


def leases(crowd: Crowd) -> int:
    """How many workers hold a lease."""
    return len(crowd.app.open().leases.find(WORKER).wait())


@pytest.mark.parametrize("scheme", ["sqlite"], indirect=True)
def test_a_clock_that_is_set_ends_no_lease(crowd: Crowd, clock: WoundClock, tmp_path: Path) -> None:
    ids = crowd.enqueue("long", [1])
    for name in ("first", "second"):
        crowd.start(name, clock=tmp_path / "clock", lease=LONG)
    until(lambda: starts(crowd) == 1, seconds=20, what="the job has been started")
    until(lambda: leases(crowd) == 2, seconds=20, what="two hold a lease")

    for jump in (HOUR, -2 * HOUR, 2 * HOUR):
        clock.wind(jump)
        time.sleep(LOOKED)
    assert starts(crowd) == 1, "a worker that lives was taken for dead"
    assert leases(crowd) == 2

    crowd.beside("ledger.1").touch()
    until(lambda: crowd.all_completed(ids), seconds=20, what="the job is completed")
    judge(crowd, ids)


@pytest.mark.parametrize("scheme", ["sqlite"], indirect=True)
def test_a_clock_that_is_set_keeps_no_dead_worker_alive(
    crowd: Crowd, clock: WoundClock, tmp_path: Path
) -> None:
    ids = crowd.enqueue("long", [1])
    first = crowd.start("first", clock=tmp_path / "clock", lease=SHORT)
    until(lambda: starts(crowd) == 1, seconds=20, what="the job has been started")
    crowd.start("second", clock=tmp_path / "clock", lease=LONG)
    until(lambda: leases(crowd) == 2, seconds=20, what="two hold a lease")

    clock.wind(-2 * HOUR)
    first.kill()
    until(lambda: starts(crowd) == 2, seconds=20, what="the job goes on elsewhere")
    crowd.beside("ledger.1").touch()
    until(lambda: crowd.all_completed(ids), seconds=20, what="the job is completed")
    judge(crowd, ids)


def test_a_servers_clock_that_is_set_ends_no_lease_and_keeps_no_dead_worker_alive(
    far_stage: Stage,
) -> None:
    figures = clock_set(far_stage, rounds=1)
    assert not figures.flaws
    assert (figures.recovered_by(1) or 0) < 15
