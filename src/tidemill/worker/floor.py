"""The floor: the jobs that this worker holds, those in line and those that run."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from tidemill.core.caution import is_apart
from tidemill.core.errors import UnknownTask
from tidemill.core.instants import Millis
from tidemill.core.job import Claim
from tidemill.core.outcome import Interrupted, Outcome
from tidemill.loops.bell import Bell
from tidemill.loops.ticker import Ticker
from tidemill.tasks.options import Executor as Kind
from tidemill.tasks.registry import Registry
from tidemill.worker.completer import Completer
from tidemill.worker.executors.executor import Executor
from tidemill.worker.run import Run, Stop, Surroundings
from tidemill.worker.runner import stopped, unknown
from tidemill.worker.slots import Load, Slots

_REST: Final[Millis] = 60_000

LONGEST_IN_LINE: Final = 2.0
"""Seconds after which a job that has not begun is handed back, so that another worker takes it."""


class Floor:
    """Takes claims, hands them to executors, and passes on what they come to.

    Attributes:
        changed: rung when a job has ended.
        deadlines: stops the runs whose timeout has passed; to be started with the worker.
    """

    def __init__(
        self,
        tasks: Registry,
        slots: Slots,
        completer: Completer,
        around: Surroundings,
        changed: Bell,
    ) -> None:
        """Begin empty, and without executors: they come with `open`; see above for `changed`."""
        self._tasks = tasks
        self._slots = slots
        self._completer = completer
        self._around = around
        self._clock = around.clock
        self._executors: Mapping[Kind, Executor] = {}
        self._held: dict[Kind, set[Run]] = {}
        self._earliest = float("inf")
        self._apart: Run | None = None
        self.changed = changed
        self.deadlines = Ticker("watching timeouts", around.clock, _REST, self._enforce)

    def open(self, executors: Mapping[Kind, Executor]) -> None:
        """Begin to use these; they deliver to `end`."""
        self._executors = executors
        self._held = {kind: set() for kind in executors}

    def __iter__(self) -> Iterator[Run]:
        """Every run that is held."""
        return iter([run for runs in self._held.values() for run in runs])

    def __len__(self) -> int:
        return sum(len(runs) for runs in self._held.values())

    @property
    def begun(self) -> list[Run]:
        """The runs whose code runs."""
        return [run for run in self if run.began_at is not None]

    @property
    def holds_apart(self) -> bool:
        """Whether one of the jobs held must be the only one of its kind here, see `Caution`."""
        apart = self._apart
        if apart is None:
            return False
        return not apart.settled or any(c is apart.claim for c in self._completer.claims)

    def loads(self) -> dict[Kind, Load]:
        """What each executor has now."""
        return {
            kind: Load(len(self._held[kind]), executor.waiting)
            for kind, executor in self._executors.items()
        }

    def admit(self, claims: Sequence[Claim], seconds: float) -> None:
        """Take the jobs of a claim that took so long, and have them begun in this order."""
        now = self._clock.monotonic()
        lots: dict[Kind, list[Run]] = {}
        kinds: list[Kind] = []
        for claim in claims:
            try:
                task = self._tasks.get(claim.task)
            except UnknownTask as error:
                self._completer.put(claim, unknown(error))
                continue
            kind = task.options.executor
            kinds.append(kind)
            run = Run(claim, task, self._around, now)
            lots.setdefault(kind, []).append(run)
            if is_apart(claim):
                self._apart = run
        self._slots.claimed(kinds, seconds)
        for kind, runs in lots.items():
            self._held[kind].update(runs)
            self._expect(runs, now)
            self._executors[kind].push(runs)

    def refuse(self, claims: Sequence[Claim]) -> None:
        """Hand jobs back at once that came under a lease which was lost meanwhile."""
        for claim in claims:
            self._completer.put(claim, Interrupted())

    def end(self, run: Run, outcome: Outcome) -> None:
        """Pass on what a run came to whose code has ended."""
        kind = run.task.options.executor
        self._held[kind].discard(run)
        if run.began_at is not None:
            self._slots.ended(kind, self._clock.monotonic() - run.began_at)
        self._settle(run, outcome)
        self.changed.ring()

    def stop(self, run: Run, why: Stop) -> None:
        """Ask a run to stop, and have its executor end it as far as it can."""
        run.ask(why, self._clock.monotonic())
        self._executors[run.task.options.executor].stop(run)

    def cancel(self, ids: Iterable[str]) -> None:
        """Ask the runs of these jobs to stop because a person has cancelled them."""
        wanted = set(ids)
        for run in self:
            if run.claim.id in wanted:
                self.stop(run, Stop.CANCEL)

    def hand_back(self, *, waited: float = 0.0) -> int:
        """Give back the jobs that have not begun and have waited so many seconds; how many."""
        before = self._clock.monotonic() - waited
        taken = 0
        for kind, executor in self._executors.items():
            for run in executor.take_back(before if waited else float("inf")):
                taken += 1
                self._held[kind].discard(run)
                self._settle(run, Interrupted())
        return taken

    def kill(self) -> None:
        """End at once whatever can be ended among what has been asked to stop."""
        for executor in self._executors.values():
            executor.kill()

    def close(self) -> None:
        """Let go of threads and child processes."""
        for executor in self._executors.values():
            executor.close()

    async def _enforce(self) -> Millis | None:
        """Stop the runs whose timeout has passed; answer when to look again."""
        now = self._clock.monotonic()
        if now >= self._earliest:
            self._earliest = float("inf")
            for run in self:
                self._enforce_on(run, now)
        if self._earliest == float("inf"):
            return None
        return max(math.ceil((self._earliest - now) * 1_000), 1)

    def _enforce_on(self, run: Run, now: float) -> None:
        if run.asked is None and run.began_at is not None and now >= run.due_at(now):
            self.stop(run, Stop.TIMEOUT)
        if run.asked is Stop.TIMEOUT:
            self._give_up(run, now)
        elif run.asked is None:
            self._earliest = min(self._earliest, run.due_at(now))

    def _expect(self, runs: Sequence[Run], now: float) -> None:
        """Have the deadlines looked at no later than when the first of these would be due."""
        earliest = min(run.due_at(now) for run in runs)
        if earliest < self._earliest:
            self._earliest = earliest
            self.deadlines.wake()

    def _give_up(self, run: Run, now: float) -> None:
        """Report a run that did not stop in the time that its executor gives it; it is held on."""
        ends_at = run.asked_at + self._executors[run.task.options.executor].patience
        if now < ends_at:
            self._earliest = min(self._earliest, ends_at)
        elif not run.settled:
            self._settle(run, stopped(run, really=False))

    def _settle(self, run: Run, outcome: Outcome) -> None:
        if run.settled:
            return
        run.settled = True
        self._completer.put(run.claim, outcome, run.noted, completing=run.completing)
