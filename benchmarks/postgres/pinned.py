"""What a reader of an old snapshot costs: no row that has died since it began can be removed.

Jobs are offered evenly for a while and worked off by one worker. In the end a queue is filled and
emptied, too, while the reader is still there: that tells how much it has slowed the store.
"""

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import psycopg
from msgspec import Struct

from benchmarks.harness import Meter, Sample, quantile, until
from benchmarks.machine import MEGABYTE
from benchmarks.ours import BULK, PAYLOAD, QUEUE, app, drained, fill, look_at_clock, workers
from benchmarks.scale import Scale
from tidemill import Job

OFFERED: Final = 2_000
"""Jobs a second."""

BEAT: Final = 0.01
AT_ONCE: Final = round(OFFERED * BEAT)

WATCHED: Final = 5
"""Of so many beats, one job is asked when it was started."""

LATE: Final = 0.2
"""Share of the time, its last, that latency is measured in: what piles up is felt in the end."""

_SIZE: Final = "SELECT pg_total_relation_size('tidemill.job')"
_DEAD: Final = "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = 'tidemill.job'::regclass"


class Watched(Struct):
    """A job that is asked when it was started, and when it should have been stored."""

    job: Job[Any]
    offered: float


def without_reader(_: Path, scale: Scale) -> Sample:
    """Nobody reads."""
    return _measure(nullcontext(), scale)


def with_reader(_: Path, scale: Scale) -> Sample:
    """One transaction stays open from before the first job to the end."""
    return _measure(_reader(), scale)


@contextmanager
def _reader() -> Iterator[None]:
    """Sees the store as it was when it looked first."""
    with psycopg.connect(os.environ["TIDEMILL_URL"]) as link:
        link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        link.execute("SELECT count(*) FROM tidemill.job")
        yield


def _measure(reader: AbstractContextManager[None], scale: Scale) -> Sample:
    with app, workers(1) as pids:
        fill(BULK)
        until(drained, "the worker is warm")
        with reader:
            begun = time.monotonic()
            with Meter(*pids) as meter:
                watched = _offer(60 * scale.pinned_minutes)
                until(drained, "what was offered has ended", every=0.05)
            size, dead = _ask(_SIZE) / MEGABYTE, _ask(_DEAD)
            drain = _drain(scale.peer_backlog)
        jobs = round(60 * scale.pinned_minutes / BEAT) * AT_ONCE
        late = begun + 60 * scale.pinned_minutes * (1 - LATE)
        waits = [_wait(each) for each in watched if each.offered >= late]
        return meter.sample(
            jobs,
            rate=jobs / meter.seconds,
            p50=quantile(waits, 0.5),
            p99=quantile(waits, 0.99),
            drain=drain,
            **{"hot table MB": size, "dead rows": dead},
        )


def _offer(seconds: float) -> list[Watched]:
    """Store jobs on the beat; where a beat is missed, its jobs are late from then on."""
    watched = []
    begun = time.monotonic()
    for beat in range(round(seconds / BEAT)):
        due = begun + beat * BEAT
        time.sleep(max(due - time.monotonic(), 0))
        jobs = app.enqueue_many(look_at_clock.bind(PAYLOAD) for _ in range(AT_ONCE))
        if beat % WATCHED == 0:
            watched.append(Watched(jobs[-1], due))
    return watched


def _wait(watched: Watched) -> float:
    """Milliseconds from when a job should have been stored to its start."""
    return 1_000 * (float(watched.job.result()) / 1e9 - watched.offered)


def _drain(jobs: int) -> float:
    """Jobs per second out of a full queue."""
    app.queues.pause(QUEUE)
    fill(jobs)
    begun = time.perf_counter()
    app.queues.resume(QUEUE)
    until(drained, "the queue is empty")
    return jobs / (time.perf_counter() - begun)


def _ask(question: str) -> float:
    with psycopg.connect(os.environ["TIDEMILL_URL"]) as link:
        ((answer,),) = link.execute(question.encode()).fetchall()
        return float(answer)
