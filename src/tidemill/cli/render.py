"""How commands answer: a table on a terminal, plain lines in a pipe, or JSON."""

import re
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import msgspec
import typer

from tidemill.client.why import Cause
from tidemill.core.instants import Instant, Millis, to_datetime, words

Rows = Sequence[Mapping[str, str]]

_COMMANDS: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Letters that no terminal shows, but obeys: it moves, hides, turns around, or is renamed."""

EVERY: Final = 2.0
"""Seconds between two plain lines of a long work."""


def plain(text: str) -> str:
    r"""A text as any terminal may be shown it: what would steer one is told by its number.

    Example:
        >>> print(plain(chr(27) + "[2Jgone"))
        \x1b[2Jgone
    """
    return _COMMANDS.sub(_by_number, text)


def _by_number(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def echo(text: str = "", *, err: bool = False) -> None:
    """Write a line, whoever has written the text; `err`: on the side."""
    typer.echo(plain(text), err=err)


def _json(document: bytes) -> str:
    """JSON that a terminal may be shown; its strings say the same."""
    # What steers a terminal stands in strings alone: between them JSON has none of it.
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", document.decode())


def show(rows: Rows, *, empty: str, below: str = "", spare: Sequence[str] = ()) -> None:
    """Write rows, whose keys are the headings.

    Args:
        rows: all with the same keys.
        empty: the sentence that is said when there are none.
        below: the heading of what is often long: on a terminal it has a line of its own.
        spare: headings that a narrow terminal is spared, the first one first.
    """
    if not rows:
        echo(empty)
        return
    flat = [{name: plain(" ".join(value.split())) for name, value in row.items()} for row in rows]
    if sys.stdout.isatty():
        # Imported here: nobody who writes into a pipe needs to wait for it.
        from tidemill.cli.terminal import show_table  # noqa: PLC0415 - see above

        show_table(flat, below, spare)
        return
    echo("\t".join(flat[0]))
    for row in flat:
        echo("\t".join(row.values()))


def show_facts(facts: Mapping[str, str]) -> None:
    """Write named facts about one thing, one a line; empty ones are left out."""
    told = {name: value for name, value in facts.items() if value}
    width = max(map(len, told), default=0)
    for name, value in told.items():
        first, *rest = value.splitlines() or [""]
        echo(f"{name:<{width}}  {first}")
        for line in rest:
            echo(" " * (width + 2) + line)


def say(text: str, *, indent: str = "") -> None:
    """Write a sentence or more; on a terminal broken between words, further lines indented."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        text = textwrap.fill(
            text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    echo(text)


def show_json(value: Any) -> None:
    """Write one JSON document."""
    built = msgspec.to_builtins(value)
    typer.echo(_json(msgspec.json.format(msgspec.json.encode(built), indent=2)))


def show_causes(causes: Sequence[Cause], *, as_json: bool) -> None:
    """Show what stands in the way of something, one cause a line."""
    if as_json:
        show_json(causes)
        return
    for cause in causes:
        say(cause.text, indent="  ")


def json_line(value: Any) -> str:
    """One JSON document on one line, for what is followed."""
    return _json(msgspec.json.encode(value))


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
    from tidemill.cli.terminal import bar  # noqa: PLC0415 - see `show`

    with bar(what, total) as told:
        yield told


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
