"""Looking at how far the demo has come, through nothing but the public API."""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tidemill import Job, State, Tidemill
from tidemill.demo.harvest import failure_of
from tidemill.demo.report import Failure

WINDOW: Final = 5.0
"""Seconds over which a rate is taken."""

EARLIER: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Before the demo began, whatever the clock says: its store is its own."""


@dataclass(frozen=True)
class Queue:
    """One queue at one moment.

    Attributes:
        states: how many jobs are in each state, by its name.
        rate: jobs that finished per second lately.
    """

    name: str
    states: dict[str, int]
    rate: float


@dataclass(frozen=True)
class Look:
    """What there is to be seen at one moment.

    Attributes:
        total: files to be measured.
        finished: of them, those that were measured or refused.
        seconds: since the first look.
        failures: files refused for good, the latest first.
        workers: pids of the worker processes.
        restarts: worker processes that had to be started anew so far.
    """

    total: int
    finished: int
    seconds: float
    queues: tuple[Queue, ...]
    failures: tuple[Failure, ...]
    workers: tuple[int, ...]
    restarts: int


class Pace:
    """How many per second, over the last few seconds."""

    def __init__(self, window: float = WINDOW) -> None:
        """Begin without a past."""
        self._window = window
        self._past: deque[tuple[float, int]] = deque()

    def per_second(self, at: float, count: int) -> float:
        """Note how many there are by now, and answer how many came per second.

        Args:
            at: seconds by a clock that never goes back.
            count: how many there are in all.
        """
        self._past.append((at, count))
        # The last look before the window began stays, so that the window is covered as a whole.
        while len(self._past) > 1 and self._past[1][0] <= at - self._window:
            self._past.popleft()
        since, before = self._past[0]
        return (count - before) / (at - since) if at > since else 0.0


class Watch:
    """Looks again and again, and remembers what a single look cannot tell."""

    def __init__(
        self,
        app: Tidemill,
        report: Job[Any],
        *,
        queues: Sequence[str],
        total: int,
        processes: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Watch a batch of files being measured.

        Args:
            app: where its jobs are.
            report: the job that runs when all of them have finished.
            queues: those to be shown, that of the files first.
            total: how many files there are.
            processes: how many worker processes there should be.
            now: seconds by a clock that never goes back.
        """
        self._app = app
        self._report = report
        self._files = queues[0]
        self._total = total
        self._processes = processes
        self._now = now
        self._begun = now()
        self._paces = {queue: Pace() for queue in queues}
        self._sessions: set[int] = set()

    def look(self) -> Look:
        """Look once."""
        jobs = self._app.jobs
        at = self._now()
        completed = self._completed()
        failed = list(jobs.find(batch=self._report, states=[State.FAILED, State.CANCELLED]))
        states: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for count in jobs.counts():
            states[count.queue][str(count.state)] += count.count
        for queue in self._paces:
            states[queue]["completed"] = completed[queue]
        states[self._files]["failed"] = len(failed)
        workers = jobs.workers()
        self._sessions.update(worker.session for worker in workers)
        return Look(
            total=self._total,
            finished=completed[self._files] + len(failed),
            seconds=at - self._begun,
            queues=tuple(self._queue(name, states[name], at) for name in self._paces),
            failures=tuple(map(failure_of, failed)),
            workers=tuple(sorted(each.info["pid"] for each in workers if "pid" in each.info)),
            restarts=max(len(self._sessions) - self._processes, 0),
        )

    def _queue(self, name: str, states: Counter[str], at: float) -> Queue:
        ended = states["completed"] + states["failed"]
        return Queue(name, dict(states), self._paces[name].per_second(at, ended))

    def _completed(self) -> Counter[str]:
        """How many jobs of each queue have completed."""
        completed: Counter[str] = Counter()
        for bucket in self._app.jobs.statistics(EARLIER, step="day").buckets:
            if bucket.ending == "completed":
                completed[bucket.queue] += bucket.count
        return completed
