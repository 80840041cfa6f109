"""Runs handlers in child processes, which can be ended for real."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tidemill.core.instants import Millis
from tidemill.loops.clock import Clock
from tidemill.worker.executors.executor import Deliver
from tidemill.worker.executors.pooled import PooledExecutor
from tidemill.worker.executors.seat import ProcessSeat
from tidemill.worker.middleware import Middleware
from tidemill.worker.run import Run

STOP_PATIENCE: Final[Millis] = 2_000
"""How long a job in a child has after each way of asking: a word, SIGTERM; then comes SIGKILL."""

MOST_JOBS: Final = 1_000
"""Jobs that one child runs before a fresh one takes its place."""


class ProcessExecutor(PooledExecutor):
    """An executor for handlers that may have to be killed, or that use a core of their own.

    Each of its threads talks with one child process, which stays warm from job to job. Layers of
    middleware run in the worker; they see a result as plain JSON values.
    """

    patience = float("inf")

    def __init__(
        self,
        capacity: int,
        deliver: Deliver,
        clock: Clock,
        layers: Sequence[Middleware] = (),
        *,
        app_ref: str | None = None,
        stop_patience: Millis = STOP_PATIENCE,
        max_jobs: int = MOST_JOBS,
    ) -> None:
        """Run so many at once.

        Args:
            app_ref: `"package.module:app"`, where children find the tasks; `None`: in the module
                in which each task's function was written.
            stop_patience: see `STOP_PATIENCE`.
            max_jobs: see `MOST_JOBS`.
        """
        self._seats: list[ProcessSeat] = []
        self._lock = threading.Lock()
        try:
            home = str(Path.cwd())
        except FileNotFoundError:
            home = "/"  # the folder is gone already

        def sit() -> ProcessSeat:
            seat = ProcessSeat(clock, app_ref, stop_patience / 1_000, max_jobs, home)
            with self._lock:
                self._seats.append(seat)
            return seat

        super().__init__("tidemill-process", capacity, sit, deliver, clock, layers)

    def stop(self, run: Run) -> None:
        """Have its child told, then terminated, then killed."""
        for seat in self._all():
            seat.look(run)

    def kill(self) -> None:
        """Kill every child whose job has been asked to stop, now and from now on."""
        for seat in self._all():
            seat.lose_patience()

    def _all(self) -> tuple[ProcessSeat, ...]:
        with self._lock:
            return tuple(self._seats)
