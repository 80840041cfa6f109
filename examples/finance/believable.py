"""Believable accounts, statements and mail: made up of a seed, and always the same of one seed."""

import csv
import io
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final
from xml.sax.saxutils import escape

from msgspec import Struct

from examples.finance.bookkeeping import first_of_month, month_after
from examples.finance.money import amount
from examples.finance.statements import HARBOUR, OUTBACK, UNION, Dialect

SEED: Final = 1_868
FIRST: Final = date(2025, 7, 1)
"""The day on which all accounts were opened."""


class Account(Struct, frozen=True):
    """One account of somebody at a bank.

    Attributes:
        form: how its statements come: `"ofx1"`, `"ofx2"`, or the name of a CSV dialect.
        opening: cents that were there on the first day.
    """

    id: str
    number: str
    name: str
    bank: str
    form: str
    currency: str
    owner: str
    opening: int


ACCOUNTS: Final = (
    Account("everyday", "44719921", "Everyday", "Harbour Bank", "ofx1", "AUD", "ada", 3_420_55),
    Account("savings", "44719938", "Savings", "Harbour Bank", "ofx2", "AUD", "ada", 18_300_00),
    Account("card", "5217000455", "Card", "Harbour Bank", "harbour", "AUD", "ada", -312_40),
    Account("travel", "DE4470", "Reisekonto", "Union Credit", "union", "EUR", "ben", 1_150_00),
    Account("joint", "062-4413", "Joint", "Outback Mutual", "outback", "AUD", "ben", 940_10),
)


class Booking(Struct, frozen=True):
    """What a bank has booked; less than nothing: it was paid."""

    on: date
    amount: int
    payee: str
    memo: str


class File(Struct, frozen=True):
    """A statement as a bank sends it."""

    account: str
    name: str
    content: bytes


class Shop(Struct, frozen=True):
    """Whoever is paid: between so many and so many cents, so often in a month."""

    name: str
    low: int
    high: int
    times: int


SHOPS: Final[dict[str, tuple[Shop, ...]]] = {
    "everyday": (
        Shop("Harbour Rent Trust", 2_450_00, 2_450_00, 1),
        Shop("Tidal Power & Gas", 92_00, 168_00, 1),
        Shop("Reef Telco", 65_00, 65_00, 1),
        Shop("North Head Dental", 80_00, 240_00, 1),
    ),
    "savings": (Shop("Transfer to Everyday", 150_00, 900_00, 1),),
    "card": (
        Shop("Bluegum Fresh Markets", 38_00, 164_00, 6),
        Shop("Quay Street Cafe", 4_50, 23_00, 9),
        Shop("Kelp Ramen", 18_50, 61_00, 3),
        Shop("Bay Rail", 3_20, 9_80, 8),
        Shop("Mariner Stream", 15_99, 15_99, 1),
        Shop("Cumulus Cloud Storage", 4_49, 4_49, 1),
        Shop("Lantern Pharmacy", 9_00, 74_00, 2),
    ),
    "travel": (
        Shop("Gasthaus Möwe", 14_00, 58_00, 3),
        Shop("Küstenbahn", 9_90, 48_00, 3),
        Shop("Frischemarkt Süd", 6_00, 41_00, 4),
    ),
    "joint": (
        Shop("Dune Strata Management", 210_00, 210_00, 1),
        Shop("Saltbush Bakery", 6_50, 31_00, 5),
        Shop("Ferry & Co", 8_00, 26_00, 4),
        Shop("Outback Fuel", 48_00, 121_00, 3),
    ),
}

SENDS_RECEIPTS: Final = frozenset(
    {"Bluegum Fresh Markets", "Kelp Ramen", "Mariner Stream", "Lantern Pharmacy"}
)


