"""What reports and exports are of: rows of the organisation whose job asks for them."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, Table, and_, func, select

from examples.hse.tables import (
    AUDITS,
    CONTRACTORS,
    INCIDENTS,
    MEMBERS,
    PERMITS,
    STATIONS,
    Books,
)
from tidemill import current
from tidemill.kits.export import Exports
from tidemill.kits.report import Chart, Column, Reports

_PASSED: Final = 80.0
"""An audit with fewer points has not been passed."""


class Filters(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Which rows are meant.

    Attributes:
        start_date: none from before this day.
        end_date: none from after it.
        station: of the station of this name.
        status: of this status.
    """

    start_date: date | None = None
    end_date: date | None = None
    station: str = ""
    status: str = ""


EXPORTED: Final[dict[str, tuple[Table, dict[str, type]]]] = {
    "stations": (
        STATIONS,
        {"id": int, "name": str, "kind": str, "address": str, "opened_on": date},
    ),
    "audits": (
        AUDITS,
        {
            "id": int, "station": int, "title": str, "auditor": str, "status": str,
            "held_on": date, "score": float, "findings": int,
        },
    ),
    "incidents": (
        INCIDENTS,
        {
            "id": int, "station": int, "reference": str, "title": str, "severity": str,
            "status": str, "occurred_on": date, "injured": int,
        },
    ),
    "work-permits": (
        PERMITS,
        {
            "id": int, "station": int, "contractor": int, "work": str, "status": str,
            "valid_from": date, "valid_until": date,
        },
    ),
    "contractors": (
        CONTRACTORS,
        {"id": int, "name": str, "trade": str, "licence": str, "insured_until": date},
    ),
    "users": (
        MEMBERS,
        {"id": int, "name": str, "email": str, "role": str, "station": int},
    ),
}  # fmt: skip
"""What can be exported, and what the columns of each hold."""


