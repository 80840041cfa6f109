"""What ours has to reach on SQLite."""

from typing import Final

from benchmarks import depth, footprint, ours
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

CLAIM: Final = Contest(
    name="claim",
    about="Claim a hundred jobs from a full store",
    unit="ms",
    subjects=(
        Subject(name="empty", promises=FULL, work=depth.claim, stage=depth.build_empty),
        Subject(name="waiting", promises=FULL, work=depth.claim, stage=depth.build_waiting),
        Subject(name="scheduled", promises=FULL, work=depth.claim, stage=depth.build_scheduled),
        Subject(name="blocked", promises=FULL, work=depth.claim, stage=depth.build_blocked),
        Subject(name="history", promises=FULL, work=depth.claim, stage=depth.build_history),
    ),
    bars=(
        at_most(1.5, "waiting", of="empty"),
        at_most(1.5, "scheduled", of="empty"),
        at_most(1.5, "blocked", of="empty"),
        at_most(1.5, "history", of="empty"),
    ),
)

PAGE: Final = Contest(
    name="page",
    about="A filtered page out of a long history",
    unit="ms",
    subjects=(
        Subject(
            name="history", promises=FULL, work=depth.page_of_history, stage=depth.build_history
        ),
    ),
    bars=(
        at_most(150, "history", figure="p95"),
        *(at_most(150, "history", figure=depth.p95_of(shape)) for shape in depth.SHAPES),
    ),
)

MEMORY: Final = Contest(
    name="memory",
    about="Memory of a worker at rest",
    unit="MB",
    subjects=(Subject(name="idle worker", promises=FULL, work=footprint.idle),),
    bars=(at_most(50, "idle worker"),),
)

IMPORT: Final = Contest(
    name="import",
    about="import tidemill",
    unit="ms",
    subjects=(Subject(name="tidemill", promises="", work=footprint.import_tidemill),),
    bars=(at_most(120, "tidemill"),),
)

GROWTH: Final = Contest(
    name="growth",
    about="What a worker grows by in the second half of many jobs",
    unit="MB",
    subjects=(Subject(name="worker", promises=FULL, work=footprint.marathon),),
    bars=(at_most(2, "worker"),),
)

CONTESTS: Final = (ENQUEUE, BULK, DRAIN, PICK_UP, CLAIM, PAGE, MEMORY, IMPORT, GROWTH)
