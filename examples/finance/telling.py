"""What people are told: mail, reports and exports, by the kits for that."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from msgspec import Struct
from sqlalchemy import Table, select

from examples.finance import bookkeeping, dialect, tables
from examples.finance.place import Place
from tidemill import Module
from tidemill.kits.email import Email
from tidemill.kits.export import Exports
from tidemill.kits.report import Chart, Column, Reports


class OfMonth(Struct):
    """Which month a report is of: its first day, or any other."""

    month: date


class OfAccount(Struct):
    """Which bookings are meant."""

    account: str = ""
    since: date | None = None
    before: date | None = None


class Telling:
    """The modules that tell people.

    Attributes:
        email: sends mail.
        reports: builds reports.
        exports: exports tables.
    """

    def __init__(self, place: Place) -> None:
        """Tell what there is at a place."""
        self._place = place
        self.email = Email("finance.email", queue=dialect.NOTIFICATION)
        self.reports = Reports(
            "finance.report", queue=dialect.REPORT, email=self.email, tz=place.zone, timeout="5m"
        )
        self.exports = Exports(
            "finance.export", queue=dialect.EXPORT, email=self.email, timeout="10m"
        )
        self._add_reports()
        self._add_exports()

    @property
    def modules(self) -> tuple[Module, ...]:
        """What an application includes."""
        return (self.email, self.reports, self.exports)

    def _add_reports(self) -> None:
        source = self.reports.source
        source(
            "spending",
            title="Spending",
            columns=["category", Column("amount", total="sum", digits=2), "bookings"],
            charts=[Chart(by="category", value="amount")],
        )(self._spending)
        source(
            "budgets",
            title="Budgets",
            columns=["category", Column("planned", total="sum", digits=2),
                     Column("spent", total="sum", digits=2)],
        )(self._budgets)  # fmt: skip
        source(
            "bookings",
            title="Bookings",
            columns=["account", "booked_on", "payee", "category",
                     Column("amount", total="sum", digits=2)],
        )(self._bookings)  # fmt: skip

    def _spending(self, filters: OfMonth) -> Iterator[dict[str, Any]]:
        month = bookkeeping.first_of_month(filters.month)
        booked = self._place.ledger.rows(
            tables.transactions,
            tables.transactions.c.booked_on >= month,
            tables.transactions.c.booked_on < bookkeeping.month_after(month),
            tables.transactions.c.category.not_in(("income", "transfer")),
        )
        for category in sorted({row["category"] for row in booked}):
            mine = [row["amount"] for row in booked if row["category"] == category]
            yield {"category": category, "amount": -sum(mine) / 100, "bookings": len(mine)}

    def _budgets(self, filters: OfMonth) -> Iterator[dict[str, Any]]:
        month = bookkeeping.first_of_month(filters.month)
        spent = self._place.ledger.spent(month, bookkeeping.month_after(month))
        for category, planned in bookkeeping.PLANNED.items():
            cents = spent.get(category, 0)
            yield {"category": category, "planned": planned / 100, "spent": cents / 100}

    def _bookings(self, filters: OfAccount) -> Iterator[dict[str, Any]]:
        booked = tables.transactions.c
        conditions: list[Any] = [booked.account == filters.account] if filters.account else []
        conditions += [booked.booked_on >= filters.since] if filters.since else []
        conditions += [booked.booked_on < filters.before] if filters.before else []
        rows = self._place.ledger.rows(tables.transactions, *conditions)
        for row in sorted(rows, key=lambda row: (row["booked_on"], row["external_id"])):
            yield {**row, "amount": row["amount"] / 100}

    def _add_exports(self) -> None:
        tables_of = {
            "transactions": (tables.transactions, "id"),
            "receipts": (tables.receipts, "message"),
            "accounts": (tables.accounts, "id"),
        }
        for name, (table, key) in tables_of.items():
            columns = {column.name: column.type.python_type for column in table.columns}
            self.exports.source(name, columns=columns, key=key, chunk=500)(
                _pages(self._place, table, key)
            )


def _pages(place: Place, table: Table, key: str) -> Any:
    """Answers the rows of a table page by page, in the order of a column that tells them apart."""
    column = table.columns[key]

    def page(after: Any, limit: int, filters: dict[str, Any]) -> list[tuple[Any, ...]]:
        del filters
        asked = select(table).order_by(column).limit(limit)
        if after is not None:
            asked = asked.where(column > after)
        with place.ledger.look() as connection:
            return [tuple(row) for row in connection.execute(asked)]

    return page
