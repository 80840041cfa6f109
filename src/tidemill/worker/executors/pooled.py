"""An executor whose runs are done by a pool of threads: what threads and processes share."""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import Any

import msgspec
from msgspec import Struct

from tidemill.core.outcome import Done, Outcome
from tidemill.loops.clock import Clock
from tidemill.worker.executors.executor import Deliver
from tidemill.worker.executors.last_resort import loop_is_gone, untold
from tidemill.worker.executors.pool import Pool, Seat
from tidemill.worker.middleware import Middleware
from tidemill.worker.run import Run
from tidemill.worker.runner import Ended, enclose


class Returned(Struct, frozen=True):
    """A handler returned this, and what that comes to is still to be said."""

    value: Any


class Raised(Struct, frozen=True):
    """A handler raised this, and what that comes to is still to be said."""

    error: BaseException


Answer = Outcome | Returned | Raised


class PooledExecutor:
    """Hands runs to threads.

    Without middleware a run is wholly its thread's. With it, a task on the event loop goes through
    the layers and waits for the thread, which sees the context variables that they have set.
    """

    patience: float

    def __init__(
        self,
        name: str,
        capacity: int,
        sit: Callable[[], Seat],
        deliver: Deliver,
        clock: Clock,
        layers: Sequence[Middleware] = (),
    ) -> None:
        """Run so many at once, each inside these layers; see `Pool` for `sit`."""
        self.capacity = capacity
        self._deliver = deliver
        self._layers = layers
        self._escorts: dict[Run, asyncio.Task[None]] = {}
        self._answers: dict[Run, asyncio.Future[Answer]] = {}
        self._pool = Pool(name, capacity, clock, sit, self._answer if layers else deliver)

    @property
    def waiting(self) -> int:
        """How many runs wait in its line."""
        return self._pool.waiting

    def push(self, runs: Sequence[Run]) -> None:
        """Put runs in the line."""
        if not self._layers:
            for run in runs:
                self._pool.push(run)
            return
        loop = asyncio.get_running_loop()
        for run in runs:
            self._escorts[run] = loop.create_task(self._escort(run))

    def take_back(self, came_before: float) -> list[Run]:
        """Give back the runs in line that came before this moment; those in layers are begun."""
        return [] if self._layers else self._pool.take_back(came_before)

    def close(self) -> None:
        """Let the threads go, each when it is done with what it runs."""
        self._pool.close()

    async def _escort(self, run: Run) -> None:
        try:
            outcome = await enclose(run, self._layers, lambda: self._call(run))
        except BaseException as error:
            if loop_is_gone(error):
                raise
            outcome = untold(error)
        del self._escorts[run]
        self._deliver(run, outcome)

    async def _call(self, run: Run) -> Any:
        self._answers[run] = asyncio.get_running_loop().create_future()
        self._pool.push(run, copy_context())
        match await self._answers[run]:
            case Returned(value):
                return value
            case Raised(error):
                raise error
            case Done(result):
                return None if result is None else msgspec.json.decode(result)
            case outcome:
                raise Ended(outcome)

    def _answer(self, run: Run, answer: Answer) -> None:
        self._answers.pop(run).set_result(answer)
