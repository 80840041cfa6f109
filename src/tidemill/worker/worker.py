"""Worker: one process's share of the work."""

import asyncio
import logging
import os
import signal
import sys
from typing import Final, Unpack

from msgspec.structs import replace

from tidemill.core.errors import InvalidOption, StoreLocked, StoreUnavailable
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock, SystemClock
from tidemill.loops.patience import Patience
from tidemill.tasks.registry import Registry
from tidemill.worker.executors.seat import CHILD_MODULE
from tidemill.worker.options import Options, WorkerKeywords, read_options
from tidemill.worker.orphan import CREW_VARIABLE, die_with_parent
from tidemill.worker.shift import Shift
from tidemill.worker.shutdown import Drained, Whistle, drain

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
        **options: Unpack[WorkerKeywords],
    ) -> None:
        """Prepare; nothing is asked of the engine yet.

        Args:
            engine: where the jobs are.
            tasks: what can be run.
            clock: the time to go by; the machine's by default.
            options: see `Options` for each.

        Raises:
            InvalidOption: an option that is unknown, or a number or duration that makes no sense.
            InvalidName: no name for a queue.
        """
        self._engine = engine
        self._tasks = tasks
        self._clock = clock or SystemClock()
        self._options = read_options(options)
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

        A store that cannot be reached is waited for. A worker runs once. When the task that runs
        it is cancelled, it ends as by `stop_now`.

        Raises:
            InvalidOption: this is a child process of a worker.
            StoreError: the store can be reached, but not used.
            SchemaMismatch: a newer release has made the store what this one cannot work on; what
                ran has been given time to end.
        """
        _refuse_in_child()
        shift = self._make_shift(self._options)
        if not await self._open():
            return Drained()
        shift.start()
        _log.info("worker %s takes jobs", self._options.name)
        supervisor = shift.supervisor
        supervisor.when_ended(self._whistle.changed.ring)
        try:
            await self._whistle.until(
                lambda: self._whistle.blown or not supervisor.running or shift.outdated is not None
            )
        except asyncio.CancelledError:
            self.stop_now()
            raise
        finally:
            drained = await drain(shift, self._whistle, self._options.grace)
            _log.info("worker %s has ended", self._options.name)
        if supervisor.failure is not None:
            raise supervisor.failure
        if shift.outdated is not None:
            raise shift.outdated
        return drained

    async def run_until_idle(self) -> Drained:
        """Run every job that is waiting or becomes so meanwhile, and end; for tests.

        Jobs whose time has come are promoted; time does not pass by itself. It may be called as
        often as one likes.
        """
        shift = self._make_shift(replace(self._options, alongside=()))
        if not await self._open():
            return Drained()
        shift.start(fetching=False)
        whistle = self._whistle
        try:
            await whistle.until(lambda: shift.session.lease is not None or whistle.blown)
            while not whistle.blown and await self._step(shift):
                pass
        finally:
            drained = await drain(shift, whistle, self._options.grace)
        return drained

    def run_blocking(self) -> int:
        """Run on an event loop of its own until SIGTERM or SIGINT; answer the exit code.

        The first signal drains, the second one does not wait. If code is left that cannot be
        ended, the process is.
        """
        if crew := os.environ.pop(CREW_VARIABLE, None):
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

    def _make_shift(self, options: Options) -> Shift:
        return Shift(self._engine, self._tasks, self._clock, options, self._whistle.changed)

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


def _refuse_in_child() -> None:
    """A program without a guard would start a worker in each child, and that one children."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is not None and spec.name == CHILD_MODULE:
        raise InvalidOption(
            "a worker was started by importing the program in a child process",
            hint='start it under if __name__ == "__main__":',
        )
