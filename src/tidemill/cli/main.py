"""The program `tidemill`: its commands, and how it says that something is wrong."""

import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated, Final

import typer

from tidemill.cli import (
    alerts,
    audit,
    dev,
    doctor,
    engine,
    events,
    files,
    jobs,
    keys,
    modules,
    options,
    queues,
    render,
    schedules,
    secrets,
    serve,
    settings,
    stats,
    tasks,
    tenants,
    users,
    work,
    workers,
)
from tidemill.core.errors import MisuseError, TidemillError

FAILED: Final = 1
MISUSED: Final = 2

program = typer.Typer(
    name="tidemill",
    help="Background jobs for Python that need nothing to start and nothing to outgrow.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        render.echo(metadata.version("tidemill"))
        raise typer.Exit


for _name, _noun in (
    ("jobs", jobs.jobs),
    ("queues", queues.queues),
    ("tasks", tasks.tasks),
    ("schedules", schedules.schedules),
    ("modules", modules.modules),
    ("events", events.events),
    ("files", files.files),
    ("alerts", alerts.alerts),
    ("workers", workers.workers),
    ("users", users.users),
    ("keys", keys.keys),
    ("tenants", tenants.tenants),
    ("audit", audit.audit),
    ("secrets", secrets.secrets),
    ("engine", engine.engine),
):
    program.add_typer(_noun, name=_name)
program.command()(work.worker)
program.command()(serve.serve)
program.command()(dev.dev)
program.command()(stats.stats)
program.command()(doctor.doctor)
program.command()(settings.settings)


def run() -> None:
    """Be the program: exit with 0 when all is well, 1 when it failed, 2 when it was misused."""
    try:
        program(prog_name="tidemill")  # however it was started
    except TidemillError as error:
        render.echo(f"error: {error.message}", err=True)
        if error.hint:
            render.echo(f"hint: {error.hint}", err=True)
        sys.exit(MISUSED if isinstance(error, MisuseError) else FAILED)
    except OSError as error:
        render.echo(f"error: {error}", err=True)
        sys.exit(FAILED)


@program.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Background jobs for Python that need nothing to start and nothing to outgrow."""


@program.command()
def demo(
    folder: Annotated[
        Path,
        typer.Option("--dir", metavar="FOLDER", help="Where each run makes a folder of its own."),
    ] = Path("tidemill-demo"),
    processes: Annotated[
        int, typer.Option(min=1, metavar="N", max=64, help="Worker processes.")
    ] = 2,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Measure about so many files; else all of them."),
    ] = None,
    keep_open: Annotated[
        bool, typer.Option("--keep-open", help="Go on after the report, until Ctrl-C.")
    ] = False,
    url: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="A PostgreSQL database, where each run makes a schema of its own; else the one "
            "that TIDEMILL_URL names, or a file in the folder of the run.",
        ),
    ] = "",
) -> None:
    """Show jobs flowing.

    Each source file of Python's standard library is measured by a job of its own, and a last job
    writes the report.
    """
    from tidemill.demo.main import run as show  # noqa: PLC0415 - a worker needs none of it

    raise typer.Exit(
        show(
            folder,
            processes=processes,
            limit=limit,
            keep_open=keep_open,
            database=options.database(url),
        )
    )
