"""`tidemill audit`: who did what, and whether the log of it is whole."""

from itertools import islice
from typing import Annotated, Literal

import typer
from msgspec.structs import replace

from tidemill.access.audit import AuditLine, Search, Verdict
from tidemill.cli import render
from tidemill.cli.options import AsJson, Asked, Since, Tenant, Until, Url, store, when
from tidemill.core.instants import Instant, from_datetime

audit = typer.Typer(help="See who did what; show that the log is whole.", no_args_is_help=True)


@audit.command("list")
def list_lines(
    *,
    actor: Annotated[str, typer.Option(metavar="WHO", help="By them, as user:zoe.")] = "",
    action: Annotated[str, typer.Option(metavar="WHAT", help="As queues.pause, or queues.*.")] = "",
    target: Annotated[str, typer.Option(metavar="THING", help="Done to this.")] = "",
    refused: Annotated[bool, typer.Option("--refused", help="What was refused, alone.")] = False,
    tenant: Tenant = None,
    since: Since = None,
    until: Until = None,
    count: Annotated[
        int, typer.Option("-n", "--count", min=1, metavar="N", help="So many at most.")
    ] = 25,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """List who did what, newest first."""
    result: Literal["refused", ""] = "refused" if refused else ""
    search = Search(
        tenant=tenant,
        actor=actor,
        action=action,
        target=target,
        result=result,
    )
    with store(url) as app:
        search = replace(search, since=_moment(since, app), before=_moment(until, app))
        lines = list(islice(app.audit.find(search), count))
    if as_json:
        render.show_json(lines)
    else:
        rows = [_row(line) for line in lines]
        render.show(rows, empty="Nobody has done anything like that.", below="why")


@audit.command()
def export(since: Since = None, until: Until = None, url: Url = "") -> None:
    """Write the log with its digests, newest first.

    Each line is a JSON document.
    """
    with store(url) as app:
        search = Search(since=_moment(since, app), before=_moment(until, app))
        for line in app.audit.find(search):
            render.echo(render.json_line(line))


@audit.command("verify")
def verify_log(
    last: Annotated[
        str,
        typer.Option(metavar="DIGEST", help="Noted earlier elsewhere: it must be there still."),
    ] = "",
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Show that no line was altered, removed or slipped in.

    A log that was cut at its end is whole as far as it goes. Note the last digest elsewhere, and
    hand it back later: that shows that all lines up to it are there.
    """
    with store(url) as app, render.progress("lines", None) as told:
        verdict = app.audit.verify(told, noted=last)
    if as_json:
        render.show_json(verdict)
    else:
        render.echo(_told(verdict))
    if not verdict.whole:
        raise typer.Exit(1)


def _told(verdict: Verdict) -> str:
    if verdict.broken_position is not None:
        return (
            f"the line at position {verdict.broken_position} does not follow from those before it: "
            f"{render.number(verdict.lines, 'line')}, all whole"
        )
    if verdict.noted is False:
        return f"{render.number(verdict.lines, 'line')}, all whole, but the noted digest is missing"
    told = f"{render.number(verdict.lines, 'line')}, all whole"
    if verdict.begins_behind is not None:
        told += f", behind position {verdict.begins_behind}: older ones were deleted"
    return f"{told}; the last digest is\n{verdict.last}" if verdict.last else told


def _moment(written: str | None, app: Asked) -> Instant | None:
    return from_datetime(when(written)(app.now())) if written else None


def _row(line: AuditLine) -> dict[str, str]:
    account = line.account
    return {
        "when": render.moment(line.at),
        "who": line.actor,
        "what": line.action,
        "to": account.target,
        "tenant": line.tenant,
        "result": account.result if not account.error else f"{account.result}: {account.error}",
        "why": account.reason,
    }
