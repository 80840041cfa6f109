"""When a cron expression comes in a time zone, through every change of its clock.

The rule (that of Debian's cron, cron(8)): an expression whose minute or hour field begins with `*`
follows elapsed time: it comes at every instant whose wall clock fits, so through both passes of an
hour that is repeated and not at all in one that is skipped. Any other means fixed times: each comes
once, in the first pass of a repeated hour, and at the first instant after a gap if it lies in one.
"""

import reprlib
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tidemill.core.errors import InvalidOption
from tidemill.schedules.cron import Cron

_SECOND: Final = timedelta(seconds=1)
_STRIDE: Final = timedelta(hours=12)
"""No zone changes its clock twice within so short a time (checked for 2020 to 2035 by a test)."""


def zone(name: str) -> ZoneInfo:
    """The time zone of this name.

    Raises:
        InvalidOption: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise InvalidOption(
            f"there is no time zone {reprlib.repr(name)}",
            hint='use a name of the IANA database, such as "Australia/Sydney" or "UTC"',
        ) from error


def next_moment(cron: Cron, where: tzinfo, after: datetime) -> datetime | None:
    """The first instant strictly after this one at which the expression comes.

    Args:
        after: an aware datetime.

    Returns:
        An aware datetime in UTC, or `None` if none comes in the years ahead.
    """
    start = after.astimezone(UTC).replace(microsecond=0) + _SECOND
    return (_next_elapsed if cron.elapsed else _next_fixed)(cron, where, start)


def _wall(instant: datetime, where: tzinfo) -> datetime:
    return instant.astimezone(where).replace(tzinfo=None)


def _offset(instant: datetime, where: tzinfo) -> timedelta:
    return instant.astimezone(where).utcoffset() or timedelta()


def _next_fixed(cron: Cron, where: tzinfo, start: datetime) -> datetime | None:
    """Fixed times: walk the wall clock, and take each time's one instant.

    The instant of a wall time never goes back as the wall time grows: in a repeated hour it stays
    in the first pass, in a gap it stands at its end. So the first wall time, from the one at the
    start on, whose instant is not before the start is the answer. Wall times before it need no
    look: theirs are before the start, but for those in a gap that ends at the start, which are
    looked for from the gap's beginning on.
    """
    before = start - _SECOND
    wall = min(_wall(start, where), _wall(before, where) + _SECOND)
    while True:
        found = cron.at_or_after(wall)
        if found is None:
            return None
        instant = _instant(found, where)
        if instant >= start:
            return instant
        wall = found + _SECOND


def _instant(wall: datetime, where: tzinfo) -> datetime:
    """The one instant that a fixed wall time means."""
    instant = wall.replace(tzinfo=where, fold=0).astimezone(UTC)
    if _wall(instant, where) == wall:
        return instant
    # In a gap, fold=0 reads the time with the offset from before it, which leads behind its end,
    # fold=1 with the one after it, which leads before its beginning.
    early = wall.replace(tzinfo=where, fold=1).astimezone(UTC)
    return _change_between(early, instant, where)


def _next_elapsed(cron: Cron, where: tzinfo, start: datetime) -> datetime | None:
    """Elapsed time: search stretch by stretch, each with one offset from UTC."""
    while True:
        found = cron.at_or_after(_wall(start, where))
        if found is None:
            return None
        instant = found.replace(tzinfo=UTC) - _offset(start, where)
        change = _first_change(start, instant, where)
        if change is None:
            return instant
        start = change


def _first_change(start: datetime, end: datetime, where: tzinfo) -> datetime | None:
    """The first instant after the start, up to the end, at which the clock is changed."""
    offset = _offset(start, where)
    here = start
    while here < end:
        there = min(here + _STRIDE, end)
        if _offset(there, where) != offset:
            return _change_between(here, there, where)
        here = there
    return None


def _change_between(early: datetime, late: datetime, where: tzinfo) -> datetime:
    """The first second at which the offset is no longer that of `early`."""
    offset = _offset(early, where)
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if _offset(middle, where) == offset:
            early = middle
        else:
            late = middle
    return late
