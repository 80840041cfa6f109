"""kill -9 at every fail-point: nothing is lost, nothing runs that the guarantees do not allow."""

import fcntl
import os
import signal
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.journeys.crowd import Crowd, judge, until
from tidemill import State
from tidemill.core.limits import KeyLimit

SEEDS = int(os.environ.get("KILL_SEEDS", "1"))
JOBS = 200

AT_WORK = [
    "claim.before", "claim.after", "run.before", "run.middle", "run.after", "settle.before",
    "settle.inside", "settle.after", "renew.before", "renew.after", "promote.middle",
    "tick.computed", "tick.after", "relay.middle",
]  # fmt: skip
"""Places that a working worker passes by itself."""

RESCUING = ["rescue.before", "rescue.middle", "rescue.after"]

pytestmark = pytest.mark.timeout(120)


def freeze(crowd: Crowd, process: subprocess.Popen[bytes]) -> None:
    """Stop a process; on a file between two of its writes: in one, it would stop us all.

    On a server a transaction that stands still is ended before long.
    """
    pen = crowd.ledger_path.with_name("jobs.db.pen")
    with pen.open("rb+") if pen.exists() else nullcontext() as held:
        if held is not None:
            fcntl.flock(held, fcntl.LOCK_EX)
        process.send_signal(signal.SIGSTOP)
        until(lambda: _is_stopped(process.pid), seconds=20, what="the process stands still")


def _is_stopped(pid: int) -> bool:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return all((each / "stat").read_text().rpartition(")")[2].split()[0] == "T" for each in threads)


def enqueue(crowd: Crowd) -> list[str]:
    """Two hundred jobs of every kind, some due later and under a limit, and events to be heard."""
    for number in range(5):
        crowd.app.events.emit("order.paid", {"number": number})
    return [
        *crowd.enqueue("quick", range(JOBS // 2)),
        *crowd.enqueue("blocking", range(JOBS // 4)),
        *crowd.enqueue("quick", range(JOBS // 4), delay=500, limit=KeyLimit("account", 50)),
    ]


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("place", AT_WORK)
def test_a_worker_killed_anywhere_loses_nothing(crowd: Crowd, place: str, seed: int) -> None:
    victim = crowd.start("victim", f"{place}=kill@{seed + 1}")
    if place == "relay.middle":
        until(lambda: bool(crowd.app.open().records.find("subscription").wait()), seconds=20,
              what="the subscription is stored")  # fmt: skip
    ids = enqueue(crowd)
    victim.wait(30)
    assert victim.returncode == -signal.SIGKILL, "it never came to that place"
    crowd.start("heir")
    until(lambda: crowd.all_completed(ids), seconds=40, what="every job is completed")
    judge(crowd, ids)


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


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("place", RESCUING)
def test_a_rescuer_killed_in_its_work_is_rescued_itself(
    crowd: Crowd, place: str, seed: int
) -> None:
    ids = enqueue(crowd)
    first = crowd.start("first", f"run.after=kill@{20 + seed}")
    first.wait(30)
    rescuer = crowd.start("rescuer", f"{place}=kill")
    rescuer.wait(30)
    assert rescuer.returncode == -signal.SIGKILL, "it never came to that place"
    crowd.start("heir")
    until(lambda: crowd.all_completed(ids), seconds=40, what="every job is completed")
    judge(crowd, ids)


@pytest.mark.parametrize("place", ["stop.signalled", "stop.drained"])
def test_a_worker_killed_while_it_stops_loses_nothing(crowd: Crowd, place: str) -> None:
    ids = enqueue(crowd)
    worker = crowd.start("worker", f"{place}=kill")
    until(lambda: bool(crowd.lines()), seconds=20, what="the first job has run")
    worker.terminate()
    worker.wait(30)
    assert worker.returncode == -signal.SIGKILL, "it never came to that place"
    crowd.start("heir")
    until(lambda: crowd.all_completed(ids), seconds=40, what="every job is completed")
    judge(crowd, ids)


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


def test_a_stopped_worker_that_wakes_up_changes_nothing(crowd: Crowd) -> None:
    (slow,) = crowd.enqueue("long", [7])
    zombie = crowd.start("zombie")
    until(lambda: bool(crowd.lines()), seconds=20, what="the zombie has started the job")
    freeze(crowd, zombie)
    crowd.start("heir")
    until(lambda: len([x for x in crowd.lines() if x.what == "start"]) == 2, seconds=20,
          what="the heir has started the job again")  # fmt: skip
    first, second = [line for line in crowd.lines() if line.what == "start"]
    crowd.ledger_path.with_name("ledger.7").touch()
    until(lambda: crowd.all_completed([slow]), seconds=20, what="the heir completes it")
    before = crowd.app.open().reader.get([slow]).wait()
    zombie.send_signal(signal.SIGCONT)
    until(lambda: any(line.what == "end" and line.fence == first.fence for line in crowd.lines()),
          seconds=20, what="the zombie ends its run of the job")  # fmt: skip
    zombie.terminate()
    zombie.wait(20)
    assert crowd.app.open().reader.get([slow]).wait() == before
    assert before[0] is not None
    assert before[0].fence == second.fence > first.fence
