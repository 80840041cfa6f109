"""What only a terminal is shown: tables that fit, and a bar while a long work goes on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress
from rich.text import Text

Rows = Sequence[Mapping[str, str]]

_GAP: Final = 2
_NARROWEST: Final = 12
_NEVER_CUT: Final = frozenset({"id", "state", "setting", "from", "value", "next", "position"})

_STYLES: Final = {
    "completed": "green",
    "failed": "red",
    "cancelled": "dim",
    "running": "cyan",
    "retrying": "yellow",
    "paused": "yellow",
    "default": "dim",
    "-": "dim",
    "0": "dim",
}


@contextmanager
def bar(what: str, total: int | None) -> Iterator[Callable[[int], object]]:
    """Show how far a long work has come; see `render.progress`."""
    of = "" if total is None else f" of {total:,}"
    columns = ("{task.description}", BarColumn(), "{task.completed:,.0f}" + of)
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total)
        yield lambda done: shown.update(task, completed=done)


def show_table(rows: Rows, below: str, spare: Sequence[str]) -> None:
    """Write rows, each value on one line, as columns; see `render.show`."""
    console = Console(highlight=False)
    widths = _widths(rows, [name for name in rows[0] if name != below], spare, console.width)
    right = {name for name in widths if all(_is_number(row[name]) for row in rows)}
    headings = {name: name for name in widths}
    console.print(_line(headings, widths, right, heading=True), soft_wrap=True)
    for row in rows:
        console.print(_line(row, widths, right), soft_wrap=True)
        if below and row[below]:
            note = Text("  " + row[below], style="dim")
            note.truncate(console.width, overflow="ellipsis")
            console.print(note, soft_wrap=True)


def _widths(rows: Rows, names: list[str], spare: Sequence[str], room: int) -> dict[str, int]:
    """The width of each column that holds something.

    Until they have room, the spare ones are left out, and then the widest are cut.
    """
    widths = {
        name: max(cell_len(name), *(cell_len(row[name]) for row in rows))
        for name in names
        if any(row[name] for row in rows)
    }
    if spare and _total(widths) > room:
        return _widths(rows, [name for name in names if name != spare[0]], spare[1:], room)
    cut = [name for name in widths if name not in _NEVER_CUT]
    while _total(widths) > room and cut:
        widest = max(cut, key=widths.__getitem__)
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + _GAP * (len(widths) - 1)


def _line(
    row: Mapping[str, str], widths: Mapping[str, int], right: set[str], *, heading: bool = False
) -> Text:
    cells = []
    for name, width in widths.items():
        value = row[name]
        cell = Text(value, style="bold" if heading else _STYLES.get(value, ""))
        cell.truncate(width, overflow="ellipsis")
        cell.align("right" if name in right else "left", width)
        cells.append(cell)
    line = Text(" " * _GAP).join(cells)
    line.rstrip()
    return line


def _is_number(value: str) -> bool:
    return not value or value.replace(",", "").replace(".", "").isdigit()
