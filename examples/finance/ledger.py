"""Ledger: the database of the application's own, on SQLite or PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from examples.finance import tables as t
from examples.finance.statements import Line, Statement
from examples.stage.books import Books

_MATCHES_WITHIN: Final = timedelta(days=4)
"""A booking of a card comes so long after its receipt, at most."""

Row = Mapping[str, Any]


class Ledger(Books):
    """Everything that is known of money. Each of its verbs is one transaction, and may be repeated.

    Example:
        >>> ledger = Ledger("sqlite:///ledger.db")  # doctest: +SKIP
        >>> ledger.make()  # doctest: +SKIP
    """

    def __init__(self, url: str) -> None:
        """Prepare; nothing is connected."""
        super().__init__(url, t.everything)
        self.url = url

    @property
    def file(self) -> str:
        """Where it lies, if it is a file; else empty."""
        url = self.engine.url
        return url.database or "" if self.engine.dialect.name == "sqlite" else ""

    def rows(self, table: Table, *conditions: Any, most: int | None = None) -> list[Row]:
        """Rows of a table, in the order of its key."""
        asked = select(table).where(*conditions).order_by(*table.primary_key.columns).limit(most)
        with self.look() as connection:
            return [dict(row) for row in connection.execute(asked).mappings()]

    def keep(self, table: Table, rows: Iterable[Row], *, anew: Iterable[str] = ()) -> None:
        """Insert rows, but for those that are there; of these, columns of `anew` are written."""
        with self.engine.begin() as connection:
            _keep(connection, table, rows, anew)

    def import_lines(
        self, file: str, account: str, told: Statement, lines: Sequence[tuple[Line, str]]
    ) -> None:
        """Keep a statement and some of its lines, each with its category."""
        days = [line.booked_on for line in told.lines]
        statement = {
            "id": file, "account": account, "kind": told.kind, "first_on": min(days, default=None),
            "as_of": told.as_of, "closing": told.closing, "read": len(told.lines),
            "skipped": len(told.oddities),
        }  # fmt: skip
        booked = [
            {
                "account": account, "external_id": line.external_id, "booked_on": line.booked_on,
                "amount": line.amount, "payee": line.payee, "memo": line.memo,
                "category": category, "statement": file,
            }
            for line, category in lines
        ]  # fmt: skip
        with self.engine.begin() as connection:
            _keep(connection, t.statements, [statement])
            _keep(connection, t.transactions, booked, by=("account", "external_id"))

    def brought(self, file: str) -> int:
        """How many bookings were first seen in a statement."""
        asked = select(func.count()).where(t.transactions.c.statement == file)
        with self.look() as connection:
            return connection.execute(asked).scalar_one()

    def balance(self, account: str, until: date) -> int:
        """What all bookings of an account come to, up to the end of a day."""
        booked = t.transactions.c
        asked = select(func.coalesce(func.sum(booked.amount), 0)).where(
            booked.account == account, booked.booked_on <= until
        )
        with self.look() as connection:
            return int(connection.execute(asked).scalar_one())

    def spent(self, since: date, before: date) -> dict[str, int]:
        """What was spent by category, in cents above nothing; income and transfers left out."""
        booked = t.transactions.c
        asked = (
            select(booked.category, -func.sum(booked.amount))
            .where(booked.booked_on >= since, booked.booked_on < before)
            .where(booked.category.not_in(("income", "transfer")))
            .group_by(booked.category)
            .order_by(booked.category)
        )
        with self.look() as connection:
            return {category: int(cents) for category, cents in connection.execute(asked)}

    def match_receipts(self) -> tuple[int, int]:
        """Find the booking of each receipt; how many have one, how many have not.

        All are looked at anew, so that it does not matter in which order mail and statements came.
        """
        receipt, booked = t.receipts.c, t.transactions.c
        with self.engine.begin() as connection:
            connection.execute(update(t.receipts).values(booking=None))
            all_ = select(t.receipts).order_by(receipt.bought_on, receipt.message)
            taken: set[int] = set()
            receipts = connection.execute(all_).mappings().all()
            for each in receipts:
                asked = (
                    select(booked.id, booked.payee)
                    .where(booked.amount == -each["amount"])
                    .where(booked.booked_on >= each["bought_on"])
                    .where(booked.booked_on <= each["bought_on"] + _MATCHES_WITHIN)
                    .order_by(booked.booked_on, booked.account, booked.external_id)
                )
                merchant = each["merchant"].lower()
                fitting = [
                    id_
                    for id_, payee in connection.execute(asked)
                    if id_ not in taken and merchant in payee.lower()
                ]
                if fitting:
                    taken.add(fitting[0])
                    mine = receipt.message == each["message"]
                    connection.execute(update(t.receipts).where(mine).values(booking=fitting[0]))
        return len(taken), len(receipts) - len(taken)

    def digest(self, reader: str, job: str) -> list[str]:
        """What a reader has not been told yet; from now on it counts as told by this job."""
        notice = t.notices.c
        untold = (notice.reader == reader) & notice.told_by.is_(None)
        with self.engine.begin() as connection:
            connection.execute(update(t.notices).where(untold).values(told_by=job))
            mine = (notice.reader == reader) & (notice.told_by == job)
            asked = select(notice.told).where(mine).order_by(notice.since, notice.about)
            return list(connection.scalars(asked))

    def withdraw(self, abouts: Sequence[str]) -> None:
        """Tell nobody of what is not so any more, unless they were told already."""
        notice = t.notices.c
        with self.engine.begin() as connection:
            gone = notice.about.in_(abouts) & notice.told_by.is_(None)
            connection.execute(delete(t.notices).where(gone))

    def was_asked_again(self, job: str) -> None:
        """Count that a job was asked for once more."""
        once = _insert(self.engine.dialect.name)(t.asked_again).values(job=job, times=1)
        again = once.on_conflict_do_update(
            index_elements=["job"], set_={"times": t.asked_again.c.times + 1}
        )
        with self.engine.begin() as connection:
            connection.execute(again)

    def repeats(self, jobs: Sequence[str]) -> dict[str, int]:
        """How often each of these jobs was asked for again, if it was."""
        found = self.rows(t.asked_again, t.asked_again.c.job.in_(jobs)) if jobs else []
        return {row["job"]: row["times"] for row in found}


def _insert(dialect: str) -> Any:
    return sqlite.insert if dialect == "sqlite" else postgresql.insert


def _keep(
    connection: Connection,
    table: Table,
    rows: Iterable[Row],
    anew: Iterable[str] = (),
    by: Sequence[str] = (),
) -> None:
    found = [dict(row) for row in rows]
    if not found:
        return
    statement = _insert(connection.dialect.name)(table)
    key = by or [column.name for column in table.primary_key.columns]
    changes = {name: statement.excluded[name] for name in anew}
    if changes:
        statement = statement.on_conflict_do_update(index_elements=key, set_=changes)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    connection.execute(statement, found)
