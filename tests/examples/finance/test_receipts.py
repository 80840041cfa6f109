"""Receipts are found among other mail, whatever they are written in."""

from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from examples.finance import believable, mailbox_reader
from examples.finance.mailbox_reader import Broken, Letter
from examples.finance.post_office import PostOffice

SINCE, BEFORE = date(2025, 9, 1), date(2025, 11, 1)
READER = "ada@finance.example"


def a_letter(text: str, subject: str = "Your receipt") -> Letter:
    return Letter("<1@x>", "Kelp Ramen", subject, date(2026, 3, 1), text)


def test_all_receipts_of_a_mailbox_are_found_and_nothing_else(tmp_path: Path) -> None:
    office = PostOffice(tmp_path)
    sent = list(believable.letters(READER, SINCE, BEFORE))
    for letter in sent:
        office.put(letter, READER)
    (card,) = (account for account in believable.ACCOUNTS if account.id == "card")
    paid = [
        (each.payee, -each.amount, each.on)
        for month in (date(2025, 9, 1), date(2025, 10, 1))
        for each in believable.bookings(card, month)
        if each.payee in believable.SENDS_RECEIPTS
    ]
    read = [letter for _, letter in mailbox_reader.read(office.mailbox(READER))]
    assert len(read) == len(sent) > len(paid) > 20
    found = [mailbox_reader.receipt(each) for each in read if isinstance(each, Letter)]
    told = [(each.merchant, each.amount, each.bought_on) for each in found if each]
    assert sorted(told) == sorted(paid)
    kinds = {letter.get_content_subtype() for letter in sent}
    assert kinds == {"plain", "html"}


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("Total: AUD 1,234.50", 123450, "AUD"),
        ("Subtotal $9.00\nTotal $9.90", 990, "AUD"),
        ("Summe: 1.234,50 EUR", 123450, "EUR"),
        ("TOTAL PAID € 12,00", 1200, "EUR"),
    ],
)
def test_the_total_is_read_as_it_is_written(text: str, amount: int, currency: str) -> None:
    receipt = mailbox_reader.receipt(a_letter(text))
    assert receipt is not None
    assert (receipt.amount, receipt.currency) == (amount, currency)


@pytest.mark.parametrize(
    ("subject", "text"), [("News", "Total: AUD 9.50"), ("Your receipt", "Thank you."), ("", "")]
)
def test_other_mail_is_no_receipt(subject: str, text: str) -> None:
    assert mailbox_reader.receipt(a_letter(text, subject)) is None


def test_a_broken_mail_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    office = PostOffice(tmp_path)
    office.put(b"\xff\xfe no mail at all", READER)
    whole = EmailMessage()
    whole["Message-ID"], whole["Date"] = "<2@x>", "Sun, 1 Mar 2026 10:00:00 +0000"
    whole.set_content("Hello.")
    office.put(whole, READER)
    read = [letter for _, letter in mailbox_reader.read(office.mailbox(READER))]
    assert sorted(type(each).__name__ for each in read) == ["Broken", "Letter"]


@pytest.mark.parametrize("address", ["", "../../etc", "a/b@x", ".hidden", "a\0b"])
def test_no_mailbox_lies_outside_of_the_post_office(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValueError, match="has no mailbox here"):
        PostOffice(tmp_path).mailbox(address)


def test_a_mail_that_says_too_little_is_broken() -> None:
    with pytest.raises(Broken):
        mailbox_reader.letter(b"Subject: x\r\n\r\nno id, no date\r\n")


def test_mail_is_taken_though_nothing_was_kept_there_before(tmp_path: Path) -> None:
    office = PostOffice(tmp_path / "new" / "mail")
    office.put(b"Subject: Tides\n\nHigh at noon.", "ben@finance.example")
    assert [each["subject"] for each in office.read("ben@finance.example")] == ["Tides"]
