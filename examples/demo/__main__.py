"""Put on all five applications, with everything that they need: `python -m examples.demo`."""

import argparse
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final

from examples.demo import company
from examples.demo.cast import Cast, Stage
from examples.demo.crew import working
from examples.demo.past import DAY, HOUR, Past
from examples.demo.people import Login, let_in
from examples.demo.serving import site, whole
from examples.stage.web import serving
from tidemill.errors import InvalidOption
from tidemill.testing import ManualClock

_EVERY: Final = 2.0
"""Seconds between two things that happen, each in another application."""


def main() -> int:
    """Put it on until Ctrl-C; answer the exit code."""
    asked = _asked()
    with _stopping() as stop, _place(asked.folder) as folder, suppress(_Over):
        try:
            _put_on(asked, folder, stop)
        except InvalidOption as error:
            print(f"./dev demo: {error}", file=sys.stderr)
            return 2
    print("Everything has ended.", flush=True)
    return 0


def _put_on(asked: argparse.Namespace, folder: Path, stop: threading.Event) -> None:
    """Begin everything, have it live until told to stop, and end it."""
    with ExitStack() as stack:
        url = asked.url or f"sqlite:///{folder}/jobs.db"
        stages = [company.stage_of(name) for name in asked.only or company.NAMES]
        port = asked.port or _free_port()
        address = f"http://127.0.0.1:{port}"
        for stage in stages:
            company.set_up(stack, stage, folder)
        _tell(stages, url, folder, asked.weeks, stop)
        casts = {stage.name: company.make(stage, url, folder, address) for stage in stages}
        for cast in casts.values():
            stack.callback(cast.close)
            cast.prepare()
            cast.seed()
        app = whole(url, casts, company.shared(folder, address))
        stack.callback(app.close)
        logins = let_in(app, stages, folder)
        pids = stack.enter_context(working(list(casts), url, folder, address))
        stack.enter_context(serving(site(app, casts), port))
        _greet(address, stages, logins, pids, folder)
        _live(list(casts.values()), stop)
        print("\nThe workers finish what they are at ...", flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument(
        "--folder", type=Path, help="where all is kept; by default one that is gone in the end"
    )
    parser.add_argument(
        "--port", type=_whole(0, 65_535), default=8420, help="of the server; 0: any"
    )
    parser.add_argument(
        "--weeks", type=_whole(1, 52), default=3, help="that have gone before, 52 at most"
    )
    parser.add_argument(
        "--only", action="append", choices=company.NAMES, help="this application; several times"
    )
    return parser.parse_args()


def _whole(least: int, most: int) -> Callable[[str], int]:
    """What reads a number of a command line."""

    def read(written: str) -> int:
        if not written.isdecimal() or not least <= int(written) <= most:
            raise argparse.ArgumentTypeError(f"{written!r} is not from {least} to {most}")
        return int(written)

    return read


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that is set by Ctrl-C or SIGTERM; what is being begun is ended by it, too."""
    stop = threading.Event()

    def heard(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            return  # it is ending already, and ends whatever is asked
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, heard)
    yield stop


@contextmanager
def _place(named: Path | None) -> Iterator[Path]:
    """The folder of all that is kept."""
    if named is not None:
        named.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield named.absolute()
        return
    made = Path(tempfile.mkdtemp(prefix="tidemill-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tell(
    stages: Sequence[Stage], url: str, folder: Path, weeks: int, stop: threading.Event
) -> None:
    """Have the store tell of the weeks before, unless it has jobs of its own."""
    now = int(time.time() * 1_000)
    clock = ManualClock((now - weeks * 7 * DAY) // HOUR * HOUR)
    with ExitStack() as stack:
        casts = {stage.name: company.make(stage, url, folder, "", clock) for stage in stages}
        for cast in casts.values():
            stack.callback(cast.close)
        app = whole(url, casts, {}, clock)
        stack.callback(app.close)
        if any(True for _ in app.jobs.find()):
            return
        for cast in casts.values():
            cast.prepare()
            cast.app.schedules.publish()
            cast.app.events.publish()
            cast.app.included.publish()
        deeds = [
            (stage.tenants[1:] or (stage.name,), deed) for stage in stages for deed in stage.deeds
        ]
        begun = time.monotonic()
        jobs = Past(app, clock, deeds).tell(now, _Bar("the weeks before", stop))
        span = "week" if weeks == 1 else f"{weeks} weeks"
        print(f"{jobs:,} jobs of the last {span} in {time.monotonic() - begun:.0f} s")


class _Over(Exception):
    """It was told to stop before it had begun."""


class _Bar:
    """Says how far something is: in its place on a terminal, and not at all elsewhere."""

    def __init__(self, what: str, stop: threading.Event) -> None:
        self._what = what
        self._stop = stop
        self._shown = -1

    def __call__(self, share: float) -> None:
        if self._stop.is_set():
            raise _Over
        percent = int(share * 100)
        if percent > self._shown and sys.stdout.isatty():
            self._shown = percent
            print(f"\r{self._what}: {percent} %", end="\r", flush=True)


def _greet(
    at: str,
    stages: Sequence[Stage],
    logins: Sequence[Login],
    pids: Mapping[str, int],
    folder: Path,
) -> None:
    """Say where to look, who may, and what there is to try."""
    print(f"\nThe dashboard is at {at} until Ctrl-C. Log in as")
    for login in logins:
        print(f"  {login.name:<16} {login.password:<14} {login.about}")
    print("\nWhat the applications serve themselves:")
    for stage in stages:
        print(f"  {at}/{stage.name:<12} {stage.title}: {stage.about}")
    workers = ", ".join(f"{name} {pid}" for name, pid in pids.items())
    print(f"\nWorkers: {workers}; what they say is in {folder}")
    victim, pid = next(iter(pids.items()))
    print(f"Try it: kill -9 {pid}, and see what becomes of the jobs of {victim}.", flush=True)


def _live(casts: Sequence[Cast], stop: threading.Event) -> None:
    """Have things happen, in one application after the other, until told to stop."""
    number = 0
    while not stop.wait(_EVERY):
        cast = casts[number % len(casts)]
        try:
            cast.tick(number // len(casts))
        except Exception as error:  # noqa: BLE001 - the others live on, and it is told
            print(f"{cast.app.client.tenant}: {error}", file=sys.stderr, flush=True)
        number += 1


if __name__ == "__main__":
    sys.exit(main())
