"""Duty: what is due by schedule is enqueued, each tick once, for any number of nodes.

A tick becomes a job in the same step that moves the schedule on to its next tick, and only if the
schedule still stands where it was read: of several nodes one moves it, the others see that it has
been moved. The next tick is computed from the last one, never from the clock, so that a clock that
is early or late neither repeats nor drops one.
"""

from collections import deque
from typing import Final

import msgspec

from tidemill.core.change import Cancel, Which
from tidemill.core.errors import VersionConflict
from tidemill.core.instants import Instant, Millis
from tidemill.core.query import JobFilter
from tidemill.core.record import Put, Record
from tidemill.core.state import LIVE
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.failpoint import failpoint
from tidemill.schedules.schedule import KIND, MOST_CAUGHT_UP, ON_TIME, Schedule

decode: Final = msgspec.json.Decoder(Schedule).decode


class Scheduler:
    """Asks every schedule whether it is due, and comes back when the next one is."""

    name = "schedule"

    def __init__(self, engine: Engine, clock: Clock, *, every: Millis = 1_000) -> None:
        """Come back after `every` at the latest: schedules may have been changed meanwhile."""
        self.every = every
        self._engine = engine
        self._clock = clock

    async def run_once(self) -> Millis:
        """Enqueue what is due; answer how long it is to the next tick."""
        now = self._clock.now()
        next_at = now + self.every
        for record in await self._engine.records.find(KIND):
            schedule = decode(record.doc)
            if schedule.next_at is None or schedule.paused:
                continue
            if schedule.next_at > now:
                next_at = min(next_at, schedule.next_at)
            else:
                await self._tick(record, schedule, now)
                next_at = now
        return max(next_at - self._clock.now(), 0)

    async def _tick(self, record: Record, schedule: Schedule, now: Instant) -> None:
        """Enqueue the due ticks of one schedule and move it on, in one step or not at all."""
        ticks, onward = due_ticks(schedule, now)
        failpoint("tick.computed")
        jobs = [schedule.job_of(tick) for tick in ticks]
        moved = msgspec.structs.replace(schedule, next_at=onward)
        if jobs:
            moved = msgspec.structs.replace(moved, last_at=ticks[-1], last_job=jobs[-1].id)
        put = Put(KIND, record.key, msgspec.json.encode(moved), expected=record.version)
        try:
            await self._engine.jobs.insert(jobs, put=put)
        except VersionConflict:
            return  # Another node has moved it, or someone has just changed it.
        failpoint("tick.after")
        if schedule.overlap == "replace" and jobs:
            await self._replace_others(schedule, jobs[-1].id)

    async def _replace_others(self, schedule: Schedule, newest: str) -> None:
        """Cancel what earlier ticks left unfinished."""
        others = JobFilter(source=schedule.source, states=tuple(LIVE))
        page = await self._engine.reader.find(others, limit=200)
        ids = tuple(job.id for job in page.jobs if job.id != newest)
        if ids:
            await self._engine.jobs.change(Which(ids=ids), Cancel("replaced by a later run"))


def due_ticks(schedule: Schedule, now: Instant) -> tuple[list[Instant], Instant | None]:
    """The ticks to be enqueued now, oldest first, and the first one that is not due.

    Ticks that are on time are always enqueued; of those that were missed, the latest ones, as many
    as the schedule makes up for.
    """
    missed: deque[Instant] = deque(maxlen=schedule.catchup)
    on_time: list[Instant] = []
    tick = schedule.next_at
    while tick is not None and tick <= now:
        if now - tick > ON_TIME:
            missed.append(tick)
            tick = _skip_ahead(schedule, tick, now)
        else:
            on_time.append(tick)
            tick = schedule.tick_after(tick)
    return [*missed, *on_time], tick


def _skip_ahead(schedule: Schedule, tick: Instant, now: Instant) -> Instant | None:
    """The tick after a missed one; after a long downtime, one that is recent enough to matter.

    An interval has more ticks in its past than can be walked: those that no catch-up could ask for
    are jumped over.
    """
    if schedule.every:
        oldest = now - ON_TIME - schedule.every * (MOST_CAUGHT_UP + 1)
        tick = max(tick, oldest)
    return schedule.tick_after(tick)
