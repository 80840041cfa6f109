"""What bookings mean: their categories, what is unusual about a week, what a budget allows."""

import statistics
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from examples.finance.money import amount

WEEKS_BEFORE: Final = 8
"""Weeks that a week is compared with."""
_UNUSUAL: Final = 1.5
_WORTH_TELLING: Final = 20_00
NEARLY_SPENT: Final = 0.9

CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "income": ("salary", "interest", "gehalt"),
    "transfer": ("transfer",),
    "housing": ("rent", "strata"),
    "groceries": ("fresh", "greengrocer", "bakery", "markt"),
    "eating out": ("cafe", "ramen", "pizza", "gasthaus"),
    "transport": ("rail", "ferry", "fuel", "bahn"),
    "utilities": ("power", "water", "telco"),
    "subscriptions": ("stream", "cloud", "gazette"),
    "health": ("pharmacy", "dental", "gym"),
}
"""Of each category, words of which one is in the name of whoever was paid."""

OTHER: Final = "other"
PLANNED: Final[Mapping[str, int]] = {
    "housing": 2_450_00,
    "groceries": 900_00,
    "eating out": 420_00,
    "transport": 260_00,
    "utilities": 340_00,
    "subscriptions": 75_00,
    "health": 220_00,
    OTHER: 400_00,
}
"""What a month may cost, in cents."""


class Insight(Struct, frozen=True):
    """Something worth telling of a week.

    Attributes:
        kind: `"more"` or `"less"` than usual, or `"new"`: for the first time in weeks.
        amount: cents of the week.
        usual: cents of a usual week.
    """

    kind: str
    subject: str
    amount: int
    usual: int
    told: str


def category(payee: str) -> str:
    """What a booking is for, by the name of whoever was paid.

    Example:
        >>> category("Quay Street Cafe"), category("Unheard Of Ltd")
        ('eating out', 'other')
    """
    name = payee.lower()
    for each, words in CATEGORIES.items():
        if any(word in name for word in words):
            return each
    return OTHER


def first_of_month(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month_before(day: date) -> date:
    """The first day of the month before.

    Example:
        >>> month_before(date(2026, 1, 31))
        datetime.date(2025, 12, 1)
    """
    return first_of_month(first_of_month(day) - timedelta(days=1))


def month_after(day: date) -> date:
    """The first day of the month after."""
    return first_of_month(first_of_month(day) + timedelta(days=31))


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def insights(week: Mapping[str, int], earlier: Sequence[Mapping[str, int]]) -> list[Insight]:
    """What is worth telling of a week.

    Args:
        week: cents spent in it, by category.
        earlier: the same of weeks before, in any order.

    Example:
        >>> [each.told for each in insights({"health": 9000}, [{"health": 2000}] * 8)]
        ['health: 90.00 this week, and 20.00 in a usual one']
    """
    found = []
    for subject in sorted({*week, *(each for before in earlier for each in before)}):
        now = week.get(subject, 0)
        usual = round(statistics.median([before.get(subject, 0) for before in earlier] or [0]))
        kind = _kind(now, usual)
        if kind:
            told = f"{subject}: {amount(now)} this week, and {amount(usual)} in a usual one"
            found.append(Insight(kind, subject, now, usual, told))
    return found


def _kind(now: int, usual: int) -> str:
    if abs(now - usual) < _WORTH_TELLING:
        return ""
    if not usual:
        return "new"
    if now > usual * _UNUSUAL:
        return "more"
    return "less" if now * _UNUSUAL < usual else ""


def warning(category: str, planned: int, spent: int) -> str:
    """What is said of a budget that is spent, or nearly so; empty: nothing."""
    if spent > planned:
        return f"{category}: {amount(spent)} of {amount(planned)} is spent, more than was planned"
    if spent > planned * NEARLY_SPENT:
        return f"{category}: {amount(spent)} of {amount(planned)} is spent already"
    return ""
