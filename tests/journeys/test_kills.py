"""kill -9 at every fail-point: nothing is lost, nothing runs that the guarantees do not allow."""

import os
from typing import get_args

import pytest

from tests.journeys.crowd import Crowd, until
from tests.journeys.history import judge
from tests.journeys.killing import KILL_AT, enqueue, killed
from tests.journeys.stage import Stage
from tidemill import State
from tidemill.loops.failpoint import Place

SEEDS = int(os.environ.get("KILL_SEEDS", "1"))

pytestmark = pytest.mark.timeout(200)


def test_there_is_a_journey_to_each_fail_point() -> None:
    elsewhere = {"migrate.step"}  # see `tests/engines/test_postgres_migrations.py`
    assert set(KILL_AT) | elsewhere == set(get_args(Place))


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("place", KILL_AT)
def test_a_process_killed_anywhere_loses_nothing(stage: Stage, place: str, seed: int) -> None:
    figures = killed(stage, place, seed)
    assert figures.accepted
    assert not figures.flaws


def test_a_job_that_kills_its_workers_is_given_up_and_takes_nobody_along(crowd: Crowd) -> None:
    """It is first in line each time; a hundred jobs that have done nothing are held beside it."""
    (deadly,) = crowd.enqueue("deadly", [0])
    others = [*crowd.enqueue("quick", range(120)), *crowd.enqueue("blocking", range(30))]
    for number in range(3):
        assert crowd.states([deadly]) != {State.FAILED: 1}
        crowd.start(f"victim-{number}").wait(30)
    crowd.start("heir")
    until(lambda: crowd.states([deadly]) == {State.FAILED: 1}, seconds=40, what="it is given up")
    until(lambda: crowd.all_completed(others), seconds=40, what="every other job is completed")
    (job,) = crowd.app.open().reader.get([deadly]).wait()
    assert job
    assert (job.state, job.reason, job.crashes) == (State.FAILED, "poison", 3)
    judge(crowd, others)


def test_a_worker_that_is_told_to_stop_drains_and_leaves_nothing_running(crowd: Crowd) -> None:
    ids = enqueue(crowd)
    worker = crowd.start("worker")
    until(lambda: len(crowd.lines()) > 20, seconds=20, what="some jobs have run")
    worker.terminate()
    assert worker.wait(10) == 0
    states = crowd.states(ids)
    assert "running" not in {state.value for state in states}
    attempts = {job.id: job.attempt for job in crowd.app.open().reader.get(ids).wait() if job}
    started = {line.job for line in crowd.lines()}
    # What was taken but not started was given back, and its attempt with it.
    assert all(attempts[id_] == 0 for id_ in ids if id_ not in started)
