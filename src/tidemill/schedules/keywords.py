"""What may be said of a schedule, and the schedule that it makes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, TypedDict

import msgspec

from tidemill.core.errors import InvalidOption
from tidemill.core.instants import Duration, from_datetime, millis
from tidemill.core.job import NewJob
from tidemill.schedules.calendar import Calendar
from tidemill.schedules.schedule import MOST_CAUGHT_UP, Overlap, Schedule, checked

_CATCHUPS: Final[dict[str, int]] = {"none": 0, "latest": 1, "all": MOST_CAUGHT_UP}


class ScheduleKeywords(TypedDict, total=False):
    """What may be said of a schedule; the meanings are those of `Schedule`.

    `pattern` is a cron expression, `every` an interval, `tz` a zone of the IANA database;
    `catchup` is `"none"`, `"latest"`, `"all"`, or how many at most.
    """

    pattern: str
    every: Duration
    tz: str
    overlap: Overlap
    catchup: str | int
    jitter: Duration
    business_days: bool
    holidays: str
    blackouts: Iterable[tuple[datetime, datetime]]


def check_options(name: str, task: str, options: ScheduleKeywords) -> None:
    """See to it that a task can recur so.

    Raises:
        InvalidName: no name for a schedule.
        InvalidOption: a pattern, zone or option that makes no sense.
    """
    checked(with_options(Schedule(name=name, job=NewJob(id="", task=task)), options))


def with_options(schedule: Schedule, options: ScheduleKeywords) -> Schedule:
    """The schedule with what was written; a new pattern takes the place of the old one."""
    changes: dict[str, Any] = {}
    unknown = options.keys() - ScheduleKeywords.__annotations__.keys()
    if unknown:
        raise InvalidOption(
            f"no schedule has {', '.join(sorted(unknown))}",
            hint=f"there are {', '.join(ScheduleKeywords.__annotations__)}",
        )
    if "pattern" in options:
        changes |= {"cron": options["pattern"], "every": 0}
    if "every" in options:
        every = millis(options["every"])
        if every < 1_000:
            raise InvalidOption(f"every={options['every']!r} is too often", hint="at least 1s")
        changes |= {"every": every} if "pattern" in options else {"every": every, "cron": ""}
    if "tz" in options:
        changes["zone"] = options["tz"]
    if "overlap" in options:
        changes["overlap"] = options["overlap"]
    if "catchup" in options:
        catchup = options["catchup"]
        changes["catchup"] = _CATCHUPS.get(catchup, -1) if isinstance(catchup, str) else catchup
    if "jitter" in options:
        changes["jitter"] = millis(options["jitter"])
    calendar = _calendar(schedule.calendar, options)
    return msgspec.structs.replace(schedule, calendar=calendar, **changes)


def _calendar(old: Calendar, options: ScheduleKeywords) -> Calendar:
    changes: dict[str, Any] = {
        name: options[name] for name in ("business_days", "holidays") if name in options
    }
    if "blackouts" in options:
        changes["blackouts"] = tuple(
            (from_datetime(first), from_datetime(last)) for first, last in options["blackouts"]
        )
    return msgspec.structs.replace(old, **changes)
