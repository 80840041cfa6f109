"""`tidemill tasks`: which tasks have jobs, and starting none of one for a while."""

from collections import Counter, defaultdict
from typing import Annotated, Final

import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, Asked, Url, store
from tidemill.core.errors import NotAllowed
from tidemill.core.rules import TaskRules
from tidemill.core.state import LIVE, State

_LIVE: Final = [state for state in State if state in LIVE]

tasks = typer.Typer(
    help="See which tasks have jobs; pause one and let it go on.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="TASK", help="The task meant.")]


@tasks.command("list")
def list_tasks(as_json: AsJson = False, url: Url = "") -> None:
    """List tasks that have live jobs or are paused.

    Jobs are counted by state, over all queues.
    """
    with store(url) as app:
        counts = app.jobs.counts()
        paused = {each.task: each for each in app.queues.paused_tasks()}
    if as_json:
        render.show_json({"rules": list(paused.values()), "counts": counts})
        return
    live: defaultdict[str, Counter[State]] = defaultdict(Counter)
    for each in counts:
        live[each.task][each.state] += each.count
    rows = [
        {
            "task": name,
            **{state.value: f"{live[name][state]:,}" for state in _LIVE},
            "rules": _told(paused.get(name)),
        }
        for name in sorted(live.keys() | paused.keys())
    ]
    render.show(rows, empty="No task has a live job, and none is paused.", below="rules")


@tasks.command()
def pause(
    task: Name,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever looks.")] = "",
    url: Url = "",
) -> None:
    """Start no job of a task any more.

    It holds in every queue; what runs, runs on.
    """
    with store(url) as app:
        app.queues.pause_task(task, note)
        known = _is_known(app, task)
    render.echo(f"{task} is paused")
    if not known:
        render.echo(f"note: {task} has no job, and no worker knows it; is that its name?", err=True)


@tasks.command()
def resume(task: Name, url: Url = "") -> None:
    """Start jobs of a task again."""
    with store(url) as app:
        app.queues.resume_task(task)
    render.echo(f"{task} goes on")


def _is_known(app: Asked, task: str) -> bool:
    """Whether anything but a rule has the name; one that nothing has yet may be meant as well."""
    try:
        return task in _named(app) or any(True for _ in app.jobs.find(tasks=[task]))
    except NotAllowed:
        return True  # a key that may not look is told nothing of it


def _named(app: Asked) -> set[str]:
    """Names of tasks that workers know, or that recur."""
    declared = {name for each in app.jobs.workers() for name in each.info.get("tasks") or ()}
    recurring = {each.job.task for each in app.schedules.find()}
    return declared | recurring


def _told(rules: TaskRules | None) -> str:
    if rules is None:
        return ""
    return f"paused: {rules.note}" if rules.note else "paused"
