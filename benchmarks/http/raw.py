"""What the framework allows: the same body read, checked and answered, and nothing done."""

import sys
from pathlib import Path

from benchmarks.harness import Sample
from benchmarks.http.serving import enqueue_at, served
from benchmarks.scale import Scale


def enqueue(folder: Path, scale: Scale) -> Sample:
    """The same body to an application that does nothing with it."""
    command = ["-m", "uvicorn", "benchmarks.http.bare:app", "--port", "0", "--no-access-log"]
    with served(folder, [sys.executable, *command]) as (pid, url):
        return enqueue_at(pid, url, "", scale)
