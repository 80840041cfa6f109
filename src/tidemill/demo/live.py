"""What the demo shows while it runs: queues, rates, failures, and whom one may kill."""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

WINDOW: Final = 5.0
"""Seconds over which the rate is taken."""


@dataclass(frozen=True)
class View:
    """What there is to see at one moment.

    Attributes:
        total: files to measure.
        done: of them, those measured.
        failed: of them, those that were given up.
        states: live jobs by queue and state.
        pids: processes of the workers.
        ticks: times that the schedule has come.
        failures: name of the file and error, the newest first.
    """

    total: int
    done: int
    failed: int
    states: dict[str, dict[str, int]]
    pids: tuple[int, ...]
    ticks: int
    failures: tuple[tuple[str, str], ...]


@dataclass
class Rate:
    """Files per second, over the last few seconds."""

    seen: deque[tuple[float, int]] = field(default_factory=deque)

    def at(self, done: int) -> float:
        """The rate, with what is done by now."""
        now = time.monotonic()
        self.seen.append((now, done))
        while self.seen[0][0] < now - WINDOW:
            self.seen.popleft()
        (begun, before), (ended, after) = self.seen[0], self.seen[-1]
        return (after - before) / (ended - begun) if ended > begun else 0.0


def draw(view: View, rate: float) -> RenderableType:
    """The whole display, 80 columns wide or more."""
    return Group(
        _headline(view, rate), Text(), _queues(view), Text(), *_failures(view), _hint(view)
    )


def line(view: View, rate: float) -> str:
    """The same in one line, for a pipe."""
    over = view.done + view.failed
    return (
        f"{over:,} of {view.total:,} files, {view.failed} failed, {rate:,.0f}/s, "
        f"{view.ticks} ticks, workers {' '.join(map(str, view.pids)) or '-'}"
    )


def _headline(view: View, rate: float) -> RenderableType:
    over = view.done + view.failed
    grid = Table.grid(padding=(0, 2))
    grid.add_row(
        ProgressBar(total=max(view.total, 1), completed=over, width=30),
        Text(f"{over:,} of {view.total:,} files", style="bold"),
        Text(f"{rate:,.0f}/s"),
        Text(f"{view.failed} failed", style="red" if view.failed else "dim"),
    )
    return grid


def _queues(view: View) -> RenderableType:
    states = ("waiting", "running", "retrying", "blocked")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("queue")
    for state in states:
        table.add_column(state, justify="right", min_width=9)
    for queue, counts in sorted(view.states.items()):
        table.add_row(queue, *(f"{counts[s]:,}" if counts.get(s) else "·" for s in states))
    if not view.states:
        table.add_row(Text("no job is waiting or running", style="dim"))
    return table


def _failures(view: View) -> Sequence[RenderableType]:
    if not view.failures:
        return ()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("last failures", max_width=34, overflow="ellipsis", no_wrap=True)
    table.add_column("", max_width=42, overflow="ellipsis", no_wrap=True, style="red")
    for name, error in view.failures:
        table.add_row(name, error)
    return (table, Text())


def _hint(view: View) -> RenderableType:
    pids = " ".join(map(str, view.pids)) or "none yet"
    said = Text(f"workers {pids} · schedule ticked {view.ticks} times", style="dim")
    if view.pids:
        said.append(f"\nkill -9 {view.pids[0]} changes nothing in the report: try it")
    return said
