"""A limit of three under eight workers, with kills, pauses and edits: never exceeded."""

import random
import signal
import time
from collections import defaultdict

import pytest

from tests.journeys.crowd import Crowd, Line, judge, until

LIMIT = 3
JOBS = 300
WORKERS = 8

pytestmark = pytest.mark.timeout(180)


def overlaps(lines: list[Line], ended_by_kill: dict[int, float]) -> int:
    """The most runs that were under way at one moment, by the ledger's own stamps.

    A run that was killed ended when its process did.
    """
    ends = {(line.job, line.fence): line.at for line in lines if line.what == "end"}
    moments: list[tuple[float, int]] = []
    for line in lines:
        if line.what == "start":
            end = ends.get((line.job, line.fence), ended_by_kill.get(line.pid))
            assert end is not None, "a run without an end, by a process that was not killed"
            moments += [(line.at, 1), (end, -1)]
    running = most = 0
    for _, change in sorted(moments, key=lambda moment: (moment[0], moment[1])):
        running += change
        most = max(most, running)
    return most


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
