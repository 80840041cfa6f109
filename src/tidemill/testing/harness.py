"""An application whose jobs are kept in memory for a while, and run when a test says so."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from tidemill.app import Tidemill
from tidemill.client.job import Job
from tidemill.client.task import Task
from tidemill.core.change import Cancel, Which
from tidemill.core.event import Event
from tidemill.core.instants import Duration, millis, words
from tidemill.core.job import Snapshot
from tidemill.core.query import Bucket, QueueCounts, StatisticsQuery
from tidemill.core.rules import QueueRules, TaskRules
from tidemill.core.state import State
from tidemill.events.relay import Relay
from tidemill.schedules.tick import Scheduler
from tidemill.testing.clock import ManualClock

MOST_ATTEMPTS: Final = 100_000
"""Attempts after which a drain counts as one without an end, unless it is told otherwise."""

_LOOK_EVERY: Final = 0.25
"""Seconds between looks at a worker that may have no end."""


class Harness:
    """What a test holds while an application is in memory; made by `in_memory`.

    Attributes:
        app: the application.
        clock: the time that it goes by; it stands still until it is advanced.
    """

    def __init__(
        self, app: Tidemill, clock: ManualClock, services: Mapping[str, Any] | None = None
    ) -> None:
        """Hold the application, and what its handlers are given."""
        self.app = app
        self.clock = clock
        self._services = services

    def drain(self, *, most: int = MOST_ATTEMPTS, patience: Duration = "1m") -> int:
        """Run every job that is due, and those that they enqueue; answer how many attempts ended.

        What is declared in code is stored, schedules that are due tick, and events are handed
        over. Time does not pass: a job that is scheduled or retrying, or held back by a rate, waits
        until the clock has been advanced. A queue or task that is paused is left alone.

        Args:
            most: attempts after which it counts as one without an end.
            patience: how long a handler may take, by the clock on the wall.

        Raises:
            AssertionError: it has no end, or a handler has none; it says which.
        """
        return asyncio.run(self._drain(most, millis(patience) / 1_000))

    async def _drain(self, most: int, patience: float) -> int:
        engine = await self.app.aopen()
        await self._publish()
        duties = (Scheduler(engine, self.clock), Relay(engine))
        before = await self._ended()
        seen: tuple[int, tuple[QueueCounts, ...]] | None = None
        while True:
            for duty in duties:
                while await duty.run_once() == 0:
                    pass
            await engine.jobs.promote(1_000)
            counts = await engine.reader.counts()
            done = await self._ended() - before
            waiting = {each.queue for each in counts if each.state is State.WAITING}
            # What a worker has looked at and left as it was cannot start now.
            if not waiting or (done, counts) == seen:
                return done
            if done > most:
                raise AssertionError(await self._endless())
            seen = done, counts
            await self._work(waiting, before + most, patience)

    async def _publish(self) -> None:
        """Store what is declared in code, as a worker does when it starts."""
        self.app.discover()
        await self.app.schedules.apublish()
        await self.app.events.apublish()
        await self.app.included.apublish()

    async def _work(self, waiting: set[str], most: int, patience: float) -> None:
        """Let a worker run what is due, as long as that has an end."""
        # A setting may keep workers to some queues, but a test means its jobs wherever they wait.
        queues = waiting if self.app.settings.origin("worker.queues") else None
        worker = self.app.worker(
            queues=queues, lease="1h", heartbeat="10m", services=self._services
        )
        working = asyncio.create_task(worker.run_until_idle())
        try:
            trouble = await self._watch(working, most, patience)
        finally:  # by Ctrl-C, too, or a test that takes too long
            worker.stop_now()
            while not working.done():
                self.clock.advance("1s")  # which the worker's own patience goes by
                await asyncio.wait([working], timeout=_LOOK_EVERY)
        if trouble:
            raise AssertionError(trouble)
        await working

    async def _watch(self, working: asyncio.Task[Any], most: int, patience: float) -> str:
        """Wait until a worker has ended; what is to be said if it has no end, else nothing."""
        ended, quiet = await self._ended(), 0.0
        while True:
            await asyncio.wait([working], timeout=_LOOK_EVERY)
            if working.done():
                return ""
            earlier, ended = ended, await self._ended()
            quiet = quiet + _LOOK_EVERY if ended == earlier else 0.0
            if quiet >= patience:
                return await self._lasting(patience)
            if ended > most:
                return await self._endless()

    async def _lasting(self, patience: float) -> str:
        """What is said when handlers do not end."""
        running = [_tell(job) async for job in self.app.jobs.find(states=[State.RUNNING])]
        return (
            f"no job has ended for {patience:g} s by the clock on the wall: {'; '.join(running)} "
            "(the clock of the harness stands still meanwhile: does it wait for time to pass, or "
            "for a job that is not due?)"
        )

    async def _endless(self) -> str:
        """What is said when jobs bring forth jobs for ever."""
        ended: Counter[str] = Counter()
        for bucket in await self._endings():
            ended[bucket.task] += bucket.count
        often = ", ".join(f"{task} {count:,} times" for task, count in ended.most_common(3))
        return (
            f"jobs are still due after {ended.total():,} attempts: {often} "
            "(does a job ask for itself, or a handler emit what it handles?)"
        )

    async def _ended(self) -> int:
        return sum(bucket.count for bucket in await self._endings())

    async def _endings(self) -> tuple[Bucket, ...]:
        engine = await self.app.aopen()
        ever = StatisticsQuery(step="day", from_at=0, before=self.clock.now() + 1)
        return await engine.reader.statistics(ever)

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
            AssertionError: it is in another one; it says why, as far as that is known.
        """
        seen = job.snapshot()
        why = self._why(seen) if seen.state != state else ""
        assert seen.state == state, f"job of {seen.task} is {seen.state}{why and ': '}{why}"  # noqa: S101 - as above

    def events(self, pattern: str = "**") -> list[Event]:
        """The events of a pattern, oldest first."""
        return self.app.events.read(limit=10_000, pattern=pattern)

    def clear(self) -> None:
        """Cancel what has not run, so that a test may begin with nothing due."""
        engine = self.app.open()
        ids = tuple(job.id for job in self.jobs())
        engine.jobs.change(Which(ids=ids), Cancel("cleared by a test"), limit=len(ids) + 1).wait()

    def _why(self, seen: Snapshot) -> str:
        """Why a job stands where it does: its error, what holds it back, or when it is due."""
        if seen.error is not None:
            return f"{seen.error.kind}: {seen.error.message}"
        for rules in self.app.queues.rules():
            match rules:
                case QueueRules(queue=seen.queue, paused=True) if not seen.state.finished:
                    return f"the queue {seen.queue} is paused; app.queues.resume({seen.queue!r})"
                case TaskRules(task=seen.task, paused=True) if not seen.state.finished:
                    return f"the task is paused; app.queues.resume_task({seen.task!r})"
                case _:
                    pass
        if seen.state is State.SCHEDULED:
            return f"due in {words(max(seen.ready_at - self.clock.now(), 0))}"
        return seen.gate or seen.reason

    def _told(self) -> str:
        return "; ".join(_tell(job) for job in self.jobs())


@contextmanager
def in_memory(
    app: Tidemill, clock: ManualClock | None = None, *, services: Mapping[str, Any] | None = None
) -> Iterator[Harness]:
    """Keep an application's jobs in memory, by a hand-wound clock, until the block ends.

    Schedules and handlers of events that are declared in code are stored there at once.

    Args:
        app: the application.
        clock: the time that it is to go by; by default one of its own.
        services: what handlers find in `current().services`.

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
        app.discover()
        app.schedules.publish()
        app.events.publish()
        app.included.publish()
        yield Harness(app, wound, services)
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
