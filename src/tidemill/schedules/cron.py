"""Cron expressions: which moments of a wall clock they mean. Pure; knows no time zone.

The syntax, field by field (seconds only as the first of six fields):

    second 0-59   minute 0-59   hour 0-23   day 1-31   month 1-12   weekday 0-7 (0 and 7: Sunday)

    *        every value                    a,b      a list
    a-b      a range; b-a wraps around      */n      every n-th from the first
    a-b/n    every n-th of a range          a/n      every n-th from a on
    JAN, MON names of months and weekdays   ?        the same as *, for days and weekdays
    L        last day of the month          L-n      n days before it
    nW       weekday nearest to day n within the month; LW, L-nW: to the last day, n before it
    d#n      n-th weekday d of the month    dL       last weekday d of the month

and `@yearly @annually @monthly @weekly @daily @midnight @hourly`. A day has to fit the day field
*and* the weekday field, unless both are restricted: then it has to fit one of them (crontab(5) of
Debian's cron; a field is restricted when it does not begin with `*` or `?`).
"""

import calendar
import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final

from msgspec import Struct

from tidemill.core.errors import InvalidOption

MACROS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_MONTHS: Final = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_WEEKDAYS: Final = "SUN MON TUE WED THU FRI SAT".split()
_LONGEST: Final = 255

YEARS_AHEAD: Final = 12
"""29 February comes within 8 years, on a given weekday within 12 where no 100-year leap is out."""


