"""`tidemill events`: what happened, and saying that something did."""

import time
from typing import Annotated, Any

import msgspec
import typer

from tidemill.cli import render
from tidemill.cli.options import LOOK_EVERY, AsJson, Url, store, until_ctrl_c
from tidemill.core.errors import InvalidOption
from tidemill.core.event import Event, compile_pattern, matches

events = typer.Typer(help="See what happened, or say that something did.", no_args_is_help=True)

Pattern = Annotated[
    str,
    typer.Option(metavar="PATTERN", help='Dotted words, as "invoice.*" or "jobs.*"; "**" is all.'),
]


@events.command("list")
def list_events(
    pattern: Pattern = "**",
    limit: Annotated[
        int, typer.Option(min=1, max=1_000, metavar="N", help="At most so many.")
    ] = 25,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """List the newest events, newest first."""
    with store(url) as app:
        found = app.events.recent(limit, pattern=pattern)
    if as_json:
        render.show_json(found)
    else:
        render.show([_row(event) for event in found], empty="No events match.", below="payload")


@events.command()
def emit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Dotted words: invoice.paid.")],
    payload: Annotated[str, typer.Argument(metavar="[JSON]", help="What to tell.")] = "null",
    source: Annotated[str, typer.Option(metavar="TEXT", help="Who says it.")] = "cli",
    url: Url = "",
) -> None:
    """Say that something happened; answer the event's position in the log."""
    try:
        value = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise InvalidOption(
            f"the payload is no JSON: {error}", hint="write it as '{\"id\": 8}' or '\"text\"'"
        ) from None
    with store(url) as app:
        render.echo(str(app.events.emit(name, value, source=source)))


@events.command()
def tail(pattern: Pattern = "**", as_json: AsJson = False, url: Url = "") -> None:
    """Show events as they happen, until Ctrl-C."""
    compile_pattern(pattern)
    with store(url) as app, until_ctrl_c():
        newest = app.events.recent(1)
        after = newest[0].position if newest else 0
        while True:
            # All are read, or the search for a rare one would begin anew with each look.
            read = app.events.read(after)
            for event in read:
                after = event.position
                if matches(pattern, event.name):
                    render.echo(_line(event, as_json=as_json))
            if not read:
                time.sleep(LOOK_EVERY)


def _line(event: Event, *, as_json: bool) -> str:
    if as_json:
        return render.json_line(event)
    return "  ".join(" ".join(each.split()) for each in _row(event).values() if each)


def _row(event: Event) -> dict[str, str]:
    return {
        "position": str(event.position),
        "at": render.moment(event.at),
        "event": event.name,
        "source": event.source,
        "payload": _short(event.payload),
    }


def _short(payload: Any) -> str:
    text = msgspec.json.encode(payload).decode()
    return text if len(text) <= 200 else f"{text[:199]}…"
