"""An application of `examples/` run by its one command, as a user runs it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from tests.house.source import ROOT
from tests.journeys.crowd import until

_BEGINS: Final = 120.0
"""Seconds until it has said where it is."""
_ENDS: Final = 40.0


class Command:
    """A command that runs.

    Attributes:
        process: of it.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", said: Path) -> None:
        self.process = process
        self._said = said

    @property
    def said(self) -> str:
        """All that it has said so far."""
        return self._said.read_text()

    def find(self, pattern: str) -> str:
        """What stands in the first group of a pattern, once it has said so."""

        def begun() -> bool:
            assert self.process.poll() is None, self.said
            return re.search(pattern, self.said) is not None

        until(begun, seconds=_BEGINS, what=f"it says {pattern}")
        found = re.search(pattern, self.said)
        assert found is not None
        return found[1]

    def end(self) -> None:
        """Press Ctrl-C, and see to it that it ends well and leaves nothing behind."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(_ENDS) == 0, self.said
        assert self.said.endswith("Everything has ended.\n")
        assert not [each for each in children if each.is_running()]


@contextmanager
def commanded(
    application: str, folder: Path, *arguments: str, **environment: str
) -> Iterator[Command]:
    """Run an application until the block ends.

    Args:
        application: the folder of it in `examples/`.
        folder: where it keeps all, and what it says.
        arguments: of its command, besides the folder.
        environment: variables that it is given.
    """
    module = f"examples.{application}"
    said = folder / "said"
    with (
        said.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", module, "--folder", str(folder / "data"), *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield Command(process, said)
        finally:
            process.kill()
