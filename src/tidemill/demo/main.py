"""The demo from its first file to its report: asks for the work, shows it, and tells the end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any, Final, Self

from rich.console import Console, OverflowMethod
from rich.text import Text

from tidemill import Job, Priority
from tidemill.demo.live import Screen, in_one_line
from tidemill.demo.look import Look, Watch
from tidemill.demo.sources import Selection, select, standard_library
from tidemill.demo.store import in_database, in_file

BETWEEN_LOOKS: Final = 0.25
PARTING: Final = 20.0
"""Seconds that the workers have to end when they are asked to."""

STOPPED: Final = 130
SHOWN: Final = 5


def run(
    folder: Path,
    *,
    processes: int = 2,
    limit: int | None = None,
    keep_open: bool = False,
    home: Path | None = None,
    database: str = "",
) -> int:
    """Measure the standard library by jobs, show them flow, and say where the report lies.

    Args:
        folder: where the run's own folder is made, with its log, its report and, unless a
            database is named, its store.
        processes: worker processes.
        limit: measure about so many files; `None`: all of them.
        keep_open: go on when the report is written, until Ctrl-C.
        home: measure what lies below it; by default the standard library.
        database: URL of a PostgreSQL database, in which the run makes a schema of its own.

    Returns:
        The exit code: 0, 1 when there is no report, 130 when it was stopped before the report.

    Raises:
        OSError: the folder cannot be written.
        TidemillError: the store did not do what was asked.
    """
    console = Console(highlight=False)
    schema = in_database(database) if database else None
    place = make_place(folder)
    store = schema or in_file(place)
    chosen = select(home or standard_library(), place, limit)
    _tell(console, "Files", f"{len(chosen.sources):,} below {chosen.home}")
    if chosen.made:
        _tell(console, "", f"{chosen.made} of them made by the demo, for none there was broken")
    _tell(console, "Folder", place)
    if schema is not None:
        _tell(console, "Store", schema.shown)
        _tell(console, "", f"{schema.removal} removes it")
    os.environ["TIDEMILL_URL"] = store.url
    report, watch = _ask_for(chosen, place, processes)
    try:
        with stopping_on_sigterm(), Workers(place / "worker.log", processes) as workers:
            last = _show(console, report, watch, workers, keep_open=keep_open)
    except KeyboardInterrupt:
        _tell(console, "Stopped", f"what was done until then is in {store.shown}")
        return STOPPED
    return _sum_up(console, report, last)


def make_place(folder: Path) -> Path:
    """Make a new folder for one run; what earlier runs left is never touched."""
    numbers = count(1)
    while True:
        place = folder.resolve() / f"run-{next(numbers)}"
        try:
            place.mkdir(parents=True)
        except FileExistsError:
            continue
        return place


@contextmanager
def stopping_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end the demo as Ctrl-C does, so that its workers are not left behind."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Workers:
    """The worker processes of the demo, as the command line starts them for anyone."""

    def __init__(self, log: Path, processes: int) -> None:
        """Prepare; what the workers say goes to the log."""
        self._log = log
        self._processes = processes
        self._crew: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.keep()
        return self

    def __exit__(self, *_: object) -> None:
        """Have them drain, and wait for that."""
        crew = self._crew
        if crew is None or crew.poll() is not None:
            return
        crew.terminate()
        try:
            crew.wait(PARTING)
        except subprocess.TimeoutExpired:
            crew.kill()
            crew.wait()

    def keep(self) -> None:
        """Start them, and start them again should even their parent have been killed."""
        if self._crew is not None and self._crew.poll() is None:
            return
        command = [sys.executable, "-m", "tidemill", "worker", "--app", "tidemill.demo.app:app"]
        # Were this process killed, its crew would otherwise go on without anyone who looks.
        environment = os.environ | {"TIDEMILL_CREW": str(os.getpid())}
        with self._log.open("ab") as log:
            self._crew = subprocess.Popen(  # noqa: S603 - our own program, with our own words
                [*command, "--processes", str(self._processes), "--grace", "5s"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def _ask_for(chosen: Selection, place: Path, processes: int) -> tuple[Job[list[str]], Watch]:
    """Enqueue one job for each file and the report behind them, all in one step."""
    # Imported here, because the application reads its store's address when it is imported.
    from tidemill.demo import app as demo  # noqa: PLC0415 - see above

    # Those that will fail go first, or their retries would wait behind thousands of other files.
    first = demo.measure_file.using(priority=Priority.HIGH)
    tasks = {True: first, False: demo.measure_file}
    report = demo.app.batch(
        demo.write_report.bind(str(place), str(chosen.home)),
        [
            tasks[source.name in chosen.broken].bind(str(source.path), source.name)
            for source in chosen.sources
        ],
    )
    queues = (demo.MEASURE, demo.REPORT, demo.STOCK)
    total = len(chosen.sources)
    return report, Watch(demo.app, report, queues=queues, total=total, processes=processes)


def _show(
    console: Console, report: Job[Any], watch: Watch, workers: Workers, *, keep_open: bool
) -> Look:
    """Show look after look until the report's job has finished; answer the look at that moment."""
    finished: Look | None = None
    with Screen(console) as screen:
        try:
            while finished is None or keep_open:
                done = report.state.finished
                look = watch.look()
                finished = finished or (look if done else None)
                screen.show(look, last=done and not keep_open)
                workers.keep()
                time.sleep(BETWEEN_LOOKS)
        except KeyboardInterrupt:
            if finished is None:
                raise
    return finished


def _sum_up(console: Console, report: Job[list[str]], last: Look) -> int:
    """Say what came of it; answer the exit code."""
    refused = len(last.failures)
    _tell(console, "Measured", f"{last.finished - refused:,} of {last.total:,} files")
    _tell(console, "Refused", f"{refused:,}, each after its last attempt")
    for failure in last.failures[:SHOWN]:
        _tell(console, "", in_one_line(failure), whole=not console.is_terminal)
    if refused > SHOWN:
        _tell(console, "", f"and {refused - SHOWN:,} more")
    pace = last.finished / last.seconds if last.seconds else 0.0
    _tell(console, "Time", f"{last.seconds:.1f} s, {pace:.0f} jobs per second")
    _tell(console, "Restarts", last.restarts)
    seen = report.snapshot()
    if seen.state != "completed":
        why = f"{seen.error.kind}: {seen.error.message}" if seen.error else seen.reason
        _tell(console, "Report", f"there is none: its job {seen.state}: {why}")
        return 1
    for path in report.result():
        _tell(console, "Report", path)
    return 0


def _tell(console: Console, what: str, value: object, *, whole: bool = True) -> None:
    """Say one thing on a line; whole, so that a long path can be copied, or cut to the width."""
    overflow: OverflowMethod = "ignore" if whole else "ellipsis"
    console.print(Text(f"{what:<9}{value}"), soft_wrap=whole, no_wrap=True, overflow=overflow)
