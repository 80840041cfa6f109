"""An application that reports audits, in memory."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec import Struct

from tidemill import Tidemill
from tidemill.kits.report import Chart, Column, Reports
from tidemill.testing import Harness, in_memory

SITES = ("North yard", "South yard", "Harbour", "Depot Ballarat", "Head office")
COLUMNS = (
    Column("id", "No."),
    Column("site", total=""),
    Column("on", "Date"),
    Column("inspector"),
    Column("score", total="mean", digits=1),
    Column("findings", total="sum"),
)
CHARTS = (
    Chart("site", "findings", title="Findings by site"),
    Chart("on", "score", how="mean", shape="line", most=30),
)


class AuditFilters(Struct, frozen=True):
    site: str = ""
    most: int = 100


def audits(filters: AuditFilters) -> Iterator[dict[str, Any]]:
    """So many audits, always the same."""
    for number in range(1, filters.most + 1):
        site = SITES[number * 7 % len(SITES)]
        if filters.site in ("", site):
            yield {
                "id": number,
                "site": site,
                "on": date(2026, 1, 1) + timedelta(days=number % 90),
                "inspector": ("Zoë Krämer", "Ann O\u2019Neill", "Li Wei")[number % 3],
                "score": 60 + number * 37 % 400 / 10,
                "findings": number * 13 % 7,
            }


@pytest.fixture
def reports() -> Reports:
    reports = Reports(rows=20_000, tz="Australia/Sydney")
    reports.source("audits", title="Safety audits", columns=COLUMNS, charts=CHARTS)(audits)
    return reports


@pytest.fixture
def mill(reports: Reports) -> Iterator[Harness]:
    app = Tidemill("sqlite:///jobs.db")
    app.include(reports)
    with in_memory(app) as mill:
        yield mill
