"""Its own database: buildings, people, tickets, what became of them, and who was told.

Moments are whole milliseconds since 1970, UTC.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, String, Table, Text

from examples.stage import books as stage

_ALL: Final = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    """A table whose name tells whose it is, for jobs may be kept in the same database."""
    return Table(f"property_{name}", _ALL, *columns)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


BUILDINGS: Final = _table(
    "building",
    _id(),
    Column("name", String(80), nullable=False),
    Column("address", String(120), nullable=False),
)
PEOPLE: Final = _table(
    "person",
    _id(),
    Column("name", String(80), nullable=False),
    Column("part", String(20), nullable=False),
    Column("trade", String(40)),
    Column("email", String(120), nullable=False),
    Column("phone", String(30), nullable=False),
    Column("device", String(60)),
)
"""Residents, owners, contractors and managers; who has a device can be told by push."""

UNITS: Final = _table(
    "unit",
    _id(),
    Column("building", ForeignKey("property_building.id"), nullable=False),
    Column("number", String(10), nullable=False),
    Column("resident", ForeignKey("property_person.id"), nullable=False),
    Column("owner", ForeignKey("property_person.id"), nullable=False),
)
TICKETS: Final = _table(
    "ticket",
    _id(),
    Column("unit", ForeignKey("property_unit.id"), nullable=False),
    Column("title", String(120), nullable=False),
    Column("description", Text, nullable=False),
    Column("trade", String(40)),
    Column("urgency", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("contractor", ForeignKey("property_person.id")),
    Column("quote_cents", Integer),
    Column("appointment_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
)
STEPS: Final = _table(
    "step",
    _id(),
    Column("ticket", ForeignKey("property_ticket.id"), nullable=False),
    Column("status", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
NOTICES: Final = _table(
    "notice",
    Column("key", String(120), primary_key=True),
    Column("ticket", ForeignKey("property_ticket.id"), nullable=False),
    Column("person", ForeignKey("property_person.id"), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("sent_at", BigInteger),
)
"""What somebody is told of, once by each channel, and when it was sent."""

SPOOL: Final = _table(
    "spool",
    _id(),
    Column("what", String(20), nullable=False),
    Column("name", String(120), nullable=False),
    Column("told", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""What the store of jobs is still to be told: written with what it is about."""


class Books(stage.Books):
    """The database."""

    def __init__(self, url: str) -> None:
        """Name it; nothing is opened.

        Args:
            url: `sqlite:///…` or `postgresql://…`.
        """
        super().__init__(url, _ALL)
