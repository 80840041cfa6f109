"""What SQLite allows, with no job system around it: the limit that ours is compared with.

A row has what a queue cannot do without: an id that is unique, three partial indexes for the line,
the due and the held, and 200 bytes of arguments. A claim writes fence and worker; finishing checks
them and moves the row to history with a result of 100 bytes. Every commit waits for the disk.
"""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.harness import Meter, Sample, idle, quantile
from benchmarks.scale import Scale
from tidemill.core.identity import new_id

PAYLOAD: Final = b'{"payload":"%s"}' % (b"x" * 200)
RESULT: Final = b'"%s"' % (b"r" * 98)
WARM_UP: Final = 10_000
"""Rows stored before the clock starts: by then the log is as long as it gets, and written anew."""

BULK: Final = 1_000
LOT: Final = 100
WORKER: Final = 1

SCHEMA: Final = """
CREATE TABLE job (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, task TEXT NOT NULL, queue TEXT NOT NULL,
    state TEXT NOT NULL, rank INTEGER NOT NULL, ready_at INTEGER NOT NULL,
    fence INTEGER NOT NULL DEFAULT 0, worker INTEGER, args BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX job_id ON job (id);
CREATE INDEX job_line ON job (queue, rank, ready_at) WHERE state = 'waiting';
CREATE INDEX job_due ON job (ready_at) WHERE state = 'scheduled';
CREATE INDEX job_held ON job (worker) WHERE state = 'running';
CREATE TABLE done (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, task TEXT NOT NULL, queue TEXT NOT NULL,
    fence INTEGER NOT NULL, worker INTEGER NOT NULL, finished_at INTEGER NOT NULL,
    args BLOB NOT NULL, result BLOB NOT NULL
) STRICT;
"""

INSERT: Final = """
INSERT INTO job (id, task, queue, state, rank, ready_at, args)
VALUES (?, 'nothing', 'bench', 'waiting', 0, ?, ?)
"""
CLAIM: Final = """
UPDATE job SET state = 'running', fence = ?, worker = ? WHERE seq IN (
    SELECT seq FROM job INDEXED BY job_line WHERE queue = 'bench' AND state = 'waiting'
    ORDER BY rank, ready_at LIMIT ?
) RETURNING seq, id, args
"""
FINISH: Final = """
INSERT INTO done
SELECT seq, id, task, queue, fence, worker, ?, args, ? FROM job
WHERE seq = ? AND fence = ? AND worker = ?
"""
FORGET: Final = "DELETE FROM job WHERE seq IN (SELECT value FROM json_each(?)) AND fence = ?"


def connect(folder: Path) -> sqlite3.Connection:
    """Make a store in the folder and open it with the durability that ours has."""
    link = sqlite3.connect(folder / "raw.db", isolation_level=None, cached_statements=256)
    link.execute("PRAGMA journal_mode = WAL")
    link.execute("PRAGMA synchronous = FULL")
    link.execute("PRAGMA cache_size = -32768")
    link.execute("PRAGMA wal_autocheckpoint = 2000")
    link.executescript(SCHEMA)
    return link


def enqueue_singly(folder: Path, scale: Scale) -> Sample:
    """One row, one commit."""
    link = connect(folder)
    _fill(link, WARM_UP)
    rows = 0
    with Meter() as meter:
        end = time.perf_counter() + scale.seconds
        while time.perf_counter() < end:
            link.execute(INSERT, _row())
            rows += 1
    return meter.rate(rows)


def enqueue_in_bulk(folder: Path, scale: Scale) -> Sample:
    """A thousand rows, one commit."""
    link = connect(folder)
    _fill(link, WARM_UP)
    rows = 0
    with Meter() as meter:
        end = time.perf_counter() + scale.seconds
        while time.perf_counter() < end:
            _insert_many(link, BULK)
            rows += BULK
    return meter.rate(rows)


def commit_when_idle(folder: Path, scale: Scale) -> Sample:
    """One row, one commit, after a while without any: milliseconds."""
    link = connect(folder)
    _fill(link, WARM_UP)
    times = []
    with Meter() as meter:
        for _ in range(scale.pickups):
            idle()
            begun = time.perf_counter()
            link.execute(INSERT, _row())
            times.append(1_000 * (time.perf_counter() - begun))
    return meter.sample(scale.pickups, p50=quantile(times, 0.5), p99=quantile(times, 0.99))


def drain(folder: Path, scale: Scale) -> Sample:
    """Claim a hundred in one commit, finish them in another, until none is left."""
    link = connect(folder)
    _fill(link, BULK + scale.backlog)
    fence = done = 0
    while done < BULK:
        fence += 1
        done += _cycle(link, fence)
    jobs = 0
    with Meter() as meter:
        while lot := _cycle(link, fence := fence + 1):
            jobs += lot
    return meter.rate(jobs)


def _row() -> Sequence[Any]:
    return new_id(), time.time_ns() // 1_000_000, PAYLOAD


def _fill(link: sqlite3.Connection, rows: int) -> None:
    for _ in range(rows // BULK):
        _insert_many(link, BULK)


def _insert_many(link: sqlite3.Connection, rows: int) -> None:
    link.execute("BEGIN IMMEDIATE")
    link.executemany(INSERT, [_row() for _ in range(rows)])
    link.execute("COMMIT")


def _cycle(link: sqlite3.Connection, fence: int) -> int:
    link.execute("BEGIN IMMEDIATE")
    held = link.execute(CLAIM, (fence, WORKER, LOT)).fetchall()
    link.execute("COMMIT")
    now = time.time_ns() // 1_000_000
    seqs = [seq for seq, _, _ in held]
    link.execute("BEGIN IMMEDIATE")
    link.executemany(FINISH, [(now, RESULT, seq, fence, WORKER) for seq in seqs])
    link.execute(FORGET, (msgspec.json.encode(seqs).decode(), fence))
    link.execute("COMMIT")
    return len(held)
