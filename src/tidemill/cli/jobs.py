"""`tidemill jobs`: look at jobs, and ask something of them, one by one or by a filter."""

import sys
import time
from collections.abc import Callable
from itertools import islice
from typing import Annotated, Any, Final

import msgspec
import typer

from tidemill.app import Tidemill
from tidemill.cli import render
from tidemill.cli.options import (
    AsJson,
    Ids,
    Url,
    Yes,
    filtered,
    store,
)
from tidemill.client.job import Job, LogLine
from tidemill.client.lookup import FilterKeywords
from tidemill.core.errors import InvalidOption
from tidemill.core.job import Snapshot

COUNTED: Final = 10_000
"""Jobs up to which those of a filter are counted before one is asked."""

SAMPLE: Final = 5

LOOK_EVERY: Final = 0.5
"""Seconds between looks at a log that is followed."""

jobs = typer.Typer(help="Look at jobs, and ask something of them.", no_args_is_help=True)


@jobs.command("list")
@filtered
def list_jobs(
    *,
    which: FilterKeywords,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")] = 25,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """List jobs, newest first."""
    with store(url) as app:
        found = [_seen(job) for job in islice(app.jobs.find(**which), limit)]
        now = app.store.clock.now()
    if as_json:
        render.show_json([_as_json(seen) for seen in found])
    else:
        render.show([_row(seen, now) for seen in found], empty="No jobs match.")


@jobs.command("show")
def show_job(
    id_: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False, url: Url = ""
) -> None:
    """Show everything about one job, its attempts included."""
    with store(url) as app:
        seen = app.jobs.get(id_).snapshot()
    if as_json:
        render.show_json(_as_json(seen))
        return
    render.show_facts(_facts(seen))
    if seen.attempts:
        typer.echo()
        render.show([_attempt_row(attempt) for attempt in seen.attempts], empty="")
    if seen.error is not None and seen.error.traceback:
        typer.echo(f"\n{seen.error.traceback.rstrip()}")


@jobs.command()
def logs(
    id_: Annotated[str, typer.Argument(metavar="ID")],
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the job has finished.")
    ] = False,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Show what a job has logged."""
    with store(url) as app:
        job = app.jobs.get(id_)
        lines = job.logs()
        if as_json:
            render.show_json(lines)
            return
        _write_lines(lines)
        over = not follow
        while not over:
            over = job.state.finished
            known, lines = len(lines), job.logs()
            _write_lines(lines[known:])
            time.sleep(0 if over else LOOK_EVERY)
        if not lines and not follow:
            typer.echo("The job has logged nothing.")


@jobs.command()
@filtered
def cancel(
    *,
    which: FilterKeywords,
    ids: Ids = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, kept with the jobs.")] = "",
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Cancel jobs; those that run are asked to stop."""
    _change(url, "cancel", ids, which, yes, lambda app: app.jobs.cancel, reason=reason)


@jobs.command()
@filtered
def retry(
    *,
    which: FilterKeywords,
    ids: Ids = None,
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Run failed and cancelled jobs again, with all their attempts before them."""
    _change(url, "retry", ids, which, yes, lambda app: app.jobs.retry)


@jobs.command()
@filtered
def delete(
    *,
    which: FilterKeywords,
    ids: Ids = None,
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Remove jobs that do not run, and their history, for good."""
    _change(url, "delete", ids, which, yes, lambda app: app.jobs.delete)


@jobs.command("run-now")
@filtered
def run_now(
    *,
    which: FilterKeywords,
    ids: Ids = None,
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Make scheduled and retrying jobs due at once."""
    _change(url, "run now", ids, which, yes, lambda app: app.jobs.run_now)


@jobs.command()
@filtered
def move(
    *,
    which: FilterKeywords,
    to: Annotated[str, typer.Option(metavar="QUEUE", help="The queue they are put into.")],
    ids: Ids = None,
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Put jobs that do not run into another queue."""
    _change(url, "move", ids, which, yes, lambda app: app.jobs.move, queue=to)


@jobs.command()
@filtered
def reprioritise(
    *,
    which: FilterKeywords,
    priority: Annotated[int, typer.Option(min=-100, max=100, help="Larger ones run sooner.")],
    ids: Ids = None,
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Give jobs that do not run another priority."""
    _change(url, "reprioritise", ids, which, yes, lambda app: app.jobs.reprioritise,
            priority=priority)  # fmt: skip


def _change(
    url: str,
    verb: str,
    ids: list[str] | None,
    which: FilterKeywords,
    yes: bool,
    ask: Callable[[Tidemill], Callable[..., int]],
    **details: Any,
) -> None:
    """Do something to jobs by id at once, or to those of a filter when they have been confirmed."""
    if bool(ids) == bool(which):
        raise InvalidOption(
            f"{verb} needs jobs or a filter, one of the two",
            hint="give ids, or options such as --queue and --state",
        )
    with store(url) as app:
        if ids:
            changed = ask(app)(*ids, **details)
        else:
            if not _confirmed(app, verb, which, yes=yes):
                raise typer.Exit(1)
            changed = ask(app)(told=_progress(verb), **which, **details)
    typer.echo(f"{verb}: {changed:,} {'job' if changed == 1 else 'jobs'}")


def _confirmed(app: Tidemill, verb: str, which: FilterKeywords, *, yes: bool) -> bool:
    """Show how many jobs are meant, and some of them; ask unless that has been answered."""
    if yes:
        return True
    found = list(islice(app.jobs.find(**which), COUNTED + 1))
    if not found:
        typer.echo("No jobs match.")
        return False
    number = f"more than {COUNTED:,}" if len(found) > COUNTED else f"{len(found):,}"
    typer.echo(
        f"{number} {'job matches' if len(found) == 1 else 'jobs match'}; it is done to those"
    )
    typer.echo("whose state allows it. The newest:")
    now = app.store.clock.now()
    render.show([_row(_seen(job), now) for job in found[:SAMPLE]], empty="")
    return typer.confirm(f"{verb.capitalize()} them?")


def _progress(verb: str) -> Callable[[int], object] | None:
    """Tells on a terminal how far a long change has come."""
    if not sys.stderr.isatty():
        return None
    return lambda count: typer.echo(f"\r{verb}: {count:,}\r", nl=False, err=True)


def _seen(job: Job[Any]) -> Snapshot:
    return job.seen or job.snapshot()


def _row(seen: Snapshot, now: int) -> dict[str, str]:
    return {
        "id": seen.id,
        "state": seen.state.value,
        "task": seen.task,
        "queue": seen.queue,
        "attempt": f"{seen.attempt}/{seen.max_attempts}",
        "enqueued": render.ago(seen.created_at, now),
        "note": _note(seen),
    }


def _note(seen: Snapshot) -> str:
    if seen.error is not None:
        return f"{seen.error.kind}: {seen.error.message}"
    if seen.progress is not None:
        return f"{seen.progress.percent:.0f} % {seen.progress.message}".rstrip()
    return seen.gate or seen.reason


def _facts(seen: Snapshot) -> dict[str, str]:
    return {
        "id": seen.id,
        "state": seen.state.value,
        "why": _note(seen),
        "task": seen.task,
        "queue": seen.queue,
        "tenant": seen.tenant,
        "priority": str(seen.priority),
        "arguments": seen.args.decode(),
        "result": seen.result.decode() if seen.result is not None else "",
        "tags": ", ".join(seen.tags),
        "batch": seen.batch or "",
        "caused by": seen.source,
        "unique key": seen.unique_key or "",
        "limit key": seen.limit_key or "",
        "attempt": f"{seen.attempt} of {seen.max_attempts}",
        "enqueued": render.moment(seen.created_at),
        "ready": render.moment(seen.ready_at),
        "started": render.moment(seen.started_at),
        "finished": render.moment(seen.finished_at),
        "expires": render.moment(seen.expires_at),
        "timeout": render.length(seen.timeout),
    }


def _attempt_row(attempt: Any) -> dict[str, str]:
    ended = attempt.ended_at
    return {
        "attempt": str(attempt.number),
        "worker": str(attempt.worker),
        "started": render.moment(attempt.started_at),
        "ran": render.length(ended - attempt.started_at) if ended is not None else "",
        "ending": attempt.ending.value if attempt.ending else "running",
        "error": f"{attempt.error.kind}: {attempt.error.message}" if attempt.error else "",
    }


def _as_json(seen: Snapshot) -> dict[str, Any]:
    """A job as JSON, what is JSON inside it included."""
    plain: dict[str, Any] = msgspec.to_builtins(seen)
    for name in ("args", "result", "checkpoint"):
        held = getattr(seen, name)
        plain[name] = msgspec.json.decode(held) if held is not None else None
    return {name: value for name, value in plain.items() if name != "policy"}


def _write_lines(lines: list[LogLine]) -> None:
    for line in lines:
        fields = "".join(f" {name}={value}" for name, value in line.fields.items())
        typer.echo(f"{render.moment(line.at)}  {line.level:<7} {line.message}{fields}")
