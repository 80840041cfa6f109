"""An application whose jobs are kept in memory for a while, and run when a test says so."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from tidemill.app import Tidemill
from tidemill.client.job import Job
from tidemill.client.task import Task
from tidemill.core.change import Cancel, Which
from tidemill.core.event import Event
from tidemill.core.instants import Duration, words
from tidemill.core.query import QueueCounts, StatisticsQuery
from tidemill.core.state import State
from tidemill.events.relay import Relay
from tidemill.schedules.tick import Scheduler
from tidemill.testing.clock import ManualClock

MOST_ROUNDS = 1_000
"""Rounds of jobs that enqueue jobs, after which a drain counts as one without an end."""


class Harness:
    """What a test holds while an application is in memory; made by `in_memory`.

    Attributes:
        app: the application.
        clock: the time that it goes by; it stands still until it is advanced.
    """

    def __init__(self, app: Tidemill, clock: ManualClock) -> None:
        """Hold the application."""
        self.app = app
        self.clock = clock

    def drain(self) -> int:
        """Run every job that is due, and those that they enqueue; answer how many attempts ended.

        Schedules that are due tick and events are handed over as well. Time does not pass: a job
        that is scheduled or retrying waits until the clock has been advanced. What a rule holds
        back, such as a paused queue, goes on waiting.

        Raises:
            AssertionError: there is always something due again.
        """
        return asyncio.run(self._drain())

    async def _drain(self) -> int:
        engine = await self.app.aopen()
        duties = (Scheduler(engine, self.clock), Relay(engine))
        before = ended = await self._ended()
        left: tuple[QueueCounts, ...] = ()
        for _ in range(MOST_ROUNDS):
            for duty in duties:
                while await duty.run_once() == 0:
                    pass
            await engine.jobs.promote(1_000)
            counts = await engine.reader.counts()
            stuck = counts == left and ended == await self._ended()
            if stuck or not any(each.state is State.WAITING for each in counts):
                return ended - before
            left = counts
            await self.app.worker(lease="1h", heartbeat="10m").run_until_idle()
            ended = await self._ended()
        raise AssertionError(f"jobs were still due after {MOST_ROUNDS} rounds")

    async def _ended(self) -> int:
        engine = await self.app.aopen()
        ever = StatisticsQuery(step="day", from_at=0, before=self.clock.now() + 1)
        return sum(bucket.count for bucket in await engine.reader.statistics(ever))

    def advance(self, duration: Duration) -> int:
        """Let time pass, then drain; answer how many attempts ended."""
        self.clock.advance(duration)
        return self.drain()

    def jobs(self, task: Task[..., Any] | str = "", **arguments: Any) -> list[Job[Any]]:
        """The jobs of a task, or all, newest first, whose arguments are, among others, these."""
        name = task.name if isinstance(task, Task) else task
        found = self.app.jobs.find(tasks=[name]) if name else self.app.jobs.find()
        return [job for job in found if _has(job, arguments)]

    def assert_enqueued(self, task: Task[..., Any] | str, **arguments: Any) -> Job[Any]:
        """Make sure that just one job of a task has these arguments, and answer it.

        Raises:
            AssertionError: there is none, or more; it says what there is.
        """
        found = self.jobs(task, **arguments)
        assert len(found) == 1, (  # noqa: S101 - asserting is what it is for
            f"{len(found)} jobs of {_name(task)} have {arguments or 'any arguments'}; "
            f"there are: {self._told() or 'no jobs at all'}"
        )
        return found[0]

    def assert_not_enqueued(self, task: Task[..., Any] | str, **arguments: Any) -> None:
        """Make sure that no job of a task has these arguments.

        Raises:
            AssertionError: there is one.
        """
        found = self.jobs(task, **arguments)
        assert not found, f"there is a job of {_name(task)}: {_tell(found[0])}"  # noqa: S101 - as above

    def assert_state(self, job: Job[Any], state: State | str) -> None:
        """Make sure that a job is in a state.

        Raises:
            AssertionError: it is in another one; the job's error is told.
        """
        seen = job.snapshot()
        why = f": {seen.error.kind}: {seen.error.message}" if seen.error else ""
        assert seen.state == state, f"job of {seen.task} is {seen.state}{why}"  # noqa: S101 - as above

    def events(self, pattern: str = "**") -> list[Event]:
        """The events of a pattern, oldest first."""
        return self.app.events.read(limit=10_000, pattern=pattern)

    def clear(self) -> None:
        """Cancel what has not run, so that a test may begin with nothing due."""
        engine = self.app.open()
        ids = tuple(job.id for job in self.jobs())
        engine.jobs.change(Which(ids=ids), Cancel("cleared by a test"), limit=len(ids) + 1).wait()

    def _told(self) -> str:
        return "; ".join(_tell(job) for job in self.jobs())


@contextmanager
def in_memory(app: Tidemill, clock: ManualClock | None = None) -> Iterator[Harness]:
    """Keep an application's jobs in memory, by a hand-wound clock, until the block ends.

    Example:
        >>> app = Tidemill("sqlite:///jobs.db")
        >>> @app.task(name="add")
        ... def add(a: int, b: int) -> int:
        ...     return a + b
        >>> with in_memory(app) as mill:
        ...     job = add.using(delay="10m").enqueue(1, 2)
        ...     mill.drain(), mill.advance("10m"), job.result(timeout=0)
        (0, 1, 3)
    """
    wound = clock or ManualClock()
    give_back = app.store.lend("memory://", wound)
    try:
        # As a worker does when it starts: from here on events are heard and schedules tick.
        app.schedules.publish()
        app.events.publish()
        yield Harness(app, wound)
    finally:
        give_back()


def _has(job: Job[Any], arguments: dict[str, Any]) -> bool:
    """Whether a job has been given these arguments, compared as the JSON that they are kept as."""
    seen = job.seen or job.snapshot()
    given = msgspec.json.decode(seen.args)
    return all(
        name in given and given[name] == msgspec.to_builtins(value)
        for name, value in arguments.items()
    )


def _name(task: Task[..., Any] | str) -> str:
    return task.name if isinstance(task, Task) else task


def _tell(job: Job[Any]) -> str:
    seen = job.seen or job.snapshot()
    due = words(max(seen.ready_at - seen.created_at, 0)) if seen.state is State.SCHEDULED else ""
    return f"{seen.task}({seen.args.decode()}) {seen.state}{' in ' + due if due else ''}"
