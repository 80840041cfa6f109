"""A program that enqueues from its main thread and from eight others, and outlives Ctrl-C."""

import sys
import threading
from contextlib import suppress

from tidemill import Tidemill
from tidemill.core.errors import StoreUnavailable

THREADS = 8

app = Tidemill()


@app.task
def note(number: int) -> None:
    """Never run; only stored."""


def enqueue_on(over: threading.Event, stored: list[int]) -> None:
    """Enqueue until told to stop; a write may be lost to the interruption, but says so."""
    while not over.is_set():
        with suppress(StoreUnavailable):
            note.enqueue(len(stored))
            stored.append(1)


def main(interruptions: int) -> None:
    """Be interrupted so many times, then end in order and say how many jobs are stored."""
    over = threading.Event()
    stored: list[list[int]] = [[] for _ in range(THREADS)]
    with app:
        threads = [threading.Thread(target=enqueue_on, args=(over, mine)) for mine in stored]
        for thread in threads:
            thread.start()
        for _ in range(interruptions):
            try:
                sys.stdout.write("ready\n")
                sys.stdout.flush()
                while True:
                    note.enqueue(0)
            except KeyboardInterrupt:
                continue
        over.set()
        for thread in threads:
            thread.join()
    sys.stdout.write(f"over {sum(map(len, stored))}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
