"""The tables of the ledger: what banks have booked, and what was made of it."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

everything: Final = MetaData()


def _text(name: str, **more: Any) -> Column[Any]:
    return Column(name, Text, nullable=False, **more)


accounts: Final = Table(
    "accounts",
    everything,
    Column("id", Text, primary_key=True),
    _text("number", unique=True),
    _text("name"),
    _text("bank"),
    _text("currency"),
    _text("owner"),
)

statements: Final = Table(
    "statements",
    everything,
    Column("id", Text, primary_key=True, comment="digest of the file"),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    _text("kind"),
    Column("first_on", Date),
    Column("as_of", Date),
    Column("closing", BigInteger),
    Column("read", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
)

transactions: Final = Table(
    "transactions",
    everything,
    Column("id", Integer, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    _text("external_id"),
    Column("booked_on", Date, nullable=False),
    Column("amount", BigInteger, nullable=False),
    _text("payee"),
    _text("memo"),
    _text("category"),
    Column("statement", Text, ForeignKey("statements.id"), nullable=False),
    UniqueConstraint("account", "external_id"),
    Index("transactions_by_day", "booked_on"),
)

receipts: Final = Table(
    "receipts",
    everything,
    Column("message", Text, primary_key=True, comment="id of the mail"),
    _text("mailbox"),
    _text("merchant"),
    Column("amount", BigInteger, nullable=False),
    _text("currency"),
    Column("bought_on", Date, nullable=False),
    Column("booking", Integer, ForeignKey("transactions.id")),
)

letters: Final = Table(
    "letters",
    everything,
    Column("message", Text, primary_key=True, comment="id of a mail that was looked at"),
    _text("mailbox"),
    _text("kind", comment="receipt, other or broken"),
    _text("seen_by", comment="the job that saw it first"),
)

budgets: Final = Table(
    "budgets",
    everything,
    Column("month", Date, primary_key=True, comment="its first day"),
    Column("category", Text, primary_key=True),
    Column("planned", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False, default=0),
)

insights: Final = Table(
    "insights",
    everything,
    Column("week", Date, primary_key=True, comment="its Monday"),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("usual", BigInteger, nullable=False),
    _text("told"),
)

reconciliations: Final = Table(
    "reconciliations",
    everything,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("stated", BigInteger, nullable=False),
    Column("booked", BigInteger, nullable=False),
)

notices: Final = Table(
    "notices",
    everything,
    Column("about", Text, primary_key=True, comment="what it is about, once for each reader"),
    Column("reader", Text, primary_key=True),
    Column("since", Date, nullable=False),
    _text("told"),
    Column("told_by", Text, comment="the job whose digest it was in"),
)

asked_again: Final = Table(
    "asked_again",
    everything,
    Column("job", Text, primary_key=True),
    Column("times", Integer, nullable=False),
)
