"""The program `tidemill`: its commands, and how it says that something is wrong."""

import logging
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from tidemill.app import Tidemill
from tidemill.core.errors import MisuseError, TidemillError
from tidemill.loops.clock import SystemClock
from tidemill.tasks.discovery import load
from tidemill.upkeep.rescuer import Rescuer
from tidemill.worker.crew import Crew
from tidemill.worker.orphan import CREW_VARIABLE, die_with_parent

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

App = Annotated[
    str,
    typer.Option(
        "--app",
        envvar="TIDEMILL_APP",
        metavar="MODULE:NAME",
        help="The application, such as shop.jobs:app.",
    ),
]


def run() -> None:
    """Be the program: exit with 0 when all is well, 1 when it failed, 2 when it was misused."""
    try:
        program()
    except TidemillError as error:
        typer.echo(f"error: {error.message}", err=True)
        if error.hint:
            typer.echo(f"hint: {error.hint}", err=True)
        sys.exit(MISUSED if isinstance(error, MisuseError) else FAILED)
    except OSError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(FAILED)


@program.callback()
def options() -> None:
    """Background jobs for Python that need nothing to start and nothing to outgrow."""


@program.command()
def worker(
    app: App,
    queues: Annotated[
        str, typer.Option(metavar="A,B", help="Take jobs from these only.", show_default="all")
    ] = "",
    concurrency: Annotated[
        int, typer.Option(min=1, help="Jobs that hold a thread, at once in one process.")
    ] = 5,
    processes: Annotated[
        int, typer.Option(min=1, help="Worker processes; one that dies is started anew.")
    ] = 1,
    grace: Annotated[
        str, typer.Option(metavar="TIME", help="How long running jobs may take to end.")
    ] = "15s",
) -> None:
    """Take jobs and run them until Ctrl-C or SIGTERM; the second one does not wait."""
    _log_to_stderr()
    application = load(app, Tidemill)
    if processes > 1:
        # The options go on as they were written, so that each worker reads them for itself.
        command = [sys.executable, "-m", "tidemill", "worker", "--app", app, "--queues", queues]
        command += ["--concurrency", str(concurrency), "--grace", grace]
        raise typer.Exit(_crew(application, command, processes, grace))
    chosen = [name.strip() for name in queues.split(",") if name.strip()]
    with application:
        code = application.worker(
            queues=chosen or None, concurrency=concurrency, grace=grace, app_ref=app
        ).run_blocking()
    raise typer.Exit(code)


@program.command()
def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Where each run makes a folder of its own.")
    ] = Path("tidemill-demo"),
    processes: Annotated[int, typer.Option(min=1, max=64, help="Worker processes.")] = 2,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Measure about so many files.", show_default="all")
    ] = None,
    keep_open: Annotated[
        bool, typer.Option("--keep-open", help="Go on after the report, until Ctrl-C.")
    ] = False,
) -> None:
    """Show jobs flowing: measure the source files of Python's standard library."""
    from tidemill.demo.main import run as run_demo  # noqa: PLC0415 - a worker needs none of it

    raise typer.Exit(run_demo(folder, processes=processes, limit=limit, keep_open=keep_open))


def _crew(application: Tidemill, command: list[str], processes: int, grace: str) -> int:
    """Keep so many workers; answer the exit code."""
    if parent := os.environ.pop(CREW_VARIABLE, None):
        die_with_parent(int(parent), signal.SIGTERM)
    clock = SystemClock()
    with application:
        engine = application.open()
        rescue = Rescuer(engine, clock).run_once
        crew = Crew(engine, clock, command, processes, rescue=rescue, grace=grace)
        return crew.run_blocking()


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
    )
