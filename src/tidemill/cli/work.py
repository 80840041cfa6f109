"""`tidemill worker`: one worker in this process, or a crew of processes."""

import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer

from tidemill.app import Tidemill
from tidemill.cli.options import the_application
from tidemill.cli.said import log_to_console
from tidemill.core.limits import MOST
from tidemill.engines import file_of
from tidemill.settings import Settings, shown
from tidemill.settings import load as load_settings
from tidemill.tasks.discovery import load

NICE: Final = 5
"""Steps by which a worker gives way, unless it is told otherwise: to about a third of a share."""

_log: Final = logging.getLogger("tidemill.worker")


def _number(help_: str) -> Any:
    return typer.Option(min=1, max=MOST, metavar="N", help=help_)


def _time(help_: str) -> Any:
    return typer.Option(metavar="TIME", help=help_)


def worker(
    *,
    app: Annotated[
        str, typer.Option(metavar="MODULE:NAME", help="The application, as shop.jobs:app.")
    ] = "",
    queues: Annotated[
        str | None, typer.Option(metavar="A,B", help="Take jobs from these only.")
    ] = None,
    concurrency: Annotated[
        int | None, _number("Jobs that hold a thread, at once in one process.")
    ] = None,
    async_concurrency: Annotated[
        int | None, _number("Jobs on the event loop, at once in one process.")
    ] = None,
    processes: Annotated[
        int | None, _number("Worker processes; one that dies is started anew.")
    ] = None,
    nice: Annotated[
        int | None,
        typer.Option(min=0, max=19, metavar="N", help="Steps by which it gives way to others."),
    ] = None,
    lease: Annotated[
        str | None, _time("After its last sign of life its jobs are others' in so long.")
    ] = None,
    heartbeat: Annotated[str | None, _time("Between two signs of life.")] = None,
    poll: Annotated[str | None, _time("Between two looks for work, should hints be lost.")] = None,
    grace: Annotated[str | None, _time("How long running jobs may take to end.")] = None,
) -> None:
    """Take jobs and run them.

    It ends on Ctrl-C or SIGTERM, when running jobs have ended; a second one does not wait. What is
    not given is as `tidemill settings` shows it.
    """
    typed = {
        "concurrency": concurrency,
        "async_concurrency": async_concurrency,
        "lease": lease,
        "heartbeat": heartbeat,
        "poll": poll,
        "grace": grace,
    }
    options: dict[str, Any] = {name: each for name, each in typed.items() if each is not None}
    if queues is not None:
        options["queues"] = [name.strip() for name in queues.split(",")]
    raise typer.Exit(work(app, options, processes, nice))


def work(
    reference: str,
    options: Mapping[str, Any],
    processes: int | None = None,
    nice: int | None = None,
) -> int:
    """Run until told to stop; answer the exit code.

    Args:
        reference: names the application, here and in every process that is started; empty: the
            one that is set.
        options: of the worker, those that were given.
        processes: how many; more than one are kept by a crew. `None`: as many as are set.
        nice: by how many steps each of them gives way to other programs. `None`: as is set.

    Raises:
        InvalidOption: the application cannot be found, or an option makes no sense.
        StoreError: the store cannot be used.
    """
    settings = load_settings()  # whatever the application does, a wrong one is told
    named = the_application(reference, settings)
    log_to_console()
    project = settings.file.parent if settings.file else None
    with load(named, Tidemill, project) as app:
        tell_store(app.url, settings)
        worker = app.worker(**options, app_ref=named)
        many = processes or app.settings.get("worker.processes", 1)
        if many == 1:
            give_way(app.settings.get("worker.nice", NICE) if nice is None else nice)
            return worker.run_blocking()
        grace = options.get("grace") or app.settings.get("worker.grace", "15s")
        return _crew(app, _command(named, options, nice), many, grace)


def give_way(steps: int) -> None:
    """Let other programs go first where processors are short, this process and all it starts.

    Args:
        steps: beyond how far it gives way already, as nice(2) counts; where there is no such
            thing, it does not.
    """
    if hasattr(os, "nice"):
        os.nice(steps)


def tell_store(url: str, settings: Settings) -> None:
    """Log where jobs are taken from, and warn if commands that name no store look elsewhere.

    A path that a program passes counts from the folder in which it was started, so that the
    store may be another one than its writer thinks.
    """
    _log.info("jobs are kept in %s", _place(url))
    elsewhere = settings.get("url", url)
    if _place(elsewhere) != _place(url):
        _log.warning(
            "%s sets another store, %s: the application passes its own, and commands without "
            "--url look there",
            settings.origin("url"),
            _place(elsewhere),
        )


def _place(url: str) -> str:
    path = file_of(url)
    return shown(url) if path is None else str(path.absolute())


def _command(reference: str, options: Mapping[str, Any], nice: int | None) -> list[str]:
    """What starts one worker of a crew; what is set it reads for itself."""
    command = [sys.executable, "-m", "tidemill", "worker", "--app", reference, "--processes", "1"]
    if nice is not None:
        command += ["--nice", str(nice)]
    for name, value in options.items():
        written = ",".join(value) if name == "queues" else str(value)
        command += [f"--{name.replace('_', '-')}", written]
    return command


def _crew(app: Tidemill, command: Sequence[str], processes: int, grace: str) -> int:
    # Imported here, because most workers are one process.
    from tidemill.upkeep.rescuer import Rescuer  # noqa: PLC0415 - see above
    from tidemill.worker.crew import Crew  # noqa: PLC0415 - see above
    from tidemill.worker.orphan import CREW_VARIABLE, die_with_parent  # noqa: PLC0415 - see above

    if parent := os.environ.pop(CREW_VARIABLE, None):
        die_with_parent(int(parent), signal.SIGTERM)
    engine, clock = app.open(), app.store.clock
    rescue = Rescuer(engine, clock).run_once
    return Crew(engine, clock, command, processes, rescue=rescue, grace=grace).run_blocking()
