"""What ours has to reach on SQLite."""

from typing import Final

from benchmarks import everywhere, footprint, kits, ours
from benchmarks.contest import Contest, at_least, at_most
from benchmarks.harness import Subject
from benchmarks.sqlite import huey_peer, raw

FULL: Final = "synchronous=FULL"
OFF: Final = "synchronous=OFF"

ENQUEUE: Final = Contest(
    name="enqueue",
    about="Enqueue one job at a time",
    unit="jobs/s",
    subjects=(
        Subject(name="raw", promises=FULL, work=raw.enqueue_singly),
        Subject(name="tidemill", promises=FULL, work=ours.enqueue_singly),
        Subject(name="tidemill, 16 threads", promises=FULL, work=ours.enqueue_from_threads),
        Subject(name="tidemill, 16 tasks", promises=FULL, work=ours.enqueue_from_tasks),
        Subject(name="huey", promises=FULL, work=huey_peer.enqueue),
    ),
    bars=(
        at_least(0.8, "tidemill", "raw"),
        at_least(4, "tidemill, 16 threads", "raw"),
        at_least(4, "tidemill, 16 tasks", "raw"),
    ),
)

BULK: Final = Contest(
    name="bulk",
    about="Enqueue a thousand jobs at a time",
    unit="jobs/s",
    subjects=(
        Subject(name="raw", promises=FULL, work=raw.enqueue_in_bulk),
        Subject(name="tidemill", promises=FULL, work=ours.enqueue_in_bulk),
    ),
    bars=(at_least(0.5, "tidemill", "raw"),),
)

DRAIN: Final = Contest(
    name="drain",
    about="Empty a full queue",
    unit="jobs/s",
    subjects=(
        Subject(name="raw", promises=FULL, work=raw.drain),
        Subject(name="tidemill", promises=f"{FULL}, results", work=ours.drain),
        Subject(name="tidemill, def", promises=f"{FULL}, results", work=ours.drain_threaded),
        Subject(name="tidemill, 4 workers", promises=f"{FULL}, results", work=ours.drain_by_four),
        Subject(name="huey", promises=f"{FULL}, loses on a crash", work=huey_peer.drain),
        Subject(
            name="huey without fsync",
            promises=f"{OFF}, loses on a crash",
            work=huey_peer.drain_without_fsync,
        ),
    ),
    bars=(
        at_least(0.4, "tidemill", "raw"),
        at_least(2, "tidemill", "huey without fsync"),
        at_least(7, "tidemill", "huey"),
        at_least(1, "tidemill, 4 workers", "tidemill"),
    ),
)

PICK_UP: Final = Contest(
    name="pick-up",
    about="From enqueue to the handler's start, idle system",
    unit="ms",
    subjects=(
        Subject(name="one raw commit", promises=FULL, work=raw.commit_when_idle),
        Subject(name="in one process", promises=FULL, work=ours.pick_up_here),
        Subject(name="across processes", promises=FULL, work=ours.pick_up_there),
    ),
    bars=(
        at_most(2, "in one process", figure="p50"),
        at_most(50, "in one process", figure="p99"),
        at_most(15, "across processes", figure="p50"),
        at_most(50, "across processes", figure="p99"),
    ),
)

IMPORT: Final = Contest(
    name="import",
    about="import tidemill",
    unit="ms",
    subjects=(Subject(name="tidemill", promises="", work=footprint.import_tidemill),),
    bars=(at_most(120, "tidemill"),),
)

CONTESTS: Final = (
    ENQUEUE,
    BULK,
    DRAIN,
    PICK_UP,
    everywhere.claim(FULL),
    everywhere.page(FULL),
    everywhere.memory(FULL),
    IMPORT,
    everywhere.growth(FULL),
    kits.report(FULL),
    kits.export(FULL),
    everywhere.webhooks(FULL),
)
