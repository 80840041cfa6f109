"""What was found, as people and machines read it: a terminal, JSON, Markdown, and a chart."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.chart import draw
from benchmarks.findings import Finding
from benchmarks.machine import describe
from benchmarks.scale import Scale
from benchmarks.tables import NAMES, NUMBERS, rows, title, verdicts

PIPE_WIDTH: Final = 130
"""Columns of the tables where there is no terminal that has a width."""


# --- The terminal ---------------------------------------------------------------------------------


def show(found: Sequence[Finding]) -> None:
    """Print a table for each contest, and under it how it did against the bars."""
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    for each in found:
        console.print(_table(each))
        for verdict, said in verdicts(each):
            mark = "[green]cleared[/]" if verdict.cleared else "[bold red]missed [/]"
            console.print(f"  {mark}  {said}")
        console.print()


def _table(found: Finding) -> Table:
    table = Table(title=title(found), title_justify="left")
    for name in NAMES:
        table.add_column(name)
    for name in NUMBERS:
        table.add_column(name, justify="right")
    for row in rows(found):
        table.add_row(*row)
    return table


# --- Files ----------------------------------------------------------------------------------------


class Report:
    """One run on one engine, as files named after it."""

    def __init__(self, engine: str, scale: Scale, store: dict[str, Any]) -> None:
        """Report figures of this size, on a store that says this of itself."""
        self._engine = engine
        self._scale = scale
        self._machine = describe() | store
        self._at = datetime.now(UTC)

    def write(self, found: Sequence[Finding], folder: Path) -> None:
        """Write what was found so far as JSON, as Markdown, and as a chart."""
        document = msgspec.json.format(msgspec.json.encode(self._document(found)), indent=2)
        (folder / f"{self._engine}.json").write_bytes(document)
        markdown = "\n".join(self._lines(found))
        (folder / f"{self._engine}.md").write_text(markdown, encoding="utf-8")
        (folder / f"{self._engine}.svg").write_text(draw(found), encoding="utf-8")

    def _document(self, found: Sequence[Finding]) -> dict[str, Any]:
        return {
            "at": self._at,
            "machine": self._machine,
            "scale": self._scale,
            "contests": [_contest(each) for each in found],
        }

    def _lines(self, found: Sequence[Finding]) -> Iterator[str]:
        yield f"# Benchmarks on {self._engine}\n"
        for facts in (self._machine, msgspec.structs.asdict(self._scale)):
            yield ", ".join(f"{name} {value}" for name, value in facts.items()) + ".\n"
        yield "Ratios are to the first subject, within a round; CPU is seconds for 10,000 jobs.\n"
        for each in found:
            yield from _section(each)


def _section(found: Finding) -> Iterator[str]:
    rounds = len(next(iter(found.samples.values())))
    yield f"## {title(found)}\n"
    yield f"Rounds: {rounds}.\n"
    yield _line(*NAMES, *NUMBERS)
    yield _line(*("---" for _ in NAMES), *("--:" for _ in NUMBERS))
    for row in rows(found):
        yield _line(*row)
    yield ""
    for verdict, said in verdicts(found):
        yield f"- {'cleared' if verdict.cleared else '**missed**'}: {said}"
    yield ""


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


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
