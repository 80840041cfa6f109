"""Points in time and lengths of time: whole milliseconds inside, plain words outside."""

import re
import reprlib
from datetime import UTC, datetime, timedelta
from typing import Final

from tidemill.core.errors import InvalidOption

Instant = int
"""A point in time: whole milliseconds since the Unix epoch, UTC. Stores sort and compare it."""

Millis = int
"""A length of time in whole milliseconds."""

Duration = timedelta | float | int | str
"""A length of time as a caller writes it: `timedelta`, seconds, or words: `"90s"`, `"1h30m"`."""

_UNIT_IN_MILLIS: Final = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_LAST: Final = datetime.max.replace(tzinfo=UTC)

LONGEST: Final[Millis] = 1_000 * 365 * _UNIT_IN_MILLIS["d"]
"""The longest duration that can be asked for: a thousand years of 365 days."""

LONGEST_WORDS: Final = 50
"""Characters of a duration in words: to read a longer text would take ever more time."""

_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")


def millis(duration: Duration) -> Millis:
    """Turn a duration as written by a caller into whole milliseconds.

    Args:
        duration: a `timedelta`, a number of seconds, or words: a number and one of
            `ms s m h d w`, several of them joined (`"1h30m"`).

    Raises:
        InvalidOption: it cannot be read, it is negative, or longer than a thousand years.

    Example:
        >>> millis("1h30m"), millis(2.5)
        (5400000, 2500)
    """
    if isinstance(duration, str):
        amount = _read(duration)
    elif isinstance(duration, timedelta):
        amount = round(duration.total_seconds() * 1_000)
    elif isinstance(duration, bool) or not isinstance(duration, int | float):
        raise InvalidOption(f"{duration!r} is not a duration", hint='write "30s" or timedelta')
    else:
        amount = _whole(duration * 1_000)
    if amount < 0:
        raise InvalidOption(f"duration {duration!r} is negative", hint="durations start at 0")
    if amount > LONGEST:
        # Python writes no number of several thousand digits.
        said = reprlib.repr(duration) if amount < 10**30 else "without end"
        raise InvalidOption(f"duration {said} is longer than 1000 years", hint="ask for less")
    return amount


def _read(words: str) -> Millis:
    if len(words) > LONGEST_WORDS:
        raise InvalidOption(
            f"a duration of {len(words)} characters cannot be read",
            hint=f'at most {LONGEST_WORDS} are needed, such as for "90s" or "1h30m"',
        )
    text = words.strip().replace(" ", "")
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise InvalidOption(
            f"duration {words!r} cannot be read",
            hint='write a number and a unit of ms, s, m, h, d, w, such as "90s" or "1h30m"',
        )
    return _whole(sum(float(number) * _UNIT_IN_MILLIS[unit] for number, unit in parts))


def _whole(amount: float) -> Millis:
    try:
        return round(amount)
    except (OverflowError, ValueError) as error:
        raise InvalidOption(f"a duration of {amount!r} is not finite") from error


def words(length: Millis) -> str:
    """Say a length of time in the two largest units that matter, as a person would.

    Example:
        >>> words(5_400_000), words(250)
        ('1h30m', '250ms')
    """
    if length < 1_000:
        return f"{length}ms"
    said = []
    rest = length
    for unit in ("w", "d", "h", "m", "s"):
        count, rest = divmod(rest, _UNIT_IN_MILLIS[unit])
        if count:
            said.append(f"{count}{unit}")
    return "".join(said[:2])


def to_datetime(instant: Instant) -> datetime:
    """The same point in time as an aware `datetime` in UTC; the last there is, if it is later."""
    try:
        return _EPOCH + timedelta(milliseconds=instant)
    except OverflowError:
        return _LAST


def from_datetime(moment: datetime) -> Instant:
    """The same point in time in milliseconds.

    Raises:
        InvalidOption: it is no `datetime`, or has no time zone, so that it names no point in time.
    """
    if not isinstance(moment, datetime):
        raise InvalidOption(
            f"a moment of type {type(moment).__name__} names no point in time",
            hint="give an aware datetime, such as datetime.now(UTC)",
        )
    if moment.tzinfo is None:
        raise InvalidOption(
            f"{moment.isoformat()} has no time zone",
            hint="give an aware datetime, such as datetime.now(UTC)",
        )
    return (moment - _EPOCH) // _MILLISECOND
