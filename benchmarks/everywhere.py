"""Contests that ask the same of every store: depth, pages, and what a worker takes."""

from benchmarks import depth, footprint
from benchmarks.contest import Bar, Contest, at_least, at_most
from benchmarks.harness import Subject
from benchmarks.webhooks import raw, work


def claim(promises: str) -> Contest:
    """Whether a claim cares what else is in the store."""
    stages = {
        "empty": depth.build_empty,
        "waiting": depth.build_waiting,
        "scheduled": depth.build_scheduled,
        "blocked": depth.build_blocked,
        "history": depth.build_history,
    }
    return Contest(
        name="claim",
        about="Claim a hundred jobs from a full store",
        unit="ms",
        subjects=tuple(
            Subject(name=name, promises=promises, work=depth.claim, stage=stage)
            for name, stage in stages.items()
        ),
        bars=tuple(at_most(1.5, name, of="empty") for name in stages if name != "empty"),
    )


def page(promises: str) -> Contest:
    """How long the pages of a dashboard take, each shape of filter by itself, too."""
    history = Subject(
        name="history", promises=promises, work=depth.page_of_history, stage=depth.build_history
    )
    return Contest(
        name="page",
        about="A filtered page out of a long history",
        unit="ms",
        subjects=(history,),
        bars=(
            at_most(150, "history", figure="p95"),
            *(at_most(150, "history", figure=depth.p95_of(shape)) for shape in depth.SHAPES),
        ),
    )


def memory(promises: str) -> Contest:
    """What a worker takes while it has nothing to do."""
    return Contest(
        name="memory",
        about="Memory of a worker at rest",
        unit="MB",
        subjects=(Subject(name="idle worker", promises=promises, work=footprint.idle),),
        bars=(at_most(50, "idle worker"),),
    )


def growth(promises: str, *, most_rounds: int | None = None) -> Contest:
    """Whether a worker grows as it works."""
    return Contest(
        name="growth",
        about="What a worker grows by in the second half of many jobs",
        unit="MB",
        subjects=(Subject(name="worker", promises=promises, work=footprint.marathon),),
        bars=(at_most(2, "worker"),),
        most_rounds=most_rounds,
    )


def webhooks(promises: str) -> Contest:
    """How fast one worker posts webhooks to a receiver that takes everything."""
    return Contest(
        name="webhooks",
        about="Post signed webhooks to a receiver on this machine, one worker",
        unit="posts/s",
        subjects=(
            Subject(name="bare httpx", promises="nothing is stored", work=raw.post),
            Subject(name="tidemill", promises=f"{promises}, results", work=work.post),
        ),
        bars=(
            Bar(subject="tidemill", sense="at least", limit=500),
            at_least(1, "tidemill", "bare httpx"),
        ),
    )