class Field(Struct, frozen=True):
    """What one field may hold."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    first_name: int = 0


SECOND: Final = Field("second", 0, 59)
MINUTE: Final = Field("minute", 0, 59)
HOUR: Final = Field("hour", 0, 23)
DAY: Final = Field("day", 1, 31)
MONTH: Final = Field("month", 1, 12, tuple(_MONTHS), 1)
WEEKDAY: Final = Field("weekday", 0, 7, tuple(_WEEKDAYS), 0)


class Days(Struct, frozen=True):
    """Which days of a month are meant, by number and by weekday.

    Attributes:
        numbers: days by number.
        from_end: days counted back from the last one, which is 0.
        nearest: days whose nearest weekday is meant: by number, or, from 0 down, by their
            distance from the last day.
        weekdays: weekdays, 0 is Sunday.
        nth: weekday and which of its kind in the month.
        last: weekdays whose last one in the month is meant.
        either: whether one of the two fields suffices.
    """

    numbers: frozenset[int]
    from_end: frozenset[int]
    nearest: frozenset[int]
    weekdays: frozenset[int]
    nth: frozenset[tuple[int, int]]
    last: frozenset[int]
    either: bool

    def of(self, year: int, month: int) -> list[int]:
        """The days of this month that are meant, in order."""
        first, length = calendar.monthrange(year, month)
        nearest = {
            _nearest_weekday(year, month, day if day > 0 else length + day, length)
            for day in self.nearest
        }
        fit = []
        for day in range(1, length + 1):
            # monthrange counts weekdays from Monday, cron from Sunday.
            weekday = (first + day) % 7
            by_number = day in self.numbers or length - day in self.from_end or day in nearest
            by_weekday = (
                weekday in self.weekdays
                or (weekday, (day + 6) // 7) in self.nth
                or (weekday in self.last and day > length - 7)
            )
            if (by_number or by_weekday) if self.either else (by_number and by_weekday):
                fit.append(day)
        return fit


def _nearest_weekday(year: int, month: int, day: int, length: int) -> int:
    """The weekday nearest to a day that does not leave the month; 0 if there is no such day."""
    if day > length:
        return 0
    weekday = date(year, month, day).isoweekday()
    if weekday == 6:
        return day - 1 if day > 1 else day + 2
    if weekday == 7:
        return day + 1 if day < length else day - 2
    return day


class Cron(Struct, frozen=True):
    """A cron expression, taken apart.

    Attributes:
        text: as it was written.
        elapsed: whether it follows elapsed time through changes of the clock, because its minute
            or hour field begins with `*`; otherwise it means fixed times of the day.
    """

    text: str
    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: Days
    months: frozenset[int]
    elapsed: bool

    def at_or_after(self, wall: datetime) -> datetime | None:
        """The first wall-clock time from this one on that is meant; `None` if none comes."""
        today = wall.date()
        found = self._time_from(wall.hour, wall.minute, wall.second)
        if found is not None and today.month in self.months and today.day in _days(self, today):
            return datetime.combine(today, found)
        day = self._day_after(today)
        if day is None:
            return None
        return datetime.combine(day, time(self.hours[0], self.minutes[0], self.seconds[0]))

    def _time_from(self, hour: int, minute: int, second: int) -> time | None:
        """The first time of day from this one on."""
        for hh in self.hours:
            if hh < hour:
                continue
            for mm in self.minutes:
                if (hh, mm) < (hour, minute):
                    continue
                for ss in self.seconds:
                    if (hh, mm, ss) >= (hour, minute, second):
                        return time(hh, mm, ss)
        return None

    def _day_after(self, day: date) -> date | None:
        """The first day behind this one that is meant."""
        year, month = day.year, day.month
        rest = [d for d in _days(self, day) if d > day.day] if month in self.months else []
        for _ in range(12 * YEARS_AHEAD + 1):
            if rest:
                return date(year, month, rest[0])
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
            if year > date.max.year:
                return None
            rest = self.days.of(year, month) if month in self.months else []
        return None


@lru_cache(maxsize=1024)
def _month(days: Days, year: int, month: int) -> tuple[int, ...]:
    return tuple(days.of(year, month))


def _days(cron: Cron, day: date) -> tuple[int, ...]:
    return _month(cron.days, day.year, day.month)


@lru_cache(maxsize=1024)
def parse(text: str) -> Cron:
    """Take a cron expression apart.

    Raises:
        InvalidOption: it is not one, or it can never come; the field is named.

    Example:
        >>> parse("30 2 * * MON-FRI").minutes
        (30,)
    """
    if len(text) > _LONGEST:
        raise InvalidOption(f"a cron expression of {len(text)} characters is not allowed")
    words = text.split()
    if len(words) == 1 and words[0].startswith("@"):
        macro = MACROS.get(words[0].lower())
        if macro is None:
            raise InvalidOption(f"{text!r} is not known", hint=f"use one of {', '.join(MACROS)}")
        words = macro.split()
    if len(words) not in (5, 6):
        raise InvalidOption(
            f"{text!r} has {len(words)} fields",
            hint="write minute hour day month weekday, or second before them",
        )
    second, minute, hour, day, month, weekday = words if len(words) == 6 else ["0", *words]
    cron = Cron(
        text=text,
        seconds=_values(text, SECOND, second),
        minutes=_values(text, MINUTE, minute),
        hours=_values(text, HOUR, hour),
        days=_parse_days(text, day, weekday),
        months=frozenset(_values(text, MONTH, month)),
        elapsed=minute.startswith("*") or hour.startswith("*"),
    )
    if cron.at_or_after(datetime(2000, 1, 1)) is None:  # noqa: DTZ001 - a wall clock has no zone
        raise InvalidOption(f"{text!r} never comes: no such day exists", hint="check day and month")
    return cron


def _parse_days(text: str, day: str, weekday: str) -> Days:
    """The day and weekday fields, with the forms that only they know."""
    numbers: set[int] = set()
    from_end: set[int] = set()
    nearest: set[int] = set()
    for part in _parts(text, DAY, day):
        if match := re.fullmatch(r"L(?:-(\d{1,2}))?", part):
            from_end.add(_within(text, DAY, match[1] or "0", 0, 30))
        elif match := re.fullmatch(r"(\d{1,2})W", part):
            nearest.add(_within(text, DAY, match[1], 1, 31))
        elif match := re.fullmatch(r"L(?:-(\d{1,2}))?W", part):
            nearest.add(-_within(text, DAY, match[1] or "0", 0, 27))
        else:
            numbers.update(_range(text, DAY, part))
    if nearest and "," in day:
        raise _bad(text, DAY, day, "a day with W stands alone")
    weekdays: set[int] = set()
    nth: set[tuple[int, int]] = set()
    last: set[int] = set()
    for part in _parts(text, WEEKDAY, weekday):
        if match := re.fullmatch(r"(\w{1,3})#([1-5])", part):
            nth.add((_value(text, WEEKDAY, match[1]) % 7, int(match[2])))
        elif match := re.fullmatch(r"(\d|[A-Z]{3})L", part):
            last.add(_value(text, WEEKDAY, match[1]) % 7)
        else:
            weekdays.update(value % 7 for value in _range(text, WEEKDAY, part))
    either = day[0] not in "*?" and weekday[0] not in "*?"
    return Days(
        frozenset(numbers), frozenset(from_end), frozenset(nearest),
        frozenset(weekdays), frozenset(nth), frozenset(last), either,
    )  # fmt: skip


def _values(text: str, field: Field, written: str) -> tuple[int, ...]:
    """The values of a plain field, in order."""
    return tuple(
        sorted({v for part in _parts(text, field, written) for v in _range(text, field, part)})
    )


def _parts(text: str, field: Field, written: str) -> list[str]:
    parts = written.upper().split(",")
    if not all(parts):
        raise _bad(text, field, written, "a list has an empty place")
    if "?" in parts and (len(parts) > 1 or field not in (DAY, WEEKDAY)):
        raise _bad(text, field, written, "? stands alone, for the day or the weekday")
    return parts


def _range(text: str, field: Field, part: str) -> list[int]:
    """The values of `*`, `a`, `a-b`, each perhaps with a step."""
    match = re.fullmatch(r"(\*|\?|(\w+)(?:-(\w+))?)(?:/(\d+))?", part, re.ASCII)
    if match is None:
        raise _bad(text, field, part, "it cannot be read")
    whole, first, last, step = match.groups()
    if step is not None and not 1 <= int(step) <= field.high:
        raise _bad(text, field, part, f"a step goes from 1 to {field.high}")
    if whole in ("*", "?"):
        if whole == "?" and step:
            raise _bad(text, field, part, "? takes no step")
        low, high = field.low, 6 if field is WEEKDAY else field.high
    else:
        low = _value(text, field, first)
        high = _value(text, field, last) if last else (field.high if step else low)
        if field is WEEKDAY and step and not last:
            high = 6
    values = list(range(low, high + 1)) if low <= high else _wrapped(field, low, high)
    return values[:: int(step or 1)]


def _wrapped(field: Field, low: int, high: int) -> list[int]:
    """A range over the end of the field, such as FRI-MON or 22-2."""
    top = 6 if field is WEEKDAY else field.high
    return [*range(low, top + 1), *range(field.low, high + 1)]


def _value(text: str, field: Field, written: str) -> int:
    if written in field.names:
        return field.names.index(written) + field.first_name
    return _within(text, field, written, field.low, field.high)


def _within(text: str, field: Field, written: str, low: int, high: int) -> int:
    if not written.isdecimal() or not written.isascii() or len(written) > 2:
        raise _bad(text, field, written, "it is no number and no name")
    if not low <= int(written) <= high:
        raise _bad(text, field, written, f"it goes from {low} to {high}")
    return int(written)


def _bad(text: str, field: Field, written: str, why: str) -> InvalidOption:
    return InvalidOption(f"{text!r}: the {field.name} field has {written!r}: {why}")


def lint(text: str) -> str | None:
    """A warning when an expression probably means something else than it says; else `None`.

    Six fields are read with the seconds first; some dialects put a year last instead. Where both
    readings are plausible the writer should know which one was taken.
    """
    words = text.split()
    if len(words) != 6:
        return None
    last_is_year = re.fullmatch(r"(19|20)\d\d([-,/].*)?|\*", words[5]) and words[0] != "0"
    if last_is_year and not words[0].startswith("*"):
        return (
            f"{text!r} is read with seconds first: at second {words[0]}. If the last field is a "
            f"year, leave it out and write {' '.join(words[:5])!r}"
        )
    if words[0].startswith("*"):
        return (
            f"{text!r} is read with seconds first, so it comes up to 60 times a minute; write "
            f"{' '.join(['0', *words[1:]])!r} if once is meant"
        )
    return None