def bookings(account: Account, month: date, seed: int = SEED) -> list[Booking]:
    """What was booked in a month, by day."""
    dice = random.Random(f"{seed}/{account.id}/{month:%Y-%m}")  # noqa: S311 - guards nothing
    days = (month_after(month) - month).days
    found = [_income(account, month)]
    for shop in SHOPS[account.id]:
        for number in range(shop.times):
            on = month + timedelta(days=dice.randrange(days))
            cents = dice.randint(shop.low, shop.high)
            memo = f"{shop.name.split()[0].upper()} {dice.randrange(10**6):06} {number + 1}"
            found.append(Booking(on, -cents, shop.name, memo))
    return sorted(found, key=lambda each: (each.on, each.payee, each.memo))


def _income(account: Account, month: date) -> Booking:
    on = month + timedelta(days=14)
    match account.id:
        case "everyday":
            return Booking(on, 6_840_00, "Lighthouse Works", "Salary from Lighthouse Works")
        case "savings":
            return Booking(on, 41_25, "Interest Harbour Bank", "Interest of the month")
        case _:
            cents = sum(shop.times * (shop.low + shop.high) // 2 for shop in SHOPS[account.id])
            return Booking(on, cents, "Transfer from Everyday", f"Transfer to {account.name}")


def statement(
    account: Account, month: date, seed: int = SEED, *, until: date | None = None
) -> File:
    """The statement of one month, as the bank of the account writes it.

    Args:
        until: the last day in it, where the month is not over.
    """
    at, balance = FIRST, account.opening
    while at < month:
        balance += sum(each.amount for each in bookings(account, at, seed))
        at = month_after(at)
    ends_on = min(until or date.max, month_after(month) - timedelta(days=1))
    booked = [each for each in bookings(account, month, seed) if each.on <= ends_on]
    ending = "ofx" if account.form.startswith("ofx") else "csv"
    written = _FORMS[account.form](account, ends_on, balance, booked)
    return File(account.id, f"{account.id}-{month:%Y-%m}.{ending}", written)


def statements(before: date, seed: int = SEED) -> Iterator[File]:
    """All statements of whole months before a day, the oldest first."""
    month = FIRST
    while month < first_of_month(before):
        for account in ACCOUNTS:
            yield statement(account, month, seed)
        month = month_after(month)


Write = Callable[[Account, date, int, Sequence[Booking]], bytes]

_OFX1: Final = (
    "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:USASCII\r\n"
    "CHARSET:1252\r\nCOMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n"
)
_OFX2: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
)


def _ofx1(account: Account, ends_on: date, opening: int, booked: Sequence[Booking]) -> bytes:
    """SGML, as banks have sent it for thirty years: what holds a value is not closed."""
    body = _ofx_body(account, ends_on, opening, booked, closed=False)
    return (_OFX1 + body).encode("cp1252")


def _ofx2(account: Account, ends_on: date, opening: int, booked: Sequence[Booking]) -> bytes:
    return (_OFX2 + _ofx_body(account, ends_on, opening, booked, closed=True)).encode()


def _ofx_body(
    account: Account, ends_on: date, opening: int, booked: Sequence[Booking], *, closed: bool
) -> str:
    def leaf(name: str, value: object) -> str:
        return f"<{name}>{escape(str(value))}" + (f"</{name}>" if closed else "")

    month = first_of_month(ends_on)
    closing = opening + sum(each.amount for each in booked)
    status = f"<STATUS>{leaf('CODE', 0)}{leaf('SEVERITY', 'INFO')}</STATUS>"
    lines = "\n".join(
        "<STMTTRN>"
        + leaf("TRNTYPE", "CREDIT" if each.amount > 0 else "DEBIT")
        + leaf("DTPOSTED", f"{each.on:%Y%m%d}120000")
        + leaf("TRNAMT", f"{each.amount / 100:.2f}")
        + leaf("FITID", f"{account.number}-{each.on:%Y%m%d}-{number}")
        + leaf("NAME", each.payee[:32])
        + leaf("MEMO", each.memo)
        + "</STMTTRN>"
        for number, each in enumerate(booked)
    )
    number = (
        leaf("BANKID", "083170") + leaf("ACCTID", account.number) + leaf("ACCTTYPE", "CHECKING")
    )
    balance = leaf("BALAMT", f"{closing / 100:.2f}") + leaf("DTASOF", f"{ends_on:%Y%m%d}120000")
    return (
        f"<OFX><SIGNONMSGSRSV1><SONRS>{status}{leaf('DTSERVER', f'{ends_on:%Y%m%d}120000')}"
        f"{leaf('LANGUAGE', 'ENG')}</SONRS></SIGNONMSGSRSV1>\n"
        f"<BANKMSGSRSV1><STMTTRNRS>{leaf('TRNUID', 1)}{status}<STMTRS>"
        f"{leaf('CURDEF', account.currency)}<BANKACCTFROM>{number}</BANKACCTFROM>\n"
        f"<BANKTRANLIST>{leaf('DTSTART', f'{month:%Y%m%d}')}{leaf('DTEND', f'{ends_on:%Y%m%d}')}\n"
        f"{lines}\n</BANKTRANLIST><LEDGERBAL>{balance}</LEDGERBAL>"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    )


