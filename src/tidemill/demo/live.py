"""How far the demo has come: a picture that stays in its place, or plain lines in a pipe."""

from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tidemill.demo.look import Look
from tidemill.demo.report import Failure

STATES: Final = ("blocked", "waiting", "running", "retrying", "completed", "failed")
STYLES: Final = {"running": "cyan", "retrying": "yellow", "completed": "green", "failed": "red"}

SHOWN: Final = 3
"""Failures that are shown; there is room for so many from the start, so that nothing jumps."""

WIDTH: Final = 80
BESIDE: Final = 38
"""Columns beside the bar."""

EVERY: Final = 2.0
"""Seconds between two plain lines."""


class Screen:
    """Where looks are shown; a context manager, so that a terminal is left as it was found."""

    def __init__(self, console: Console) -> None:
        """Show on this console; whether it is a terminal decides how."""
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._next = 0.0

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, look: Look, *, last: bool = False) -> None:
        """Show a look; in a pipe, only one every few seconds and the last one."""
        if self._live is not None:
            self._live.update(picture(look), refresh=True)
        elif last or look.seconds >= self._next:
            self._next = look.seconds + EVERY
            self._console.print(Text(line(look)), soft_wrap=True)


def picture(look: Look) -> RenderableType:
    """A look as it stands on a terminal of 80 columns; always of the same height."""
    return Group(
        _queues(look),
        Text(),
        _bar(look),
        Text(),
        *_failures(look.failures),
        Text(),
        *_workers(look),
    )


def line(look: Look) -> str:
    """A look in one plain line.

    Example:
        >>> line(Look(9, 3, 2.0, (), (), (17, 18), 0))
        '   2 s  3 of 9 files, 0.0 per s, 0 failed, workers 17 18'
    """
    rate = sum(queue.rate for queue in look.queues)
    pids = " ".join(map(str, look.workers)) or "starting"
    said = f"{look.seconds:4.0f} s  {look.finished:,} of {look.total:,} files, {rate:.1f} per s"
    return f"{said}, {len(look.failures):,} failed, workers {pids}"


def in_one_line(failure: Failure) -> str:
    """A failure as it is said where there is little room."""
    first, *_ = failure.message.split("\n")
    return f"{failure.name}: {failure.kind}: {first}"


def _queues(look: Look) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim", width=WIDTH)
    table.add_column("queue", no_wrap=True)
    for state in STATES:
        table.add_column(state, justify="right", no_wrap=True)
    table.add_column("per s", justify="right", no_wrap=True)
    for queue in look.queues:
        cells = [_count(state, queue.states.get(state, 0)) for state in STATES]
        table.add_row(queue.name, *cells, f"{queue.rate:.1f}")
    return table


def _count(state: str, number: int) -> Text:
    return Text(f"{number:,}", style=STYLES.get(state, "") if number else "dim")


def _bar(look: Look) -> Table:
    row = Table.grid(padding=(0, 1))
    row.add_column(width=WIDTH - BESIDE)
    row.add_column(width=BESIDE - 1, justify="right", no_wrap=True)
    said = f"{look.finished:,} of {look.total:,} files in {look.seconds:.0f} s"
    bar = ProgressBar(max(look.total, 1), look.finished, complete_style="cyan")
    row.add_row(bar, Text(said))
    return row


def _failures(failures: tuple[Failure, ...]) -> list[Text]:
    shown = [Text("refused for good, the last ones", style="dim")]
    for number in range(SHOWN):
        said = in_one_line(failures[number]) if number < len(failures) else ""
        shown.append(_cut(Text(said, style="red")))
    return shown


def _workers(look: Look) -> list[Text]:
    if not look.workers:
        return [Text("the worker processes are starting; see worker.log", style="dim"), Text()]
    pids = " ".join(map(str, look.workers))
    again = f", {look.restarts} started anew" if look.restarts else ""
    hint = f"try it: kill -9 {look.workers[0]} changes nothing in the report"
    return [_cut(Text(f"worker processes {pids}{again}")), _cut(Text(hint, style="dim"))]


def _cut(text: Text) -> Text:
    text.truncate(WIDTH, overflow="ellipsis")
    return text
