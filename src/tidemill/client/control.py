"""Asking something of jobs that are there: cancel, retry, postpone, move, delete."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, Unpack

from msgspec import to_builtins
from msgspec.structs import replace

from tidemill.client.lookup import FilterKeywords, Lookup
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.client.wishes import JobOrId, id_of
from tidemill.core.change import (
    Cancel,
    Change,
    Changed,
    Delete,
    Move,
    Postpone,
    PutBack,
    Reprioritise,
    Retry,
    RunNow,
    Which,
)
from tidemill.core.errors import InvalidOption, NotAllowed
from tidemill.core.identity import check_name, check_words
from tidemill.core.instants import Duration, from_datetime, millis
from tidemill.core.query import JobFilter
from tidemill.engines.protocol import Engine
from tidemill.tasks.options import check_priority
from tidemill.tasks.registry import OWN
from tidemill.tasks.secret import MASK

SLICE: Final = 500
"""Jobs that one step of a change looks at."""

Told: TypeAlias = Callable[[int], object] | None
"""Is told after each slice how many jobs have been changed so far."""

VERBS: Final[dict[type[Change], str]] = {
    Cancel: "jobs.cancel",
    Retry: "jobs.retry",
    RunNow: "jobs.run_now",
    Postpone: "jobs.postpone",
    Reprioritise: "jobs.reprioritise",
    Move: "jobs.move",
    Delete: "jobs.delete",
    PutBack: "jobs.put_back",
}
"""What the audit log calls each change."""

_MOST_TOLD: Final = 100
"""Ids of which the audit log tells one by one."""

_SECRET: Final = frozenset({"text", "unique_key"})
"""Parts of a filter that repeat what jobs were given."""


class Jobs(Lookup):
    """Questions about the jobs of one application, and what can be asked of them.

    A change is asked of jobs by id, or of all that match a filter, never of all there are by
    leaving both out. It is made in slices, each slice whole or not at all, in states that allow
    it; jobs in other states are left alone. The answer is how many were changed. A part of a filter
    that is empty is refused: a list that has come to be empty is not meant to mean all.

    The platform's own jobs, such as the rest of a long change, are left out of every filter. One by
    one they can be cancelled and deleted, and nothing else: whoever runs a finished one again would
    do what somebody else was allowed to do.
    """

    @blocking
    def cancel(
        self,
        *jobs: JobOrId,
        reason: str = "",
        told: Told = None,
        **which: Unpack[FilterKeywords],
    ) -> Steps[int]:
        """End jobs that have not finished; those that run are asked to stop."""
        return self._sweep(jobs, which, Cancel(check_words("reason", reason)), told)

    acancel = awaiting(cancel)

    @blocking
    def retry(
        self, *jobs: JobOrId, told: Told = None, **which: Unpack[FilterKeywords]
    ) -> Steps[int]:
        """Run failed and cancelled jobs again, with all their attempts before them."""
        return self._sweep(jobs, which, Retry(), told)

    aretry = awaiting(retry)

    @blocking
    def delete(
        self, *jobs: JobOrId, told: Told = None, **which: Unpack[FilterKeywords]
    ) -> Steps[int]:
        """Remove jobs that do not run, and their history, for good."""
        return self._sweep(jobs, which, Delete(), told)

    adelete = awaiting(delete)

    @blocking
    def run_now(
        self, *jobs: JobOrId, told: Told = None, **which: Unpack[FilterKeywords]
    ) -> Steps[int]:
        """Make scheduled and retrying jobs due at once."""
        return self._sweep(jobs, which, RunNow(), told)

    arun_now = awaiting(run_now)

    @blocking
    def postpone(
        self,
        *jobs: JobOrId,
        until: datetime | Duration,
        told: Told = None,
        **which: Unpack[FilterKeywords],
    ) -> Steps[int]:
        """Make scheduled, retrying and waiting jobs due at a moment, or so long from now."""
        return self._sweep(jobs, which, self.postponing(until), told)

    apostpone = awaiting(postpone)

    @blocking
    def reprioritise(
        self,
        *jobs: JobOrId,
        priority: int,
        told: Told = None,
        **which: Unpack[FilterKeywords],
    ) -> Steps[int]:
        """Give jobs that do not run another priority, -100 to 100."""
        return self._sweep(jobs, which, Reprioritise(check_priority(priority)), told)

    areprioritise = awaiting(reprioritise)

    @blocking
    def move(
        self, *jobs: JobOrId, queue: str, told: Told = None, **which: Unpack[FilterKeywords]
    ) -> Steps[int]:
        """Put jobs that do not run into another queue."""
        return self._sweep(jobs, which, Move(check_name("queue", queue)), told)

    amove = awaiting(move)

    def postponing(self, until: datetime | Duration) -> Postpone:
        """The change that makes jobs due at a moment, or so long from now.

        Raises:
            InvalidOption: that is neither.
        """
        if isinstance(until, datetime):
            return Postpone(from_datetime(until))
        return Postpone(self._store.clock.now() + millis(until))

    @blocking
    def change(
        self, which: Which, change: Change, *, cursor: str | None = None, limit: int = SLICE
    ) -> Steps[Changed]:
        """One slice of a change, for those who show how far it has come.

        Args:
            which: the jobs meant, by ids or by a filter.
            change: what is to be done to them.
            cursor: where the slice before ended; `None`: begin.
            limit: how many jobs the slice may change, at most.

        Returns:
            What was changed, perhaps nothing, and where to go on: without a cursor all is done.
        """
        return self._slice(which, change, cursor, limit)

    achange = awaiting(change)

    def _sweep(
        self, jobs: tuple[JobOrId, ...], written: FilterKeywords, change: Change, told: Told
    ) -> Steps[int]:
        which = self._which(jobs, written)
        count, cursor = 0, None
        while True:
            changed = yield from self._slice(which, change, cursor, SLICE)
            count += len(changed.ids)
            if told:
                told(count)
            if (cursor := changed.cursor) is None:
                return count

    def _slice(
        self, which: Which, change: Change, cursor: str | None, limit: int
    ) -> Steps[Changed]:
        """One slice; the first one says who asks, for all of them."""
        audit = () if cursor else self._client.audit(**_deed(which, change))
        meant = self.owned(which)
        engine = yield from self._store.engine()
        if not isinstance(change, Cancel | Delete):
            yield from self._check_foreign(engine, which.ids)
        call = engine.jobs.change(meant, change, cursor=cursor, limit=limit, audit=audit)
        return (yield from ask(call))

    def owned(self, which: Which) -> Which:
        """The same jobs, but for those that whoever asks may not touch, and the platform's own."""
        narrowed = which.filter and replace(which.filter, without=OWN)
        if not self._client.confined:
            return replace(which, filter=narrowed)
        tenant = self._client.tenant
        narrowed = narrowed and replace(narrowed, tenant=tenant)
        return replace(which, filter=narrowed, tenant=tenant)

    def _check_foreign(self, engine: Engine, ids: Sequence[str]) -> Steps[None]:
        """See to it that none of these jobs is the platform's own.

        Raises:
            NotAllowed: one of them is.
        """
        for start in range(0, len(ids), SLICE):
            found = yield from ask(engine.reader.get(ids[start : start + SLICE]))
            for job in found:
                if self._client.sees(job) and job.task.startswith(OWN):
                    raise NotAllowed(
                        f"job {job.id} is one of the platform's own, of {job.task}, and can only be"
                        " cancelled and deleted",
                        hint="ask anew for what it does",
                    )

    def _which(self, jobs: tuple[JobOrId, ...], written: FilterKeywords) -> Which:
        if bool(jobs) == bool(written):
            raise InvalidOption(
                "a change needs jobs or a filter, one of the two",
                hint="give ids, or what the jobs meant have in common, such as queues=[...]",
            )
        if jobs:
            return Which(ids=tuple(map(id_of, jobs)))
        return Which(filter=self.changeable(written))

    def changeable(self, which: FilterKeywords) -> JobFilter:
        """The jobs that a change by this filter looks at, to be shown before: see `filter`.

        Raises:
            InvalidOption: a part of it is empty.
        """
        meant = self.filter(which)
        for name in which:
            if getattr(meant, name) in ((), ""):
                raise InvalidOption(
                    f"{name} is empty, which would mean jobs of any",
                    hint="say which, or leave it out",
                )
        return replace(meant, without=OWN)


def _deed(which: Which, change: Change) -> dict[str, Any]:
    """What the audit log says of a change."""
    verb = VERBS[type(change)]
    # What jobs were is looked up in the lines on what was done to them.
    given: dict[str, Any] = {} if isinstance(change, PutBack) else to_builtins(change)
    if which.filter is not None:
        return {"action": verb, "given": given | {"filter": veiled(which.filter)}}
    if len(which.ids) == 1:
        return {"action": verb, "target": which.ids[0], "given": given}
    told = list(which.ids[:_MOST_TOLD])
    return {"action": verb, "given": given | {"ids": told, "of": len(which.ids)}}


def veiled(meant: JobFilter) -> dict[str, Any]:
    """A filter without what it looks for in arguments and unique keys, which may hold secrets.

    That it leaves the platform's own jobs out goes without saying: every one does.
    """
    told: dict[str, Any] = to_builtins(meant)
    told.pop("without", None)
    return told | dict.fromkeys(_SECRET & told.keys(), MASK)
