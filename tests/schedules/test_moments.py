"""Every change of the clock, 2020 to 2035, against an oracle that counts minutes by brute force.

The oracle shares nothing with the code: it lists every minute of UTC around a change with the wall
clock that a zone shows then, and reads the rule off that list.
"""

from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tidemill.core.errors import InvalidOption
from tidemill.schedules.cron import parse
from tidemill.schedules.moments import next_moment, zone

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

ZONES = [
    "Australia/Lord_Howe", "Antarctica/Troll", "Asia/Tehran", "Africa/Casablanca",
    "Australia/Sydney", "America/New_York", "Europe/Berlin", "Europe/London", "America/Sao_Paulo",
    "Africa/Cairo", "America/Havana", "Asia/Beirut", "Pacific/Chatham", "America/St_Johns",
]  # fmt: skip

PATTERNS = [
    "* * * * *", "*/15 * * * *", "*/30 * * * *", "0 * * * *", "30 * * * *", "5 */2 * * *",
    "30 2 * * *", "0 0 * * *", "15 1,2,3 * * *", "0,30 0-3 * * *", "45 23 * * *", "7 1-3 * * SUN",
]  # fmt: skip


@cache
def changes(zone_name: str) -> list[datetime]:
    """Every instant from 2020 to 2035 at which the zone's clock is changed, by the minute."""
    where = ZoneInfo(zone_name)
    found = []
    here, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    offset = here.astimezone(where).utcoffset()
    while here < end:
        there = here + 3 * HOUR
        later = there.astimezone(where).utcoffset()
        if later != offset:
            minute = here
            while minute.astimezone(where).utcoffset() == offset:
                minute += MINUTE
            found.append(minute)
        here, offset = there, later
    return found


@cache
def _set(field: str, low: int, high: int) -> frozenset[int]:
    """The values of a field of the patterns above, read in the plainest way."""
    values: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            values.update(range(low, high + 1, int(step or 1)))
        else:
            values.update(range(int(first), int(last or first) + 1))
    return frozenset(values)


@cache
def _times(pattern: str) -> frozenset[tuple[int, int]]:
    minute, hour, *_ = pattern.split()
    return frozenset((h, m) for h in _set(hour, 0, 23) for m in _set(minute, 0, 59))


class Around:
    """The minutes around one change of the clock, as a zone shows them."""

    def __init__(self, zone_name: str, change: datetime) -> None:
        where = ZoneInfo(zone_name)
        self.first, self.last = change - 28 * HOUR, change + 28 * HOUR
        self.change = change
        self.walls: list[tuple[datetime, datetime]] = []
        self.shown: defaultdict[datetime, list[datetime]] = defaultdict(list)
        instant = self.first
        while instant <= self.last:
            wall = instant.astimezone(where).replace(tzinfo=None)
            self.walls.append((instant, wall))
            self.shown[wall].append(instant)
            instant += MINUTE

    def expected(self, pattern: str) -> list[datetime]:
        """Every instant at which a pattern comes, by the rule and by counting."""
        minute, hour, *_ = pattern.split()
        times, sundays = _times(pattern), pattern.endswith("SUN")

        def fits(wall: datetime) -> bool:
            return (wall.hour, wall.minute) in times and (not sundays or wall.weekday() == 6)

        if minute[0] == "*" or hour[0] == "*":
            return [instant for instant, wall in self.walls if fits(wall)]
        instants = set()
        wall, last = min(self.shown), max(self.shown)
        while wall <= last:
            if fits(wall):
                # Shown twice: the first pass. Never shown: the change that skipped it.
                instants.add(self.shown[wall][0] if wall in self.shown else self.change)
            wall += MINUTE
        return sorted(instants)


@pytest.mark.parametrize("zone_name", ZONES)
def test_every_change_of_the_clock_agrees_with_counting(zone_name: str) -> None:
    where = zone(zone_name)
    asked = 0
    for change in changes(zone_name):
        around = Around(zone_name, change)
        starts = [change + shift * 11 * MINUTE for shift in range(-12, 13)]
        for pattern in PATTERNS:
            cron = parse(pattern)
            expected = [i for i in around.expected(pattern) if abs(i - change) < 26 * HOUR]
            near = [i for i in expected if abs(i - change) < 2 * HOUR]
            for start in [*starts, *near]:
                answer = next_moment(cron, where, start)
                at = bisect_right(expected, start)  # the first one behind it
                if at < len(expected):
                    assert answer == expected[at], (pattern, change, start)
                else:
                    assert answer is not None
                    assert answer >= change + 26 * HOUR, (pattern, change, start)
                asked += 1
            # From answer to answer, none is left out.
            for one, following in pairwise(near):
                assert next_moment(cron, where, one) == following
    assert asked > 1000 or not changes(zone_name)


@pytest.mark.parametrize("zone_name", ZONES)
def test_no_zone_changes_its_clock_twice_within_the_search_stride(zone_name: str) -> None:
    found = changes(zone_name)
    assert all(b - a > 12 * HOUR for a, b in pairwise(found))


def test_seconds_count_within_a_repeated_minute() -> None:
    cron = parse("*/20 * * * * *")
    start = datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC)
    assert next_moment(cron, zone("Europe/Berlin"), start) == datetime(2026, 10, 25, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "UTC\0"])
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(InvalidOption, match="no time zone"):
        zone(name)
