"""Real processes over one store, and the ledger of what they did."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

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
GIVEN_PATH = list(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))


class Line(NamedTuple):
    """One line of the ledger."""

    what: str
    job: str
    attempt: int
    fence: int
    pid: int
    at: float


class Crowd:
    """Worker processes that are started, killed, stopped and waited for.

    Attributes:
        asked: ids of all jobs that were asked for, whether anyone was told that they are stored.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.ledger_path = folder / "ledger"
        self.app = Tidemill(self.url)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.asked: set[str] = set()
        self._lines: list[Line] = []
        self._read = 0
        self._reading = threading.Lock()

    def reach(self, url: str) -> None:
        """Reach the same store by another URL; before anyone does."""
        self.url = url
        self.app = Tidemill(url)

    def start(
        self,
        name: str,
        failpoints: str = "",
        *,
        clock: Path | None = None,
        lease: str = "3s",
        release: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a worker process, perhaps with something that will kill it, or a clock to wind.

        Args:
            release: the folder of another release, for it to be one of that.
        """
        settings = {"CLOCK": str(clock or ""), "LEASE": lease}
        return self.run("ledger_app", name, failpoints, release=release, **settings)

    def run(
        self,
        program: str,
        name: str,
        failpoints: str = "",
        *,
        release: Path | None = None,
        **settings: str,
    ) -> subprocess.Popen[bytes]:
        """Start a program of ours beside the store, with a log of its own."""
        environment = self.environment(release) | settings | {VARIABLE: failpoints}
        with self.log_of(name).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", program, name],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(process)
        return process

    def beside(self, name: str) -> Path:
        """A file beside the ledger."""
        return self.ledger_path.with_name(name)

    def logs(self) -> str:
        """What all processes have logged so far."""
        return "".join(log.read_text() for log in sorted(self.ledger_path.parent.glob("*.log")))

    def environment(self, release: Path | None = None) -> dict[str, str]:
        """What a process needs in order to work on this store, as this release or another one."""
        # What we were given ourselves goes first: it may be a copy with a bug planted in it.
        own = GIVEN_PATH if release is None else [release]
        folders = [*own, HERE, ROOT]
        return os.environ | {
            "TIDEMILL_URL": self.url,
            "LEDGER": str(self.ledger_path),
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
        }

    def log_of(self, name: str) -> Path:
        """Where a worker of this name writes what it has to say."""
        return self.beside(f"{name}.log")

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
            msgspec.structs.replace(a_job(task, number), due_at=due_at, limit=limit)
            for number in numbers
        ]
        self.asked.update(job.id for job in jobs)
        self.app.open().jobs.insert(jobs).wait()
        return [job.id for job in jobs]

    def lines(self) -> list[Line]:
        """The ledger so far; of several threads that ask, each new line is read by one."""
        if not self.ledger_path.exists():
            return []
        with self._reading, self.ledger_path.open("rb") as ledger:
            ledger.seek(self._read)
            whole, _, _ = ledger.read().rpartition(b"\n")
            if whole:
                self._read += len(whole) + 1
                self._lines += [_line(text) for text in whole.decode().split("\n")]
            return list(self._lines)

    def starts(self, ids: Iterable[str]) -> list[Line]:
        """The starts of these jobs so far."""
        wanted = set(ids)
        return [line for line in self.lines() if line.what == "start" and line.job in wanted]

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


def _line(text: str) -> Line:
    what, job, attempt, fence, pid, at = text.split()
    return Line(what, job, int(attempt), int(fence), int(pid), float(at))


def until(condition: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Look again and again until it holds; answer how long that took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - begun


def a_job(task: str, number: int, *, attempts: int = 5, crashes: int = 3) -> NewJob:
    """A job of the ledger application; it waits but a moment between two attempts."""
    policy = RetryPolicy(attempts, shape="fixed", base=50, jitter=False, crashes=crashes)
    return NewJob(id=new_id(), task=task, args=b'{"number":%d}' % number, retry=policy)
