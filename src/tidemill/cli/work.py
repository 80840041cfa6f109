"""`tidemill worker`: one worker in this process, or a crew of processes."""

import logging
import os
import signal
import sys
from collections.abc import Sequence

from tidemill.app import Tidemill
from tidemill.loops.clock import SystemClock
from tidemill.tasks.discovery import load
from tidemill.upkeep.rescuer import Rescuer
from tidemill.worker.crew import Crew
from tidemill.worker.orphan import CREW_VARIABLE, die_with_parent


def work(
    reference: str, *, queues: Sequence[str], concurrency: int, processes: int, grace: str
) -> int:
    """Run until told to stop; answer the exit code.

    Args:
        reference: names the application, here and in every process that is started.
        queues: take jobs from these; none: from all.
        concurrency: jobs that hold a thread, at once in one process.
        processes: how many; more than one are kept by a crew.
        grace: how long running jobs may take to end.

    Raises:
        InvalidOption: the application cannot be found, or an option makes no sense.
        StoreError: the store cannot be used.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
    )
    with load(reference, Tidemill) as app:
        worker = app.worker(
            queues=queues or None, concurrency=concurrency, grace=grace, app_ref=reference
        )
        if processes == 1:
            return worker.run_blocking()
        command = [sys.executable, "-m", "tidemill", "worker", "--app", reference]
        command += ["--concurrency", str(concurrency), "--grace", grace]
        if queues:
            command += ["--queues", ",".join(queues)]
        return _crew(app, command, processes, grace)


def _crew(app: Tidemill, command: Sequence[str], processes: int, grace: str) -> int:
    if parent := os.environ.pop(CREW_VARIABLE, None):
        die_with_parent(int(parent), signal.SIGTERM)
    engine, clock = app.open(), SystemClock()
    rescue = Rescuer(engine, clock).run_once
    return Crew(engine, clock, command, processes, rescue=rescue, grace=grace).run_blocking()
