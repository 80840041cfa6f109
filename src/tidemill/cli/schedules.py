"""`tidemill schedules`: what recurs, when it comes next, and what a pattern means."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, Yes, store
from tidemill.core.errors import InvalidOption
from tidemill.core.instants import words
from tidemill.schedules.cron import lint, parse
from tidemill.schedules.moments import next_moment, zone
from tidemill.schedules.schedule import Schedule

schedules = typer.Typer(help="See and steer what recurs.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME")]


@schedules.command("list")
def list_schedules(as_json: AsJson = False, url: Url = "") -> None:
    """List schedules and when each comes next."""
    with store(url) as app:
        found = app.schedules.find()
        now = app.store.clock.now()
    if as_json:
        render.show_json(found)
    else:
        render.show([_row(each, now) for each in found], empty="There are no schedules.")


@schedules.command("show")
def show_schedule(name: Name, as_json: AsJson = False, url: Url = "") -> None:
    """Show one schedule and its next ticks."""
    with store(url) as app:
        schedule = app.schedules.get(name)
        upcoming = () if schedule.paused else app.schedules.upcoming(name, 5)
    if as_json:
        render.show_json({"schedule": schedule, "upcoming": upcoming})
        return
    where = zone(schedule.zone)
    render.show_facts(
        {
            "schedule": schedule.name,
            "task": schedule.job.task,
            "queue": schedule.job.queue,
            "comes": _comes(schedule),
            "zone": schedule.zone,
            "state": _standing(schedule),
            "overlap": schedule.overlap,
            "declared in": schedule.origin,
            "last tick": render.moment(schedule.last_at),
            "last job": schedule.last_job or "",
            "next": "\n".join(render.local(tick.astimezone(where)) for tick in upcoming),
        }
    )


@schedules.command()
def run(name: Name, url: Url = "") -> None:
    """Run a schedule's task once, now; its ticks stay as they are."""
    with store(url) as app:
        typer.echo(app.schedules.run(name))


@schedules.command()
def pause(
    name: Name,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever looks.")] = "",
    url: Url = "",
) -> None:
    """Let a schedule stand still; the ticks of a pause are not made up for."""
    with store(url) as app:
        app.schedules.pause(name, note=note)
    typer.echo(f"{name} is paused")


@schedules.command()
def resume(
    name: Name,
    pattern: Annotated[
        str | None, typer.Option(metavar="CRON", help="Go on by another pattern.")
    ] = None,
    tz: Annotated[str | None, typer.Option(metavar="ZONE", help="Go on in another zone.")] = None,
    url: Url = "",
) -> None:
    """Let a schedule go on."""
    with store(url) as app:
        if pattern is not None and tz is not None:
            resumed = app.schedules.resume(name, pattern=pattern, tz=tz)
        elif pattern is not None:
            resumed = app.schedules.resume(name, pattern=pattern)
        elif tz is not None:
            resumed = app.schedules.resume(name, tz=tz)
        else:
            resumed = app.schedules.resume(name)
    typer.echo(f"{name} goes on; next: {render.moment(resumed.next_at) or 'by hand only'}")


@schedules.command()
def delete(name: Name, yes: Yes = False, url: Url = "") -> None:
    """Remove a schedule; jobs that it has asked for stay."""
    with store(url) as app:
        app.schedules.get(name)
        if not yes:
            typer.confirm(f"Remove the schedule {name}?", abort=True)
        app.schedules.delete(name)
    typer.echo(f"{name} is removed")


@schedules.command("next")
def preview(
    pattern: Annotated[str, typer.Argument(metavar="CRON", help='Such as "0 2 * * *".')],
    tz: Annotated[str, typer.Option(metavar="ZONE", help="Name of the IANA database.")] = "UTC",
    count: Annotated[int, typer.Option("-n", "--count", min=1, max=1_000, metavar="N")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show when a pattern comes next in a zone. Asks no store."""
    cron, where = parse(pattern), zone(tz)
    warning = lint(pattern)
    ticks: list[datetime] = []
    after = datetime.now(UTC)
    while len(ticks) < count and (tick := next_moment(cron, where, after)) is not None:
        ticks.append(tick.astimezone(where))
        after = tick
    if not ticks:
        raise InvalidOption(f"{pattern!r} never comes", hint="look at its day and its month")
    if as_json:
        render.show_json({"pattern": pattern, "zone": tz, "warning": warning, "next": ticks})
        return
    if warning:
        typer.echo(f"warning: {warning}", err=True)
    previous = datetime.now(where)
    for tick in ticks:
        change = tick.utcoffset() != previous.utcoffset()
        typer.echo(render.local(tick) + ("  the clock has changed" if change else ""))
        previous = tick


def _row(schedule: Schedule, now: int) -> dict[str, str]:
    return {
        "schedule": schedule.name,
        "task": schedule.job.task,
        "comes": _comes(schedule),
        "zone": schedule.zone,
        "state": _standing(schedule),
        "next": render.ago(schedule.next_at, now),
        "last": render.ago(schedule.last_at, now),
    }


def _comes(schedule: Schedule) -> str:
    if schedule.cron:
        return schedule.cron
    return f"every {words(schedule.every)}" if schedule.every else "by hand"


def _standing(schedule: Schedule) -> str:
    if schedule.paused:
        return f"paused: {schedule.note}" if schedule.note else "paused"
    return "active" if schedule.next_at is not None or not _recurs(schedule) else "over"


def _recurs(schedule: Schedule) -> bool:
    return bool(schedule.cron or schedule.every)
