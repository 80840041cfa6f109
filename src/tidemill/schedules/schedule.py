"""Schedule: what to enqueue, when, and what if a tick was missed or the last run is not done."""

import hashlib
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct

from tidemill.core.errors import InvalidOption
from tidemill.core.identity import check_name, derived_id
from tidemill.core.instants import Instant, Millis, from_datetime, to_datetime
from tidemill.core.job import NewJob
from tidemill.core.limits import KeyLimit
from tidemill.core.record import Put, Record
from tidemill.core.unique import UniqueClaim, unrejected
from tidemill.schedules.calendar import Calendar, check
from tidemill.schedules.cron import parse
from tidemill.schedules.moments import next_moment, zone

KIND: Final = "schedule"
"""The kind of record that schedules are."""

Overlap = Literal["allow", "skip", "queue", "replace"]
OVERLAPS: Final = ("allow", "skip", "queue", "replace")

ON_TIME: Final[Millis] = 60_000
"""A tick that is enqueued within this time was not missed."""

MOST_CAUGHT_UP: Final = 1_000
MOST_RESTS: Final = 10_000
"""Rests in a row that a tick may fall into before a schedule counts as one without ticks."""


class Schedule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named, saved request to run a task, as it is kept.

    Attributes:
        owner: the tenant to which alone it belongs; empty: it is the application's.
        job: what is enqueued, but for its id and its time.
        cron: cron expression; empty: by interval or by hand only.
        every: interval; 0: by cron or by hand only.
        anchor: where an interval is counted from.
        zone: time zone of the cron expression and the calendar.
        overlap: what a tick does while a job of an earlier one is not finished: `"allow"` both,
            `"skip"` this one, `"queue"` it behind, `"replace"` the earlier one.
        catchup: how many of the ticks that were missed are made up for, the latest ones; 0: none.
        jitter: a job is put off by up to so long, by an amount that its tick decides.
        calendar: when it rests.
        paused: whether it stands still; ticks in a pause are not missed.
        note: why it is paused.
        paused_by: who paused it, as the audit log names them; empty: nobody in particular.
        paused_at: since when it is paused.
        origin: `"code"` or `"person"`.
        declared: digest of the declaration in code that this follows.
        next_at: the next tick; `None` while paused, by hand only, or over.
        last_at: the last tick for which a job was asked.
        last_job: that job; it does not exist if it was skipped.
        skipped_at: the last tick that its owner's quota did not allow.
        skipped_for: what was said of that.
        version: how often it has been written; the store counts it.
    """

    name: str
    owner: str = ""
    job: NewJob
    cron: str = ""
    every: Millis = 0
    anchor: Instant = 0
    zone: str = "UTC"
    overlap: Overlap = "allow"
    catchup: int = 1
    jitter: Millis = 0
    calendar: Calendar = Calendar()
    paused: bool = False
    note: str = ""
    paused_by: str = ""
    paused_at: Instant | None = None
    origin: str = "code"
    declared: str = ""
    next_at: Instant | None = None
    last_at: Instant | None = None
    last_job: str | None = None
    skipped_at: Instant | None = None
    skipped_for: str = ""
    version: int = 0

    @property
    def key(self) -> str:
        """What it is kept under: the names of one tenant's are nothing to another's."""
        return f"{self.owner}/{self.name}" if self.owner else self.name

    @property
    def source(self) -> str:
        """What its jobs carry as their cause."""
        return f"schedule:{self.key}"

    def tick_after(self, instant: Instant) -> Instant | None:
        """The first tick strictly after this instant; `None` if there is none."""
        behind = instant
        for _ in range(MOST_RESTS):
            tick = self._plain_tick_after(behind)
            if tick is None or (free_at := self._end_of_rest(tick)) <= tick:
                return tick
            # However many ticks fall into a rest, it is one step to its end.
            behind = free_at - 1
        return None

    def _plain_tick_after(self, instant: Instant) -> Instant | None:
        if self.every:
            return self.anchor + ((instant - self.anchor) // self.every + 1) * self.every
        if not self.cron:
            return None
        moment = next_moment(parse(self.cron), zone(self.zone), to_datetime(instant))
        return None if moment is None else from_datetime(moment)

    def _end_of_rest(self, tick: Instant) -> Instant:
        if self.calendar == Calendar():
            return tick
        return self.calendar.end_of_rest(tick, zone(self.zone))

    def job_of(self, tick: Instant) -> NewJob:
        """The job of one tick: always of the same id, so that storing it twice stores it once."""
        job = msgspec.structs.replace(
            self.job,
            id=derived_id(KIND, self.key, str(tick)),
            due_at=tick + self._delay_of(tick),
            unique=unrejected(self.job.unique),
            source=self.source,
        )
        return self._kept_apart(job)

    def job_by_hand(self, id_: str) -> NewJob:
        """The job of a run that a person asks for now."""
        job = msgspec.structs.replace(self.job, id=id_, due_at=None, source=self.source)
        return self._kept_apart(job)

    def _kept_apart(self, job: NewJob) -> NewJob:
        """The job, kept apart from those of other ticks as the overlap rule has it."""
        key = f"{job.tenant}/{self.source}"
        if self.overlap == "skip":
            return msgspec.structs.replace(job, unique=UniqueClaim(key))
        if self.overlap == "queue":
            return msgspec.structs.replace(job, limit=KeyLimit(key, 1))
        return job

    def _delay_of(self, tick: Instant) -> Millis:
        if not self.jitter:
            return 0
        digest = hashlib.blake2b(f"{self.key}\x1f{tick}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % (self.jitter + 1)


def checked(schedule: Schedule) -> Schedule:
    """Return the schedule if it can be kept.

    Raises:
        InvalidOption: two patterns, a bad one, an unknown zone, overlap or catch-up.
        InvalidName: no name for a schedule.
    """
    check_name("schedule", schedule.name)
    if schedule.cron and schedule.every:
        raise InvalidOption(
            f"schedule {schedule.name} has a cron expression and an interval", hint="give one"
        )
    if schedule.cron:
        parse(schedule.cron)
    zone(schedule.zone)
    if schedule.overlap not in OVERLAPS:
        raise InvalidOption(
            f"overlap={schedule.overlap!r} is not known", hint=f"use one of {', '.join(OVERLAPS)}"
        )
    if not 0 <= schedule.catchup <= MOST_CAUGHT_UP:
        raise InvalidOption(
            f"catchup={schedule.catchup!r} is not possible",
            hint=f'use "none", "latest", or how many at most, up to {MOST_CAUGHT_UP}',
        )
    check(schedule.calendar)
    if (schedule.cron or schedule.every) and schedule.tick_after(_SOME_DAY) is None:
        raise InvalidOption(f"schedule {schedule.name} never comes: its calendar leaves no tick")
    return schedule


def of_record(record: Record) -> Schedule:
    """A schedule as it was kept."""
    return msgspec.structs.replace(_decode(record.doc), version=record.version)


def record_of(schedule: Schedule, *, expected: int) -> Put:
    """A schedule as it is to be kept, if the one that is there is of this version."""
    return Put(KIND, schedule.key, msgspec.json.encode(unversioned(schedule)), expected=expected)


def unversioned(schedule: Schedule) -> Schedule:
    """What is said of a schedule, without how often it was said."""
    return msgspec.structs.replace(schedule, version=0)


_decode: Final = msgspec.json.Decoder(Schedule).decode
_SOME_DAY: Final[Instant] = from_datetime(datetime(2026, 1, 1, tzinfo=UTC))
