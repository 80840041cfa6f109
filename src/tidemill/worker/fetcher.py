"""The claim loop: woken by a hint, by room for more jobs, by the store's word, or by the poll."""

import logging
import math
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from tidemill.core.errors import LeaseLost, StoreUnavailable
from tidemill.core.instants import Millis
from tidemill.core.job import Claim
from tidemill.core.lease import Lease
from tidemill.core.signal import Signal
from tidemill.core.want import Want
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.ticker import Ticker
from tidemill.worker.completer import Completer
from tidemill.worker.floor import Floor
from tidemill.worker.session import Session
from tidemill.worker.slots import Slots

LOOK_EVERY: Final = 1.0
"""Seconds between two looks for jobs of which we have not heard that they are ours."""

JITTER: Final = 0.1
"""Share by which polls are moved at random, so that workers do not ask in step."""


_log = logging.getLogger("tidemill.worker")


class Fetcher:
    """Claims as many jobs as there is room for, one claim at a time.

    Attributes:
        ticker: the loop; to be started with the worker, and stopped first.
        brought: jobs that the last claim brought.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        session: Session,
        slots: Slots,
        floor: Floor,
        completer: Completer,
        *,
        queues: tuple[str, ...] | None,
        poll: Millis,
        lost: Callable[[Lease, str], None],
    ) -> None:
        """Prepare; `lost` is told when the store knows the lease no more."""
        self._engine = engine
        self._clock = clock
        self._session = session
        self._slots = slots
        self._floor = floor
        self._completer = completer
        self._queues = queues
        self._poll = poll
        self._lost = lost
        self.ticker = Ticker("claiming jobs", clock, poll, self.fetch, jitter=JITTER)
        self.brought = 0
        self._doubtful_until = self._doubted_at = -math.inf

    def hear(self, signal: Signal) -> None:
        """Notice that there may be something to claim; from any thread."""
        if signal.kind == "resync" or (signal.kind == "work" and self._wants(signal.names)):
            self.ticker.wake()

    async def fetch(self) -> Millis | None:
        """Claim once; answer when to ask again, `None`: when there is a reason to.

        Raises:
            StoreError: the store does not answer; what it may have given us is looked for later.
        """
        self.brought = 0
        lease = self._session.lease
        ask = self._slots.ask(self._floor.loads())
        if lease is None or ask is None or self._completer.crowded:
            return None
        await self._hand_back_unheard(lease)
        asked_at = self._clock.monotonic()
        try:
            want = Want(
                lease,
                ask.limit,
                self._queues,
                ask.without,
                at_once=ask.at_once,
                apart=not self._floor.holds_apart,
            )
            claimed = await self._engine.jobs.claim(want)
        except LeaseLost as error:
            self._lost(lease, str(error))
            return None
        except StoreUnavailable:
            self._doubtful_until = self._clock.monotonic() + self._session.length / 1_000
            self._doubted_at = -math.inf
            raise
        self.brought = len(claimed.jobs)
        if self._session.holds(lease):
            self._floor.admit(claimed.jobs, self._clock.monotonic() - asked_at)
        else:
            self._floor.refuse(claimed.jobs)
        if self.brought >= ask.limit:
            return 0
        if claimed.again_at is None:
            return None
        return min(max(claimed.again_at - self._clock.now(), 1), self._poll)

    async def _hand_back_unheard(self, lease: Lease) -> None:
        """Hand back what the store has given us in an answer that was lost.

        A claim may still be under way in the store when its answer is given up, so for the time of
        a lease we look again, once a second.
        """
        now = self._clock.monotonic()
        if now >= self._doubtful_until or now < self._doubted_at + LOOK_EVERY:
            return
        # Asked before the store is: what ends meanwhile is not taken for unheard of.
        known = {(claim.ref, claim.fence) for claim in self._claims()}
        held = await self._engine.reader.held(lease)
        self._doubted_at = now
        unheard = [claim for claim in held if (claim.ref, claim.fence) not in known]
        if unheard:
            _log.warning("%d jobs were claimed in an answer that was lost", len(unheard))
            self._floor.refuse(unheard)

    def _claims(self) -> Iterator[Claim]:
        """All jobs that this worker knows it holds."""
        return chain((run.claim for run in self._floor), self._completer.claims)

    def _wants(self, names: frozenset[str]) -> bool:
        """Whether any of these queues is ours; no names mean any queue."""
        return self._queues is None or not names or not names.isdisjoint(self._queues)
