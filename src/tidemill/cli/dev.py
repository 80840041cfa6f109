"""`tidemill dev`: server, worker and scheduler of an application that is being written."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer

from tidemill.app import Tidemill
from tidemill.cli import render
from tidemill.cli.options import the_application
from tidemill.core.errors import InvalidOption
from tidemill.settings import load as load_settings
from tidemill.tasks.discovery import load
from tidemill.worker.orphan import CREW_VARIABLE

PARTING: Final = 5.0
"""Seconds that each process has to end when it is started anew."""

WATCHED: Final = (".toml", ".html", ".json")
"""What is watched beside Python's own files."""


def dev(
    *,
    app: Annotated[
        str, typer.Option(metavar="MODULE:NAME", help="The application, as shop.jobs:app.")
    ] = "",
    port: Annotated[int, typer.Option(min=0, max=65_535, metavar="N", help="Of the API.")] = 8420,
    watch: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Watch this; several times. Else the project."),
    ] = None,
) -> None:
    """Serve and work, and begin anew when a file changes.

    For the machine of whoever writes the application; it ends on Ctrl-C or SIGTERM.
    """
    try:
        import watchfiles  # noqa: F401, PLC0415 - most commands need none
    except ImportError as error:
        raise InvalidOption(
            "what watches files is not installed", hint="pip install 'tidemill[server]'"
        ) from error
    settings = load_settings()
    named = the_application(app, settings)
    found = load(named, object, settings.file.parent if settings.file else None)
    folders = watch or [settings.file.parent if settings.file else Path.cwd()]
    for folder in folders:
        if not folder.is_dir():
            raise InvalidOption(f"there is no folder {folder}", hint="name one that is there")
    if isinstance(found, Tidemill) and found.url.startswith("memory:"):
        raise InvalidOption(
            f"{named} keeps its jobs in memory, which the server and the worker cannot share",
            hint="give it a file, such as sqlite:///jobs.db, by its code or by TIDEMILL_URL",
        )
    program = [sys.executable, "-m", "tidemill"]
    commands = [
        [*program, "serve", "--app", named, "--port", str(port)],
        [*program, "worker", "--app", named],
    ]
    raise typer.Exit(_keep_running(commands, folders))


def _keep_running(commands: Sequence[Sequence[str]], folders: Sequence[Path]) -> int:
    """Run these until told to stop, and anew with every change; answer the exit code."""
    with _stopping() as stop:
        while True:
            running = [_start(command) for command in commands]
            try:
                changed = _next_change(folders, stop)
            finally:
                _end(running)
            if not changed:
                return 0
            render.echo(f"changed: {', '.join(changed)}; starting anew", err=True)


def _next_change(folders: Sequence[Path], stop: threading.Event) -> list[str]:
    """Wait for files to change; answer the names of some, or nothing when told to stop."""
    from watchfiles import PythonFilter, watch  # noqa: PLC0415 - see above

    filter_ = PythonFilter(extra_extensions=WATCHED)
    for changes in watch(*folders, watch_filter=filter_, stop_event=stop, raise_interrupt=False):
        return sorted({Path(path).name for _, path in changes})[:3]
    return []


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # None of them outlives this process, however it ends.
    environment = os.environ | {CREW_VARIABLE: str(os.getpid())}
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program


def _end(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(PARTING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that is set by Ctrl-C or SIGTERM."""
    stop = threading.Event()

    def heard(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
