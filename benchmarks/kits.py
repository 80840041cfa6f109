"""What kits that write tables reach: a report of ten thousand rows, an export of a million."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from benchmarks.contest import Contest, at_most
from benchmarks.harness import Sample, Subject, until
from benchmarks.machine import cpu_of, memory_of
from benchmarks.ours import LOOK_EVERY, working
from benchmarks.scale import Scale
from tidemill import Job, Tidemill
from tidemill.kits.export import Exports
from tidemill.kits.export.forms import Format as ExportFormat
from tidemill.kits.report import Built, Chart, Column, Reports
from tidemill.kits.report.kit import Format

T = TypeVar("T")

SITES: Final = ("North yard", "South yard", "Harbour", "Depot Ballarat", "Head office")
COLUMNS: Final = {
    "id": int, "name": str, "site": str, "level": float, "opened": str, "is_open": bool,
}  # fmt: skip
TABLE: Final = "TABLE_TO_EXPORT"
"""The variable that names the database of the table."""
PROGRAM: Final = f"{__name__}:app"
PATIENCE: Final = 60.0

app = Tidemill()
reports = Reports()
exports = Exports()


@reports.source(
    "audits",
    columns=[
        Column("id", "No."),
        "site",
        Column("on", "Date"),
        "inspector",
        Column("score", total="mean"),
        Column("findings", total="sum"),
    ],
    charts=[Chart("site", "findings"), Chart("on", "score", how="mean", shape="line", most=60)],
)
def audits(filters: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    """So many audits, always the same."""
    for number in range(filters["rows"]):
        on = date(2026, 1, 1) + timedelta(days=number % 90)
        yield number, SITES[number % 5], on, "Zoë Krämer", number % 400 / 10, number % 7


@exports.source("stations", columns=COLUMNS)
def stations(after: int | None, limit: int) -> list[tuple[Any, ...]]:
    """The stations behind a number."""
    asked = "SELECT * FROM station WHERE id > ? ORDER BY id LIMIT ?"
    with closing(sqlite3.connect(os.environ[TABLE])) as base:
        return base.execute(asked, (after or 0, limit)).fetchall()


app.include(reports)
app.include(exports)


def report_pdf(_: Path, scale: Scale) -> Sample:
    """Build a report as PDF: seconds, by a worker that has loaded what that needs."""
    return _report("pdf", scale)


def report_html(_: Path, scale: Scale) -> Sample:
    """The same as HTML."""
    return _report("html", scale)


def report_csv(_: Path, scale: Scale) -> Sample:
    """The same as CSV."""
    return _report("csv", scale)


def export_csv(folder: Path, scale: Scale) -> Sample:
    """Export a table as CSV: seconds, and the most memory that the worker had meanwhile."""
    return _export("csv", folder, scale)


def export_jsonl(folder: Path, scale: Scale) -> Sample:
    """The same as JSON Lines."""
    return _export("jsonl", folder, scale)


def export_parquet(folder: Path, scale: Scale) -> Sample:
    """The same as Parquet."""
    return _export("parquet", folder, scale)


def _report(format_: Format, scale: Scale) -> Sample:
    def ask(rows: int) -> Job[Built]:
        return app.enqueue(reports.build.bind("audits", format_, {"rows": rows}))

    with app, working(PROGRAM, app, 1) as (pid,):
        ask(10).result(timeout=PATIENCE)
        sample, built = _measured(pid, lambda: ask(scale.reported))
        assert built.rows == scale.reported
        return sample


def _export(format_: ExportFormat, folder: Path, scale: Scale) -> Sample:
    os.environ[TABLE] = str(folder / "stations.db")
    _fill(folder / "stations.db", scale.exported)
    with app, working(PROGRAM, app, 1) as (pid,):
        sample, exported = _measured(
            pid, lambda: app.enqueue(exports.run.bind(["stations"], format_))
        )
        assert exported.rows == {"stations": scale.exported}
        return sample


def _measured(pid: int, ask: Callable[[], Job[T]]) -> tuple[Sample, T]:
    """How long a job takes from its enqueuing to its end, and the most memory meanwhile."""
    begun, cpu, most = time.perf_counter(), cpu_of(pid), 0.0
    job = ask()

    def has_ended() -> bool:
        nonlocal most
        most = max(most, memory_of(pid))
        return job.snapshot().state.finished

    until(has_ended, f"{job} has ended", every=LOOK_EVERY)
    seconds = time.perf_counter() - begun
    figures = {"seconds": seconds, "MB": most, "CPU s": cpu_of(pid) - cpu}
    return Sample(figures=figures, rss=most), job.result(timeout=0)


def _fill(path: Path, count: int) -> None:
    rows = (
        (
            number,
            f"Station {number}",
            SITES[number % 5],
            number % 997 / 10,
            "2026-01-01",
            number % 2,
        )
        for number in range(1, count + 1)
    )
    with closing(sqlite3.connect(path)) as base:
        base.execute(f"CREATE TABLE station ({', '.join(COLUMNS)}, PRIMARY KEY (id)) WITHOUT ROWID")
        base.executemany("INSERT INTO station VALUES (?, ?, ?, ?, ?, ?)", rows)
        base.commit()


def report(promises: str) -> Contest:
    """How soon a report is there."""
    works = {"PDF": report_pdf, "HTML": report_html, "CSV": report_csv}
    return Contest(
        name="report",
        about="A report of ten thousand rows, from enqueue to the end",
        unit="s",
        subjects=tuple(
            Subject(name=name, promises=promises, work=work) for name, work in works.items()
        ),
        bars=tuple(at_most(2, name) for name in works),
        most_rounds=3,
    )


def export(promises: str) -> Contest:
    """How soon a large table is there, and in how much memory."""
    works = {"CSV": export_csv, "JSON Lines": export_jsonl, "Parquet": export_parquet}
    return Contest(
        name="export",
        about="An export of a million rows, from enqueue to the end",
        unit="s",
        subjects=tuple(
            Subject(name=name, promises=promises, work=work) for name, work in works.items()
        ),
        bars=(
            *(at_most(30, name) for name in works),
            *(at_most(150, name, figure="MB") for name in works),
        ),
        most_rounds=3,
    )
