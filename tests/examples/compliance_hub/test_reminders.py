"""Who is reminded of what on which day: each once for each stage, and of what is late each week."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select

from examples.compliance_hub import reminders
from examples.compliance_hub.hub import Hub
from examples.compliance_hub.outbox import Letter
from examples.compliance_hub.reminders import stage
from examples.compliance_hub.sample import fill
from examples.compliance_hub.tables import (
    COMPLAINTS,
    CREDENTIALS,
    ONBOARDING,
    PD,
    POLICIES,
    STAFF,
    Books,
)
from tests.examples.compliance_hub.conftest import TODAY, Mill


def day(left: int) -> date:
    return TODAY + timedelta(days=left)


@pytest.fixture
def books(hub: Hub) -> Books:
    """Two people: a manager, and somebody who is looked after."""
    with hub.books.begin() as tx:
        add(tx, STAFF, id=1, name="Mia Kelly", email="mia@h.example", position="Manager",
            started_on=day(-900), onboarded_on=day(-800))  # fmt: skip
        add(tx, STAFF, id=2, name="Omar Haddad", email="omar@h.example", position="Trainer",
            manager=1, started_on=day(-9))  # fmt: skip
    return hub.books


def add(tx: Connection, table: Table, **row: Any) -> None:
    tx.execute(table.insert().values(**row))


def told(letters: list[Letter]) -> list[tuple[str, str]]:
    return [(each.once, each.to) for each in letters]


@pytest.mark.parametrize(
    ("left", "due"),
    [(31, ""), (30, "30"), (20, "30"), (14, "14"), (2, "7"), (0, "1"), (-1, "overdue-0"),
     (-7, "overdue-0"), (-8, "overdue-1")],
)  # fmt: skip
def test_a_stage_begins_on_its_day_and_lasts_until_the_next(left: int, due: str) -> None:
    assert stage(left, (30, 14, 7, 1)) == due


def test_professional_development_that_is_not_done_is_reminded_of(books: Books) -> None:
    with books.begin() as tx:
        add(tx, PD, staff=2, title="Validation", hours=3.5, due_on=day(12))
        add(tx, PD, staff=2, title="Done", hours=2.0, due_on=day(3), done_on=day(-1))
        add(tx, PD, staff=2, title="Far away", hours=2.0, due_on=day(60))
        (letter,) = reminders.due_pd(tx, TODAY)
    assert (letter.once, letter.to) == ("pd:1:14", "omar@h.example")
    assert "Validation (3.5 h) is due on 12 February 2027" in letter.body


def test_credentials_are_reminded_of_at_ninety_days_and_marked_when_they_have_expired(
    books: Books,
) -> None:
    with books.begin() as tx:
        for number, left in enumerate((91, 90, 25, 0, -1), 1):
            add(tx, CREDENTIALS, staff=2, title="First aid", number=f"{number}",
                expires_on=day(left), expired=False)  # fmt: skip
        letters = reminders.expiring_credentials(tx, TODAY)
        expired = tx.execute(select(CREDENTIALS.c.number).where(CREDENTIALS.c.expired)).scalars()
        assert list(expired) == ["5"]
    assert [each.once.rpartition(":")[2] for each in letters] == ["90", "30", "0", "overdue-0"]


def test_owners_hear_of_reviews_and_a_review_that_has_come_is_begun(books: Books) -> None:
    with books.begin() as tx:
        for title, left in (("Privacy", 40), ("Fees", 14), ("Equity", 0)):
            add(tx, POLICIES, title=title, owner=1, review_on=day(left), in_review=False)
        letters = reminders.policies_to_review(tx, TODAY)
        begun = tx.execute(select(POLICIES.c.title).where(POLICIES.c.in_review)).scalars()
        assert list(begun) == ["Equity"]
    assert [each.subject for each in letters] == ["Policy review: Fees", "Policy review: Equity"]


def test_complaints_are_warned_of_escalated_and_left_alone_once_resolved(books: Books) -> None:
    with books.begin() as tx:
        for number, (age, known, resolved) in enumerate([
            (4, False, False), (6, False, False), (6, True, False), (52, True, False),
            (61, True, False), (80, True, True),
        ], 1):  # fmt: skip
            add(tx, COMPLAINTS, reference=f"C-{number}", student="Zoe Tran", summary="Heating",
                owner=1, opened_on=day(-age), acknowledged_on=day(-1) if known else None,
                resolved_on=day(-1) if resolved else None)  # fmt: skip
        letters = reminders.late_complaints(tx, TODAY)
        escalated = tx.execute(
            select(COMPLAINTS.c.reference).where(COMPLAINTS.c.escalated_on == TODAY)
        ).scalars()
        assert list(escalated) == ["C-5"]
    assert told(letters) == [
        ("complaint:2:unacknowledged", "mia@h.example"),
        ("complaint:4:warning", "mia@h.example"),
        ("complaint:5:breach:mia@h.example", "mia@h.example"),
    ]


def test_steps_of_onboarding_that_are_due_are_told_to_both_and_who_has_none_has_arrived(
    books: Books,
) -> None:
    with books.begin() as tx:
        add(tx, STAFF, id=3, name="Wei Chen", email="wei@h.example", position="Trainer",
            manager=1, started_on=day(-20))  # fmt: skip
        add(tx, ONBOARDING, staff=3, step="Induction", due_on=day(-4), done_on=day(-5))
        add(tx, ONBOARDING, staff=2, step="Contract signed", due_on=TODAY)
        add(tx, ONBOARDING, staff=2, step="First class", due_on=day(8))
        letters = reminders.open_onboarding(tx, TODAY)
        arrived = tx.execute(select(STAFF.c.name).where(STAFF.c.onboarded_on == TODAY)).scalars()
        assert list(arrived) == ["Wei Chen"]
    assert told(letters) == [
        ("onboarding:2:0:omar@h.example", "omar@h.example"),
        ("onboarding:2:0:mia@h.example", "mia@h.example"),
    ]


@pytest.mark.parametrize(
    "type_",
    ["pd-reminders", "credential-expiry", "policy-reviews", "complaint-sla", "onboarding-check"],
)
def test_each_reminder_is_sent_once_however_often_its_job_runs(
    hub: Hub, mill: Mill, type_: str
) -> None:
    fill(hub.books, TODAY)
    hub.app.schedules.publish()
    for number in range(2):
        job = hub.app.jobs.get(hub.app.schedules.run(f"compliance.{type_}"))
        mill.drain()
        answer = job.result(timeout=0)
        assert answer["due"] > 0
        assert answer["sent"] == (0 if number else answer["due"])
