"""What ours has to reach on PostgreSQL."""

from typing import Final

import msgspec

from benchmarks import claimers, everywhere, ours
from benchmarks.contest import CPU, Contest, at_least, at_most, none_of
from benchmarks.harness import Subject
from benchmarks.postgres import (
    chancy_peer,
    dbos_peer,
    node_peers,
    pgqueuer_peer,
    pinned,
    procrastinate_peer,
    raw,
    saq_peer,
    traces,
)
from benchmarks.scale import FULL

ON: Final = "synchronous_commit=on"
RESULTS: Final = f"{ON}, history, results"
SOME_RESULTS: Final = f"{ON}, results for 10 minutes"
NO_RESULTS: Final = f"{ON}, no results"
DELETED: Final = f"{ON}, no history, no results"

PYTHON_PEERS: Final = ("pgqueuer", "chancy", "procrastinate", "saq", "dbos")

ENQUEUE: Final = Contest(
    name="enqueue",
    about="Enqueue one job at a time",
    unit="jobs/s",
    subjects=(
        Subject(name="raw", promises=ON, work=raw.enqueue_singly),
        Subject(name="raw, 16 connections", promises=ON, work=raw.enqueue_from_connections),
        Subject(name="tidemill", promises=ON, work=ours.enqueue_singly),
        Subject(name="tidemill, 16 threads", promises=ON, work=ours.enqueue_from_threads),
        Subject(name="tidemill, 16 tasks", promises=ON, work=ours.enqueue_from_tasks),
        Subject(name="pgqueuer", promises=ON, work=pgqueuer_peer.enqueue),
        Subject(name="procrastinate", promises=ON, work=procrastinate_peer.enqueue),
        Subject(name="dbos", promises=ON, work=dbos_peer.enqueue),
        Subject(name="graphile-worker", promises=ON, work=node_peers.graphile_enqueue),
        Subject(name="bullmq", promises=ON, work=node_peers.bullmq_enqueue),
    ),
    bars=(at_least(0.8, "tidemill", "raw"),),
)

BULK: Final = Contest(
    name="bulk",
    about="Enqueue many jobs at a time",
    unit="jobs/s",
    subjects=(
        Subject(name="raw unnest", promises=ON, work=raw.enqueue_by_unnest),
        Subject(name="raw COPY", promises=ON, work=raw.enqueue_by_copy),
        Subject(name="tidemill", promises=ON, work=ours.enqueue_in_bulk),
        Subject(name="tidemill, 10,000", promises=ON, work=ours.enqueue_in_large_bulk),
        Subject(name="pgqueuer", promises=ON, work=pgqueuer_peer.enqueue_in_bulk),
        Subject(name="graphile-worker", promises=ON, work=node_peers.graphile_in_bulk),
        Subject(name="bullmq", promises=ON, work=node_peers.bullmq_in_bulk),
    ),
    bars=(
        at_least(0.5, "tidemill", "raw unnest"),
        at_least(0.5, "tidemill, 10,000", "raw COPY"),
    ),
)

DRAIN: Final = Contest(
    name="drain",
    about="Empty a full queue",
    unit="jobs/s",
    subjects=(
        Subject(name="raw", promises=RESULTS, work=raw.drain),
        Subject(name="raw, by turns", promises=RESULTS, work=raw.drain_by_turns),
        Subject(name="tidemill", promises=RESULTS, work=ours.drain),
        Subject(name="tidemill, 2 workers", promises=RESULTS, work=ours.drain_by_two),
        Subject(name="tidemill, a tenth limited", promises=RESULTS, work=ours.drain_limited),
        Subject(name="pgqueuer", promises=NO_RESULTS, work=pgqueuer_peer.drain),
        Subject(name="chancy", promises=NO_RESULTS, work=chancy_peer.drain),
        Subject(name="procrastinate", promises=NO_RESULTS, work=procrastinate_peer.drain),
        Subject(name="saq", promises=SOME_RESULTS, work=saq_peer.drain),
        Subject(name="dbos", promises=RESULTS, work=dbos_peer.drain),
        Subject(name="graphile-worker", promises=DELETED, work=node_peers.graphile_drain),
        Subject(
            name="graphile-worker, batched",
            promises=DELETED,
            work=node_peers.graphile_drain_batched,
        ),
        Subject(name="bullmq", promises=RESULTS, work=node_peers.bullmq_drain),
    ),
    bars=(
        at_least(0.4, "tidemill", "raw"),
        *(at_least(1.3, "tidemill", peer) for peer in PYTHON_PEERS),
        # The fastest on Node that keeps results.
        at_least(1, "tidemill", "bullmq"),
        at_least(1.5, "tidemill, 2 workers", "tidemill"),
        at_least(0.5, "tidemill, a tenth limited", "tidemill"),
        at_most(0.6, "tidemill", figure=CPU),
    ),
)

PICK_UP: Final = Contest(
    name="pick-up",
    about="From enqueue to the handler's start, idle system",
    unit="ms",
    subjects=(
        Subject(name="one raw commit", promises=ON, work=raw.commit_when_idle),
        Subject(name="across processes", promises=ON, work=ours.pick_up_there),
        Subject(
            name="wake_window=0", promises=ON, work=ours.pick_up_there, options="?wake_window=0"
        ),
    ),
    bars=(
        at_most(8, "across processes", figure="p50"),
        at_most(50, "across processes", figure="p99"),
        at_most(4, "wake_window=0", figure="p50"),
    ),
)

TRACES: Final = Contest(
    name="traces",
    about="What a job leaves in the server's log and tables",
    unit="bytes",
    subjects=(
        Subject(name="raw", promises=RESULTS, work=raw.marathon),
        Subject(name="tidemill", promises=RESULTS, work=traces.marathon),
    ),
    bars=(at_most(100, "tidemill", figure="hot table MB, most"),),
    most_rounds=2,
)

LIMITS: Final = Contest(
    name="limits",
    about="Sixteen processes claim from one line",
    unit="jobs/s",
    subjects=(
        Subject(name="plain", promises=RESULTS, work=claimers.drain_plain, options="?patience=60s"),
        Subject(
            name="a tenth limited",
            promises=RESULTS,
            work=claimers.drain_limited,
            options="?patience=60s",
        ),
    ),
    bars=(
        at_least(0.5, "a tenth limited", "plain"),
        none_of("violations", "a tenth limited"),
        *(
            none_of(figure, subject)
            for subject in ("plain", "a tenth limited")
            for figure in ("run twice", "not run")
        ),
    ),
)

PINNED: Final = Contest(
    name="pinned",
    about="2,000 jobs a second while an old snapshot is read from",
    unit="jobs/s",
    subjects=(
        Subject(name="no reader", promises=RESULTS, work=pinned.without_reader),
        Subject(name="a reader", promises=RESULTS, work=pinned.with_reader),
    ),
    bars=(
        at_least(0.8, "a reader", "no reader"),
        at_most(1.2, "a reader", of="no reader", figure="p50"),
        at_least(0.8, "a reader", "no reader", figure="drain"),
    ),
    most_rounds=1,
)

CONTESTS: Final = (
    ENQUEUE,
    BULK,
    DRAIN,
    LIMITS,
    PICK_UP,
    everywhere.claim(ON),
    everywhere.page(ON),
    PINNED,
    TRACES,
    everywhere.memory(RESULTS),
    everywhere.growth(RESULTS, most_rounds=2),
    everywhere.webhooks(ON),
)

SIZES: Final = msgspec.structs.replace(FULL, history=10_000_000, marathon=2_000_000)
"""Larger than elsewhere: what wears PostgreSQL out is what has died in its tables."""
