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
def working(names: Sequence[str], url: str, folder: Path, address: str) -> Iterator[dict[str, int]]:
    """Have a worker for each of these, until the block ends; the block is given their pids.

    Args:
        names: of the applications.
        url: where jobs are kept.
        folder: of the demo.
        address: where all are served.
    """
    told = ["--url", url, "--folder", str(folder), "--address", address]
    processes = {name: _begin(name, told, folder / f"{name}.log") for name in names}
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


def _begin(name: str, told: Sequence[str], said: Path) -> "subprocess.Popen[bytes]":
    with said.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "examples.demo.worker", name, *told],
            # None of them outlives this process, and Ctrl-C is heard by this one alone.
            env=os.environ | {CREW_VARIABLE: str(os.getpid())},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
