"""How commands answer: a table on a terminal, plain lines in a pipe, or JSON."""

import re
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import typer

from tidemill.core.instants import Instant, Millis, to_datetime, words

if TYPE_CHECKING:
    from rich.text import Text

Rows = Sequence[Mapping[str, str]]

EVERY: Final = 2.0
"""Seconds between two plain lines of a long work."""

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


def show(rows: Rows, *, empty: str, below: str = "", spare: Sequence[str] = ()) -> None:
    """Write rows, whose keys are the headings.

    Args:
        rows: all with the same keys.
        empty: the sentence that is said when there are none.
        below: the heading of what is often long: on a terminal it has a line of its own.
        spare: headings that a narrow terminal is spared, the first one first.
    """
    if not rows:
        typer.echo(empty)
    elif sys.stdout.isatty():
        _show_table(rows, below, spare)
    else:
        typer.echo("\t".join(rows[0]))
        for row in rows:
            typer.echo("\t".join(" ".join(value.split()) for value in row.values()))


def show_facts(facts: Mapping[str, str]) -> None:
    """Write named facts about one thing, one a line; empty ones are left out."""
    told = {name: value for name, value in facts.items() if value}
    width = max(map(len, told), default=0)
    for name, value in told.items():
        first, *rest = value.splitlines() or [""]
        typer.echo(f"{name:<{width}}  {first}")
        for line in rest:
            typer.echo(" " * (width + 2) + line)


def say(text: str, *, indent: str = "") -> None:
    """Write a sentence or more; on a terminal broken between words, further lines indented."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        text = textwrap.fill(
            text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    typer.echo(text)


def show_json(value: Any) -> None:
    """Write one JSON document."""
    plain = msgspec.to_builtins(value)
    typer.echo(msgspec.json.format(msgspec.json.encode(plain), indent=2).decode())


def json_line(value: Any) -> str:
    """One JSON document on one line, for what is followed."""
    return msgspec.json.encode(value).decode()


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], object]]:
    """Tell on the side how far a long work has come, by calls with how many are done.

    Args:
        what: the work, in a word.
        total: how many there are to do; `None`: nobody knows.
    """
    if not sys.stderr.isatty():
        yield _in_lines(what, time.monotonic)
        return
    # Imported here: nobody who writes into a pipe needs to wait for it.
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.progress import BarColumn, Progress  # noqa: PLC0415 - see above

    of = "" if total is None else f" of {total:,}"
    columns = ("{task.description}", BarColumn(), "{task.completed:,.0f}" + of)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _in_lines(what: str, now: Callable[[], float]) -> Callable[[int], object]:
    """A line every few seconds, the first one only when the work turns out to be long."""
    told_at = now()

    def tell(done: int) -> None:
        nonlocal told_at
        if now() - told_at >= EVERY:
            told_at = now()
            typer.echo(f"{what}: {done:,} so far", err=True)

    return tell


def number(count: int, noun: str) -> str:
    """So many of something.

    Example:
        >>> number(1, "job"), number(2_000, "job")
        ('1 job', '2,000 jobs')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def moment(instant: Instant | None) -> str:
    """A point in time as the clock on the wall shows it, with its zone; nothing for `None`."""
    if instant is None:
        return ""
    return f"{to_datetime(instant).astimezone():%Y-%m-%d %H:%M:%S %Z}"


def ago(instant: Instant | None, now: Instant) -> str:
    """How far a point in time is from now, in words; roughly, where it is past."""
    if instant is None:
        return ""
    length = now - instant
    if abs(length) < 1_000:
        return "now"
    if length < 0:
        return f"in {words(-length)}"
    return re.sub(r"(?<=[a-z])\d.*", "", words(length)) + " ago"


def length(span: Millis | float | None) -> str:
    """A length of time in words; nothing for `None`."""
    return "" if span is None else words(round(span))


def local(moment_: datetime) -> str:
    """A moment in its own zone, with the zone's name and offset."""
    return f"{moment_:%a %Y-%m-%d %H:%M:%S %Z (%z)}"


def _show_table(rows: Rows, below: str, spare: Sequence[str]) -> None:
    from rich.console import Console  # noqa: PLC0415 - see `progress`
    from rich.text import Text  # noqa: PLC0415 - see `progress`

    console = Console(highlight=False)
    widths = _widths(rows, [name for name in rows[0] if name != below], spare, console.width)
    right = {name for name in widths if all(_is_number(row[name]) for row in rows)}
    headings = {name: name for name in widths}
    console.print(_line(headings, widths, right, heading=True), soft_wrap=True)
    for row in rows:
        console.print(_line(row, widths, right), soft_wrap=True)
        if below and row[below]:
            note = Text("  " + " ".join(row[below].split()), style="dim")
            note.truncate(console.width, overflow="ellipsis")
            console.print(note, soft_wrap=True)


def _widths(rows: Rows, names: list[str], spare: Sequence[str], room: int) -> dict[str, int]:
    """The width of each column that holds something.

    Until they have room, the spare ones are left out, and then the widest are cut.
    """
    from rich.cells import cell_len  # noqa: PLC0415 - see `progress`

    widths = {
        name: max(cell_len(name), *(cell_len(_flat(row[name])) for row in rows))
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
) -> "Text":
    from rich.text import Text  # noqa: PLC0415 - see `progress`

    cells = []
    for name, width in widths.items():
        value = _flat(row[name])
        cell = Text(value, style="bold" if heading else _STYLES.get(value, ""))
        cell.truncate(width, overflow="ellipsis")
        cell.align("right" if name in right else "left", width)
        cells.append(cell)
    line = Text(" " * _GAP).join(cells)
    line.rstrip()
    return line


def _flat(value: str) -> str:
    return " ".join(value.split())


def _is_number(value: str) -> bool:
    return not value or value.replace(",", "").replace(".", "").isdigit()
