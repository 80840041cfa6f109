"""Schedules from code and from people: created, edited, paused, run by hand, looked at."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Unpack

import msgspec

from tidemill.client.bound import Bound
from tidemill.client.client import Client
from tidemill.client.directory import known
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.client.why import Cause
from tidemill.client.witness import written
from tidemill.core.errors import InvalidOption, NotFound, VersionConflict
from tidemill.core.identity import check_words, new_id
from tidemill.core.instants import to_datetime
from tidemill.core.job import NewJob
from tidemill.engines.protocol import Engine
from tidemill.schedules import why as reasons
from tidemill.schedules.ahead import ticks_of
from tidemill.schedules.keywords import ScheduleKeywords, check_options, with_options
from tidemill.schedules.schedule import (
    KIND,
    Schedule,
    checked,
    of_record,
    record_of,
    unversioned,
)

__all__ = ["ScheduleKeywords", "Schedules"]

_RETRIES: Final = 10
"""Times that an edit is made anew because a tick came between reading and writing."""


class Schedules:
    """The schedules of one application; every verb comes with an `a` before it for async code.

    A schedule that belongs to a tenant is named `tenant/name`; asked through a client that is
    confined to the tenant, it is named without it, and no others are there.
    """

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self.client = client
        self._declared: dict[str, tuple[Callable[[], Bound[Any]], ScheduleKeywords]] = {}

    def check(self, **options: Unpack[ScheduleKeywords]) -> None:
        """See to it that a schedule could come so; nothing is stored.

        Raises:
            InvalidOption: a pattern, zone or option that makes no sense.
        """
        check_options("schedule", "task", options)

    def declares(self, name: str) -> bool:
        """Whether code has said that something of this name recurs."""
        return name in self._declared

    def declare(
        self, name: str, call: Callable[[], Bound[Any]], **options: Unpack[ScheduleKeywords]
    ) -> None:
        """Say in code that a call recurs; it is stored when a worker starts.

        Args:
            call: makes the call when it is stored, for what its task refers to may come later in
                the module that declares it.

        Raises:
            InvalidOption: a pattern, zone or option that makes no sense, or a name declared twice.
        """
        if name in self._declared:
            raise InvalidOption(f"schedule {name!r} is declared twice", hint="name one otherwise")
        check_options(name, name, options)
        self._declared[name] = (call, options)

    @blocking
    def publish(self) -> Steps[None]:
        """Store what is declared in code.

        A schedule that code has changed follows the code again; one that code has left as it was
        keeps what people have made of it.
        """
        engine = yield from self.client.store.engine()
        for name, (call, options) in self._declared.items():
            schedule = self._make(name, call(), options, origin="code")
            digest = hashlib.blake2b(msgspec.json.encode(_declaration(schedule)), digest_size=8)
            declared = msgspec.structs.replace(schedule, declared=digest.hexdigest())
            yield from self._publish_one(engine, declared)

    apublish = awaiting(publish)

    @blocking
    def create(
        self,
        name: str,
        call: Bound[Any],
        *,
        paused: bool = False,
        **options: Unpack[ScheduleKeywords],
    ) -> Steps[Schedule]:
        """Save a schedule at run time.

        Args:
            name: of the schedule.
            call: what is to recur.
            paused: it stands still from the start, and no tick comes before it is resumed.
            options: when it comes; see `ScheduleKeywords`.

        Raises:
            InvalidOption: a pattern, zone or option that makes no sense.
            NotFound: the tenant has just been removed.
            VersionConflict: there is one of this name.
        """
        made = self._make(name, call, options, origin="person")
        schedule = self._rested(made, "") if paused else self._started(made)
        given = {"paused": True} if paused else {}
        audit = self.client.audit(
            "schedules.create", schedule.key, given=given, after=_told(schedule)
        )
        engine = yield from self.client.store.engine()
        needs = yield from known(engine, [schedule.owner] if schedule.owner else [])
        put = msgspec.structs.replace(record_of(schedule, expected=0), needs=needs)
        try:
            yield from ask(engine.records.put(put, audit=audit))
        except VersionConflict as error:
            raise VersionConflict(
                f"there is a schedule {name!r} already", hint="take another name"
            ) from error
        return msgspec.structs.replace(schedule, version=1)

    acreate = awaiting(create)

    @blocking
    def edit(
        self,
        name: str,
        *,
        call: Bound[Any] | None = None,
        version: int | None = None,
        **options: Unpack[ScheduleKeywords],
    ) -> Steps[Schedule]:
        """Change a schedule; its next tick is computed anew from now.

        Args:
            call: what is to recur instead, in place of the whole call that it has; jobs that are
                there already stay as they are.
            version: the one that was seen: if it has been changed since, that is not undone.
            options: what is to be different.

        Raises:
            NotFound: there is none of this name.
            InvalidOption: a pattern, zone or option that makes no sense.
            VersionConflict: it is not of the version that was seen.
        """
        job = None if call is None else self._template(name, call)

        def edited(old: Schedule) -> Schedule:
            told = old if job is None else msgspec.structs.replace(old, job=job)
            return self._started(checked(with_options(told, options)))

        return self._change("schedules.edit", name, edited, version)

    aedit = awaiting(edit)

    @blocking
    def pause(self, name: str, *, note: str = "", version: int | None = None) -> Steps[Schedule]:
        """Let it stand still; the ticks of a pause are not made up for. See `edit`."""
        said = check_words("note", note)

        def rest(old: Schedule) -> Schedule:
            return self._rested(old, said)

        return self._change("schedules.pause", name, rest, version)

    apause = awaiting(pause)

    @blocking
    def resume(
        self, name: str, *, version: int | None = None, **options: Unpack[ScheduleKeywords]
    ) -> Steps[Schedule]:
        """Let it go on from now, perhaps with another pattern or zone. See `edit`."""

        def go_on(old: Schedule) -> Schedule:
            told = with_options(old, options)
            freed = msgspec.structs.replace(
                told, paused=False, note="", paused_by="", paused_at=None
            )
            return self._started(checked(freed))

        return self._change("schedules.resume", name, go_on, version)

    aresume = awaiting(resume)

    @blocking
    def run(self, name: str) -> Steps[str]:
        """Enqueue its job now, beside its ticks; answer the id of the job that stands for it."""
        engine = yield from self.client.store.engine()
        schedule = yield from self._read(engine, name)
        job = schedule.job_by_hand(new_id())
        audit = self.client.audit("schedules.run", schedule.key, given={"job": job.id})
        (inserted,) = yield from ask(engine.jobs.insert([job], audit=audit))
        return inserted.id

    arun = awaiting(run)

    @blocking
    def delete(self, name: str, *, version: int | None = None) -> Steps[bool]:
        """Forget a schedule; its jobs stay. One that code declares comes back with it.

        Raises:
            VersionConflict: it is not of the version that was seen.
        """
        key = self._key(name)
        engine = yield from self.client.store.engine()
        if (yield from ask(engine.records.get(KIND, key))) is None:
            return False  # and there is nothing to be told of
        audit = self.client.audit("schedules.delete", key)
        return (yield from ask(engine.records.delete(KIND, key, version, audit=audit)))

    adelete = awaiting(delete)

    @blocking
    def get(self, name: str) -> Steps[Schedule]:
        """One schedule.

        Raises:
            NotFound: there is none of this name.
        """
        engine = yield from self.client.store.engine()
        schedule = yield from self._read(engine, name)
        return schedule

    aget = awaiting(get)

    @blocking
    def find(self) -> Steps[tuple[Schedule, ...]]:
        """All schedules, by name."""
        engine = yield from self.client.store.engine()
        owner = {"owner": self.client.tenant} if self.client.confined else None
        records = yield from ask(engine.records.find(KIND, owner))
        return tuple(map(of_record, records))

    afind = awaiting(find)

    @blocking
    def upcoming(self, name: str, count: int = 5) -> Steps[tuple[datetime, ...]]:
        """Its next ticks, in UTC; none while it is paused."""
        engine = yield from self.client.store.engine()
        schedule = yield from self._read(engine, name)
        return tuple([to_datetime(tick) for tick in ticks_of(schedule, count)])

    aupcoming = awaiting(upcoming)

    @blocking
    def why(self, name: str) -> Steps[tuple[Cause, ...]]:
        """Why it runs no job now: paused, skipped by its overlap rule, not due, nobody there.

        Raises:
            NotFound: there is none of this name.
        """
        engine = yield from self.client.store.engine()
        schedule = yield from self._read(engine, name)
        return (yield from reasons.why(engine, schedule, self.client.store.clock.now()))

    awhy = awaiting(why)

    def _make(
        self, name: str, call: Bound[Any], options: ScheduleKeywords, *, origin: str
    ) -> Schedule:
        template = self._template(name, call)
        anchor = self.client.store.clock.now()
        owner = self.client.tenant if self.client.confined else ""
        plain = Schedule(name=name, owner=owner, job=template, anchor=anchor, origin=origin)
        return checked(with_options(plain, options))

    def _template(self, name: str, call: Bound[Any]) -> NewJob:
        """What is enqueued for each tick of a call, but for its id and its time."""
        if call.arguments.secrets:
            raise InvalidOption(
                f"the call of schedule {name!r} holds a secret, which is bound to one job",
                hint="let the handler read it where it runs",
            )
        job = call.new_job(self.client.tenant, self.client.store.clock)
        if job.due_at is not None or job.expires_at is not None:
            raise InvalidOption(
                f"the call of schedule {name!r} has a time of its own",
                hint="leave out delay, at and expires: the schedule says when",
            )
        return msgspec.structs.replace(job, id="")

    def _key(self, name: str) -> str:
        """What a schedule is kept under that whoever asks calls so."""
        return f"{self.client.tenant}/{name}" if self.client.confined else name

    def _started(self, schedule: Schedule) -> Schedule:
        """The schedule with its next tick counted from now."""
        now = self.client.store.clock.now()
        next_at = None if schedule.paused else schedule.tick_after(now)
        return msgspec.structs.replace(schedule, next_at=next_at)

    def _rested(self, schedule: Schedule, note: str) -> Schedule:
        """The schedule standing still, by the wish of whoever asks."""
        return msgspec.structs.replace(
            schedule,
            paused=True,
            note=note,
            paused_by=self.client.asker,
            paused_at=self.client.store.clock.now(),
            next_at=None,
        )

    def _read(self, engine: Engine, name: str) -> Steps[Schedule]:
        record = yield from ask(engine.records.get(KIND, self._key(name)))
        if record is None:
            raise NotFound(
                f"there is no schedule {name!r}", hint="`tidemill schedules list` names them"
            )
        return of_record(record)

    def _change(
        self,
        action: str,
        name: str,
        change: Callable[[Schedule], Schedule],
        version: int | None,
    ) -> Steps[Schedule]:
        """Read, change and write; made anew when a tick comes between."""
        engine = yield from self.client.store.engine()
        for left in reversed(range(_RETRIES)):
            old = yield from self._read(engine, name)
            new = change(old)
            seen = old.version if version is None else version
            audit = self.client.audit(action, new.key, before=_told(old), after=_told(new))
            try:
                put = yield from ask(engine.records.put(record_of(new, expected=seen), audit=audit))
            except VersionConflict:
                if version is not None or not left:
                    raise
            else:
                return msgspec.structs.replace(new, version=put.version)
        raise AssertionError  # the loop returns or raises

    def _publish_one(self, engine: Engine, declared: Schedule) -> Steps[None]:
        record = yield from ask(engine.records.get(KIND, declared.name))
        if record is None:
            new, expected = self._started(declared), 0
        else:
            old, expected = of_record(record), record.version
            if old.declared == declared.declared:
                return
            new = self._started(
                msgspec.structs.replace(
                    declared,
                    paused=old.paused,
                    note=old.note,
                    paused_by=old.paused_by,
                    paused_at=old.paused_at,
                    last_at=old.last_at,
                    last_job=old.last_job,
                    skipped_at=old.skipped_at,
                    skipped_for=old.skipped_for,
                )
            )
        try:
            yield from ask(engine.records.put(record_of(new, expected=expected)))
        except VersionConflict:
            return  # Another node has just published the same, or its tick will be followed.


def _told(schedule: Schedule) -> bytes:
    """A schedule as it is digested for the audit log."""
    return written(unversioned(schedule))


def _declaration(schedule: Schedule) -> Schedule:
    """What code says of a schedule, without what depends on when it is said."""
    return msgspec.structs.replace(schedule, anchor=0)
