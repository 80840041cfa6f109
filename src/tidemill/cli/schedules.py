"""`tidemill schedules`: what recurs, when it comes next, and what a pattern means."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, Yes, confirm, store, when
from tidemill.core.errors import InvalidOption
from tidemill.core.instants import to_datetime, words
from tidemill.loops.clock import SystemClock
from tidemill.schedules.cron import Cron, lint, parse
from tidemill.schedules.moments import next_moment, zone
from tidemill.schedules.schedule import Schedule
from tidemill.schedules.store import ScheduleKeywords
from tidemill.tasks.secret import masked

schedules = typer.Typer(help="See and steer what recurs.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The schedule meant.")]


@schedules.command("list")
def list_schedules(as_json: AsJson = False, url: Url = "") -> None:
    """List schedules and when each comes next."""
    with store(url) as app:
        found = app.schedules.find()
        now = app.now()
    if as_json:
        render.show_json([_plain(each) for each in found])
    else:
        rows = [_row(each, now) for each in found]
        render.show(rows, empty="There are no schedules.", spare=["last", "task"])


@schedules.command("show")
def show_schedule(name: Name, as_json: AsJson = False, url: Url = "") -> None:
    """Show one schedule and its next ticks."""
    with store(url) as app:
        schedule = app.schedules.get(name)
        upcoming = () if schedule.paused else app.schedules.upcoming(name, 5)
    if as_json:
        render.show_json({"schedule": _plain(schedule), "upcoming": upcoming})
        return
    where = zone(schedule.zone)
    render.show_facts(
        {
            "schedule": schedule.key,
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
        render.echo(app.schedules.run(name))


@schedules.command()
def pause(
    name: Name,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever looks.")] = "",
    url: Url = "",
) -> None:
    """Let a schedule stand still.

    The ticks of a pause are not made up for.
    """
    with store(url) as app:
        app.schedules.pause(name, note=note)
    render.echo(f"{name} is paused")


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
    changes = ScheduleKeywords()
    if pattern is not None:
        changes["pattern"] = pattern
    if tz is not None:
        changes["tz"] = tz
    with store(url) as app:
        resumed = app.schedules.resume(name, **changes)
    render.echo(f"{name} goes on; next: {render.moment(resumed.next_at) or 'by hand only'}")


@schedules.command()
def delete(name: Name, yes: Yes = False, url: Url = "") -> None:
    """Remove a schedule; jobs that it has asked for stay."""
    with store(url) as app:
        app.schedules.get(name)
        if not yes:
            confirm(f"Remove the schedule {name}?")
        app.schedules.delete(name)
    render.echo(f"{name} is removed")


@schedules.command()
def why(name: Name, as_json: AsJson = False, url: Url = "") -> None:
    """Say why a schedule runs no job now: all that stands in its way."""
    with store(url) as app:
        causes = app.schedules.why(name)
    render.show_causes(causes, as_json=as_json)


@schedules.command("next")
def preview(
    pattern: Annotated[str, typer.Argument(metavar="CRON", help='Such as "0 2 * * *".')],
    tz: Annotated[str, typer.Option(metavar="ZONE", help="Name of the IANA database.")] = "UTC",
    count: Annotated[
        int, typer.Option("-n", "--count", min=1, max=1_000, metavar="N", help="So many ticks.")
    ] = 5,
    since: Annotated[
        str, typer.Option("--from", metavar="TIME", help="Not from now on, but from 2026-03-28.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show when a pattern comes next, changes of the clock included.

    It asks no store.
    """
    cron, where = parse(pattern), zone(tz)
    warning = lint(pattern)
    now = SystemClock().now()
    start = when(since, where)(now) if since else to_datetime(now)
    ticks = list(islice(_ticks(cron, where, start), count))
    if not ticks:
        raise InvalidOption(f"{pattern!r} never comes", hint="look at its day and its month")
    befores = [start.astimezone(where), *ticks]
    notes = [note_on(cron, tick, before) for tick, before in zip(ticks, befores, strict=False)]
    if as_json:
        told = [{"at": tick, "note": note} for tick, note in zip(ticks, notes, strict=True)]
        render.show_json({"pattern": pattern, "zone": tz, "warning": warning, "next": told})
        return
    if warning:
        render.echo(f"warning: {warning}", err=True)
    for tick, note in zip(ticks, notes, strict=True):
        render.echo(f"{render.local(tick)}  {note}".rstrip())


def note_on(cron: Cron, tick: datetime, before: datetime) -> str:
    """What a change of the clock does to a tick; empty where it does nothing.

    Args:
        cron: the pattern.
        tick: in the zone of the pattern.
        before: the tick before it, in the same zone.
    """
    wall = tick.replace(tzinfo=None, fold=0)
    if cron.at_or_after(wall) != wall:
        return "the clock skips its time; it comes right behind"
    if tick.replace(fold=0).utcoffset() != tick.replace(fold=1).utcoffset():
        if cron.elapsed:
            return f"this hour comes twice; {'second' if tick.fold else 'first'} time"
        return "this hour comes twice; it comes once, the first time"
    if tick.utcoffset() != before.utcoffset():
        return "the clock has changed"
    return ""


def _ticks(cron: Cron, where: ZoneInfo, start: datetime) -> Iterator[datetime]:
    after = start
    while (tick := next_moment(cron, where, after)) is not None:
        yield tick.astimezone(where)
        after = tick


def _plain(schedule: Schedule) -> dict[str, object]:
    """A schedule as JSON, but for what the platform keeps with it for itself."""
    calendar = schedule.calendar
    return {
        "name": schedule.key,
        "task": schedule.job.task,
        "queue": schedule.job.queue,
        "tenant": schedule.job.tenant,
        "args": msgspec.json.decode(masked(schedule.job.args)),
        "cron": schedule.cron,
        "every": schedule.every,
        "zone": schedule.zone,
        "overlap": schedule.overlap,
        "catchup": schedule.catchup,
        "jitter": schedule.jitter,
        "business_days": calendar.business_days,
        "holidays": calendar.holidays,
        "blackouts": calendar.blackouts,
        "paused": schedule.paused,
        "note": schedule.note,
        "paused_by": schedule.paused_by,
        "paused_at": schedule.paused_at,
        "origin": schedule.origin,
        "next_at": schedule.next_at,
        "last_at": schedule.last_at,
        "last_job": schedule.last_job,
        "version": schedule.version,
    }


def _row(schedule: Schedule, now: int) -> dict[str, str]:
    return {
        "schedule": schedule.key,
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
