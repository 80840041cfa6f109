"""An application on a file, and a worker process for it, for tests that kill workers."""

import logging
import os
import sys
from pathlib import Path

from tidemill import Tidemill
from tidemill.worker.worker import Worker

app = Tidemill(os.environ.get("TIDEMILL_URL", "memory://"))


@app.task
def holds(fifo: str, turn: str) -> str:
    """Says its pid, then waits for a word; only the first worker to run it waits for ever."""
    first = Path(turn)
    if first.exists():
        return f"second {os.getpid()}"
    first.touch()
    Path(fifo).write_text(str(os.getpid()))
    while True:
        pass


@app.task
def quick() -> int:
    return os.getpid()


def main() -> int:
    logging.basicConfig(level=logging.INFO)
    grace = sys.argv[1] if len(sys.argv) > 1 else "1s"
    return Worker(app.open(), app.registry, grace=grace, poll="100ms").run_blocking()


if __name__ == "__main__":
    sys.exit(main())
