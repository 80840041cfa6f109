"""How commands answer: a table on a terminal, plain lines in a pipe, or JSON."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import typer

from tidemill.core.instants import Instant, Millis, to_datetime, words

Rows = Sequence[Mapping[str, str]]


def show(rows: Rows, *, empty: str) -> None:
    """Write rows, whose keys are the headings; a sentence when there are none."""
    if not rows:
        typer.echo(empty)
    elif sys.stdout.isatty():
        _show_table(rows)
    else:
        typer.echo("\t".join(rows[0]))
        for row in rows:
            typer.echo("\t".join(" ".join(value.split()) for value in row.values()))


def show_facts(facts: Mapping[str, str]) -> None:
    """Write named facts about one thing, one a line; empty ones are left out."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        if value:
            first, *rest = value.splitlines() or [""]
            typer.echo(f"{name:<{width}}  {first}")
            for line in rest:
                typer.echo(" " * (width + 2) + line)


def show_json(value: Any) -> None:
    """Write one JSON document."""
    plain = msgspec.to_builtins(value)
    typer.echo(msgspec.json.format(msgspec.json.encode(plain), indent=2).decode())


def moment(instant: Instant | None) -> str:
    """A point in time as the clock on the wall shows it, with its zone; nothing for `None`."""
    if instant is None:
        return ""
    return f"{to_datetime(instant).astimezone():%Y-%m-%d %H:%M:%S %Z}"


def ago(instant: Instant | None, now: Instant) -> str:
    """How far a point in time is from now, in words."""
    if instant is None:
        return ""
    length = now - instant
    if abs(length) < 1_000:
        return "now"
    return f"{words(length)} ago" if length > 0 else f"in {words(-length)}"


def length(span: Millis | float | None) -> str:
    """A length of time in words; nothing for `None`."""
    return "" if span is None else words(round(span))


def local(moment_: datetime) -> str:
    """A moment in its own zone, with the zone's name and offset."""
    return f"{moment_:%a %Y-%m-%d %H:%M:%S %Z (%z)}"


def _show_table(rows: Rows) -> None:
    # Imported here: nobody who writes into a pipe needs to wait for it.
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in rows[0]:
        numeric = all(row[heading].replace(",", "").isdigit() or not row[heading] for row in rows)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(value, style=_STYLES.get(value, "")) for value in row.values()))
    Console().print(table)


_STYLES = {
    "completed": "green",
    "failed": "red",
    "cancelled": "dim",
    "running": "cyan",
    "retrying": "yellow",
    "paused": "yellow",
}
