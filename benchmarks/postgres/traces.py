"""What jobs leave behind in the server: bytes of write-ahead log, and the size of the hot table."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.harness import Meter, Sample, until
from benchmarks.machine import MEGABYTE
from benchmarks.ours import app, drained, fill, workers
from benchmarks.scale import Scale

AT_ONCE: Final = 20_000
"""Jobs in line at most: the table is to hold what is unfinished, not what was ever stored."""

_POSITION: Final = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"


def marathon(_: Path, scale: Scale) -> Sample:
    """A worker runs very many jobs, stored by thousands: bytes of log for a job, and megabytes."""

    def run(jobs: int) -> None:
        fill(jobs)
        until(drained, "a part of the jobs has ended")

    with app, workers(1) as pids:
        return traces_of(run, "tidemill.job", scale, *pids)


def traces_of(run: Callable[[int], None], table: str, scale: Scale, *pids: int) -> Sample:
    """What jobs leave behind that `run` stores and works off, so many at a time.

    Args:
        table: of what is unfinished.
        pids: of the processes that work them off; none: this one.
    """
    jobs = sizes = 0
    with psycopg.connect(os.environ["TIDEMILL_URL"], autocommit=True) as link:

        def ask(question: str) -> int:
            ((answer,),) = link.execute(question.encode()).fetchall()
            return int(answer)

        begun = ask(_POSITION)
        with Meter(*pids) as meter:
            while jobs < scale.marathon:
                run(AT_ONCE)
                jobs += AT_ONCE
                sizes = max(sizes, ask(f"SELECT pg_total_relation_size('{table}')"))
        logged = ask(_POSITION) - begun
    return meter.sample(jobs, **{"WAL": logged / jobs, "hot table MB, most": sizes / MEGABYTE})
