"""Statements of banks as they are sent: OFX of both ages, and CSV in the ways of three banks."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from examples.finance.money import cents

MOST_BYTES: Final = 5 << 20
MOST_LINES: Final = 50_000
_LONGEST: Final = 200


class Unreadable(ValueError):
    """What was sent is no statement that can be read; reading it again would not help."""


class Line(Struct, frozen=True):
    """One booking.

    Attributes:
        external_id: what the bank calls it; of a bank that gives no ids, made of what it says.
        amount: cents; less than nothing: it was paid.
    """

    external_id: str
    booked_on: date
    amount: int
    payee: str
    memo: str = ""


class Statement(Struct, frozen=True):
    """What a bank says of one account.

    Attributes:
        kind: `"ofx"`, or the name of the CSV dialect.
        account: the number in the file; empty: it names none.
        closing: cents that were there at the end of `as_of`; `None`: it does not say.
        oddities: lines that could not be read, and why.
    """

    kind: str
    account: str
    lines: tuple[Line, ...]
    closing: int | None = None
    as_of: date | None = None
    oddities: tuple[str, ...] = ()


class Dialect(Struct, frozen=True, kw_only=True):
    """How one bank writes its CSV.

    Attributes:
        amount: the column of a signed amount; empty: `debit` and `credit` have one each.
        balance: the column of what was there after the booking.
    """

    name: str
    delimiter: str
    encoding: str
    day: str
    decimal: str
    date: str
    payee: str
    memo: str
    balance: str
    amount: str = ""
    debit: str = ""
    credit: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The first line of its files."""
        amounts = (self.amount,) if self.amount else (self.debit, self.credit)
        return (self.date, self.payee, self.memo, *amounts, self.balance)


HARBOUR: Final = Dialect(
    name="harbour", delimiter=",", encoding="utf-8-sig", day="%Y-%m-%d", decimal=".",
    date="Date", payee="Payee", memo="Description", amount="Amount", balance="Balance",
)  # fmt: skip
UNION: Final = Dialect(
    name="union", delimiter=";", encoding="cp1252", day="%d.%m.%Y", decimal=",",
    date="Buchungstag", payee="Empfänger", memo="Verwendungszweck", amount="Betrag",
    balance="Saldo",
)  # fmt: skip
OUTBACK: Final = Dialect(
    name="outback", delimiter=",", encoding="utf-8", day="%d/%m/%Y", decimal=".",
    date="Transaction Date", payee="Merchant", memo="Details", debit="Debit", credit="Credit",
    balance="Balance",
)  # fmt: skip
DIALECTS: Final = (HARBOUR, UNION, OUTBACK)


def read(content: bytes) -> Statement:
    """Read a statement, whichever kind it is.

    Raises:
        Unreadable: it is of no kind that is known, or broken, or too large.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(f"it has more than {MOST_BYTES:,} bytes")
    head = content[:2_000].upper()
    if b"OFXHEADER" in head or b"<OFX>" in head:
        return _read_ofx(content)
    return _read_csv(content)


def _read_ofx(content: bytes) -> Statement:
    from ofxtools.Parser import OFXTree  # noqa: PLC0415 - a program that only enqueues needs none

    tree = OFXTree()
    try:
        tree.parse(io.BytesIO(content))
        (told,) = tree.convert().statements
        lines = tuple(_booking(each) for each in told.transactions or ())
        return Statement(
            kind="ofx",
            account=str(told.account.acctid),
            lines=_few(lines),
            closing=_cents(told.balance.balamt),
            as_of=told.balance.dtasof.date(),
        )
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"it is no OFX that can be read: {error}"[:_LONGEST]) from error


def _booking(told: Any) -> Line:
    return Line(
        external_id=str(told.fitid),
        booked_on=told.dtposted.date(),
        amount=_cents(told.trnamt),
        payee=_text(told.name),
        memo=_text(told.memo),
    )


def _read_csv(content: bytes) -> Statement:
    for dialect in DIALECTS:
        try:
            text = content.decode(dialect.encoding)
        except UnicodeDecodeError:
            continue
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True)
        try:
            if tuple(next(rows, ())) == dialect.columns:
                return _of_rows(dialect, enumerate(rows, start=2))
        except csv.Error as error:
            raise Unreadable(f"it is no CSV that can be read: {error}") from error
    raise Unreadable("it is neither OFX nor CSV of a bank that is known")


def _of_rows(dialect: Dialect, rows: Iterator[tuple[int, list[str]]]) -> Statement:
    lines: list[Line] = []
    odd: list[str] = []
    seen: Counter[str] = Counter()
    closing, as_of = None, None
    for number, row in rows:
        if not row:
            continue
        try:
            line, balance = _of_row(dialect, row, seen)
        except ValueError as error:
            odd.append(f"line {number}: {error}"[:_LONGEST])
            continue
        lines.append(line)
        if as_of is None or line.booked_on >= as_of:
            closing, as_of = balance, line.booked_on
    if len(odd) > len(lines):
        raise Unreadable(f"most of its lines cannot be read, such as {odd[0]}")
    return Statement(dialect.name, "", _few(tuple(lines)), closing, as_of, tuple(odd))


def _of_row(dialect: Dialect, row: list[str], seen: Counter[str]) -> tuple[Line, int]:
    if len(row) != len(dialect.columns):
        raise ValueError(f"it has {len(row)} columns instead of {len(dialect.columns)}")
    cells = dict(zip(dialect.columns, row, strict=True))
    booked_on = datetime.strptime(cells[dialect.date].strip(), dialect.day).date()  # noqa: DTZ007 - a day has no zone
    if dialect.amount:
        amount = cents(cells[dialect.amount], dialect.decimal)
    else:
        credit, debit = cells[dialect.credit].strip(), cells[dialect.debit].strip()
        amount = cents(credit or "0", dialect.decimal) - cents(debit or "0", dialect.decimal)
    payee, memo = _text(cells[dialect.payee]), _text(cells[dialect.memo])
    told = f"{booked_on}|{amount}|{payee}|{memo}"
    seen[told] += 1
    # Two coffees of one day at one place are two: the second one is the second in every file.
    digest = hashlib.blake2b(f"{told}|{seen[told]}".encode(), digest_size=12).hexdigest()
    line = Line(digest, booked_on, amount, payee, memo)
    return line, cents(cells[dialect.balance], dialect.decimal)


def _few(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    if len(lines) > MOST_LINES:
        raise Unreadable(f"it has more than {MOST_LINES:,} bookings")
    return lines


def _cents(amount: Decimal) -> int:
    whole = amount * 100
    if whole != whole.to_integral_value():
        raise Unreadable(f"{amount} is no amount of whole cents")
    return int(whole)


def _text(written: object) -> str:
    return " ".join(str(written or "").split())[:_LONGEST]
