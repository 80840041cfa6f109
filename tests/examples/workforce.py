"""Who works for an application of `examples/`: a thread of this process, or real ones that die.

A suite puts its application to work by the fixture `workforce`, and asks for results:

    with workforce.at_work(site.app, ["-m", "examples.finance.worker", "--url", url, ...]):
        ...

Left alone, that is a worker on a thread here, which is quick. With a seed it is two processes, made
by the command, one of which is killed with SIGKILL again and again, at moments that the seed
decides, and replaced at once. Results have to be the same, so a suite asserts what jobs come to,
and not how many attempts that takes.

There are two ways to give a seed:

    KILL_EXAMPLES=7 ./dev test tests/examples -k postgres      # every suite, all of it

    @pytest.mark.parametrize("kills", [7])                     # one test, in every run
    def test_...(workforce: Workforce, ...) -> None:

The command has to make the same application over the same store and folder. What a job is promised
is kept: one that has its last attempt, or has lost two workers, is not robbed of a third.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.house.source import ROOT
from tests.journeys.crowd import until
from tidemill import State, Tidemill

PROCESSES: Final = 2
LONGEST_PEACE: Final = 0.6
"""Seconds that at most pass between all being at work and the next death."""

SEED: Final = int(os.environ["KILL_EXAMPLES"]) if os.environ.get("KILL_EXAMPLES") else None
"""The seed of this run; `None`: nobody is killed unless a test says so."""

QUICK: Final = {
    "TIDEMILL_WORKER_LEASE": "2s",
    "TIDEMILL_WORKER_HEARTBEAT": "500ms",
    "TIDEMILL_WORKER_POLL": "200ms",
}
"""Settings of workers whose jobs are soon given to others when they die."""

_START: Final = 60.0
_MOST_CRASHES: Final = 2


class Workforce:
    """Puts applications to work.

    Attributes:
        kills: the seed of the killing; `None`: nobody is killed.
        deaths: how many workers were killed so far.
    """

    def __init__(self, folder: Path, kills: int | None) -> None:
        self.kills = kills
        self.deaths = 0
        self._folder = folder

    @contextmanager
    def at_work(self, app: Tidemill, command: Sequence[str]) -> Iterator[None]:
        """Have work done until the block ends.

        Args:
            app: the application, as it is here.
            command: what Python is called with to start a worker of it in a process of its own.
        """
        if self.kills is None:
            with beside(app):
                yield
            return
        mortals = Mortals(app, command, self._folder, random.Random(self.kills))
        with mortals.dying():
            yield
        self.deaths += mortals.deaths


@contextmanager
def beside(app: Tidemill) -> Iterator[None]:
    """A worker on a thread of this process, until the block ends."""
    worker = app.worker(poll="50ms")
    thread = threading.Thread(target=lambda: asyncio.run(worker.run()), name="worker")
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


class Mortals:
    """Worker processes, one of which is killed again and again.

    Attributes:
        deaths: how many were killed.
    """

    def __init__(
        self, app: Tidemill, command: Sequence[str], folder: Path, dice: random.Random
    ) -> None:
        self.deaths = 0
        self._app = app
        self._command = [sys.executable, *command]
        self._folder = folder
        self._dice = dice
        self._enough = threading.Event()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._trouble: list[BaseException] = []

    @contextmanager
    def dying(self) -> Iterator[None]:
        """Have them work, and die, until the block ends; then nobody is left."""
        self._processes = [self._start() for _ in range(PROCESSES)]
        reaper = threading.Thread(target=self._reap, name="reaper")
        reaper.start()
        try:
            yield
        finally:
            self._enough.set()
            reaper.join()
            for process in self._processes:
                process.kill()
                process.wait()
        if self._trouble:
            raise self._trouble[0]

    def _start(self) -> subprocess.Popen[bytes]:
        path = [*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT)]
        with (self._folder / "workers.log").open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=os.environ | QUICK | {"PYTHONPATH": os.pathsep.join(path)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _reap(self) -> None:
        try:
            while not self._enough.is_set():
                until(self._all_work, seconds=_START, what=f"workers work; see {self._folder}")
                if self._enough.wait(self._dice.uniform(0.05, LONGEST_PEACE)):
                    return
                self._kill(self._dice.randrange(PROCESSES))
        except BaseException as error:  # noqa: BLE001 - it is raised where the block ends
            self._trouble.append(error)

    def _all_work(self) -> bool:
        ended = [each for each in self._processes if each.poll() is not None]
        assert not ended, f"a worker has ended by itself with {ended[0].returncode}"
        pids = {each.pid for each in self._processes}
        return self._enough.is_set() or pids <= self._sessions().keys()

    def _sessions(self) -> dict[int, int]:
        """The sessions of those that work now, by their pids."""
        return {worker.info["pid"]: worker.session for worker in self._app.jobs.workers()}

    def _kill(self, number: int) -> None:
        """Kill one, unless it holds what may not lose another worker; have one take its place."""
        victim = self._processes[number]
        session = self._sessions().get(victim.pid)
        victim.send_signal(signal.SIGSTOP)  # from here on it takes no other job
        held = [job.seen for job in self._app.jobs.find(states=[State.RUNNING])]
        spared = any(
            job is not None
            and job.worker == session
            and (job.crashes >= _MOST_CRASHES or job.attempt >= job.max_attempts)
            for job in held
        )
        if spared:
            victim.send_signal(signal.SIGCONT)
            return
        victim.kill()
        victim.wait()
        self.deaths += 1
        self._processes[number] = self._start()
