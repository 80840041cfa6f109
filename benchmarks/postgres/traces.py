"""What jobs leave behind in the server: bytes of write-ahead log, and the size of the hot table."""

import os
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
_HOT: Final = "SELECT pg_total_relation_size('tidemill.job')"


def marathon(_: Path, scale: Scale) -> Sample:
    """A worker runs very many jobs, stored by thousands: bytes of log for a job, and megabytes."""
    jobs = sizes = 0
    with app, workers(1), psycopg.connect(os.environ["TIDEMILL_URL"], autocommit=True) as link:

        def ask(question: str) -> int:
            ((answer,),) = link.execute(question.encode()).fetchall()
            return int(answer)

        begun = ask(_POSITION)
        with Meter() as meter:
            while jobs < scale.marathon:
                fill(AT_ONCE)
                jobs += AT_ONCE
                until(drained, "a part of the jobs has ended")
                sizes = max(sizes, ask(_HOT))
        logged = ask(_POSITION) - begun
        return meter.sample(jobs, **{"WAL": logged / jobs, "hot table MB, most": sizes / MEGABYTE})
