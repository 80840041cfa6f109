"""Worker processes, one for each application, that end with the demo however it ends."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tidemill.worker.orphan import CREW_VARIABLE

_PARTING: Final = 15.0
"""Seconds that a worker has to finish what it is at."""


@contextmanager
def working(names: Sequence[str], url: str, folder: Path) -> Iterator[dict[str, int]]:
    """Have a worker for each of these, until the block ends; the block is given their pids."""
    processes = {name: _begin(name, url, folder) for name in names}
    try:
        yield {name: process.pid for name, process in processes.items()}
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            try:
                process.wait(_PARTING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _begin(name: str, url: str, folder: Path) -> "subprocess.Popen[bytes]":
    program = [sys.executable, "-m", "examples.demo.worker", name]
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own program
            [*program, "--url", url, "--folder", str(folder)],
            # None of them outlives this process, and Ctrl-C is heard by this one alone.
            env=os.environ | {CREW_VARIABLE: str(os.getpid())},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
