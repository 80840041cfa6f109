"""Receipts among the mail of a mailbox: who was paid how much, and when."""

import re
from collections.abc import Iterator
from datetime import date
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser
from mailbox import Maildir
from pathlib import Path
from typing import Final

from msgspec import Struct

from examples.finance.money import cents

_SUBJECT: Final = re.compile(r"\b(receipt|invoice|order|tax invoice|rechnung)\b", re.IGNORECASE)
_TOTAL: Final = re.compile(
    r"\b(?:grand total|total paid|amount paid|total|summe)\b\D{0,20}?"
    r"(?:(AUD|EUR)\s*|[$€]\s*)?(\d[\d.,]*\d)(?:\s*(AUD|EUR))?",
    re.IGNORECASE,
)
MOST_TEXT: Final = 200_000


class Letter(Struct, frozen=True):
    """One mail.

    Attributes:
        id: its `Message-ID`.
    """

    id: str
    sender: str
    subject: str
    sent_on: date
    text: str


class Receipt(Struct, frozen=True):
    """What was bought.

    Attributes:
        amount: cents above nothing.
    """

    merchant: str
    amount: int
    currency: str
    bought_on: date


class Broken(ValueError):
    """A mail that says too little of itself, or cannot be read."""


def read(mailbox: Path) -> Iterator[tuple[str, Letter | Broken]]:
    """Read the mails of a Maildir, in the order of their names; nothing is changed in it."""
    box = Maildir(mailbox, create=False)
    for key in sorted(box.keys()):
        try:
            content = box.get_bytes(key)
        except (KeyError, FileNotFoundError):
            continue  # somebody has just put it elsewhere
        try:
            yield key, letter(content)
        except (ValueError, LookupError) as error:
            yield key, Broken(str(error))


def letter(content: bytes) -> Letter:
    """Read a mail.

    Raises:
        Broken: it has no id, no date, or no text.
    """
    message = BytesParser(policy=policy.default).parsebytes(content)
    id_, sent = message["Message-ID"], message["Date"]
    if not id_ or not sent:
        raise Broken("it has no id, or no date")
    name, address = parseaddr(str(message["From"] or ""))
    return Letter(
        id=str(id_).strip()[:200],
        sender=name or address.partition("@")[2],
        subject=str(message["Subject"] or ""),
        sent_on=parsedate_to_datetime(str(sent)).date(),
        text=_text(message)[:MOST_TEXT],
    )


def receipt(letter: Letter) -> Receipt | None:
    """The receipt that a mail is; `None`: it is something else.

    Example:
        >>> mail = Letter("<1@x>", "Quay Cafe", "Your receipt", date(2026, 3, 1), "Total: AUD 9.50")
        >>> receipt(mail)  # doctest: +ELLIPSIS
        Receipt(merchant='Quay Cafe', amount=950, currency='AUD', bought_on=datetime.date(...))
    """
    if not _SUBJECT.search(letter.subject):
        return None
    totals = list(_TOTAL.finditer(letter.text))
    if not totals:
        return None
    before, written, after = totals[-1].groups()
    currency = (before or after or ("EUR" if "€" in totals[-1][0] else "AUD")).upper()
    decimal = "," if re.search(r",\d{2}$", written) else "."
    try:
        amount = cents(written, decimal)
    except ValueError:
        return None
    return Receipt(letter.sender, amount, currency, letter.sent_on)


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        raise Broken("it has no text")
    content = str(part.get_content())
    if part.get_content_subtype() != "html":
        return content
    words = _Words()
    words.feed(content)
    return " ".join(words.found)


class _Words(HTMLParser):
    """Collects what a page says, without its marks."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        """Take a piece of text; the parser calls this."""
        self.found.append(data)
