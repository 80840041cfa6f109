"""Duty: what is due by schedule is enqueued, each tick once, for any number of nodes.

A tick becomes a job in the same step that moves the schedule on to its next tick, and only if the
schedule still stands where it was read: of several nodes one moves it, the others see that it has
been moved. The next tick is computed from the last one, never from the clock, so that a clock that
is early or late neither repeats nor drops one.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from tidemill.core.change import Cancel, Which
from tidemill.core.errors import AccessError, PayloadTooLarge, VersionConflict
from tidemill.core.instants import Instant, Millis
from tidemill.core.job import NewJob
from tidemill.core.query import JobFilter
from tidemill.core.record import Record
from tidemill.core.state import LIVE
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import Clock
from tidemill.loops.failpoint import failpoint
from tidemill.loops.patience import Apart
from tidemill.schedules.schedule import KIND, ON_TIME, Schedule, of_record, record_of

_SHORT_STRETCH: Final[Millis] = 600_000
_PAGE: Final = 200


class Admission(Protocol):
    """Knows how much each tenant may ask for."""

    async def aadmit(self, tenant: str, sizes: Sequence[int]) -> None:
        """See to it that a tenant may have jobs of these sizes, and count them.

        Raises:
            AccessError: it has as much as it may.
            PayloadTooLarge: one of them is larger than its jobs may be.
        """
        ...


class Scheduler:
    """Asks every schedule whether it is due, and comes back when the next one is."""

    name = "schedule"

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        every: Millis = 1_000,
        quotas: Admission | None = None,
    ) -> None:
        """Come back after `every` at the latest: schedules may have been changed meanwhile.

        Args:
            quotas: keeps the schedules of tenants within what each may have; `None`: nobody does.
        """
        self.every = every
        self._quotas = quotas
        self._engine = engine
        self._clock = clock
        self._apart = Apart("schedule")

    async def run_once(self) -> Millis:
        """Enqueue what is due; answer how long it is to the next tick."""
        now = self._clock.now()
        next_at = now + self.every
        for record in await self._engine.records.find(KIND):
            with self._apart.of(record.key):
                next_at = min(next_at, await self._look_at(record, now))
        return max(next_at - self._clock.now(), 0)

    async def _look_at(self, record: Record, now: Instant) -> Instant:
        """Tick if the schedule is due; answer when to look at it again."""
        schedule = of_record(record)
        if schedule.next_at is None or schedule.paused:
            return now + self.every
        if schedule.next_at <= now:
            await self._tick(record, schedule, now)
            return now
        return schedule.next_at

    async def _tick(self, record: Record, schedule: Schedule, now: Instant) -> None:
        """Enqueue the due ticks of one schedule and move it on, in one step or not at all."""
        ticks, onward = due_ticks(schedule, now)
        failpoint("tick.computed")
        asked = [schedule.job_of(tick) for tick in ticks]
        jobs, refused = await self._admitted(schedule, asked)
        moved = msgspec.structs.replace(schedule, next_at=onward)
        if asked:
            moved = msgspec.structs.replace(moved, last_at=ticks[-1], last_job=asked[-1].id)
        if refused:
            last = ticks[len(asked) - len(jobs) - 1]
            moved = msgspec.structs.replace(moved, skipped_at=last, skipped_for=refused)
        put = record_of(moved, expected=record.version)
        try:
            await self._engine.jobs.insert(jobs, put=put)
        except VersionConflict:
            return  # Another node has moved it, or someone has just changed it.
        failpoint("tick.after")
        if schedule.overlap == "replace" and jobs:
            await self._replace_earlier(schedule, jobs[-1].id)

    async def _admitted(self, schedule: Schedule, jobs: list[NewJob]) -> tuple[list[NewJob], str]:
        """The latest of these jobs, as many as their tenant may have, and why not the others.

        What the application itself has recur is asked for by nobody, and not counted.
        """
        if self._quotas is None or not schedule.owner or not jobs:
            return jobs, ""
        refused = ""
        for first in range(len(jobs)):
            part = jobs[first:]
            try:
                await self._quotas.aadmit(schedule.owner, [len(job.args) for job in part])
            except (AccessError, PayloadTooLarge) as error:
                refused = error.message
            else:
                return part, refused
        return [], refused

    async def _replace_earlier(self, schedule: Schedule, newest: str) -> None:
        """Cancel what earlier ticks left unfinished; a later one may have come meanwhile."""
        (mine,) = await self._engine.reader.get([newest])
        if mine is None:
            return
        earlier = JobFilter(
            source=schedule.source, states=tuple(LIVE), created_before=mine.created_at + 1
        )
        cursor = None
        while True:
            page = await self._engine.reader.find(earlier, cursor=cursor, limit=_PAGE)
            ids = tuple(job.id for job in page.jobs if job.id != newest)
            if ids:
                await self._engine.jobs.change(Which(ids=ids), Cancel("replaced by a later run"))
            if (cursor := page.cursor) is None:
                return


def due_ticks(schedule: Schedule, now: Instant) -> tuple[list[Instant], Instant | None]:
    """The ticks to be enqueued now, oldest first, and the first one that is not due.

    Ticks that are on time are always enqueued; of those that were missed, the latest ones, as many
    as the schedule makes up for.
    """
    ticks: list[Instant] = []
    tick, late = schedule.next_at, now - ON_TIME
    if tick is not None and tick < late:
        ticks += _missed(schedule, tick, late)
        tick = schedule.tick_after(late - 1)
    while tick is not None and tick <= now:
        ticks.append(tick)
        tick = schedule.tick_after(tick)
    return ticks, tick


def _missed(schedule: Schedule, first: Instant, late: Instant) -> Sequence[Instant]:
    """The latest ticks, from the first one on, that are late, as many as are made up for.

    After a long downtime there may be more of them than can be walked, so they are looked for from
    the end: in a short stretch of time, and in a longer one while those are not enough.
    """
    latest: deque[Instant] = deque(maxlen=schedule.catchup)
    stretch = _SHORT_STRETCH
    while schedule.catchup:
        latest.clear()
        begin = late - stretch
        tick = first if begin <= first else schedule.tick_after(begin - 1)
        while tick is not None and tick < late:
            latest.append(tick)
            tick = schedule.tick_after(tick)
        if len(latest) == schedule.catchup or begin <= first:
            break
        stretch *= 4
    return latest
