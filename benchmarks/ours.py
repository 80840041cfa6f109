"""Ours, as a user would write it: enqueue, drain, and how soon a job is picked up.

The application keeps its jobs where `TIDEMILL_URL` says, which the harness sets to a fresh folder.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.harness import Meter, Sample, idle, quantile, until
from benchmarks.scale import Scale
from tidemill import Concurrency, Tidemill
from tidemill.core.query import JobFilter
from tidemill.core.state import LIVE

QUEUE: Final = "bench"
PAYLOAD: Final = "x" * 200
RESULT: Final = "r" * 98
WARM_UP: Final = 10_000
"""Jobs stored before the clock starts, as many as raw."""

WRITERS: Final = 16
BULK: Final = 1_000
KEYS: Final = 50
AT_ONCE: Final = 2
"""Jobs of one key that may run at the same time."""

FIRST_PICK_UPS: Final = 20
LOOK_EVERY: Final = 0.02
"""Seconds between two looks whether a queue is empty: each look costs the store something, too."""


app = Tidemill()


@app.task(queue=QUEUE)
async def nothing(payload: str) -> str:
    """Do nothing, on the event loop."""
    return RESULT if payload else ""


@app.task(queue=QUEUE)
def nothing_threaded(payload: str) -> str:
    """Do nothing, on a thread."""
    return RESULT if payload else ""


@app.task(queue=QUEUE, concurrency=Concurrency(AT_ONCE, key="key:{number}"))
async def two_at_once(payload: str, number: int) -> str:
    """Do nothing, under the limit of one of many keys."""
    return RESULT if payload and number >= 0 else ""


@app.task(queue=QUEUE)
async def look_at_clock(payload: str = "") -> int:  # noqa: ARG001 - that it is sent is the point
    """Say when it was started, in nanoseconds of a clock that all processes share."""
    return time.monotonic_ns()


# --- Enqueue --------------------------------------------------------------------------------------


def enqueue_singly(_: Path, scale: Scale) -> Sample:
    """One job at a time, from one thread."""
    return _enqueue_from_threads(1, scale)


def enqueue_from_threads(_: Path, scale: Scale) -> Sample:
    """One job at a time, from sixteen threads."""
    return _enqueue_from_threads(WRITERS, scale)


def enqueue_from_tasks(_: Path, scale: Scale) -> Sample:
    """One job at a time, from sixteen asyncio tasks."""
    return asyncio.run(_enqueue_from_tasks(scale))


def enqueue_in_bulk(_: Path, scale: Scale) -> Sample:
    """A thousand jobs a call."""
    return _enqueue_in_bulk(BULK, scale)


def enqueue_in_large_bulk(_: Path, scale: Scale) -> Sample:
    """Ten thousand jobs a call."""
    return _enqueue_in_bulk(10 * BULK, scale)


def fill(jobs: int) -> None:
    """Put so many jobs in line."""
    app.enqueue_many(nothing.bind(PAYLOAD) for _ in range(jobs))


def fill_threaded(jobs: int) -> None:
    """Put so many jobs in line that each need a thread."""
    app.enqueue_many(nothing_threaded.bind(PAYLOAD) for _ in range(jobs))


def fill_limited(jobs: int) -> None:
    """Put so many jobs in line, every tenth of them under the limit of one of fifty keys."""
    app.enqueue_many(
        nothing.bind(PAYLOAD) if number % 10 else two_at_once.bind(PAYLOAD, number // 10 % KEYS)
        for number in range(jobs)
    )


def _enqueue_in_bulk(size: int, scale: Scale) -> Sample:
    fill(WARM_UP)
    jobs = 0
    with Meter() as meter:
        end = time.perf_counter() + scale.seconds
        while time.perf_counter() < end:
            fill(size)
            jobs += size
    return meter.rate(jobs)


def _enqueue_from_threads(threads: int, scale: Scale) -> Sample:
    counts: list[int] = []
    end = 0.0

    def write() -> None:
        count = 0
        while time.perf_counter() < end:
            nothing.enqueue(PAYLOAD)
            count += 1
        counts.append(count)

    fill(WARM_UP)
    writers = [threading.Thread(target=write) for _ in range(threads)]
    with Meter() as meter:
        end = time.perf_counter() + scale.seconds
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
    return meter.rate(sum(counts))


async def _enqueue_from_tasks(scale: Scale) -> Sample:
    async def write(end: float) -> int:
        count = 0
        while time.perf_counter() < end:
            await nothing.aenqueue(PAYLOAD)
            count += 1
        return count

    await app.aenqueue_many(nothing.bind(PAYLOAD) for _ in range(WARM_UP))
    with Meter() as meter:
        end = time.perf_counter() + scale.seconds
        counts = await asyncio.gather(*(write(end) for _ in range(WRITERS)))
    return meter.rate(sum(counts))


# --- Drain ----------------------------------------------------------------------------------------


@contextmanager
def workers(number: int) -> Iterator[list[int]]:
    """Worker processes as a user starts them; the body is given their pids once all are there."""
    with working(f"{__name__}:app", app, number) as pids:
        yield pids


@contextmanager
def working(named: str, app: Tidemill, number: int) -> Iterator[list[int]]:
    """Worker processes for an application that may be another one than ours."""
    # What they are compared with gives way to nobody.
    command = [sys.executable, "-m", "tidemill", "worker", "--app", named, "--nice", "0"]
    processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(number)]
    try:
        until(lambda: len(app.jobs.workers()) == number, "every worker holds its lease")
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait()


def drained() -> bool:
    """Whether every job has ended; the newest one that has not is found at once, or none is."""
    return not app.jobs.page(JobFilter(states=tuple(LIVE), queues=(QUEUE,)), limit=1).jobs


def drain(_: Path, scale: Scale) -> Sample:
    """One worker process, jobs on its event loop."""
    return _drain(fill, 1, scale)


def drain_threaded(_: Path, scale: Scale) -> Sample:
    """One worker process, jobs on its threads."""
    return _drain(fill_threaded, 1, scale)


def drain_by_two(_: Path, scale: Scale) -> Sample:
    """Two worker processes on one store."""
    return _drain(fill, 2, scale)


def drain_limited(_: Path, scale: Scale) -> Sample:
    """One worker process, a tenth of the jobs under a limit."""
    return _drain(fill_limited, 1, scale)


def drain_by_four(_: Path, scale: Scale) -> Sample:
    """Four worker processes on one store."""
    return _drain(fill, 4, scale)


def _drain(put: Callable[[int], None], number: int, scale: Scale) -> Sample:
    """Empty a queue that is filled while nobody may take from it."""
    with app, workers(number) as pids:
        put(BULK)
        until(drained, "the worker is warm")
        app.queues.pause(QUEUE)
        put(scale.backlog)
        with Meter(*pids) as meter:
            app.queues.resume(QUEUE)
            until(drained, "the queue is empty", every=LOOK_EVERY)
        return meter.rate(scale.backlog)


# --- Pick-up --------------------------------------------------------------------------------------


def pick_up_here(_: Path, scale: Scale) -> Sample:
    """From the return of `enqueue` to the start of the handler, all in one process."""
    with app:
        worker = app.worker(name=f"here:{os.getpid()}")
        thread = threading.Thread(target=lambda: asyncio.run(worker.run()))
        thread.start()
        try:
            until(lambda: bool(app.jobs.workers()), "the worker holds its lease")
            return _pick_ups(scale)
        finally:
            worker.stop()
            thread.join()


def pick_up_there(_: Path, scale: Scale) -> Sample:
    """The same, with the worker in another process."""
    with app, workers(1):
        return _pick_ups(scale)


def _pick_ups(scale: Scale) -> Sample:
    """Enqueue into an idle system, job by job; ask when they were started only in the end."""
    for _ in range(FIRST_PICK_UPS):
        look_at_clock.enqueue().result("60s")
    asked = []
    with Meter() as meter:
        for _ in range(scale.pickups):
            idle()
            job = look_at_clock.enqueue()
            asked.append((job, time.monotonic_ns()))
        until(drained, "every job has been picked up", every=0.1)
    waits = [max(job.result() - returned, 0) / 1e6 for job, returned in asked]
    return meter.sample(scale.pickups, p50=quantile(waits, 0.5), p99=quantile(waits, 0.99))
