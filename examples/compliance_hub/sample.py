"""Believable data, always the same for one seed: an organisation, its students, its books."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from examples.compliance_hub import tables
from examples.compliance_hub.phrases import make_feedback
from examples.compliance_hub.tables import Books

Row = dict[str, Any]

FIRST: Final = (
    "Amelia", "Noah", "Mia", "Lachlan", "Priya", "Wei", "Zoe", "Jack", "Aroha", "Omar", "Ruby",
    "Ethan", "Linh", "Isla", "Marcus", "Fatima", "Grace", "Hamish", "Yuki", "Daniel",
)  # fmt: skip
LAST: Final = (
    "Nguyen", "Smith", "Patel", "Walker", "Chen", "Kelly", "Brown", "Singh", "Taylor", "Rossi",
    "Martin", "Haddad", "O'Brien", "Wilson", "Tran", "Campbell", "Lopez", "Harris", "Moore", "Kaur",
)  # fmt: skip
COURSES: Final = ("CHC33021", "BSB50420", "SIT30821", "CPC30220", "HLT33115", "TAE40122")
_POSITIONS: Final = ("Trainer", "Trainer", "Trainer", "Assessor", "Student support")
_CREDENTIALS: Final = (
    "Working with children check",
    "TAE40122 Certificate IV in Training and Assessment",
    "First aid (HLTAID011)",
    "Police check",
    "Industry licence",
)
_PD: Final = (
    "Validation of assessment tools",
    "Trauma-informed teaching",
    "Industry placement at a partner",
    "Standards for RTOs: what is new",
    "Language, literacy and numeracy",
)
_POLICIES: Final = (
    "Assessment and validation", "Complaints and appeals", "Fees and refunds", "Privacy",
    "Student support", "Trainer competency and currency", "Work health and safety",
    "Access and equity", "Records and retention", "Third-party arrangements",
)  # fmt: skip
_STEPS: Final = (
    "Contract signed", "Working with children check sighted", "Qualifications verified",
    "Induction to the standards", "Trainer matrix completed", "First class observed",
)  # fmt: skip
GRIEVANCES: Final = (
    "Fees were charged for a unit with credit transfer",
    "Result of an assessment was not returned in time",
    "Placement was cancelled at short notice",
    "Heating in room 2.04 does not work",
    "Certificate was not issued within 30 days",
)


class Person(NamedTuple):
    """Somebody."""

    name: str
    email: str


def people(dice: random.Random, count: int, at: str) -> list[Person]:
    """So many people of different names, with addresses at a host."""
    pairs = [(first, last) for first in FIRST for last in LAST]
    return [
        Person(
            f"{first} {last}",
            f"{first}.{last}@{at}".lower().replace("'", ""),
        )
        for first, last in dice.sample(pairs, count)
    ]


def fill(books: Books, today: date, seed: int = 7) -> None:
    """Fill an empty database with an organisation of 24 people, as it stands on a day."""
    dice = random.Random(seed)  # noqa: S311 - makes sentences, guards nothing
    with books.begin() as tx:
        if tx.execute(tables.STAFF.select().limit(1)).first() is not None:
            return
        for table, rows in _organisation(dice, today).items():
            _insert(tx, table, rows)


def _insert(tx: Connection, name: str, rows: Sequence[Row]) -> None:
    tx.execute(tables.tables.tables[f"hub_{name}"].insert(), list(rows))


def _organisation(dice: random.Random, today: date) -> dict[str, list[Row]]:
    staff = _team(dice, today)
    trainers = [each["id"] for each in staff if each["manager"]]

    def day(low: int, high: int) -> date:
        return today + timedelta(days=dice.randint(low, high))

    credentials = [
        {"staff": each, "title": title, "number": f"{dice.randint(10**6, 10**7)}",
         "expires_on": day(-20, 500), "expired": False}
        for each in trainers for title in dice.sample(_CREDENTIALS, 3)
    ]  # fmt: skip
    pd = [
        {"staff": each, "title": title, "hours": dice.choice((2.0, 3.5, 8.0)),
         "due_on": (due := day(-30, 120)), "done_on": due if dice.random() < 0.5 else None}
        for each in trainers for title in dice.sample(_PD, 2)
    ]  # fmt: skip
    policies = [
        {"title": title, "owner": dice.choice((1, 2, 3)), "review_on": day(-10, 300),
         "in_review": False}
        for title in _POLICIES
    ]  # fmt: skip
    return {
        "staff": staff,
        "credential": credentials,
        "pd": pd,
        "policy": policies,
        "complaint": _complaints(dice, today),
        "onboarding": _onboarding(dice, staff, today),
    }


def _team(dice: random.Random, today: date) -> list[Row]:
    """Three managers, then those whom they look after; the last four are new."""
    team = []
    for number, each in enumerate(people(dice, 24, "harbour.example"), 1):
        is_new = number > 20
        started = today - timedelta(days=dice.randint(3, 20) if is_new else dice.randint(200, 3000))
        team.append({
            "id": number, "name": each.name, "email": each.email,
            "position": "Manager" if number <= 3 else dice.choice(_POSITIONS),
            "manager": None if number <= 3 else dice.choice((1, 2, 3)),
            "started_on": started,
            "onboarded_on": None if is_new else started + timedelta(days=30),
        })  # fmt: skip
    return team


def _complaints(dice: random.Random, today: date) -> list[Row]:
    rows = []
    for number, each in enumerate(people(dice, 9, "student.example"), 1):
        opened = today - timedelta(days=dice.choice((1, 4, 7, 20, 52, 58, 64)))
        age = (today - opened).days
        acknowledged = opened + timedelta(days=2) if age > 10 or dice.random() < 0.4 else None
        rows.append({
            "reference": f"C-{number:04}", "student": each.name,
            "summary": dice.choice(GRIEVANCES), "owner": dice.choice((1, 2, 3)),
            "opened_on": opened, "acknowledged_on": acknowledged,
            "resolved_on": today if dice.random() < 0.2 else None, "escalated_on": None,
        })  # fmt: skip
    return rows


def _onboarding(dice: random.Random, staff: Sequence[Row], today: date) -> list[Row]:
    rows = []
    for each in staff:
        if each["onboarded_on"] is not None:
            continue
        for number, step in enumerate(_STEPS):
            due = each["started_on"] + timedelta(days=3 * number + 2)
            done = due if due < today and dice.random() < 0.7 else None
            rows.append({"staff": each["id"], "step": step, "due_on": due, "done_on": done})
    return rows


class Elsewhere(NamedTuple):
    """What third parties know, by entity, oldest change first."""

    contacts: list[Row]
    invoices: list[Row]
    students: list[Row]
    enrolments: list[Row]
    feedback: list[Row]


def elsewhere(today: date, students: int = 180, seed: int = 11) -> Elsewhere:
    """What the accounting and the training system hold of so many students, on a day."""
    dice = random.Random(seed)  # noqa: S311 - makes sentences, guards nothing
    found = Elsewhere([], [], [], [], [])
    start = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=90)
    said = make_feedback(students, seed)
    for number, each in enumerate(people(dice, students, "student.example"), 1):
        course = dice.choice(COURSES)
        changed = start + timedelta(minutes=dice.randint(0, 88 * 24 * 60))
        at = changed.isoformat(timespec="seconds")
        id_ = f"{number:05}"
        found.students.append({"id": f"S{id_}", "name": each.name, "email": each.email,
                               "updatedAt": at})  # fmt: skip
        found.enrolments.append({
            "id": f"E{id_}", "studentId": f"S{id_}", "course": course,
            "status": dice.choice(("active", "active", "completed", "withdrawn")), "updatedAt": at,
        })  # fmt: skip
        found.contacts.append({"ContactID": f"K{id_}", "Name": each.name,
                               "EmailAddress": each.email, "UpdatedDateUTC": at})  # fmt: skip
        found.invoices.append(_invoice(dice, id_, changed))
        if number % 2:
            found.feedback.append({
                "id": f"F{id_}", "course": course, "text": said[number - 1].words,
                "givenOn": changed.date().isoformat(), "updatedAt": at,
            })  # fmt: skip
    for rows in found:
        rows.sort(key=_changed)
    return found


def _invoice(dice: random.Random, id_: str, changed: datetime) -> Row:
    total = dice.choice((450_00, 1_280_00, 2_950_00))
    paid = total if dice.random() < 0.6 else dice.choice((0, 200_00))
    return {
        "InvoiceID": f"I{id_}", "InvoiceNumber": f"INV-{id_}", "Contact": {"ContactID": f"K{id_}"},
        "DueDate": (changed.date() + timedelta(days=14)).isoformat(),
        "Total": f"{total / 100:.2f}", "AmountPaid": f"{paid / 100:.2f}",
        "Status": "PAID" if paid == total else "AUTHORISED",
        "UpdatedDateUTC": changed.isoformat(timespec="seconds"),
    }  # fmt: skip


def _changed(row: Row) -> tuple[str, str]:
    """By when they were changed, and those of one moment by their ids."""
    at = row.get("updatedAt") or row["UpdatedDateUTC"]
    return at, str(next(iter(row.values())))
