"""Waiting for the store to say that something may have changed, for a while and no longer."""

import sys
import threading
from collections.abc import Callable, Generator
from typing import Any

from tidemill.core.errors import InsideLoop
from tidemill.core.signal import Signal
from tidemill.engines.protocol import Signals


class Hints:
    """Listens while someone waits for jobs to end; a hint that was missed costs one pause."""

    def __init__(self, signals: Signals) -> None:
        """Begin to listen."""
        self._heard = threading.Event()
        self._wake: Callable[[], object] = _nobody
        self._stop = signals.listen(self._hear)

    def close(self) -> None:
        """Listen no more."""
        self._stop()

    def next(self, seconds: float) -> "Pause":
        """Wait for a hint, or for so long; one that came since the last wait will do."""
        return Pause(self, seconds)

    def block(self, seconds: float) -> None:
        """Wait on this thread."""
        self._heard.wait(seconds)
        self._heard.clear()

    async def suspend(self, seconds: float) -> None:
        """Wait without blocking the event loop."""
        import asyncio  # noqa: PLC0415 - needed by async code only, see `SystemClock.sleep`

        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(woken.set)
        try:
            if not self._heard.is_set():
                await asyncio.wait_for(woken.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self._wake = _nobody
            self._heard.clear()

    def _hear(self, signal: Signal) -> None:
        if signal.kind in ("event", "resync"):
            self._heard.set()
            try:
                self._wake()
            except RuntimeError:
                return  # the event loop of whoever waited has been closed


def _a_loop_runs_here() -> bool:
    asyncio = sys.modules.get("asyncio")  # who has not imported it runs none of its loops
    try:
        return asyncio is not None and asyncio.get_running_loop() is not None
    except RuntimeError:
        return False


class Pause:
    """A wait for hints as a call."""

    def __init__(self, hints: Hints, seconds: float) -> None:
        """Keep both for later."""
        self._hints = hints
        self._seconds = seconds

    def wait(self) -> None:
        """Wait on this thread.

        Raises:
            InsideLoop: an event loop runs on it; what is waited for may need that very loop.
        """
        if _a_loop_runs_here():
            raise InsideLoop(
                "this wait would stop the event loop that it is called from",
                hint="await the verb with an a before it: `await job.aresult()`",
            )
        self._hints.block(self._seconds)

    def __await__(self) -> Generator[Any, None, None]:
        """Wait without blocking the event loop."""
        return self._hints.suspend(self._seconds).__await__()


def _nobody() -> None:
    """Nobody waits."""
