"""`tidemill jobs`: look at jobs, and ask something of them, one by one or by a filter."""

import time
from typing import Annotated

import typer

from tidemill.cli import job_view, render
from tidemill.cli.options import (
    LOOK_EVERY,
    AsJson,
    Ids,
    Url,
    Which,
    Yes,
    filtered,
    store,
    until_ctrl_c,
)
from tidemill.cli.sweep import by_ids_or_filter
from tidemill.core.limits import MOST

jobs = typer.Typer(help="Look at jobs, and ask something of them.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The job meant.")]


@jobs.command("list")
@filtered
def list_jobs(
    *,
    which: Which,
    limit: Annotated[int, typer.Option(min=1, max=MOST, metavar="N", help="At most so many.")] = 25,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """List jobs, newest first."""
    with store(url) as app:
        found = job_view.found(app, which.at(app), limit)
        now = app.now()
    if as_json:
        render.show_json([job_view.as_json(seen) for seen in found])
    else:
        rows = [job_view.row(seen, now) for seen in found]
        render.show(rows, empty="No jobs match.", below="note", spare=["attempt", "queue"])


@jobs.command("show")
def show_job(id_: Id, as_json: AsJson = False, url: Url = "") -> None:
    """Show everything about one job, its attempts included."""
    with store(url) as app:
        seen = job_view.seen(app.jobs.get(id_))
    if as_json:
        render.show_json(job_view.as_json(seen))
        return
    render.show_facts(job_view.facts(seen))
    if seen.attempts:
        render.echo()
        rows = [job_view.attempt_row(attempt) for attempt in seen.attempts]
        render.show(rows, empty="", below="error")
    if seen.error is not None and seen.error.traceback:
        render.echo(f"\n{seen.error.traceback.rstrip()}")


@jobs.command()
def logs(
    id_: Id,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the job has finished.")
    ] = False,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Show what a job has logged."""
    with store(url) as app:
        job = app.jobs.get(id_)
        if follow:
            with until_ctrl_c():
                _follow(job, as_json=as_json)
            return
        lines = job.logs()
    if as_json:
        render.show_json(lines)
        return
    for line in lines:
        render.echo(job_view.log_line(line))
    if not lines:
        render.echo("The job has logged nothing.")


@jobs.command()
def why(id_: Id, as_json: AsJson = False, url: Url = "") -> None:
    """Say why a job does not run: all that stands in its way."""
    with store(url) as app:
        causes = app.jobs.why(id_)
    render.show_causes(causes, as_json=as_json)


def _follow(job: job_view.AnyJob, *, as_json: bool) -> None:
    """Write what a job logs until it has finished; as JSON, one document a line."""
    known = 0
    while True:
        over = job.state.finished  # asked first, so that its last lines are seen
        lines = job.logs()
        for line in lines[known:]:
            render.echo(render.json_line(line) if as_json else job_view.log_line(line))
        known = len(lines)
        if over:
            return
        time.sleep(LOOK_EVERY)


@jobs.command()
@filtered
def cancel(
    *,
    which: Which,
    ids: Ids = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, kept with the jobs.")] = "",
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Cancel jobs; those that run are asked to stop."""
    by_ids_or_filter(url, "cancel", ids, which, yes, lambda app: app.jobs.cancel, reason=reason)


@jobs.command()
@filtered
def retry(*, which: Which, ids: Ids = None, yes: Yes = False, url: Url = "") -> None:
    """Run failed and cancelled jobs anew, with all their attempts."""
    by_ids_or_filter(url, "retry", ids, which, yes, lambda app: app.jobs.retry)


@jobs.command()
@filtered
def delete(*, which: Which, ids: Ids = None, yes: Yes = False, url: Url = "") -> None:
    """Remove jobs that do not run, and their history, for good."""
    by_ids_or_filter(url, "delete", ids, which, yes, lambda app: app.jobs.delete)


@jobs.command("run-now")
@filtered
def run_now(*, which: Which, ids: Ids = None, yes: Yes = False, url: Url = "") -> None:
    """Make scheduled and retrying jobs due at once."""
    by_ids_or_filter(url, "run now", ids, which, yes, lambda app: app.jobs.run_now)


@jobs.command()
@filtered
def move(
    *,
    which: Which,
    to: Annotated[str, typer.Option(metavar="QUEUE", help="The queue they are put into.")],
    ids: Ids = None,
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Put jobs that do not run into another queue."""
    by_ids_or_filter(url, "move", ids, which, yes, lambda app: app.jobs.move, queue=to)


@jobs.command()
@filtered
def reprioritise(
    *,
    which: Which,
    priority: Annotated[
        int, typer.Option(min=-100, max=100, metavar="N", help="-100 to 100; larger runs sooner.")
    ],
    ids: Ids = None,
    yes: Yes = False,
    url: Url = "",
) -> None:
    """Give jobs that do not run another priority."""
    by_ids_or_filter(
        url, "reprioritise", ids, which, yes, lambda app: app.jobs.reprioritise, priority=priority
    )
