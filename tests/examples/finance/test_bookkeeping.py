"""The ledger on both databases, and what is made of bookings."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from examples.finance import believable, bookkeeping, statements, tables
from examples.finance.ledger import Ledger
from examples.finance.place import Place
from tests.servers import database
from tidemill.testing.clock import ManualClock

MONTH = date(2025, 9, 1)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        place = Place(tmp_path / "finance", "", ManualClock().now, "UTC")
        place.prepare()
        yield place
        place.ledger.close()
        return
    with database(request.getfixturevalue("postgres_url")) as url:
        place = Place(tmp_path / "finance", url, ManualClock().now, "UTC")
        place.prepare()
        yield place
        place.ledger.close()


def book(ledger: Ledger, account: str, month: date, file: str) -> statements.Statement:
    (of,) = (each for each in believable.ACCOUNTS if each.id == account)
    told = statements.read(believable.statement(of, month).content)
    lines = [(line, bookkeeping.category(line.payee)) for line in told.lines]
    ledger.import_lines(file, account, told, lines)
    return told


def test_a_statement_that_is_booked_again_doubles_nothing(place: Place) -> None:
    told = book(place.ledger, "card", MONTH, "f1")
    book(place.ledger, "card", MONTH, "f1")
    assert place.ledger.brought("f1") == len(told.lines)
    book(place.ledger, "card", MONTH, "f2")
    assert place.ledger.brought("f2") == 0
    assert len(place.ledger.rows(tables.transactions)) == len(told.lines)


def test_what_was_spent_is_what_the_statements_say(place: Place) -> None:
    told = book(place.ledger, "card", MONTH, "f1")
    spent = place.ledger.spent(MONTH, bookkeeping.month_after(MONTH))
    assert sum(spent.values()) == -sum(line.amount for line in told.lines if line.amount < 0)
    assert spent["groceries"] > spent["subscriptions"] > 0
    assert not spent.keys() & {"income", "transfer", "other"}


def test_a_receipt_has_one_booking_and_a_booking_one_receipt(place: Place) -> None:
    told = book(place.ledger, "card", MONTH, "f1")
    paid = next(line for line in told.lines if line.payee == "Kelp Ramen")
    for number in range(2):
        receipt = {
            "message": f"<{number}>", "mailbox": "m", "merchant": "Kelp Ramen",
            "amount": -paid.amount, "currency": "AUD", "bought_on": paid.booked_on,
        }  # fmt: skip
        place.ledger.keep(tables.receipts, [receipt])
    assert place.ledger.match_receipts() == (1, 1)
    assert place.ledger.match_receipts() == (1, 1)


def test_each_reader_is_told_each_thing_once(place: Place) -> None:
    notices = [
        {"about": about, "reader": reader, "since": MONTH, "told": about}
        for about in ("a", "b")
        for reader in ("ada", "ben")
    ]
    place.ledger.keep(tables.notices, notices)
    assert place.ledger.digest("ada", "job-1") == ["a", "b"]
    assert place.ledger.digest("ada", "job-1") == ["a", "b"], "the same job again"
    assert place.ledger.digest("ada", "job-2") == []
    assert place.ledger.digest("ben", "job-2") == ["a", "b"]


def test_what_is_not_so_any_more_is_not_told(place: Place) -> None:
    for about in ("gap", "lasting"):
        notice = {"about": about, "reader": "ada", "since": MONTH, "told": about}
        place.ledger.keep(tables.notices, [notice])
    place.ledger.withdraw(["gap"])
    assert place.ledger.digest("ada", "job-1") == ["lasting"]
    place.ledger.withdraw(["lasting"])
    assert place.ledger.digest("ada", "job-1") == ["lasting"], "they were told already"


def test_a_job_that_is_asked_for_again_is_counted(place: Place) -> None:
    for _ in range(3):
        place.ledger.was_asked_again("job-1")
    assert place.ledger.repeats(["job-1", "job-2"]) == {"job-1": 3}


@pytest.mark.parametrize(
    ("now", "before", "kind"),
    [
        (200_00, [50_00] * 8, "more"),
        (10_00, [50_00] * 8, "less"),
        (60_00, [50_00] * 8, ""),
        (90_00, [0] * 8, "new"),
        (5_00, [0] * 8, ""),
    ],
)
def test_a_week_is_compared_with_a_usual_one(now: int, before: list[int], kind: str) -> None:
    found = bookkeeping.insights({"health": now}, [{"health": each} for each in before])
    assert [each.kind for each in found] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("spent", "said"), [(80_00, ""), (95_00, "is spent already"), (110_00, "more than was planned")]
)
def test_a_budget_is_warned_of_before_it_is_spent(spent: int, said: str) -> None:
    warned = bookkeeping.warning("health", 100_00, spent)
    assert said in warned
    assert bool(warned) == bool(said)
