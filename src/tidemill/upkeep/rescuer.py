"""Duty: jobs whose worker's lease ran out are judged abandoned and settled."""

import logging
import random
from typing import Final

from tidemill.core.error_info import ErrorInfo
from tidemill.core.instants import Millis
from tidemill.core.job import Claim
from tidemill.core.outcome import Abandoned
from tidemill.core.verdict import Receipt, Settlement, judge
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.failpoint import failpoint

MOST_AT_ONCE: Final = 500

_log = logging.getLogger("tidemill.upkeep")


class Rescuer:
    """Reads the store's word on leases and nothing else; what it settles counts only by fence."""

    name = "rescue"

    def __init__(
        self, engine: Engine, clock: Clock, *, every: Millis = 1_000, limit: int = MOST_AT_ONCE
    ) -> None:
        """Look this often, a page of so many at a time."""
        self.every = every
        self._engine = engine
        self._clock = clock
        self._limit = limit

    async def run_once(self) -> Millis | None:
        """Rescue one page; answer 0 while there may be more."""
        claims = await self._engine.reader.expired(self._limit)
        if not claims:
            return None
        failpoint("rescue.before")
        settlements = [self._judge(claim) for claim in claims]
        failpoint("rescue.middle")
        receipts = await self._engine.jobs.settle(settlements)
        failpoint("rescue.after")
        applied = receipts.count(Receipt.APPLIED)
        if applied:
            workers = sorted({claim.worker for claim in claims})
            _log.warning("%d jobs of lost workers %s were rescued", applied, workers)
        # Where others were quicker there is nothing left to hurry for.
        return 0 if applied else None

    def _judge(self, claim: Claim) -> Settlement:
        message = f"the lease of its worker (session {claim.worker}) ran out while it ran the job"
        outcome = Abandoned(ErrorInfo("WorkerLost", message))
        dice = random.random()  # noqa: S311 - spreads retries, guards nothing
        return judge(claim, outcome, self._clock.now(), dice)
