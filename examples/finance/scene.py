"""A scene for the demo: some months of statements and mail to work on, and what comes in now."""

import random
from typing import TYPE_CHECKING, Any, Final

from examples.finance import dialect
from examples.finance.believable import ACCOUNTS, FIRST, SEED, letters, statement, statements
from examples.finance.bookkeeping import first_of_month, month_before
from examples.finance.place import ADDRESSES

if TYPE_CHECKING:
    from examples.finance.application import Finance

_BACK: Final = 3
"""Months of which statements are sent at once."""


def seed(finance: "Finance") -> None:
    """Fill the mailbox and send the statements of the last months; safe twice."""
    place, today = finance.place, finance.place.today()
    since = first_of_month(today)
    for _ in range(_BACK):
        since = month_before(since)
    reader = ADDRESSES["ada"]
    if not place.post.read(reader):
        for letter in letters(reader, max(since, FIRST), today):
            place.post.put(letter, reader)
    for file in statements(today):
        if file.name[-11:-4] >= f"{since:%Y-%m}":
            _send(finance, file.account, file.content)
    for account in ACCOUNTS:
        now = statement(account, first_of_month(today), until=today)
        _send(finance, account.id, now.content)
    finance.app.enqueue(finance.work.email_sync.bind(reader))
    finance.app.enqueue(finance.recurring.nightly_backup.bind())
    finance.app.enqueue(finance.recurring.monthly_reports.bind())


def tick(finance: "Finance", number: int) -> None:
    """Ask for something that people of such a company would ask for now.

    Args:
        number: counts up; the same number is the same wish.
    """
    dice = random.Random(f"{SEED}/{number}")  # noqa: S311 - guards nothing
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("EMAIL_SYNC", {"mailbox": ADDRESSES["ada"]}),
        ("BUDGET_REFRESH", {}),
        ("INSIGHTS_GENERATION", {}),
        ("NOTIFICATION_DIGEST", {}),
        ("CACHE_CLEANUP", {}),
        ("ACCOUNT_RECONCILIATION", {"account": dice.choice(ACCOUNTS).id}),
        ("REPORT_GENERATION", {"source": "bookings", "format": dice.choice(["csv", "pdf"])}),
        ("DATA_EXPORT", {"sources": ["transactions"], "format": "csv"}),
        # Somebody has sent the wrong file, as somebody always does.
        ("TRANSACTION_IMPORT", {"file": "0" * 32, "account": "card"}),
    ]
    type_, data = dice.choice(wishes)
    finance.app.enqueue(
        dialect.TYPES[type_],
        data,
        priority=dialect.PRIORITIES[dice.choice([1, 2, 2, 3, 4])],
        tags=dialect.tags_of(dice.choice(list(ADDRESSES))),
    )


def _send(finance: "Finance", account: str, content: bytes) -> None:
    bound = finance.work.transaction_import.bind(finance.place.file(content), account)
    finance.app.enqueue(bound)
