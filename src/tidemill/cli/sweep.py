"""Asking something of jobs: by id at once, by a filter when it was shown what is meant."""

from collections.abc import Callable
from typing import Any, Final

import typer

from tidemill.cli import job_view, render
from tidemill.cli.options import Asked, Which, confirm, store
from tidemill.client.lookup import FilterKeywords
from tidemill.core.errors import InvalidOption
from tidemill.tasks.registry import OWN

COUNTED: Final = 10_000
"""Jobs up to which those of a filter are counted before one is asked."""

SAMPLE: Final = 5

Change = Callable[..., int]


def by_ids_or_filter(
    url: str,
    verb: str,
    ids: list[str] | None,
    which: Which,
    yes: bool,
    ask: Callable[[Asked], Change],
    **details: Any,
) -> None:
    """Do something to the jobs of these ids, or to those of a filter once it is confirmed."""
    if bool(ids) == bool(which):
        raise InvalidOption(
            f"{verb} needs jobs or a filter, one of the two",
            hint="give ids, or options such as --queue and --state",
        )
    with store(url) as app:
        if ids:
            by_ids(app, verb, list(dict.fromkeys(ids)), ask(app), **details)
        else:
            by_filter(app, verb, which.at(app), yes, ask(app), **details)


def by_ids(app: Asked, verb: str, ids: list[str], change: Change, **details: Any) -> None:
    """Do something to these jobs; exit with 1 if the state of one does not allow it.

    Raises:
        JobNotFound: one of them is not stored; nothing was changed.
    """
    for id_ in ids:
        app.jobs.get(id_)
    changed = change(*ids, **details)
    render.echo(f"{verb}: {render.number(changed, 'job')}")
    if changed < len(ids):
        left = render.number(len(ids) - changed, "job")
        render.echo(f"error: {left} left alone, for the state does not allow it", err=True)
        render.echo("hint: `tidemill jobs show ID` tells the state", err=True)
        raise typer.Exit(1)


def by_filter(
    app: Asked, verb: str, which: FilterKeywords, yes: bool, change: Change, **details: Any
) -> None:
    """Do something to the jobs of a filter, those whose state allows it."""
    total = None
    if not yes:
        total = _shown(app, which)
        if total == 0:
            return
        confirm(f"{verb.capitalize()} them?")
    with render.progress(verb, None if total is None or total > COUNTED else total) as told:
        changed = change(told=told, **which, **details)
    render.echo(f"{verb}: {render.number(changed, 'job')}")


def _shown(app: Asked, which: FilterKeywords) -> int:
    """Show how many jobs are meant, and the newest of them; answer how many."""
    # No change by a filter looks at the platform's own.
    found = [
        each for each in job_view.found(app, which, COUNTED + 1) if not each.task.startswith(OWN)
    ]
    if not found:
        render.echo("No jobs match.")
        return 0
    counted = f"More than {COUNTED:,}" if len(found) > COUNTED else f"{len(found):,}"
    verb = "job matches" if len(found) == 1 else "jobs match"
    newest = "" if len(found) <= SAMPLE else " The newest:"
    render.say(f"{counted} {verb}; those whose state does not allow it are left alone.{newest}")
    now = app.now()
    rows = [job_view.row(seen, now) for seen in found[:SAMPLE]]
    render.show(rows, empty="", below="note", spare=["attempt", "queue"])
    return len(found)
