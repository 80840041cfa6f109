"""Real worker processes over one store, the ledger of what they did, and the judge of it."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tests.house.source import ROOT
from tidemill import State, Tidemill
from tidemill.core.identity import new_id
from tidemill.core.instants import Millis
from tidemill.core.job import NewJob
from tidemill.core.limits import KeyLimit
from tidemill.core.retry import RetryPolicy
from tidemill.loops.clock import SystemClock
from tidemill.loops.failpoint import VARIABLE

HERE = Path(__file__).parent


class Line(NamedTuple):
    """One line of the ledger."""

    what: str
    job: str
    attempt: int
    fence: int
    pid: int
    at: float


class Crowd:
    """Worker processes that are started, killed, stopped and waited for."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.ledger_path = folder / "ledger"
        self.app = Tidemill(self.url)
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        name: str,
        failpoints: str = "",
        *,
        clock: Path | None = None,
        release: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a worker process, perhaps with something that will kill it, or a clock to wind.

        Args:
            release: the folder of another release, for it to be one of that.
        """
        environment = self.environment(release) | {"CLOCK": str(clock or ""), VARIABLE: failpoints}
        with self.log_of(name).open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "ledger_app", name],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(worker)
        return worker

    def environment(self, release: Path | None = None) -> dict[str, str]:
        """What a process needs in order to work on this store, as this release or another one."""
        folders = [HERE, ROOT] if release is None else [release, HERE, ROOT]
        return os.environ | {
            "TIDEMILL_URL": self.url,
            "LEDGER": str(self.ledger_path),
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
        }

    def log_of(self, name: str) -> Path:
        """Where a worker of this name writes what it has to say."""
        return self.ledger_path.with_name(f"{name}.log")

    def enqueue(
        self,
        task: str,
        numbers: Iterable[int],
        *,
        delay: Millis = 0,
        limit: KeyLimit | None = None,
    ) -> list[str]:
        """Enqueue a task of the ledger application once for each number."""
        due_at = SystemClock().now() + delay if delay else None
        jobs = [
            NewJob(
                id=new_id(),
                task=task,
                args=b'{"number":%d}' % number,
                due_at=due_at,
                limit=limit,
                retry=RetryPolicy(attempts=5, shape="fixed", base=50, jitter=False),
            )
            for number in numbers
        ]
        self.app.open().jobs.insert(jobs).wait()
        return [job.id for job in jobs]

    def lines(self) -> list[Line]:
        """The ledger so far."""
        if not self.ledger_path.exists():
            return []
        return [
            Line(what, job, int(attempt), int(fence), int(pid), float(at))
            for what, job, attempt, fence, pid, at in (
                line.split() for line in self.ledger_path.read_text().splitlines()
            )
        ]

    def states(self, ids: list[str]) -> dict[State, int]:
        """How many of these jobs are in which state."""
        counts: defaultdict[State, int] = defaultdict(int)
        for found in self.app.open().reader.get(ids).wait():
            counts[found.state if found else State.CANCELLED] += 1
        return dict(counts)

    def all_completed(self, ids: list[str]) -> bool:
        """Whether every one of these jobs has completed."""
        return self.states(ids) == {State.COMPLETED: len(ids)}

    def end(self) -> None:
        """Kill whoever is left."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait()
        self.app.close()


def until(condition: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Look again and again until it holds; answer how long that took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - begun


def judge(crowd: Crowd, ids: list[str]) -> None:
    """Nothing lost, nothing done that the guarantees do not allow."""
    starts: defaultdict[str, list[Line]] = defaultdict(list)
    for line in crowd.lines():
        if line.what == "start":
            starts[line.job].append(line)
    for found in crowd.app.open().reader.get(ids).wait():
        assert found is not None, "lost"
        assert found.state is State.COMPLETED, f"{found.id} is {found.state}: {found.error}"
        mine = starts[found.id]
        attempts = [line.attempt for line in mine]
        # Each start is an attempt of its own, and only what a dead worker held starts again.
        assert len(attempts) == len(set(attempts)), f"{found.id} ran twice as one attempt"
        assert 1 <= len(mine) <= found.attempt <= found.max_attempts
        fences = [line.fence for line in sorted(mine, key=lambda line: line.at)]
        assert fences == sorted(set(fences)), "a fence went back"
        assert found.fence == max(fences), "completed by one that was not the last"
