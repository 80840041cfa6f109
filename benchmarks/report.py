"""What was found, three times: a table on the terminal, JSON for machines, a chart for people."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.chart import draw
from benchmarks.contest import CPU, Bar
from benchmarks.findings import Finding
from benchmarks.machine import describe
from benchmarks.scale import Scale

PIPE_WIDTH: Final = 130
"""Columns of the tables where there is no terminal that has a width."""


# --- The terminal ---------------------------------------------------------------------------------


def show(found: Sequence[Finding]) -> None:
    """Print what was measured, then how it did against the bars."""
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    console.print(_measured(found))
    console.print(_judged(found))


def _measured(found: Sequence[Finding]) -> Table:
    table = Table(title="Measured: the median, and the least and the most of all runs")
    for name in ("contest", "subject", "promises"):
        table.add_column(name)
    for name in ("median", "least", "most", "unit", "CPU s/10,000", "server CPU", "RSS MB"):
        table.add_column(name, justify="right")
    for each in found:
        for subject in each.contest.subjects:
            spread, cost = each.spread(subject.name), each.cost(subject.name)
            table.add_row(
                each.contest.name,
                subject.name,
                subject.promises,
                *map(number, (spread.median, spread.least, spread.most)),
                each.contest.unit,
                *(
                    "" if each is None else number(each)
                    for each in (cost.cpu, cost.server, cost.rss)
                ),
            )
        table.add_section()
    return table


def _judged(found: Sequence[Finding]) -> Table:
    table = Table(title="Against the bars: ratios are those within a round")
    for name in ("contest", "subject", "bar"):
        table.add_column(name)
    for name in ("came to", "least", "most", ""):
        table.add_column(name, justify="right")
    for each in found:
        for verdict in each.verdicts:
            came_to = verdict.came_to
            table.add_row(
                each.contest.name,
                verdict.bar.subject,
                words(verdict.bar, each.contest.unit),
                *map(number, (came_to.median, came_to.least, came_to.most)),
                "[green]cleared" if verdict.cleared else "[bold red]missed",
            )
    return table


def words(bar: Bar, unit: str) -> str:
    """A bar in words, such as `at least 0.8 of raw` or `p99 at most 50 ms`."""
    what = f"{bar.figure} " if bar.figure else ""
    against = f"of {bar.of}" if bar.of else unit * (bar.figure != CPU)
    return f"{what}{bar.sense} {bar.limit:g} {against}".rstrip()


def number(value: float) -> str:
    """A number with as many digits as can be trusted.

    Example:
        >>> number(12345.6), number(12.34), number(0.123)
        ('12,346', '12.3', '0.12')
    """
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


# --- Files ----------------------------------------------------------------------------------------


class Report:
    """One run on one engine, as files named after it."""

    def __init__(self, engine: str, scale: Scale, store: dict[str, Any]) -> None:
        """Report figures of this size, on a store that says this of itself."""
        self._engine = engine
        self._scale = scale
        self._store = store
        self._at = datetime.now(UTC)

    def write(self, found: Sequence[Finding], folder: Path) -> None:
        """Write what was found so far as JSON and as a chart."""
        document = msgspec.json.format(msgspec.json.encode(self._document(found)), indent=2)
        (folder / f"{self._engine}.json").write_bytes(document)
        (folder / f"{self._engine}.svg").write_text(draw(found), encoding="utf-8")

    def _document(self, found: Sequence[Finding]) -> dict[str, Any]:
        return {
            "at": self._at,
            "machine": describe() | self._store,
            "scale": self._scale,
            "contests": [_contest(each) for each in found],
        }


def _contest(found: Finding) -> dict[str, Any]:
    return {
        "name": found.contest.name,
        "about": found.contest.about,
        "unit": found.contest.unit,
        "subjects": [
            {
                "name": subject.name,
                "promises": subject.promises,
                "samples": found.samples[subject.name],
            }
            for subject in found.contest.subjects
        ],
        "verdicts": found.verdicts,
    }
