"""Duty: every event becomes one job for each task that has subscribed to it.

The jobs of a stretch of events are stored in the same step that moves the subscription behind that
stretch, and only if it still stands where it was read: an event is handed over once, whatever dies
in between. Positions are given out in the order of commits (SQLite lets one writer in at a time),
so nothing can appear behind a position that has been passed.
"""

from typing import Final

import msgspec

from tidemill.core.errors import VersionConflict
from tidemill.core.instants import Millis
from tidemill.core.record import EVENTS, Put, Record
from tidemill.engines.protocol import Engine
from tidemill.events.subscription import KIND, Subscription
from tidemill.loops.failpoint import failpoint
from tidemill.loops.patience import Apart

MOST_AT_ONCE: Final = 200

decode: Final = msgspec.json.Decoder(Subscription).decode


class Relay:
    """Hands events over to the tasks that handle them."""

    name = "relay"

    def __init__(self, engine: Engine, *, every: Millis = 250) -> None:
        """Look at the event log this often."""
        self.every = every
        self._engine = engine
        self._apart = Apart("handler")

    async def run_once(self) -> Millis | None:
        """Hand over one stretch of events to each subscription; 0 while more are there."""
        more = False
        for record in await self._engine.records.find(KIND):
            with self._apart.of(record.key):
                more = await self._hand_over(record) or more
        return 0 if more else None

    async def _hand_over(self, record: Record) -> bool:
        """Move one subscription on; answer whether there may be more for it."""
        subscription = decode(record.doc)
        entries = await self._engine.records.read(
            EVENTS, after=subscription.position, limit=MOST_AT_ONCE
        )
        if not entries:
            return False
        jobs = [job for entry in entries if (job := subscription.job_of(entry)) is not None]
        moved = msgspec.structs.replace(subscription, position=entries[-1].position)
        failpoint("relay.middle")
        put = Put(KIND, record.key, msgspec.json.encode(moved), expected=record.version)
        try:
            await self._engine.jobs.insert(jobs, put=put)
        except VersionConflict:
            return False  # Another node has moved it.
        return len(entries) == MOST_AT_ONCE
