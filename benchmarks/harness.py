"""How all is measured here: a fresh process, a fresh folder, one clock, interleaved rounds."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
from msgspec import Struct

from benchmarks.machine import cpu_of, cpu_of_tree, memory_of
from benchmarks.scale import Scale
from benchmarks.stores import Stores

ROOT: Final = Path(__file__).parents[1]
PATIENCE: Final = 3_600.0
"""Seconds that one measurement may take beside what it watches; what hangs takes longer."""

SERVER: Final = "BENCH_SERVER"
"""The variable that tells a measurement the process of the store's server, if it has one."""

QUIET: Final = 0.02, 0.06
"""Seconds between two jobs of an idle system."""


class Sample(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one measurement came to.

    Attributes:
        figures: by name; the first one is what the contest is about, in its unit.
        cpu: CPU seconds for 10,000 jobs of the processes that did the work.
        server: the same of all processes of the store's server, if it has one.
        rss: megabytes that the largest of those that did the work had in the end.
    """

    figures: dict[str, float]
    cpu: float | None = None
    server: float | None = None
    rss: float | None = None


Work = Callable[[Path, Scale], Sample]
"""One measurement, done in a process of its own; the folder is its own, too."""

Stage = Callable[[Path, Scale], None]
"""Builds what several measurements look at, once before the rounds."""


class Subject(Struct, frozen=True, kw_only=True):
    """Something that is measured.

    Attributes:
        name: what the report calls it.
        promises: what an acknowledged write survives, and what else it does for its rate.
        work: measures it once.
        options: what the URL of its store ends with.
        stage: builds the folder that every round of it looks at; `None`: each begins empty.
    """

    name: str
    promises: str
    work: Work
    options: str = ""
    stage: Stage | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it is tidemill that is measured, not a peer or the bare store."""
        return not self.work.__module__.endswith((".raw", "_peer", "_peers"))


class Meter:
    """One clock, and the CPU and memory of some processes, over the body of a `with`.

    Attributes:
        seconds: how long the body took.
        cpu: CPU seconds that the processes spent meanwhile.
        server: CPU seconds that the store's server spent meanwhile, if it has one.
        rss: megabytes that the largest of them had in the end.

    Example:
        >>> with Meter() as meter:
        ...     jobs = sum(1 for _ in range(1000))
        >>> meter.rate(jobs).figures["rate"] > 0
        True
    """

    def __init__(self, *pids: int) -> None:
        """Watch these processes; none: this one."""
        self._pids = pids or (os.getpid(),)
        self._server = int(os.environ.get(SERVER) or 0)
        self._begun = 0.0
        self.seconds = 0.0
        self.cpu = 0.0
        self.server = 0.0
        self.rss = 0.0

    def __enter__(self) -> Self:
        self.cpu = self._cpu_now()
        self.server = self._server_now()
        self._begun = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.seconds = time.perf_counter() - self._begun
        self.cpu = self._cpu_now() - self.cpu
        self.server = self._server_now() - self.server
        self.rss = max(map(memory_of, self._pids))

    def rate(self, jobs: int) -> Sample:
        """So many jobs as jobs per second, with what they cost."""
        return self.sample(jobs, rate=jobs / self.seconds)

    def sample(self, jobs: int, **figures: float) -> Sample:
        """Other figures about so many jobs, with what they cost."""
        per_10_000 = 10_000 / jobs
        return Sample(
            figures=figures,
            cpu=self.cpu * per_10_000,
            server=self.server * per_10_000 if self._server else None,
            rss=self.rss,
        )

    def _cpu_now(self) -> float:
        return sum(map(cpu_of, self._pids))

    def _server_now(self) -> float:
        return cpu_of_tree(self._server) if self._server else 0.0


def until(holds: Callable[[], bool], what: str, *, every: float = 0.005) -> None:
    """Look again and again until something holds.

    Raises:
        TimeoutError: it never did.
    """
    give_up = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > give_up:
            raise TimeoutError(f"waited {PATIENCE:.0f} s in vain until {what}")
        time.sleep(every)


def idle() -> None:
    """Let the system come to rest, for a time that falls in step with nothing."""
    time.sleep(random.uniform(*QUIET))


def quantile(values: Sequence[float], share: float) -> float:
    """The value that such a share of all values is not above.

    Example:
        >>> quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 0.99)
        (2, 3)
    """
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class Harness:
    """Measures subjects in turns: A B C, A B C, so that a busy minute meets all of them alike."""

    def __init__(
        self, disk: Path, stores: Stores, scale: Scale, say: Callable[[str], None]
    ) -> None:
        """Work in a folder of one's own, to be removed in the end; `say` is told what happens."""
        self._disk = disk
        self._stores = stores
        self._scale = scale
        self._say = say
        self._server = str(stores.server or "")
        self._stages: dict[Stage, Path] = {}

    def run(self, subjects: Sequence[Subject], runs: int) -> dict[str, list[Sample]]:
        """The samples of each subject by its name, one of each round, in order."""
        samples: dict[str, list[Sample]] = {subject.name: [] for subject in subjects}
        for subject in subjects:
            if subject.stage is not None and subject.stage not in self._stages:
                self._build(subject.stage)
        for round_ in range(1, runs + 1):
            for subject in subjects:
                self._say(f"{round_} of {runs}: {subject.name}")
                samples[subject.name].append(self._measure(subject))
        return samples

    def _build(self, stage: Stage) -> None:
        """Build what is measured more than once, and by more than one contest."""
        self._say(f"building: {stage.__name__}")
        folder = self._fresh_folder()
        self._call(stage, folder)
        self._stores.settle(folder)
        self._stages[stage] = folder

    def _measure(self, subject: Subject) -> Sample:
        folder = self._stages[subject.stage] if subject.stage else self._fresh_folder()
        sample = msgspec.json.decode(self._call(subject.work, folder, subject.options), type=Sample)
        if subject.stage is None:
            self._stores.drop(folder)
            shutil.rmtree(folder)
        return sample

    def _fresh_folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="bench-", dir=self._disk))

    def _call(self, function: Work | Stage, folder: Path, options: str = "") -> bytes:
        """Call a function of a benchmark in a process of its own; answer what it printed."""
        # What was left to be written by the one before must not slow this one down.
        os.sync()
        name = f"{function.__module__}:{function.__name__}"
        scale = msgspec.json.encode(self._scale).decode()
        command = [sys.executable, "-m", "benchmarks.cell", name, str(folder), scale]
        env = {"TIDEMILL_URL": self._stores.url(folder) + options, SERVER: self._server}
        return _printed(command, os.environ | env, PATIENCE + self._scale.watched)


def _printed(command: list[str], env: dict[str, str], patience: float) -> bytes:
    """What a program has printed; one that is given up takes along all that it has started."""
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            printed, _ = process.communicate(timeout=patience)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return printed
