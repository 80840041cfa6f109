"""Processes that are stopped in their tracks and wake up again: what they then say is refused."""

import fcntl
import signal
import subprocess
import time
from contextlib import nullcontext
from pathlib import Path

from tests.journeys.crowd import Crowd, until
from tests.journeys.figures import Figures, figures
from tests.journeys.history import examine, overlaps, refusals
from tests.journeys.stage import Stage, until_over
from tidemill import Tidemill
from tidemill.core.errors import StoreError, StoreLocked
from tidemill.core.limits import KeyLimit

LEASE = 3.0
HELD = 4
"""Jobs that a worker is running when it is stopped."""

LIMIT = KeyLimit("account", HELD)

LONGEST_REST = 10.0
"""Seconds that a server lets a transaction stand still."""


def freeze(crowd: Crowd, process: subprocess.Popen[bytes]) -> None:
    """Stop a process; on a file between two of its writes: in one, it would stop us all.

    On a server a transaction that stands still is ended before long.
    """
    pen = crowd.beside("jobs.db.pen")
    with pen.open("rb+") if pen.exists() else nullcontext() as held:
        if held is not None:
            fcntl.flock(held, fcntl.LOCK_EX)
        process.send_signal(signal.SIGSTOP)
        until(lambda: is_stopped(process.pid), seconds=20, what="the process stands still")


def is_stopped(pid: int) -> bool:
    """Whether each thread of a process stands still."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return all((each / "stat").read_text().rpartition(")")[2].split()[0] == "T" for each in threads)


def zombies(stage: Stage, rounds: int) -> Figures:
    """A worker is stopped for two leases; another one does its jobs; then it wakes up and reports.

    Each round has workers of its own. A recovery is the time from the stop until another one begins
    a job that the stopped one holds.
    """
    ids: list[str] = []
    flaws: list[str] = []
    recoveries: list[float] = []
    for number in range(rounds):
        mine = stage.crowd.enqueue("long", [number] * HELD, limit=LIMIT)
        ids += mine
        recoveries += _outlive(stage.crowd, number, mine, flaws)
    return figures(examine(stage.crowd, ids), recoveries=recoveries, more=flaws)


def _outlive(crowd: Crowd, number: int, ids: list[str], flaws: list[str]) -> list[float]:
    """Stop one worker and let another one do its jobs; seconds until it began each."""
    zombie = crowd.start(f"zombie-{number}")
    until(lambda: len(crowd.starts(ids)) == HELD, seconds=30, what="the zombie runs them all")
    stale = {(line.job, line.fence) for line in crowd.starts(ids)}
    freeze(crowd, zombie)
    stopped_at = time.monotonic()
    heir = crowd.start(f"heir-{number}")
    until(lambda: len(crowd.starts(ids)) > HELD, seconds=30, what="the heir begins one again")
    crowd.beside(f"ledger.{number}").touch()
    until(lambda: crowd.all_completed(ids), seconds=30, what="the heir completes them")
    time.sleep(max(stopped_at + 2 * LEASE - time.monotonic(), 0))
    before = crowd.app.open().reader.get(ids).wait()
    zombie.send_signal(signal.SIGCONT)
    if not until_over(lambda: stale <= {(r.job, r.fence) for r in refusals(crowd)}, 30):
        flaws.append("not every stale completion was refused")
    if not until_over(lambda: _most_refused(crowd) >= HELD, 10):
        flaws.append("the worker does not tell of what it was refused")
    if crowd.app.open().reader.get(ids).wait() != before:
        flaws.append("a stale completion changed a job")
    flaws += _look_at_limit(crowd, 1_000 + number)
    for worker in (zombie, heir):
        worker.terminate()
        worker.wait(30)
    return [line.at - stopped_at for line in crowd.starts(ids)[HELD:]]


def _most_refused(crowd: Crowd) -> int:
    """The most of which a worker says that it was refused."""
    return max(int(worker.info["refused"]) for worker in crowd.app.jobs.workers())


def _look_at_limit(crowd: Crowd, number: int) -> list[str]:
    """Fill the limit: rightly counted, it lets in as many as it says, and not one more."""
    ids = crowd.enqueue("long", [number] * (HELD + 3), limit=LIMIT)
    until_over(lambda: len(crowd.starts(ids)) >= HELD, 20)
    crowd.beside(f"ledger.{number}").touch()
    until(lambda: crowd.all_completed(ids), seconds=30, what="what was limited is completed")
    wanted = set(ids)
    most = overlaps([line for line in crowd.lines() if line.job in wanted], {})
    return [f"{most} ran at once under a limit of {HELD}"] * (most != HELD)


def frozen_inside(stage: Stage, place: str) -> Figures:
    """A worker stands still in the middle of a write, under the lock of the store.

    On a server the others go on when the server ends its transaction; on a file when it is woken.
    A recovery is the time from the stop until another process has written.
    """
    crowd = stage.crowd
    on_server = crowd.url.startswith("postgresql")
    patience = "10s" if on_server else "2s"
    with Tidemill(f"{crowd.url}{'&' if '?' in crowd.url else '?'}patience={patience}") as other:
        victim = crowd.start("victim", f"{place}=stop@1")
        ids = crowd.enqueue("quick", range(40), limit=KeyLimit("account", 40))
        until(lambda: is_stopped(victim.pid), seconds=30, what="the worker stands still")
        stopped_at = time.monotonic()
        said = _refusals_until_written(other, None if on_server else victim)
        waited = time.monotonic() - stopped_at
    flaws = []
    if not all(isinstance(error, StoreLocked) and error.hint for error in said):
        flaws.append(f"who was kept waiting was told {said}")
    if not on_server and not all(str(victim.pid) in str(error) for error in said):
        flaws.append("the message does not name the process")
    if waited > LONGEST_REST + 2:
        flaws.append(f"others were kept waiting for {waited:.1f} s")
    assert said, "nobody was kept waiting"
    victim.send_signal(signal.SIGCONT)
    crowd.start("heir")
    return figures(stage.settle_down(ids), recoveries=[waited], more=flaws)


def _refusals_until_written(
    app: Tidemill, holder: subprocess.Popen[bytes] | None
) -> list[StoreError]:
    """Write until it is done, waking the one that holds the lock after the first refusal."""
    said: list[StoreError] = []
    while len(said) < 10:
        try:
            app.queues.limit("elsewhere", most=5)
        except StoreError as error:
            said.append(error)
            if holder is not None:
                holder.send_signal(signal.SIGCONT)
        else:
            break
    return said
