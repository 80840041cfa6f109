"""The lease under which this worker holds its jobs, from one taking to the next."""

import threading
from typing import Final

from tidemill.core.errors import LeaseLost
from tidemill.core.identity import new_id
from tidemill.core.instants import Millis
from tidemill.core.lease import WORKER, Lease
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.failpoint import failpoint

LONGEST_MARGIN: Final[Millis] = 5_000
"""So long before its end a lease that cannot be renewed is given up."""

_MARGIN_SHARE: Final = 6


class Session:
    """At most one lease at a time. It may be used from the heartbeat's thread and from the loop.

    The end of the lease is measured here from before each call, on the monotonic clock, so that
    this side always believes it to be over before the store does.

    Attributes:
        lease: what is held; `None`: nothing, so no job may be claimed.
        length: how long a lease lasts unless it is renewed.
    """

    def __init__(self, engine: Engine, clock: Clock, holder: str, length: Millis) -> None:
        """Hold nothing yet."""
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._renewed_at = 0.0
        self.holder = holder
        self.length = length
        self.lease: Lease | None = None

    @property
    def margin(self) -> Millis:
        """So long before its end the lease is given up."""
        return min(LONGEST_MARGIN, self.length // _MARGIN_SHARE)

    @property
    def left(self) -> Millis:
        """How long the lease may still be relied on; 0 or less: it must be given up."""
        past = (self._clock.monotonic() - self._renewed_at) * 1_000
        return int(self.length - self.margin - past)

    def holds(self, lease: Lease) -> bool:
        """Whether this lease, renewed or not, is the one that is held."""
        return self.lease is not None and self.lease.fence == lease.fence

    def open(self, info: bytes) -> Lease:
        """Take a lease of a name never used before.

        Raises:
            StoreError: the store does not answer.
        """
        asked_at = self._clock.monotonic()
        taken = self._engine.leases.take(WORKER + new_id(), self.holder, self.length, info).wait()
        if taken is None:
            raise LeaseLost("a name that was new is held by another worker")
        with self._lock:
            self._renewed_at = asked_at
            self.lease = taken
        return taken

    def renew(self, info: bytes) -> tuple[str, ...]:
        """Push on the end of the lease; answer the jobs that should stop.

        Raises:
            LeaseLost: it has run out.
            StoreError: the store does not answer.
        """
        lease = self.lease
        if lease is None:
            raise LeaseLost("no lease is held")
        asked_at = self._clock.monotonic()
        failpoint("renew.before")
        renewal = self._engine.jobs.renew(lease, self.length, info).wait()
        failpoint("renew.after")
        with self._lock:
            if self.lease is lease:
                self.lease = renewal.lease
                self._renewed_at = asked_at
        return renewal.cancel

    def lose(self, lease: Lease) -> bool:
        """Hold this lease no longer; whether it was still held, which is so but once."""
        with self._lock:
            if self.lease is None or self.lease.fence != lease.fence:
                return False
            self.lease = None
            return True

    async def give_back(self) -> None:
        """Free the lease at once, so that nobody waits for its end.

        Raises:
            StoreError: the store does not answer; the lease then runs out by itself.
        """
        lease = self.lease
        if lease is not None and self.lose(lease):
            await self._engine.leases.give_back(lease)
