"""Days and hours on which a schedule does not come: weekends, public holidays, blackouts."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from msgspec import Struct

from tidemill.core.errors import InvalidOption
from tidemill.core.instants import Instant, from_datetime, to_datetime

_PLACE: Final = re.compile(r"([A-Z]{2,3})(?:-(.{1,50}))?")
_NO_MORE_RESTS: Final[Instant] = from_datetime(datetime(9000, 1, 1, tzinfo=UTC))
"""From here on no day is known to be a day off; soon behind, `datetime` knows no days at all."""


class Calendar(Struct, frozen=True, omit_defaults=True):
    """When a schedule rests. A tick that falls into a rest is left out, not put off.

    Attributes:
        business_days: only from Monday to Friday.
        holidays: not on public holidays of this country, or of a part of it: `"AU"`, `"AU-NSW"`.
        blackouts: not from each first instant on, up to and without each second.
    """

    business_days: bool = False
    holidays: str = ""
    blackouts: tuple[tuple[Instant, Instant], ...] = ()

    def end_of_rest(self, instant: Instant, where: tzinfo) -> Instant:
        """When the rest that this instant lies in ends; the instant itself if it lies in none.

        Another rest may begin where one ends.
        """
        for first, last in self.blackouts:
            if first <= instant < last:
                return last
        if instant >= _NO_MORE_RESTS:
            return instant
        day = to_datetime(instant).astimezone(where).date()
        if not self._rests_on(day):
            return instant
        # Where no clock shows midnight this is the moment at which it is passed over.
        midnight = datetime.combine(day + timedelta(days=1), time(), where)
        return max(from_datetime(midnight), instant + 1)

    def _rests_on(self, day: date) -> bool:
        if self.business_days and day.isoweekday() > 5:
            return True
        return bool(self.holidays) and day in _holidays(self.holidays)


def check(calendar: Calendar) -> Calendar:
    """Return the calendar if it can be kept.

    Raises:
        InvalidOption: no such country, the holidays are not installed, or a blackout ends before
            it begins.
    """
    if calendar.holidays:
        _ = date(2026, 1, 1) in _holidays(calendar.holidays)
    for first, last in calendar.blackouts:
        if last <= first:
            raise InvalidOption("a blackout ends before it begins", hint="give (from, to)")
    return calendar


@lru_cache(maxsize=64)
def _holidays(place: str) -> Any:
    """The public holidays of a place, as a collection that finds a year's when it is asked.

    The package is an extra, and large: it is loaded by the first schedule that asks for it.
    """
    try:
        holidays = import_module("holidays")
    except ImportError as error:
        raise InvalidOption(
            "public holidays are not installed", hint="pip install tidemill[calendars]"
        ) from error
    unknown = InvalidOption(
        f"there are no public holidays for {place!r}",
        hint='write a country, or a part of one, by ISO 3166: "AU", "AU-NSW"',
    )
    # The package looks a country up among all that it holds, its own modules and types included.
    read = _PLACE.fullmatch(place)
    if read is None:
        raise unknown
    try:
        return holidays.country_holidays(read[1], subdiv=read[2])
    except NotImplementedError as error:
        raise unknown from error
