"""Who is to be reminded of what on a day: each asks the tables, and answers letters."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from examples.compliance_hub.outbox import Letter
from examples.compliance_hub.tables import (
    COMPLAINTS,
    CREDENTIALS,
    ONBOARDING,
    PD,
    POLICIES,
    STAFF,
)

ACKNOWLEDGE: Final = 5
"""Days in which a complaint is to be acknowledged."""
RESOLVE: Final = 60
"""Days in which it is to be resolved, by the standards for training organisations."""
WARN: Final = 10
"""Days before that in which its owner is warned."""


def stage(left: int, stages: Sequence[int]) -> str:
    """The reminder that is due with so many days left; empty: none is yet.

    Each stage counts once, whether the job ran on its very day or not; what is overdue is told
    again each week.

    Example:
        >>> stage(45, (60, 30, 7)), stage(90, (60, 30, 7)), stage(-8, (60, 30, 7))
        ('60', '', 'overdue-1')
    """
    if left < 0:
        return f"overdue-{(-left - 1) // 7}"
    reached = [each for each in stages if left <= each]
    return str(min(reached)) if reached else ""


def due_pd(tx: Connection, today: date) -> list[Letter]:
    """Trainers whose professional development is due within a month, or overdue."""
    rows = tx.execute(
        select(PD, STAFF.c.name, STAFF.c.email)
        .join(STAFF, STAFF.c.id == PD.c.staff)
        .where(PD.c.done_on.is_(None), PD.c.due_on <= today + timedelta(days=30))
    )
    return [
        Letter(
            f"pd:{row.id}:{reached}", "pd", row.email,
            f"Professional development: {row.title}",
            f"Hello {_first(row)},\n\n{row.title} ({row.hours:g} h) {_when(row.due_on, today)}.\n"
            "Please log it in the hub once it is done.\n",
        )
        for row in rows
        if (reached := stage((row.due_on - today).days, (30, 14, 7, 1)))
    ]  # fmt: skip


def expiring_credentials(tx: Connection, today: date) -> list[Letter]:
    """Staff whose credentials run out within three months; those that have are marked."""
    rows = tx.execute(
        select(CREDENTIALS, STAFF.c.name, STAFF.c.email)
        .join(STAFF, STAFF.c.id == CREDENTIALS.c.staff)
        .where(CREDENTIALS.c.expires_on <= today + timedelta(days=90))
    ).all()
    tx.execute(update(CREDENTIALS).where(CREDENTIALS.c.expires_on < today).values(expired=True))
    return [
        Letter(
            f"credential:{row.id}:{row.expires_on}:{reached}", "credential", row.email,
            f"Your credential: {row.title}",
            f"Hello {_first(row)},\n\n{row.title}, number {row.number}, "
            f"{_when(row.expires_on, today, 'expires', 'expired')}.\n"
            "Please send us the new one; without it you cannot train or assess.\n",
        )
        for row in rows
        if (reached := stage((row.expires_on - today).days, (90, 60, 30, 7, 0)))
    ]  # fmt: skip


def policies_to_review(tx: Connection, today: date) -> list[Letter]:
    """Owners of policies whose review comes within a month; when it has come it is begun."""
    rows = tx.execute(
        select(POLICIES, STAFF.c.name, STAFF.c.email)
        .join(STAFF, STAFF.c.id == POLICIES.c.owner)
        .where(POLICIES.c.review_on <= today + timedelta(days=30))
    ).all()
    tx.execute(update(POLICIES).where(POLICIES.c.review_on <= today).values(in_review=True))
    return [
        Letter(
            f"policy:{row.id}:{row.review_on}:{reached}", "policy", row.email,
            f"Policy review: {row.title}",
            f"Hello {_first(row)},\n\nthe review of the policy “{row.title}” "
            f"{_when(row.review_on, today)}.\n",
        )
        for row in rows
        if (reached := stage((row.review_on - today).days, (30, 14, 0)))
    ]  # fmt: skip


def late_complaints(tx: Connection, today: date) -> list[Letter]:
    """Owners of complaints that are late or will be; managers of those that are past the limit."""
    rows = tx.execute(
        select(COMPLAINTS, STAFF.c.name, STAFF.c.email)
        .join(STAFF, STAFF.c.id == COMPLAINTS.c.owner)
        .where(COMPLAINTS.c.resolved_on.is_(None))
    ).all()
    managers = tx.execute(select(STAFF.c.email).where(STAFF.c.manager.is_(None))).scalars().all()
    letters: list[Letter] = []
    for row in rows:
        age = (today - row.opened_on).days
        if age > RESOLVE:
            letters += [
                _about(
                    row, f"breach:{to}", to, f"has been open for {age} days, more than {RESOLVE}"
                )
                for to in managers
            ]
            tx.execute(
                update(COMPLAINTS)
                .where(COMPLAINTS.c.id == row.id, COMPLAINTS.c.escalated_on.is_(None))
                .values(escalated_on=today)
            )
        elif age >= RESOLVE - WARN:
            said = f"has to be resolved within {RESOLVE - age} days"
            letters.append(_about(row, "warning", row.email, said))
        elif row.acknowledged_on is None and age > ACKNOWLEDGE:
            said = f"was to be acknowledged within {ACKNOWLEDGE} days, and is {age} days old"
            letters.append(_about(row, "unacknowledged", row.email, said))
    return letters


def open_onboarding(tx: Connection, today: date) -> list[Letter]:
    """New staff with steps that are due, and their managers; who has none left has arrived."""
    manager = STAFF.alias("manager")
    rows = tx.execute(
        select(ONBOARDING, STAFF.c.name, STAFF.c.email, manager.c.email.label("manager_email"))
        .join(STAFF, STAFF.c.id == ONBOARDING.c.staff)
        .join(manager, manager.c.id == STAFF.c.manager)
        .where(ONBOARDING.c.done_on.is_(None))
    ).all()
    unfinished = {row.staff for row in rows}
    arrived = update(STAFF).where(STAFF.c.onboarded_on.is_(None), STAFF.c.id.not_in(unfinished))
    tx.execute(arrived.values(onboarded_on=today))
    return [
        Letter(
            f"onboarding:{row.id}:{stage((row.due_on - today).days, (0,))}:{to}", "onboarding", to,
            f"Onboarding of {row.name}: {row.step}",
            f"Hello,\n\n“{row.step}” for {row.name} {_when(row.due_on, today)}.\n",
        )
        for row in rows
        if row.due_on <= today
        for to in (row.email, row.manager_email)
    ]  # fmt: skip


def _about(row: Row[Any], what: str, to: str, said: str) -> Letter:
    return Letter(
        f"complaint:{row.id}:{what}", "complaint", to,
        f"Complaint {row.reference} {said.partition(',')[0]}",
        f"Hello,\n\ncomplaint {row.reference} of {row.student} {said}.\n\n{row.summary}\n",
    )  # fmt: skip


def _first(row: Row[Any]) -> str:
    return str(row.name).split()[0]


def _when(day: date, today: date, coming: str = "is due", past: str = "was due") -> str:
    return f"{past if day < today else coming} on {day:%d %B %Y}"
