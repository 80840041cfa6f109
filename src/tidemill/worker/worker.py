"""Worker: one process's share of the work."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tidemill.core.errors import InvalidOption, StoreLocked, StoreUnavailable
from tidemill.core.identity import check_name
from tidemill.core.instants import Duration, millis
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock, SystemClock
from tidemill.loops.patience import Patience
from tidemill.loops.service import Service
from tidemill.tasks.registry import Registry
from tidemill.worker.executors.seat import CHILD_MODULE
from tidemill.worker.middleware import Middleware
from tidemill.worker.orphan import die_with_parent
from tidemill.worker.shift import Options, Shift
from tidemill.worker.shutdown import Drained, Whistle, drain

CREW_VARIABLE: Final = "TIDEMILL_CREW"
"""Set by a crew to its pid for the workers that it starts, so that none outlives it."""

PROMOTE_AT_ONCE: Final = 500

_log = logging.getLogger("tidemill.worker")


class Worker:
    """Takes jobs from an engine and runs them until it is stopped.

    Example:
        >>> worker = app.worker(queues=["email"])  # doctest: +SKIP
        >>> sys.exit(worker.run_blocking())  # doctest: +SKIP
    """

    def __init__(
        self,
        engine: Engine,
        tasks: Registry,
        clock: Clock | None = None,
        *,
        queues: Iterable[str] | None = None,
        concurrency: int = 5,
        async_concurrency: int = 100,
        processes_concurrency: int = 2,
        lease: Duration = "30s",
        heartbeat: Duration = "10s",
        poll: Duration = "1s",
        grace: Duration = "15s",
        name: str | None = None,
        middleware: Sequence[Middleware] = (),
        services: Mapping[str, Any] | None = None,
        app_ref: str | None = None,
        alongside: Sequence[Service] = (),
    ) -> None:
        """Prepare; nothing is asked of the engine yet.

        Args:
            engine: where the jobs are.
            tasks: what can be run.
            clock: the time to go by.
            queues: take jobs from these queues; `None`: from any.
            concurrency: jobs that may block a thread each, at once.
            async_concurrency: jobs on the event loop at once.
            processes_concurrency: child processes, each with one job at a time.
            lease: how long after its last sign of life this worker's jobs are given to others.
            heartbeat: time between two signs of life.
            poll: the longest time between two looks for work, should every hint be lost.
            grace: time that running jobs have to end when the worker is stopped.
            name: what it is called; by default its host and pid.
            middleware: layers around every handler, the first outermost.
            services: what handlers find in `current().services`.
            app_ref: `"package.module:app"`, where child processes find the tasks; `None`: in the
                module in which each task was written.
            alongside: services that run as long as this worker takes jobs, such as the roster;
                they run once, so such a worker does, too.

        Raises:
            InvalidOption: a number or a duration that makes no sense.
            InvalidName: no name for a queue.
        """
        self._engine = engine
        self._tasks = tasks
        self._clock = clock or SystemClock()
        self._alongside = tuple(alongside)
        self._options = Options(
            name=name or f"{socket.gethostname()}:{os.getpid()}",
            queues=None if queues is None else tuple(check_name("queue", each) for each in queues),
            concurrency=_at_least_one("concurrency", concurrency),
            async_concurrency=_at_least_one("async_concurrency", async_concurrency),
            processes_concurrency=_at_least_one("processes_concurrency", processes_concurrency),
            lease=millis(lease),
            heartbeat=millis(heartbeat),
            poll=millis(poll),
            grace=millis(grace),
            middleware=tuple(middleware),
            services=dict(services or {}),
            app_ref=app_ref,
        )
        if not 0 < self._options.heartbeat * 2 <= self._options.lease:
            raise InvalidOption(
                f"heartbeat={heartbeat!r} does not fit lease={lease!r}",
                hint="a lease must outlast two heartbeats, better three",
            )
        if self._options.poll < 1:
            raise InvalidOption(f"poll={poll!r} is not possible", hint='such as "1s"')
        self._whistle = Whistle(self._clock)

    def stop(self) -> None:
        """Ask it to drain and end; from any thread, before it runs, and more than once.

        The first call drains; it is `stop_now` that does not wait.
        """
        if not self._whistle.blown:
            self._whistle.blow()

    def stop_now(self) -> None:
        """Ask it to end without waiting for what runs; from any thread."""
        self._whistle.blow(2)

    async def run(self) -> Drained:
        """Take jobs and run them until it is stopped; answer what is left.

        A store that cannot be reached is waited for. A worker runs once.

        Raises:
            InvalidOption: this is a child process of a worker.
            StoreError: the store can be reached, but not used.
        """
        _refuse_in_child()
        shift = self._make_shift()
        if not await self._open():
            return Drained()
        shift.start()
        _log.info("worker %s takes jobs", self._options.name)
        supervisor = shift.supervisor
        supervisor.when_ended(self._whistle.changed.ring)
        await self._whistle.until(lambda: self._whistle.blown or not supervisor.running)
        drained = await drain(shift, self._whistle, self._options.grace)
        _log.info("worker %s has ended", self._options.name)
        if supervisor.failure is not None:
            raise supervisor.failure
        return drained

    async def run_until_idle(self) -> Drained:
        """Run every job that is waiting or becomes so meanwhile, and end; for tests.

        Jobs whose time has come are promoted; time does not pass by itself. It may be called as
        often as one likes.
        """
        shift = self._make_shift(alongside=())
        if not await self._open():
            return Drained()
        shift.start(fetching=False)
        await self._whistle.until(lambda: shift.session.lease is not None or self._whistle.blown)
        while not self._whistle.blown and await self._step(shift):
            pass
        return await drain(shift, self._whistle, self._options.grace)

    def run_blocking(self) -> int:
        """Run on an event loop of its own until SIGTERM or SIGINT; answer the exit code.

        The first signal drains, the second one does not wait. If code is left that cannot be
        ended, the process is.
        """
        if crew := os.environ.get(CREW_VARIABLE):
            die_with_parent(int(crew), signal.SIGTERM)
        with asyncio.Runner() as runner:
            drained = runner.run(self._run_with_signals())
            if drained.left:
                # Leaving the loop would wait for tasks that have refused to end.
                logging.shutdown()
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(1)
        return 0 if drained.clean else 1

    async def _run_with_signals(self) -> Drained:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._whistle.blow)
        return await self.run()

    def _make_shift(self, alongside: tuple[Service, ...] | None = None) -> Shift:
        beside = self._alongside if alongside is None else alongside
        return Shift(
            self._engine, self._tasks, self._clock, self._options, beside, self._whistle.changed
        )

    async def _open(self) -> bool:
        """Open the engine, however long that takes; `False`: the worker was stopped first."""
        patience = Patience("opening the store")

        def stopped() -> bool:
            return self._whistle.blown

        while not stopped():
            try:
                await self._engine.open()
            except (StoreUnavailable, StoreLocked) as error:
                await self._whistle.until(stopped, patience.failed(error) / 1_000)
            else:
                patience.succeeded()
                return True
        return False

    async def _step(self, shift: Shift) -> bool:
        """Fetch once, or wait for what runs; whether there is something left to do."""
        promoted = await self._engine.jobs.promote(PROMOTE_AT_ONCE)
        await shift.fetcher.fetch()
        brought = shift.fetcher.brought
        quiet = not len(shift.floor) and shift.completer.idle and shift.session.lease is not None
        if not quiet and not brought:
            await shift.changed.wait()
        return not quiet or brought > 0 or promoted.count > 0


def _at_least_one(option: str, number: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise InvalidOption(f"{option}={number!r} is not possible", hint="a whole number from 1")
    return number


def _refuse_in_child() -> None:
    """A program without a guard would start a worker in each child, and that one children."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is not None and spec.name == CHILD_MODULE:
        raise InvalidOption(
            "a worker was started by importing the program in a child process",
            hint='start it under if __name__ == "__main__":',
        )
