"""Days and hours on which a schedule does not come: weekends, public holidays, blackouts."""

from datetime import date, datetime
from functools import lru_cache
from importlib import import_module
from typing import Any

from msgspec import Struct

from tidemill.core.errors import InvalidOption
from tidemill.core.instants import Instant


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

    def allows(self, wall: datetime, instant: Instant) -> bool:
        """Whether a tick may come at this instant, which the schedule's zone shows so."""
        if self.business_days and wall.isoweekday() > 5:
            return False
        if any(first <= instant < last for first, last in self.blackouts):
            return False
        return not self.holidays or wall.date() not in _holidays(self.holidays)


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
    country, _, part = place.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        raise InvalidOption(
            f"there are no public holidays for {place!r}",
            hint='write a country, or a part of one, by ISO 3166: "AU", "AU-NSW"',
        ) from error
