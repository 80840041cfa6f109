"""Who works for an application of `examples/`: a thread of this process, or real ones that die.

A suite puts its application to work by the fixture `workforce`, and asks for results:

    with workforce.at_work(finance.app, ["examples.finance.worker", "--url", url, ...]):
        ...

Left alone, that is a worker on a thread here, which is quick. With a seed it is two processes, in
which `main()` of the named module runs with the arguments behind it, over the same store and
folder. One of them is killed with SIGKILL again and again, at moments that the seed decides, and
replaced at once. Results have to be the same, so a suite asserts what jobs come to, and not how
many attempts that takes.

There are two ways to give a seed:

    KILL_EXAMPLES=7 ./dev test tests/examples -k postgres     # every suite, for half an hour

    @pytest.mark.parametrize("kills", [7])                     # one test, in every run
    def test_...(workforce: Workforce, ...) -> None:

What a job is promised is kept: one that has its last attempt, or has lost two workers, is not
robbed of another one.
"""

import asyncio
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from tests.house.source import ROOT
from tests.journeys.crowd import until as _until
from tidemill import State, Tidemill
from tidemill.core.job import Snapshot

PROCESSES: Final = 2
PEACE: Final = (0.05, 1.0)
"""Seconds that pass at least and at most from when a death was got over until the next one."""

SEED: Final = int(os.environ["KILL_EXAMPLES"]) if os.environ.get("KILL_EXAMPLES") else None
"""The seed of this run; `None`: nobody is killed unless a test says so."""

LONGER: Final = 1 if SEED is None else 6
"""How many times as long a suite waits for jobs whose workers are killed all the time."""

QUICK: Final = {
    # They are killed beside whatever else the machine does: who is slow is not to be taken for dead
    # as well, for a job that has lost three workers is given up.
    "TIDEMILL_WORKER_LEASE": "4s" if SEED is None else "8s",
    "TIDEMILL_WORKER_HEARTBEAT": "500ms",
    "TIDEMILL_WORKER_POLL": "200ms",
}
"""Settings of workers whose jobs are soon given to others when they die."""

_PATIENCE: Final = 30.0
_LOOK: Final = 0.1
_MOST_CRASHES: Final = 1
"""Of what a job may lose, one is left to a machine on which somebody is slow; see `QUICK`."""


def until(condition: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Look again and again until it holds; answer how long that took.

    Args:
        condition: what is waited for.
        seconds: in which it has to come where nobody is killed.
        what: names it.
    """
    return _until(condition, seconds=seconds * LONGER, what=what)


class Workforce:
    """Puts applications to work.

    Attributes:
        kills: the seed of the killing; `None`: nobody is killed.
    """

    def __init__(self, folder: Path, kills: int | None) -> None:
        self.kills = kills
        self._folder = folder
        self._mortals: Mortals | None = None

    @property
    def deaths(self) -> int:
        """How many workers were killed so far."""
        return self._mortals.deaths if self._mortals else 0

    @contextmanager
    def at_work(
        self, app: Tidemill, command: Sequence[str], *, most: int | None = None
    ) -> Iterator[None]:
        """Have work done until the block ends.

        Args:
            app: the application, as it is here.
            command: the module of a worker of it, and what its `main()` finds in `sys.argv`.
            most: so many are killed at most, each of whom costs a suite some seconds.
        """
        if self.kills is None:
            with beside(app):
                yield
            return
        dice = random.Random(self.kills)
        self._mortals = Mortals(app, command, self._folder, dice, most)
        with self._mortals.dying():
            yield


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
        deaths: how many were killed so far.
    """

    def __init__(
        self,
        app: Tidemill,
        command: Sequence[str],
        folder: Path,
        dice: random.Random,
        most: int | None,
    ) -> None:
        self.deaths = 0
        self._most = most
        self._app = app
        self._command = [sys.executable, "-m", "tests.examples.nursery", *command]
        self._folder = folder
        self._dice = dice
        self._enough = threading.Event()
        self._living: list[psutil.Process] = []
        self._trouble: list[BaseException] = []

    @contextmanager
    def dying(self) -> Iterator[None]:
        """Have them work, and die, until the block ends; then nobody is left."""
        with self._nursery() as nursery:
            self._living = [_born(nursery) for _ in range(PROCESSES)]
            reaper = threading.Thread(target=self._reap, args=(nursery,), name="reaper")
            reaper.start()
            try:
                yield
            finally:
                self._enough.set()
                reaper.join()
                for process in self._living:
                    process.kill()
                psutil.wait_procs(self._living, _PATIENCE)
        if self._trouble:
            raise self._trouble[0]

    @contextmanager
    def _nursery(self) -> Iterator[subprocess.Popen[str]]:
        path = [*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT)]
        with (
            (self._folder / "workers.log").open("ab") as log,
            subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=os.environ | QUICK | {"PYTHONPATH": os.pathsep.join(path)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            ) as nursery,
        ):
            yield nursery

    def _reap(self, nursery: subprocess.Popen[str]) -> None:
        try:
            while not self._enough.wait(self._dice.uniform(*PEACE)):
                if self.deaths == self._most:
                    return
                number = self._dice.randrange(PROCESSES)
                victim = self._living[number]
                assert victim.is_running(), f"worker {victim.pid} has ended; see {self._folder}"
                if (session := self._killed(victim)) is not None:
                    self.deaths += 1
                    self._living[number] = _born(nursery)
                    # Whoever dies with the duty to rescue jobs leaves it to others in five seconds:
                    # were one of them to die before that each time, nobody would ever do it.
                    while self._held(session) and not self._enough.wait(_LOOK):
                        pass
        except BaseException as error:  # noqa: BLE001 - it is raised where the block ends
            self._trouble.append(error)

    def _killed(self, victim: psutil.Process) -> int | None:
        """Kill one, unless it has not begun or holds what may not lose another worker.

        Returns:
            The session under which it worked; `None`: it lives.
        """
        sessions = {worker.info["pid"]: worker.session for worker in self._app.jobs.workers()}
        session = sessions.get(victim.pid)
        if session is None:
            return None
        victim.suspend()  # from here on it takes no other job
        if any(_is_spared(job) for job in self._held(session)):
            victim.resume()
            return None
        victim.kill()
        victim.wait(_PATIENCE)
        return session

    def _held(self, session: int) -> list[Snapshot]:
        """The jobs that run under a session, as far as the store knows."""
        running = [job.seen for job in self._app.jobs.find(states=[State.RUNNING])]
        return [job for job in running if job is not None and job.worker == session]


def _is_spared(job: Snapshot) -> bool:
    return job.crashes >= _MOST_CRASHES or job.attempt >= job.max_attempts


def _born(nursery: subprocess.Popen[str]) -> psutil.Process:
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write("one\n")
    nursery.stdin.flush()
    told = nursery.stdout.readline()
    assert told, "the program could not be loaded; see workers.log"
    return psutil.Process(int(told))
