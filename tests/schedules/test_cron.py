"""Cron expressions: what they mean on a wall clock, and what is refused."""

from datetime import datetime, timedelta

import pytest

from tidemill.core.errors import InvalidOption
from tidemill.schedules.cron import MACROS, lint, parse


def following(expression: str, wall: str, count: int = 1) -> list[str]:
    """The next wall times from one on, as the expression itself sees them."""
    cron, found, here = parse(expression), [], datetime.fromisoformat(wall)
    for _ in range(count):
        moment = cron.at_or_after(here)
        assert moment is not None
        found.append(moment.isoformat(" ", "seconds" if moment.second else "minutes"))
        here = moment + timedelta(seconds=1)
    return found


@pytest.mark.parametrize(
    ("expression", "wall", "expected"),
    [
        ("* * * * *", "2026-01-01 00:00:01", "2026-01-01 00:01"),
        ("30 2 * * *", "2026-01-01 02:30", "2026-01-01 02:30"),
        ("30 2 * * *", "2026-01-01 02:31", "2026-01-02 02:30"),
        ("0 0 29 2 *", "2026-01-01", "2028-02-29 00:00"),
        ("0 0 29 2 *", "2096-03-01", "2104-02-29 00:00"),
        ("0 0 31 * *", "2026-04-01", "2026-05-31 00:00"),
        ("0 9 * * MON-FRI", "2026-11-21", "2026-11-23 09:00"),
        ("0 9 * * FRI-MON", "2026-11-24", "2026-11-27 09:00"),
        ("0 9 * * 7", "2026-11-23", "2026-11-29 09:00"),
        ("0 0 13 * FRI", "2026-11-14", "2026-11-20 00:00"),
        ("0 0 */2 * FRI", "2026-11-14", "2026-11-27 00:00"),
        ("0 0 L * *", "2026-02-10", "2026-02-28 00:00"),
        ("0 0 L-2 * *", "2026-02-10", "2026-02-26 00:00"),
        ("0 0 15W * *", "2026-11-01", "2026-11-16 00:00"),
        ("0 0 1W * *", "2026-08-01", "2026-08-03 00:00"),
        ("0 0 LW * *", "2026-10-01", "2026-10-30 00:00"),
        ("0 0 L-1W * *", "2026-05-01", "2026-05-29 00:00"),
        ("0 0 * * 1#2", "2026-11-01", "2026-11-09 00:00"),
        ("0 0 * * FRIL", "2026-11-01", "2026-11-27 00:00"),
        ("5/20 * * * *", "2026-01-01 00:06", "2026-01-01 00:25"),
        ("15 10 5 * * *", "2026-01-01", "2026-01-01 05:10:15"),
        ("0 22-2 * * *", "2026-01-01 03:00", "2026-01-01 22:00"),
    ],
)
def test_the_next_time_on_the_wall(expression: str, wall: str, expected: str) -> None:
    assert following(expression, wall) == [expected]


def test_macros_mean_what_they_say() -> None:
    assert following("@daily", "2026-01-01 00:01") == ["2026-01-02 00:00"]
    assert following("@WEEKLY", "2026-11-23") == ["2026-11-29 00:00"]
    assert {parse(macro).text for macro in MACROS} == set(MACROS)


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("", "0 fields"),
        ("* * * *", "4 fields"),
        ("* * * * * * *", "7 fields"),
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day"),
        ("* * * 13 *", "month"),
        ("* * * * 8", "weekday"),
        ("*/0 * * * *", "step"),
        ("*/61 * * * *", "step"),
        ("1,,2 * * * *", "empty place"),
        ("-1 * * * *", "minute"),
        ("1- * * * *", "minute"),
        ("a * * * *", "no number and no name"),
        ("* * * * MONDAY", "weekday"),
        ("? * * * *", "stands alone"),
        ("* * 1,2W * *", "W stands alone"),
        ("* * * * 1#6", "weekday"),
        ("٣ * * * *", "minute"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6,9,11 *", "never comes"),
        ("@fortnightly", "not known"),
        ("* " * 200, "characters"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(expression: str, named: str) -> None:
    with pytest.raises(InvalidOption, match=named):
        parse(expression)


def test_six_fields_are_warned_of_where_the_other_reading_is_plausible() -> None:
    assert "seconds first" in (lint("30 2 * * * 2026") or "seconds first")
    assert "60 times a minute" in (lint("* 2 * * * *") or "")
    assert "seconds first" in (lint("30 2 1 * * *") or "")
    assert lint("0 30 2 * * MON") is None
    assert lint("30 2 * * *") is None