def _csv_in(dialect: Dialect) -> Write:
    def write(_account: Account, _ends_on: date, opening: int, booked: Sequence[Booking]) -> bytes:
        text = io.StringIO(newline="")
        rows = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n")
        rows.writerow(dialect.columns)
        balance = opening
        for each in booked:
            balance += each.amount
            if dialect.amount:
                amounts = [_written(each.amount, dialect)]
            else:
                debit, credit = max(-each.amount, 0), max(each.amount, 0)
                amounts = [_written(part, dialect) if part else "" for part in (debit, credit)]
            day = each.on.strftime(dialect.day)
            rows.writerow([day, each.payee, each.memo, *amounts, _written(balance, dialect)])
        return text.getvalue().encode(dialect.encoding)

    return write


def _written(cents: int, dialect: Dialect) -> str:
    swap = str.maketrans(",.", ".,") if dialect.decimal == "," else {}
    return amount(cents).translate(swap)


_FORMS: Final[dict[str, Write]] = {
    "ofx1": _ofx1,
    "ofx2": _ofx2,
    "harbour": _csv_in(HARBOUR),
    "union": _csv_in(UNION),
    "outback": _csv_in(OUTBACK),
}


def letters(to: str, since: date, before: date, seed: int = SEED) -> Iterator[EmailMessage]:
    """Mail of some days: receipts for what was paid by card, and what else one is sent."""
    (card,) = (account for account in ACCOUNTS if account.id == "card")
    month = first_of_month(since)
    while month < before:
        for number, each in enumerate(bookings(card, month, seed)):
            if since <= each.on < before and each.payee in SENDS_RECEIPTS:
                yield _receipt(to, each, f"{month:%Y%m}-{number}-{seed}")
        for day in (3, 17):
            on = month + timedelta(days=day)
            if since <= on < before:
                yield _other(to, on, f"{on:%Y%m%d}-{seed}")
        month = month_after(month)


def _receipt(to: str, booked: Booking, number: str) -> EmailMessage:
    host = booked.payee.split()[0].lower() + ".example"
    message = _envelope(f"{booked.payee} <shop@{host}>", to, booked.on, f"<{number}@{host}>")
    total = amount(-booked.amount)
    if number.partition("-")[2][0] in "02468":
        message["Subject"] = f"Your receipt from {booked.payee}"
        message.set_content(f"Thank you.\n\nItems    {total}\nTotal:   AUD {total}\nGST included\n")
    else:
        message["Subject"] = f"Order {number}: tax invoice"
        message.set_content(
            f"<h1>Thanks!</h1><table><tr><td>Subtotal</td><td>${total}</td></tr>"
            f"<tr><td><b>Total</b></td><td><b>${total}</b></td></tr></table>",
            subtype="html",
        )
    return message


def _other(to: str, on: date, number: str) -> EmailMessage:
    message = _envelope("Harbour Gazette <news@gazette.example>", to, on, f"<{number}@gazette>")
    message["Subject"] = "What the tide brought in this week"
    message.set_content("In total 41 boats were seen. None of them was for sale.")
    return message


def _envelope(sender: str, to: str, on: date, id_: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, to
    message["Date"] = format_datetime(datetime.combine(on, time(11, 30), UTC))
    message["Message-ID"] = id_
    return message
