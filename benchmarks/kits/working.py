"""A worker process for an application of a benchmark's own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.harness import until
from tidemill import Tidemill


@contextmanager
def worker(app: Tidemill, module: str, variables: Mapping[str, str]) -> Iterator[int]:
    """One worker process as a user starts it; the body is given its pid once it is there.

    Args:
        app: the same application, as this process has it.
        module: where it is, under the name `app`.
        variables: of the worker's environment, besides this one's.
    """
    command = [sys.executable, "-m", "tidemill", "worker", "--app", f"{module}:app"]
    env = {**os.environ, **variables}
    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: bool(app.jobs.workers()), "the worker holds its lease")
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
