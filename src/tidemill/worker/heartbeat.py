"""Keeps this worker's lease alive from a thread that no handler can starve, and watches the loop.

It is the first thing to start and the last to stop: a worker that drains still holds its jobs. It
renews only while the event loop moves: being alive means making progress.
"""

import asyncio
import logging
import math
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from tidemill.core.errors import LeaseLost, SchemaMismatch
from tidemill.core.instants import Millis
from tidemill.core.lease import Lease
from tidemill.loops.bell import Bell
from tidemill.loops.clock import Clock, SystemClock
from tidemill.loops.patience import Patience
from tidemill.loops.service import Service
from tidemill.worker.session import Session

LOOK_EVERY: Final = 0.5
"""Seconds between two looks at the event loop, by the loop itself and by the thread."""

PARTING: Final = 1.0
"""Seconds that the thread is given to end; one that hangs in the store is left behind."""

BLOCKED: Final[Millis] = 2_000
"""Time without a sign of the event loop after which it counts as blocked."""

_MACHINE: Final = SystemClock()

_log = logging.getLogger("tidemill.worker")


class Opened(Struct, frozen=True):
    """A lease has been taken: jobs may be claimed."""

    lease: Lease


class Lost(Struct, frozen=True):
    """The lease is lost: what is held under it may be running elsewhere by now."""

    why: str


class Stopping(Struct, frozen=True):
    """Jobs of these ids have been asked to stop."""

    ids: tuple[str, ...]


class Outdated(Struct, frozen=True):
    """The store has become what this release cannot work on."""

    why: SchemaMismatch


class Blocked(Struct, frozen=True):
    """The event loop does not move.

    Attributes:
        still: for how long.
        task: the asyncio task that it is stuck in, if that can be told.
        place: the stack of its thread.
    """

    still: Millis
    task: "asyncio.Task[object] | None"
    place: str


News = Opened | Lost | Stopping | Outdated | Blocked


class Heartbeat(Service):
    """A thread that takes the lease, renews it, and tells the worker what it hears.

    News reaches `hear` on the event loop, but for `Blocked`, which the loop could not hear: that
    is told on the heartbeat's own thread.
    """

    def __init__(
        self,
        session: Session,
        clock: Clock,
        *,
        every: Millis,
        describe: Callable[[], bytes],
        hear: Callable[[News], None],
    ) -> None:
        """Prepare.

        Args:
            session: the lease to be kept.
            every: time between renewals.
            describe: what the worker says of itself, as JSON; asked with each renewal.
            hear: takes the news.
        """
        # Whether a thread or a loop is stuck is a question about the machine, so it goes by the
        # machine's time whatever the worker's is.
        super().__init__("renewing the lease", _MACHINE)
        self._session = session
        self._clock = clock
        self._every = every
        self._describe = describe
        self._hear = hear
        self._patience = Patience(self.name, cap=max(every // 2, 1))
        self._wake = threading.Event()
        self._halted = False
        self._gone = Bell(_MACHINE)
        self._due_at = 0.0
        self._moved_at = 0.0
        self._blocked = False
        self._outdated = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0

    @property
    def still(self) -> Millis:
        """How long the event loop has given no sign of life."""
        return int((_MACHINE.monotonic() - self._moved_at) * 1_000)

    def beat_soon(self) -> None:
        """Beat now rather than when it is time; from any thread."""
        if not self._outdated:
            self._due_at = 0.0
            self._wake.set()

    async def run(self) -> None:
        """Keep the thread, and give it signs of life, until it is stopped."""
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._moved_at = _MACHINE.monotonic()
        thread = threading.Thread(target=self._live, name="tidemill-heartbeat", daemon=True)
        thread.start()
        while not self.stopping:
            self._moved_at = _MACHINE.monotonic()
            # The thread may hang in a call to the store, so the loop, too, watches the lease.
            self._check_lease()
            await self.bell.wait(LOOK_EVERY)
        self._halted = True
        self._wake.set()
        await self._gone.wait(PARTING)

    def _live(self) -> None:
        while not self._halted:
            self._look_at_loop()
            if self._clock.monotonic() >= self._due_at and not self._stuck():
                self._due_at = self._clock.monotonic() + self._every / 1_000
                self._beat()
            rest = min(LOOK_EVERY, max(self._due_at - self._clock.monotonic(), 0.01))
            self._wake.wait(rest)
            self._wake.clear()
        self._gone.ring()

    def _beat(self) -> None:
        session = self._session
        lease = session.lease
        try:
            if lease is None:
                self._tell(Opened(session.open(self._describe())))
            elif ids := session.renew(self._describe()):
                self._tell(Stopping(ids))
        except LeaseLost as error:
            if lease is not None:
                self.lose(lease, str(error))
            self._due_at = 0.0
        except SchemaMismatch as error:
            self._outdated = True  # what is about to end needs no other lease
            self._due_at = math.inf
            self._tell(Outdated(error))
        except Exception as error:  # noqa: BLE001 - the patience logs it; a heart beats on
            self._due_at = self._clock.monotonic() + self._patience.failed(error) / 1_000
            self._check_lease()
        else:
            self._patience.succeeded()

    def lose(self, lease: Lease, why: str) -> None:
        """Give a lease up, tell the worker, and take a new one soon; from any thread."""
        if self._session.lose(lease):
            self._tell(Lost(why))
            self.beat_soon()

    def _check_lease(self) -> None:
        lease = self._session.lease
        if lease is not None and self._session.left <= 0:
            self.lose(lease, "it could not be renewed in time")

    def _look_at_loop(self) -> None:
        if self.still < BLOCKED:
            if self._blocked:
                _log.warning("the event loop moves again")
            self._blocked = False
        elif not self._blocked and self._loop is not None:
            self._blocked = True
            self._hear(Blocked(self.still, self._current_task(), self._stack()))

    def _stuck(self) -> bool:
        """Whether the loop has stood still for as long as a lease lasts."""
        return self.still >= self._session.length

    def _current_task(self) -> "asyncio.Task[object] | None":
        try:
            return asyncio.current_task(self._loop)
        except RuntimeError:
            return None

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 - the documented way
        return "".join(traceback.format_stack(frame, limit=8)) if frame is not None else ""

    def _tell(self, news: News) -> None:
        if self._loop is None or self._halted:
            return
        try:
            self._loop.call_soon_threadsafe(self._hear, news)
        except RuntimeError:
            return  # the loop has been closed: the worker is no more
