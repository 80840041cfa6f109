"""A bounded pool of threads that take runs from one line, with no hop to the event loop between."""

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import Context, copy_context
from queue import SimpleQueue
from typing import Any

from tidemill.loops.clock import Clock
from tidemill.worker.executors.executor import take_old
from tidemill.worker.executors.last_resort import untold
from tidemill.worker.run import Run

Seat = AbstractContextManager[Callable[[Run], Any]]
"""What one thread works with, from its first run to its last; gives the function for each run."""

Landed = Callable[[Run, Any], None]
"""Takes a run and what its function answered; called on the event loop."""


class Pool:
    """Threads are started when they are first needed and then stay.

    A thread that is done with one run takes the next from the line itself. Answers are collected
    and handed to the event loop together: it is woken once for all that have come meanwhile.
    """

    def __init__(
        self, name: str, size: int, clock: Clock, sit: Callable[[], Seat], landed: Landed
    ) -> None:
        """Prepare; `sit` is called once on each thread, `landed` for each run on the loop."""
        self._name = name
        self._size = size
        self._clock = clock
        self._sit = sit
        self._landed = landed
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()
        self._line: deque[Run] = deque()
        self._contexts: dict[Run, Context] = {}
        self._tokens: SimpleQueue[bool] = SimpleQueue()
        self._answers: deque[tuple[Run, Any]] = deque()
        self._waking = False
        self._pid = os.getpid()
        self._threads = 0
        self._held = 0

    @property
    def waiting(self) -> int:
        """How many runs wait in the line."""
        return len(self._line)

    def push(self, run: Run, context: Context | None = None) -> None:
        """Put a run in the line, to be run in a context of its own, or in this one."""
        if context is not None:
            self._contexts[run] = context
        self._held += 1
        if self._threads < min(self._size, self._held):
            self._threads += 1
            name = f"{self._name}-{self._threads}"
            threading.Thread(target=self._work, name=name, daemon=True).start()
        self._line.append(run)
        self._tokens.put(True)

    def take_back(self, came_before: float) -> list[Run]:
        """Give back the runs in line that came before this moment."""
        # Their tokens stay: a thread that finds the line empty goes on to the next token.
        taken = take_old(self._line, came_before)
        self._held -= len(taken)
        return taken

    def close(self) -> None:
        """Let every thread go when it is done with what it runs."""
        for _ in range(self._threads):
            self._tokens.put(False)

    def _work(self) -> None:
        with self._sit() as work:
            while self._tokens.get():
                try:
                    run = self._line.popleft()
                except IndexError:
                    continue
                run.began_at = self._clock.monotonic()
                context = self._contexts.pop(run, None) or self._context.copy()
                try:
                    answer = context.run(work, run)
                except BaseException as error:  # noqa: BLE001 - the thread has to live on
                    answer = untold(error)
                if os.getpid() != self._pid:
                    os._exit(0)  # the handler has forked, and this is the copy: nothing is its own
                self._answers.append((run, answer))
                self._wake()

    def _wake(self) -> None:
        if self._waking:
            return
        self._waking = True
        try:
            self._loop.call_soon_threadsafe(self._land)
        except RuntimeError:
            return  # the loop has been closed; the lease of what it held runs out

    def _land(self) -> None:
        # Cleared first: an answer that comes while these are taken wakes the loop again.
        self._waking = False
        while self._answers:
            run, answer = self._answers.popleft()
            self._held -= 1
            self._landed(run, answer)
