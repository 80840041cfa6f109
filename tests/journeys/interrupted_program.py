"""A program that is interrupted again and again while its threads share their commits."""

import random
import signal
import sys
import threading
from contextlib import suppress

from tidemill import Tidemill
from tidemill.core.errors import StoreUnavailable

THREADS = 8
LONGEST = 0.0005
"""Seconds until an interruption at most: about what a few commits take."""

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


def be_interrupted(dice: random.Random) -> None:
    """Enqueue until a signal comes, wherever that is: waiting, writing for all, or between two."""
    try:
        signal.setitimer(signal.ITIMER_REAL, dice.uniform(1e-6, LONGEST))
        while True:
            with suppress(StoreUnavailable):
                note.enqueue(0)
    except KeyboardInterrupt:
        return


def main(interruptions: int) -> None:
    """Be interrupted so many times, then end in order and say how many jobs are stored."""
    # As Ctrl-C does, but at moments that nobody's reaction makes regular.
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    dice = random.Random(interruptions)
    over = threading.Event()
    stored: list[list[int]] = [[] for _ in range(THREADS)]
    with app:
        threads = [threading.Thread(target=enqueue_on, args=(over, mine)) for mine in stored]
        for thread in threads:
            thread.start()
        for _ in range(interruptions):
            be_interrupted(dice)
        over.set()
        for thread in threads:
            thread.join()
    sys.stdout.write(f"over {sum(map(len, stored))}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
