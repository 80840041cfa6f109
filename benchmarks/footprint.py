"""What ours takes of the machine: memory at rest, memory over a long time, time to import."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.harness import Meter, Sample, until
from benchmarks.machine import memory_of
from benchmarks.ours import drained, fill, workers
from benchmarks.scale import Scale

SETTLED: Final = 5.0
"""Seconds after which a worker that has nothing to do has become quiet."""

_NO_BYTECODE: Final = "PYTHONDONTWRITEBYTECODE"

IMPORT: Final = """
import time
begun = time.perf_counter()
import tidemill
print(time.perf_counter() - begun)
"""


def idle(_: Path, __: Scale) -> Sample:
    """A worker process that has nothing to do: megabytes."""
    with workers(1) as (pid,):
        time.sleep(SETTLED)
        return Sample(figures={"rss": memory_of(pid)})


def import_tidemill(_: Path, __: Scale) -> Sample:
    """`import tidemill` in a fresh interpreter: milliseconds."""
    _import()  # the first one may have to compile
    return Sample(figures={"ms": 1_000 * _import()})


def marathon(_: Path, scale: Scale) -> Sample:
    """One worker runs very many jobs: megabytes that it grows by in their second half."""
    half = scale.marathon // 2
    with workers(1) as (pid,):
        with Meter(pid) as meter:
            fill(half)
            until(drained, "the first half is done")
            before = memory_of(pid)
            fill(half)
            until(drained, "the second half is done")
        return meter.sample(2 * half, growth=memory_of(pid) - before)


def _import() -> float:
    # Compiled beforehand, as pip leaves a package that it installs, whatever this shell forbids.
    settings = {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
    program = [sys.executable, "-c", IMPORT]
    done = subprocess.run(program, env=settings, capture_output=True, check=True)
    return float(done.stdout)
