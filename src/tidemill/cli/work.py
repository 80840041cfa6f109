"""`tidemill worker`: one worker in this process, or a crew of processes."""

import sys
from collections.abc import Sequence

from tidemill.app import Tidemill
from tidemill.loops.clock import SystemClock
from tidemill.upkeep.rescuer import Rescuer
from tidemill.worker.crew import Crew


def work(
    app: Tidemill,
    reference: str,
    *,
    queues: Sequence[str] | None,
    concurrency: int,
    processes: int,
    grace: str,
) -> int:
    """Run until told to stop; answer the exit code.

    Args:
        reference: how the application was named, for child processes to find it.
    """
    if processes == 1:
        worker = app.worker(queues=queues, concurrency=concurrency, grace=grace, app_ref=reference)
        return worker.run_blocking()
    command = [sys.executable, "-m", "tidemill", "worker", "--app", reference]
    command += ["--concurrency", str(concurrency), "--grace", grace]
    if queues:
        command += ["--queues", ",".join(queues)]
    engine, clock = app.open(), SystemClock()
    rescue = Rescuer(engine, clock).run_once
    return Crew(engine, clock, command, processes, rescue=rescue, grace=grace).run_blocking()
