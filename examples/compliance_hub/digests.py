"""What the hub tells its managers: a digest each week, and the figures of a month."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from examples.compliance_hub.outbox import Letter
from examples.compliance_hub.tables import (
    COMPLAINTS,
    CREDENTIALS,
    ENROLMENTS,
    FEEDBACK,
    INVOICES,
    MAILS,
    ONBOARDING,
    PD,
    POLICIES,
    STAFF,
)

MEASURES: Final = ("area", "measure", "value")


def managers(tx: Connection) -> Sequence[Any]:
    """Names and addresses of those who manage others."""
    return tx.execute(select(STAFF.c.name, STAFF.c.email).where(STAFF.c.manager.is_(None))).all()


def weekly(tx: Connection, today: date, failed: int) -> list[Letter]:
    """The digest for each manager.

    Args:
        tx: a transaction on the hub's database.
        today: the day on which it is sent.
        failed: jobs that have failed for good in the week before.
    """
    week = today - timedelta(days=7)
    read = tx.execute(
        select(FEEDBACK.c.mood, func.count())
        .where(FEEDBACK.c.given_on >= week)
        .group_by(FEEDBACK.c.mood)
    )
    moods: dict[str | None, int] = {row[0]: row[1] for row in read}
    lines = [
        f"Credentials that expire within 30 days: {_expiring(tx, today)}",
        f"Professional development overdue: {_open(tx, PD, today)}",
        f"Policies to be reviewed: {_count(tx, POLICIES, POLICIES.c.review_on <= today)}",
        f"Complaints open: {_count(tx, COMPLAINTS, COMPLAINTS.c.resolved_on.is_(None))}",
        f"Steps of onboarding overdue: {_open(tx, ONBOARDING, today)}",
        f"Feedback of the week: {_told(moods)}",
        f"Jobs that failed for good: {failed}",
    ]
    body = "\n".join(f"- {line}" for line in lines)
    return [
        Letter(
            f"digest:{today}:{each.email}", "digest", each.email,
            f"Compliance digest, week to {today:%d %B %Y}",
            f"Hello {each.name.split()[0]},\n\n{body}\n",
        )
        for each in managers(tx)
    ]  # fmt: skip


def month_before(today: date) -> tuple[date, date]:
    """The first day of the month before, and that of the month after it.

    Example:
        >>> month_before(date(2026, 3, 1))
        (datetime.date(2026, 2, 1), datetime.date(2026, 3, 1))
    """
    end = today.replace(day=1)
    return (end - timedelta(days=1)).replace(day=1), end


def figures(tx: Connection, first: date, end: date) -> list[dict[str, Any]]:
    """What a month came to, measure by measure.

    Args:
        tx: a transaction on the hub's database.
        first: the first day of the month.
        end: the first day of the next one.
    """
    found: list[tuple[str, str, float]] = [
        ("Staff", "people", _count(tx, STAFF, STAFF.c.started_on < end)),
        ("Staff", "credentials expired", _count(tx, CREDENTIALS, CREDENTIALS.c.expires_on < end)),
        ("Staff", "hours of development done", _hours(tx, first, end)),
        ("Quality", "complaints opened", _in(tx, COMPLAINTS, "opened_on", first, end)),
        ("Quality", "complaints resolved", _in(tx, COMPLAINTS, "resolved_on", first, end)),
        ("Quality", "policies to be reviewed", _count(tx, POLICIES, POLICIES.c.review_on < end)),
        ("Students", "enrolments active", _count(tx, ENROLMENTS, ENROLMENTS.c.status == "active")),
        ("Students", "pieces of feedback", _in(tx, FEEDBACK, "given_on", first, end)),
        ("Money", "invoices due", _in(tx, INVOICES, "due_on", first, end)),
        ("Money", "owed, in dollars", _owed(tx, end)),
        ("Mail", "letters sent", _count(tx, MAILS, MAILS.c.state == "sent")),
    ]
    for mood in ("positive", "neutral", "negative"):
        meant = [FEEDBACK.c.mood == mood, FEEDBACK.c.given_on >= first, FEEDBACK.c.given_on < end]
        found.append(("Students", f"feedback {mood}", _count(tx, FEEDBACK, *meant)))
    return [dict(zip(MEASURES, each, strict=True)) for each in found]


def _told(moods: dict[str | None, int]) -> str:
    named = {"positive": "positive", "neutral": "neutral", "negative": "negative", None: "not read"}
    return ", ".join(f"{moods.get(mood, 0)} {name}" for mood, name in named.items())


def _count(tx: Connection, table: Table, *where: Any) -> int:
    return tx.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def _open(tx: Connection, table: Table, today: date) -> int:
    return _count(tx, table, table.c.done_on.is_(None), table.c.due_on < today)


def _expiring(tx: Connection, today: date) -> int:
    day = CREDENTIALS.c.expires_on
    return _count(tx, CREDENTIALS, day >= today, day <= today + timedelta(days=30))


def _in(tx: Connection, table: Table, column: str, first: date, end: date) -> int:
    return _count(tx, table, table.c[column] >= first, table.c[column] < end)


def _hours(tx: Connection, first: date, end: date) -> float:
    summed = select(func.coalesce(func.sum(PD.c.hours), 0.0))
    return float(tx.execute(summed.where(PD.c.done_on >= first, PD.c.done_on < end)).scalar_one())


def _owed(tx: Connection, end: date) -> float:
    owed = func.coalesce(func.sum(INVOICES.c.cents - INVOICES.c.paid_cents), 0)
    return float(tx.execute(select(owed).where(INVOICES.c.due_on < end)).scalar_one()) / 100
