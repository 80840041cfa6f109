"""One attempt of a job in this process, from its claim to the end of its code."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextvars import ContextVar
from enum import StrEnum
from itertools import count
from typing import Any, Final

from tidemill.core.job import Claim
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.tasks.declaration import Declaration
from tidemill.worker.notebook import Notebook


class Stop(StrEnum):
    """Why a running job is asked to stop."""

    CANCEL = "cancel"
    """A person asked for it."""
    TIMEOUT = "timeout"
    """It has run longer than it may."""
    SHUTDOWN = "shutdown"
    """Its worker stops and hands it back."""
    LOST = "lost"
    """Its worker's lease is lost, so another worker may be running it."""


class Stopped(BaseException):
    """Raised inside a handler to end it because its job has been asked to stop.

    As `asyncio.CancelledError` it is no `Exception`, so that a handler that catches every error
    of its own does not catch this one by accident.
    """


class Surroundings:
    """What all runs of one worker share.

    Attributes:
        clock: the time that the worker goes by.
        tell: called, on the thread that writes, when a run has noted something.
        services: what the application gives its handlers.
        engine: where the jobs are; `None` in a child process, which has no way there.
        loop: the event loop of the worker, once it has begun; `None` in a child process.
    """

    __slots__ = ("clock", "engine", "loop", "services", "tell")

    def __init__(
        self,
        clock: Clock,
        tell: Callable[[Notebook], None],
        services: Mapping[str, Any] | None = None,
        engine: Engine | None = None,
    ) -> None:
        """Keep them together, so that a run need carry but one of them."""
        self.engine = engine
        self.clock = clock
        self.tell = tell
        self.services = services or {}
        self.loop: asyncio.AbstractEventLoop | None = None


class Run:
    """One attempt. It is cheap: what only some handlers need is made when they ask for it.

    Attributes:
        claim: the job as it is held.
        task: what is to be run.
        around: what it shares with the other runs.
        came_at: when it was handed over, monotonic seconds.
        began_at: when its code began, monotonic seconds; `None` before that.
        asked: why it has been asked to stop, if it has; the first reason stays.
        asked_at: when that was.
        completing: whether its handler has completed it in a transaction of its own, of which
            only the store knows whether it was committed.
        settled: whether its outcome has been handed over, though its code may still run.
        aio: the asyncio task it runs in, if it does.
        secrets: what its handler has been given that nobody else is to read, in all its forms.
    """

    __slots__ = (
        "_notebook",
        "_numbers",
        "_waits",
        "aio",
        "around",
        "asked",
        "asked_at",
        "began_at",
        "came_at",
        "claim",
        "completing",
        "job",
        "secrets",
        "settled",
        "task",
    )

    def __init__(
        self, claim: Claim, task: Declaration[Any], around: Surroundings, came_at: float
    ) -> None:
        """Prepare; nothing runs yet."""
        self.claim = claim
        self.task = task
        self.around = around
        self.came_at = came_at
        self.began_at: float | None = None
        self.asked: Stop | None = None
        self.asked_at = 0.0
        self.completing = False
        self.settled = False
        self.aio: asyncio.Task[None] | None = None
        self.job: Any = None
        self.secrets: tuple[str, ...] = ()
        self._notebook: Notebook | None = None
        self._numbers: count[int] | None = None
        self._waits: set[Future[Any]] | None = None

    def number(self) -> int:
        """One more than at the last call, from 1: tells what its handler asks of others apart."""
        if self._numbers is None:
            self._numbers = count(1)
        return next(self._numbers)

    @property
    def notebook(self) -> Notebook:
        """Where it takes notes; made when it is first needed."""
        if self._notebook is None:
            self._notebook = Notebook(self.claim, self.around.tell)
        return self._notebook

    @property
    def noted(self) -> Notebook | None:
        """Its notebook if it has one."""
        return self._notebook

    @property
    def waits(self) -> "set[Future[Any]]":
        """What its handler waits for on its thread; given up when it is asked to stop."""
        if self._waits is None:
            self._waits = set()
        return self._waits

    def ask(self, why: Stop, now: float) -> None:
        """Ask it to stop; what that means is its executor's to say."""
        if self.asked is None:
            self.asked = why
            self.asked_at = now
            for each in tuple(self._waits or ()):
                each.cancel()

    def due_at(self, now: float) -> float:
        """When its timeout will have passed, monotonic; it counts from the start of its code."""
        if self.claim.timeout is None:
            return float("inf")
        began_at = now if self.began_at is None else self.began_at
        return began_at + self.claim.timeout / 1_000


running: Final[ContextVar[Run]] = ContextVar("tidemill_run")
"""The run whose code this is; set only inside a handler."""