class Figures:
    """Answers rows, in a running job, and of its organisation alone."""

    def __init__(self, books: Books) -> None:
        """Ask this database."""
        self._books = books

    def declare_reports(self, reports: Reports) -> None:
        """Say what reports there are."""
        reports.source(
            "audits",
            title="Audits",
            columns=[
                "station", Column("title", "Audit"), "auditor", Column("held_on", "Date"), "status",
                Column("score", total="mean", digits=1), Column("findings", total="sum"),
            ],
            charts=[Chart("station", "findings"), Chart("held_on", "score", how="mean")],
        )(self._audits)  # fmt: skip
        reports.source(
            "incidents",
            title="Incidents",
            columns=[
                "reference", "station", "title", "severity", "status",
                Column("occurred_on", "Date"), Column("injured", total="sum"),
            ],
            charts=[Chart("severity"), Chart("station")],
        )(self._incidents)  # fmt: skip
        reports.source(
            "work-permits",
            title="Work permits",
            columns=["station", "contractor", "work", "status", "valid_from", "valid_until"],
            charts=[Chart("work")],
        )(self._permits)
        reports.source(
            "compliance",
            title="Compliance by station",
            columns=[
                "station", Column("audits", total="sum"), Column("failed_audits", total="sum"),
                Column("open_findings", total="sum"), Column("open_incidents", total="sum"),
                Column("expired_permits", total="sum"), Column("rate", "Passed, %", digits=1),
            ],
            charts=[Chart("station", "rate")],
        )(self._compliance)  # fmt: skip

    def declare_exports(self, exports: Exports) -> None:
        """Say what can be exported."""
        for name, (table, columns) in EXPORTED.items():
            rows, count = self._exporting(table, tuple(columns))
            exports.source(name, columns=columns, chunk=500, count=count)(rows)

    def _exporting(self, table: Table, columns: tuple[str, ...]) -> tuple[Any, Any]:
        picked = [table.c[name] for name in columns]

        def rows(after: int | None, limit: int) -> list[tuple[Any, ...]]:
            """Rows of the organisation behind one, in the order of their ids."""
            mine = and_(table.c.organisation == self._organisation(), table.c.id > (after or 0))
            query = select(*picked).where(mine).order_by(table.c.id).limit(limit)
            return [tuple(row[name] for name in columns) for row in self._books.rows(query)]

        def count() -> int:
            """How many there are."""
            mine = table.c.organisation == self._organisation()
            (row,) = self._books.rows(select(func.count().label("rows")).where(mine))
            return int(row["rows"])

        return rows, count

    def _audits(self, filters: Filters) -> list[dict[str, Any]]:
        query = select(
            STATIONS.c.name.label("station"), AUDITS.c.title, AUDITS.c.auditor, AUDITS.c.held_on,
            AUDITS.c.status, AUDITS.c.score, AUDITS.c.findings,
        ).join(STATIONS, AUDITS.c.station == STATIONS.c.id)  # fmt: skip
        return self._filtered(query, AUDITS, AUDITS.c.held_on, filters)

    def _incidents(self, filters: Filters) -> list[dict[str, Any]]:
        query = select(
            INCIDENTS.c.reference, STATIONS.c.name.label("station"), INCIDENTS.c.title,
            INCIDENTS.c.severity, INCIDENTS.c.status, INCIDENTS.c.occurred_on, INCIDENTS.c.injured,
        ).join(STATIONS, INCIDENTS.c.station == STATIONS.c.id)  # fmt: skip
        return self._filtered(query, INCIDENTS, INCIDENTS.c.occurred_on, filters)

    def _permits(self, filters: Filters) -> list[dict[str, Any]]:
        query = (
            select(
                STATIONS.c.name.label("station"), CONTRACTORS.c.name.label("contractor"),
                PERMITS.c.work, PERMITS.c.status, PERMITS.c.valid_from, PERMITS.c.valid_until,
            )
            .join(STATIONS, PERMITS.c.station == STATIONS.c.id)
            .join(CONTRACTORS, PERMITS.c.contractor == CONTRACTORS.c.id)
        )  # fmt: skip
        return self._filtered(query, PERMITS, PERMITS.c.valid_from, filters)

    def _compliance(self, filters: Filters) -> Iterator[dict[str, Any]]:
        """How each station does: what was audited, what is open, what has run out."""
        audits, incidents = self._audits(filters), self._incidents(filters)
        permits = self._permits(filters)
        mine = STATIONS.c.organisation == self._organisation()
        for station in self._books.rows(select(STATIONS.c.name).where(mine).order_by("name")):
            name = station["name"]
            if filters.station not in ("", name):
                continue
            held = [row for row in audits if row["station"] == name and row["score"] is not None]
            failed = [row for row in held if row["score"] < _PASSED]
            yield {
                "station": name,
                "audits": len(held),
                "failed_audits": len(failed),
                "open_findings": sum(row["findings"] for row in failed),
                "open_incidents": _of(name, incidents, "open"),
                "expired_permits": _of(name, permits, "expired"),
                "rate": 100 * (1 - len(failed) / len(held)) if held else None,
            }

    def _filtered(
        self, query: Select[Any], table: Table, day: ColumnElement[Any], filters: Filters
    ) -> list[dict[str, Any]]:
        meant = [table.c.organisation == self._organisation()]
        if filters.start_date is not None:
            meant.append(day >= filters.start_date)
        if filters.end_date is not None:
            meant.append(day <= filters.end_date)
        if filters.station:
            meant.append(STATIONS.c.name == filters.station)
        if filters.status:
            meant.append(table.c.status == filters.status)
        return self._books.rows(query.where(and_(*meant)).order_by(day, table.c.id))

    def _organisation(self) -> int:
        """Whose job runs here."""
        return int(self._books.organisation(current().tenant)["id"])


def _of(station: str, rows: list[dict[str, Any]], status: str) -> int:
    return sum(row["station"] == station and row["status"] == status for row in rows)
