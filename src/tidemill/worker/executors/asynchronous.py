"""Runs coroutines on the event loop, one asyncio task for each."""

import asyncio
import os
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from contextvars import copy_context
from typing import Final
from weakref import WeakSet

from tidemill.worker.executors.executor import Deliver, take_old
from tidemill.worker.executors.last_resort import loop_is_gone, untold
from tidemill.worker.middleware import Middleware
from tidemill.worker.run import Run
from tidemill.worker.runner import perform

CANCEL_PATIENCE: Final = 5.0
"""Seconds that a coroutine has to end once it has been cancelled."""


class AsyncExecutor:
    """An executor for handlers written as `async def`; it belongs to the loop it is made on."""

    def __init__(self, capacity: int, deliver: Deliver, layers: Sequence[Middleware] = ()) -> None:
        """Run so many at once, each inside these layers."""
        self.capacity = capacity
        self.patience = CANCEL_PATIENCE
        self._deliver = deliver
        self._layers = layers
        self._line: deque[Run] = deque()
        self._active: dict[asyncio.Task[None], Run] = {}
        self._pid = os.getpid()
        self._loop = asyncio.get_running_loop()
        # Each job begins in the worker's context, not in that of the job whose end made room.
        self._context = copy_context()
        _executors.add(self)

    @property
    def waiting(self) -> int:
        """How many runs wait in its line."""
        return len(self._line)

    @property
    def active(self) -> dict[asyncio.Task[None], Run]:
        """The runs on the event loop now, by the asyncio task that each is in."""
        return self._active

    def push(self, runs: Sequence[Run]) -> None:
        """Begin as many as there is room for; the others wait."""
        self._line.extend(runs)
        self._fill()

    def take_back(self, came_before: float) -> list[Run]:
        """Give back the runs in line that came before this moment."""
        return take_old(self._line, came_before)

    def stop(self, run: Run) -> None:
        """Cancel the coroutine; one that has not begun yet sees for itself that it need not."""
        if run.aio is not None and run.began_at is not None:
            run.aio.cancel(run.asked)

    def kill(self) -> None:
        """Have no patience with those that do not end when they are cancelled."""
        self.patience = 0.0

    def end_copy(self) -> None:
        """After a fork: the copy of the event loop ends when it comes to run again.

        It shares what it waits on with the worker's own, and would take its wake-ups away.
        """
        with suppress(RuntimeError):  # it has been closed
            self._loop.call_soon(os._exit, 0)

    def close(self) -> None:
        """Nothing is held beside the tasks, which have ended."""

    def _fill(self) -> None:
        while self._line and len(self._active) < self.capacity:
            run = self._line.popleft()
            task = self._loop.create_task(self._drive(run), context=self._context.copy())
            run.aio = task
            self._active[task] = run

    async def _drive(self, run: Run) -> None:
        run.began_at = run.around.clock.monotonic()
        try:
            outcome = await perform(run, self._layers)
        except BaseException as error:
            if loop_is_gone(error):
                raise
            outcome = untold(error)
        if os.getpid() != self._pid:
            os._exit(0)  # the handler has forked, and this is the copy: nothing is its own
        if run.aio is not None:
            del self._active[run.aio]
            run.aio = None  # the task and the run need not keep each other alive
        self._deliver(run, outcome)
        self._fill()


_executors: Final[WeakSet[AsyncExecutor]] = WeakSet()


def _end_copies() -> None:
    for executor in _executors:
        executor.end_copy()


if hasattr(os, "register_at_fork"):  # where there is fork, there is this
    os.register_at_fork(after_in_child=_end_copies)
