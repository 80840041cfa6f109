"""Which backups are kept: the last of each of the latest days, and of the latest weeks."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime


def kept(moments: Iterable[datetime], *, daily: int, weekly: int) -> set[datetime]:
    """Of backups taken at these moments those that are kept; the newest always is.

    Days and ISO weeks are those of the moments' own zone. A day without a backup does not count, so
    that a machine that was off for a month still has its last backups.

    Args:
        moments: when they were taken.
        daily: of so many days the last one.
        weekly: of so many weeks the last one.

    Example:
        >>> days = [datetime(2026, 11, day, hour) for day in (1, 2, 3) for hour in (8, 20)]
        >>> sorted(f"{at:%d %H}" for at in kept(days, daily=2, weekly=0))
        ['02 20', '03 20']
    """
    newest = sorted(moments, reverse=True)
    return {
        *newest[:1],
        *_last_of(newest, lambda at: at.date(), daily),
        *_last_of(newest, lambda at: at.isocalendar()[:2], weekly),
    }


def _last_of(
    newest: list[datetime], span: Callable[[datetime], Hashable], most: int
) -> list[datetime]:
    last: dict[Hashable, datetime] = {}
    for at in newest:
        last.setdefault(span(at), at)
    return list(last.values())[:most]
