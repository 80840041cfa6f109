"""What recurs, seen and steered through a server; see `schedules.store.Schedules`."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, Unpack

import msgspec

from tidemill.client.why import Cause
from tidemill.core.job import NewJob
from tidemill.remote.reading import Sent, causes, instant, nothing, owned, value
from tidemill.remote.wire import Query, Wire
from tidemill.schedules.schedule import Schedule
from tidemill.schedules.store import ScheduleKeywords

T = TypeVar("T")


class RemoteSchedules:
    """The schedules behind a server."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def find(self) -> tuple[Schedule, ...]:
        """All schedules, by name."""
        return self._wire.get(_schedules, "/schedules")

    def get(self, name: str) -> Schedule:
        """One schedule.

        Raises:
            NotFound: there is none of this name.
        """
        return self._ask(partial(_schedule, name), "GET", name)

    def upcoming(self, name: str, count: int = 5) -> tuple[datetime, ...]:
        """Its next ticks, in UTC; none while it is paused."""
        return self._ask(_ticks, "GET", name, "/next", query={"count": count})

    def why(self, name: str) -> tuple[Cause, ...]:
        """Why it runs no job now: paused, skipped by its overlap rule, not due, nobody there."""
        return self._ask(causes, "GET", name, "/why")

    def run(self, name: str) -> str:
        """Enqueue its job now, beside its ticks; answer the id of the job that stands for it."""
        return self._ask(_job, "POST", name, "/run")

    def pause(self, name: str, *, note: str = "") -> Schedule:
        """Let it stand still; the ticks of a pause are not made up for."""
        return self._ask(partial(_schedule, name), "POST", name, "/pause", {"note": note})

    def resume(self, name: str, **options: Unpack[ScheduleKeywords]) -> Schedule:
        """Let it go on from now, perhaps with another pattern or zone."""
        return self._ask(partial(_schedule, name), "POST", name, "/resume", options)

    def delete(self, name: str) -> None:
        """Forget a schedule; its jobs stay. One that code declares comes back with it.

        Raises:
            NotFound: there is none of this name.
        """
        self._ask(nothing, "DELETE", name)

    def _ask(
        self,
        read: Callable[[Any], T],
        method: str,
        name: str,
        below: str = "",
        body: Any = None,
        *,
        query: Query | None = None,
    ) -> T:
        owner, plain = owned(name)
        path = f"/schedules/{plain}{below}"
        return self._wire.ask(read, method, path, body, query=query, tenant=owner)


def _schedules(sent: Sent) -> tuple[Schedule, ...]:
    return tuple([_schedule(each["name"], each) for each in sent["schedules"]])


def _schedule(name: str, sent: Sent) -> Schedule:
    """A schedule that whoever asks calls so."""
    owner, _, plain = name.rpartition("/")
    job = NewJob(
        id="",
        task=sent["task"],
        queue=sent["queue"],
        tenant=sent["tenant"],
        args=msgspec.json.encode(sent["arguments"]),
    )
    calendar = {
        "business_days": sent["business_days"],
        "holidays": sent["holidays"],
        "blackouts": [(instant(first), instant(last)) for first, last in sent["blackouts"]],
    }
    return value(
        Schedule,
        sent,
        at=("paused_at", "next_at", "last_at"),
        spans=("every", "jitter"),
        name=plain,
        owner=owner,
        job=msgspec.to_builtins(job, builtin_types=(bytes,)),
        cron=sent["pattern"],
        zone=sent["tz"],
        calendar=calendar,
    )


def _ticks(sent: Sent) -> tuple[datetime, ...]:
    return tuple([datetime.fromisoformat(each["at"]) for each in sent["ticks"]])


def _job(sent: Sent) -> str:
    return msgspec.convert(sent["job"], str)
