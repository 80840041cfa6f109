"""A limit of three under eight workers, with kills, pauses and edits: never exceeded."""

import random
import signal
import time
from collections import defaultdict

import pytest

from tests.journeys.crowd import Crowd, until
from tests.journeys.history import judge, overlaps

LIMIT = 3
JOBS = 300
WORKERS = 8

pytestmark = pytest.mark.timeout(180)


def go_on(crowd: Crowd, ids: list[str]) -> None:
    """Wait until some more work has been done."""
    seen = len(crowd.lines())
    until(
        lambda: len(crowd.lines()) > seen or crowd.all_completed(ids),
        seconds=30,
        what="work goes on",
    )


def test_a_limit_is_kept_through_kills_pauses_and_edits(crowd: Crowd) -> None:
    dice = random.Random(3)
    crowd.app.queues.limit("default", most=LIMIT)
    ids = crowd.enqueue("blocking", range(JOBS))
    killed: dict[int, float] = {}

    workers = [crowd.start(f"worker-{number}") for number in range(WORKERS)]
    until(lambda: bool(crowd.lines()), seconds=30, what="the first job has run")
    for round_ in range(6):
        victim = workers[dice.randrange(len(workers))]
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        killed[victim.pid] = time.monotonic()
        workers.remove(victim)
        workers.append(crowd.start(f"heir-{round_}"))
        crowd.app.queues.pause("default")
        crowd.app.queues.resume("default")
        most = dice.choice([1, 2, LIMIT])
        crowd.app.queues.limit("default", most=most)

        go_on(crowd, ids)
    until(lambda: crowd.all_completed(ids), seconds=120, what="every job is completed")
    judge(crowd, ids)
    assert overlaps(crowd.lines(), killed) <= LIMIT
    by_pid: defaultdict[int, int] = defaultdict(int)
    for line in crowd.lines():
        by_pid[line.pid] += 1
    assert len(by_pid) > 2, "the work was shared"
