"""Its own database: organisations, and what each has of stations, people, audits, incidents.

Moments are whole milliseconds since 1970, UTC.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
)

from examples.stage import books as stage
from tidemill import errors

_ALL: Final = MetaData()


def _table(name: str, *columns: Any) -> Table:
    """A table whose name tells whose it is, for jobs may be kept in the same database."""
    return Table(f"hse_{name}", _ALL, Column("id", Integer, primary_key=True), *columns)


def _of(table: str, *, needed: bool = True) -> Column[int]:
    return Column(table, ForeignKey(f"hse_{table}.id"), nullable=not needed, index=True)


def _text(name: str, length: int) -> Column[str]:
    return Column(name, String(length), nullable=False)


ORGANISATIONS: Final = _table(
    "organisation",
    Column("slug", String(40), nullable=False, unique=True),
    _text("name", 120),
    _text("tenant", 120),
    _text("plan", 20),
    Column("stripe_customer", String(80)),
    Column("onboarding", String(80), unique=True),
    Column("created_at", BigInteger, nullable=False),
)
ROLES: Final = _table(
    "role",
    _of("organisation"),
    _text("name", 20),
    _text("may", 120),
    UniqueConstraint("organisation", "name"),
)
STATIONS: Final = _table(
    "station",
    _of("organisation"),
    _text("name", 80),
    _text("kind", 30),
    _text("address", 120),
    Column("opened_on", Date, nullable=False),
    UniqueConstraint("organisation", "name"),
)
MEMBERS: Final = _table(
    "member",
    _of("organisation"),
    _text("name", 80),
    _text("email", 120),
    _text("role", 20),
    _of("station", needed=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("organisation", "email"),
)
CONTRACTORS: Final = _table(
    "contractor",
    _of("organisation"),
    _text("name", 80),
    _text("trade", 40),
    _text("licence", 30),
    Column("insured_until", Date, nullable=False),
)
AUDITS: Final = _table(
    "audit",
    _of("organisation"),
    _of("station"),
    _text("title", 120),
    _text("auditor", 80),
    _text("status", 20),
    Column("held_on", Date, nullable=False),
    Column("score", Float),
    Column("findings", Integer, nullable=False),
)
INCIDENTS: Final = _table(
    "incident",
    _of("organisation"),
    _of("station"),
    _text("reference", 20),
    _text("title", 120),
    _text("severity", 20),
    _text("status", 20),
    Column("occurred_on", Date, nullable=False),
    Column("injured", Integer, nullable=False),
    UniqueConstraint("organisation", "reference"),
)
PERMITS: Final = _table(
    "permit",
    _of("organisation"),
    _of("station"),
    _of("contractor"),
    _text("work", 60),
    _text("status", 20),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
)

Row = Mapping[str, Any]


class Books(stage.Books):
    """The database.

    Example:
        >>> books = Books("sqlite://")
        >>> books.make()
        >>> books.rows(select(STATIONS))
        []
        >>> books.close()
    """

    def __init__(self, url: str) -> None:
        """Name it; nothing is opened.

        Args:
            url: `sqlite:///…` or `postgresql://…`.
        """
        super().__init__(url, _ALL)

    def rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        """What a query answers."""
        with self.look() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def organisation(self, tenant: str) -> Row:
        """The organisation that is a tenant.

        Raises:
            InvalidArguments: there is none, so nothing can be said of it.
        """
        found = self.rows(select(ORGANISATIONS).where(ORGANISATIONS.c.tenant == tenant))
        if not found:
            raise errors.InvalidArguments(
                f"there is no organisation {tenant!r}",
                hint="ask for it in the name of an organisation",
            )
        return found[0]

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows."""
        with self.begin() as tx:
            tx.execute(insert(table), [dict(row) for row in rows])
