"""The platform's own database, which modules ask by the service `database`."""

from typing import Final

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine
from sqlalchemy.exc import DBAPIError

metadata: Final = MetaData()

prices: Final = Table(
    "automation_price",
    metadata,
    Column("sku", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("cents", Integer, nullable=False),
    Column("before", Integer),
    Column("changed_in", String(64)),
)
"""What goods cost when they were last seen, what before, and in which execution that was found out;
written by the scraper."""

stock: Final = Table(
    "automation_stock",
    metadata,
    Column("sku", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("quantity", Integer, nullable=False),
)
"""How much there is of each; written by the sync."""

ledger: Final = Table(
    "automation_ledger",
    metadata,
    Column("execution", String(64), primary_key=True),
    Column("sku", String(40), primary_key=True),
    Column("event", String(255), nullable=False),
    Column("cents", Integer, nullable=False),
)
"""Each change of a price, once, with the execution that has found it out; written by the module
that hears of them."""

_DRIVERS: Final = {"postgresql": "postgresql+psycopg"}


def create(url: str) -> None:
    """Make the tables, where they are not there yet."""
    scheme, rest = url.split("://", 1)
    engine = create_engine(f"{_DRIVERS.get(scheme, scheme)}://{rest}")
    try:
        metadata.create_all(engine)
    except DBAPIError:
        metadata.create_all(engine)  # another process was making them at the same time
    finally:
        engine.dispose()
