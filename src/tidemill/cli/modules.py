"""`tidemill modules`: what packages bring, disabling and enabling it, and beginning a new one."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, store
from tidemill.modules.beginning import begin
from tidemill.modules.record import ModuleRecord

modules = typer.Typer(help="See modules; disable, enable, begin one.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The module meant.")]


@modules.command("list")
def list_modules(as_json: AsJson = False, url: Url = "") -> None:
    """List the modules that nodes have told of."""
    with store(url) as app:
        found = app.modules.find()
    if as_json:
        render.show_json(found)
        return
    rows = [
        {
            "module": each.name,
            "version": each.version,
            "state": _state(each),
            "tasks": f"{len(each.tasks):,}",
            "schedules": f"{len(each.schedules):,}",
            "quotas": _quotas(each),
            "says": each.error or each.note or each.description,
        }
        for each in found
    ]
    render.show(rows, empty="No node has told of a module.", below="says", spare=("quotas",))


@modules.command()
def show(name: Name, as_json: AsJson = False, url: Url = "") -> None:
    """Show one module: what it brings, what it may do, and how much."""
    with store(url) as app:
        module = app.modules.get(name)
    if as_json:
        render.show_json(module)
        return
    may, told = module.permissions, module.settings
    anything = "whatever the application may"
    render.show_facts(
        {
            "module": module.name,
            "version": module.version,
            "state": _state(module),
            "note": module.note,
            "error": module.error,
            "changed by": module.changed_by,
            "changed at": render.moment(module.changed_at),
            "description": module.description,
            "written in": module.place,
            "tasks": "\n".join(module.tasks),
            "schedules": "\n".join(module.schedules),
            "handles": "\n".join(f"{task}: {what}" for task, what in module.handlers.items()),
            "services": ", ".join(module.services),
            "queues": anything if may is None else ", ".join((module.name, *may.queues)),
            "emits": anything if may is None else ", ".join(may.emit),
            "hears": anything if may is None else ", ".join(may.hear),
            "quotas": _quotas(module),
            "settings": "\n".join(f"{name}: {_value(each)}" for name, each in told.items()),
        }
    )


@modules.command()
def disable(
    name: Name,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever looks.")] = "",
    url: Url = "",
) -> None:
    """Start no job of a module any more, on any node.

    What waits stays, what runs, runs on; its schedules are paused.
    """
    with store(url) as app:
        app.modules.disable(name, note)
    render.echo(f"{name} is disabled")


@modules.command()
def enable(name: Name, url: Url = "") -> None:
    """Start jobs of a module again.

    What people have paused themselves stays paused.
    """
    with store(url) as app:
        app.modules.enable(name)
    render.echo(f"{name} is enabled")


@modules.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is to be called.")],
    folder: Annotated[
        Path, typer.Option("--dir", metavar="FOLDER", help="Where its folder is made.")
    ] = Path("modules"),
) -> None:
    """Begin a module, with tests that pass.

    Its folder holds a manifest, handlers and tests.
    """
    made = begin(name, folder)
    render.echo(f"{made} is made; try it: python -m pytest {made}")
    render.echo("to have it included, set in tidemill.toml:")
    render.echo(f'[modules]\nfolders = ["{folder}"]\ninclude = ["{name}"]')


def _value(setting: Any) -> str:
    return setting if isinstance(setting, str) else json.dumps(setting, ensure_ascii=False)


def _state(module: ModuleRecord) -> str:
    if module.error:
        return "left out"
    return "disabled" if module.disabled else "enabled"


def _quotas(module: ModuleRecord) -> str:
    quotas = module.quotas
    said = {
        "at once": quotas.concurrency and f"{quotas.concurrency:,}",
        "rate": quotas.rate,
        "an hour": quotas.per_hour and f"{quotas.per_hour:,}",
    }
    return ", ".join(f"{name} {most}" for name, most in said.items() if most)
