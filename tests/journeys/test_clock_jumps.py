"""Someone sets the machine's clock while workers run: nobody is taken for dead, nor for alive."""

import time
from pathlib import Path

import pytest

from tests.journeys.crowd import Crowd, until
from tests.journeys.history import judge
from tests.journeys.setting import clock_set
from tests.journeys.stage import Stage
from tests.journeys.wound_clock import WoundClock
from tidemill.core.lease import WORKER
from tidemill.loops.clock import SystemClock

HOUR = 3_600_000
LEASE = 3
"""Seconds that a worker's lease lasts here."""

pytestmark = pytest.mark.timeout(120)


def starts(crowd: Crowd) -> int:
    """How many attempts have been started."""
    return sum(line.what == "start" for line in crowd.lines())


@pytest.mark.parametrize("scheme", ["sqlite"], indirect=True)
def test_a_clock_that_is_set_ends_no_lease_and_keeps_no_dead_worker_alive(
    crowd: Crowd, tmp_path: Path
) -> None:
    path = tmp_path / "clock"
    clock = WoundClock.create(path, SystemClock().now())
    first = crowd.start("first", clock=path)
    ids = crowd.enqueue("long", [1])
    until(lambda: starts(crowd) == 1, seconds=20, what="the job has been started")
    crowd.start("second", clock=path)
    leases = crowd.app.open().leases
    until(lambda: len(leases.find(WORKER).wait()) == 2, seconds=20, what="two hold a lease")

    for jump in (HOUR, -2 * HOUR, 2 * HOUR):
        clock.wind(jump)
        time.sleep(LEASE / 2 + 0.5)
    assert starts(crowd) == 1, "a worker that lives was taken for dead"
    assert len(leases.find(WORKER).wait()) == 2

    clock.wind(-2 * HOUR)
    first.kill()
    seconds = until(lambda: starts(crowd) == 2, seconds=20, what="the job goes on elsewhere")
    assert seconds < 3 * LEASE
    crowd.ledger_path.with_name("ledger.1").touch()
    until(lambda: crowd.all_completed(ids), seconds=20, what="the job is completed")
    judge(crowd, ids)


def test_a_servers_clock_that_is_set_ends_no_lease_and_keeps_no_dead_worker_alive(
    far_stage: Stage,
) -> None:
    figures = clock_set(far_stage, rounds=1)
    assert not figures.flaws
    assert (figures.recovered_by(1) or 0) < 5 * LEASE
