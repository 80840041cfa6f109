"""The peer: huey on SQLite, which pops a job and forgets it, without results, on one thread."""

import threading
import time
from pathlib import Path
from typing import Any, Final

from huey import SqliteHuey

from benchmarks.harness import Meter, Sample
from benchmarks.scale import Scale

PAYLOAD: Final = "x" * 200
WARM_UP: Final = 1_000


def enqueue(folder: Path, scale: Scale) -> Sample:
    """One job at a time, from one thread, as huey comes: every commit waits for the disk."""
    path = str(folder / "huey.db")
    _fill(SqliteHuey(filename=path, fsync=False), _nothing, WARM_UP)
    nothing = SqliteHuey(filename=path).task(name="nothing")(_nothing)
    jobs = 0
    with Meter() as meter:
        end = time.perf_counter() + scale.seconds
        while time.perf_counter() < end:
            nothing(PAYLOAD)
            jobs += 1
    return meter.rate(jobs)


def drain(folder: Path, scale: Scale) -> Sample:
    """As huey comes: every pop waits for the disk."""
    return _drain(folder, scale, fsync=True)


def drain_without_fsync(folder: Path, scale: Scale) -> Sample:
    """As huey is fastest: no pop ever waits for the disk."""
    return _drain(folder, scale, fsync=False)


def _nothing(_: str) -> None:
    """Do nothing; `None` is not stored as a result."""


def _drain(folder: Path, scale: Scale, *, fsync: bool) -> Sample:
    """Empty a full queue with a consumer of one thread, which is huey's own number."""
    path = str(folder / "huey.db")
    left = scale.peer_backlog + WARM_UP
    warm, empty = threading.Event(), threading.Event()

    def count_down(_: str) -> None:
        nonlocal left
        left -= 1
        if left == scale.peer_backlog:
            warm.set()
        elif not left:
            empty.set()

    _fill(SqliteHuey(filename=path, fsync=False), count_down, left)
    huey = SqliteHuey(filename=path, fsync=fsync)
    huey.task(name="nothing")(count_down)
    consumer = huey.create_consumer()
    consumer.start()
    warm.wait()
    with Meter() as meter:
        empty.wait()
    consumer.stop(graceful=True)
    return meter.rate(scale.peer_backlog)


def _fill(huey: Any, function: Any, jobs: int) -> None:
    """Put so many jobs in line, quickly: how long that takes is not the question here."""
    nothing = huey.task(name="nothing")(function)
    for _ in range(jobs):
        nothing(PAYLOAD)
