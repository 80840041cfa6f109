"""Statistics as they travel."""

from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field

from tidemill.api.shapes.queues import CountsOut
from tidemill.api.shapes.shape import At, In, Name, Out, Past, moment, seconds
from tidemill.client.statistics import Spread, Statistics, summarise
from tidemill.core.histogram import BOUNDS
from tidemill.core.query import Bucket, QueueCounts
from tidemill.core.state import State

Counts = Annotated[
    list[int],
    Field(
        description="How many of them took so long, in 24 bins. The last one has no end; the others"
        f" end before so many seconds: {', '.join(f'{bound / 1_000:g}' for bound in BOUNDS)}."
    ),
]


class StatisticsIn(In):
    """Which numbers are asked for."""

    since: Annotated[Past | None, Field(description="By default an hour ago.")] = None
    until: Past | None = None
    step: Literal["minute", "hour", "day"] = "minute"
    queue: Name | None = None
    task: Name | None = None
    tenant: Name | None = None


class SpreadOut(Out):
    """How long something took, in seconds; `null` where nothing was counted."""

    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None


class StretchOut(Out):
    """What ended in one stretch of time."""

    at: At
    endings: dict[str, int]
    success_rate: float | None
    wait: SpreadOut
    run: SpreadOut


class TaskFiguresOut(Out):
    """What ended of one task."""

    task: str
    endings: dict[str, int]
    success_rate: float | None
    run: SpreadOut


class QueueFiguresOut(Out):
    """What ended of one queue."""

    queue: str
    endings: dict[str, int]
    success_rate: float | None
    wait: SpreadOut
    run: SpreadOut


class StatisticsOut(Out):
    """What ended, in all, by stretches of time, by task and by queue; and what has not yet."""

    since: At
    until: At
    step: str
    endings: Annotated[dict[str, int], Field(description="Attempts by how they ended.")]
    success_rate: float | None
    wait: SpreadOut
    run: SpreadOut
    series: list[StretchOut]
    tasks: list[TaskFiguresOut]
    queues: list[QueueFiguresOut]
    live: CountsOut


class LiveOut(Out):
    """Jobs of one queue and task that are in one state now."""

    queue: str
    task: str
    state: State
    count: int
    oldest_at: Annotated[At, Field(description="Since when the first of them is in the line.")]


class LiveListOut(Out):
    """Jobs that are not finished, by queue, task and state."""

    live: list[LiveOut]


class BucketOut(Out):
    """Attempts of one queue, task and tenant that ended in one way in one stretch of time."""

    at: At
    queue: str
    task: str
    tenant: str
    ending: str
    count: int
    wait: Annotated[float, Field(description="Seconds from ready to start, all together.")]
    run: Annotated[float, Field(description="Seconds from start to end, all together.")]
    wait_counts: Counts
    run_counts: Counts


class BucketsOut(Out):
    """What ended, as it was counted, oldest first."""

    buckets: list[BucketOut]


def live_out(counts: QueueCounts) -> dict[str, Any]:
    """So many jobs of one kind, as they travel."""
    return msgspec.structs.asdict(counts) | {"oldest_at": moment(counts.oldest_at)}


def bucket_out(bucket: Bucket) -> dict[str, Any]:
    """What was counted, as it travels."""
    return msgspec.structs.asdict(bucket) | {
        "at": moment(bucket.at),
        "wait": seconds(bucket.wait),
        "run": seconds(bucket.run),
    }


def series_out(buckets: tuple[Bucket, ...]) -> list[dict[str, Any]]:
    """Stretches of time, oldest first; those in which nothing ended are left out."""
    by_time: dict[int, list[Bucket]] = {}
    for bucket in buckets:
        by_time.setdefault(bucket.at, []).append(bucket)
    return [
        {"at": moment(at), **figures_out(summarise(mine))} for at, mine in sorted(by_time.items())
    ]


def tasks_out(buckets: tuple[Bucket, ...]) -> list[dict[str, Any]]:
    """Tasks, those of which most ended first."""
    by_task: dict[str, list[Bucket]] = {}
    for bucket in buckets:
        by_task.setdefault(bucket.task, []).append(bucket)
    out = []
    for task, mine in by_task.items():
        figures = figures_out(summarise(mine))
        del figures["wait"]
        out.append({"task": task, **figures})
    return sorted(out, key=lambda each: (-sum(each["endings"].values()), each["task"]))


def queues_out(buckets: tuple[Bucket, ...]) -> list[dict[str, Any]]:
    """Queues, those in which most ended first."""
    by_queue: dict[str, list[Bucket]] = {}
    for bucket in buckets:
        by_queue.setdefault(bucket.queue, []).append(bucket)
    out = [{"queue": queue, **figures_out(summarise(mine))} for queue, mine in by_queue.items()]
    return sorted(out, key=lambda each: (-sum(each["endings"].values()), each["queue"]))


def figures_out(figures: Statistics) -> dict[str, Any]:
    """What ended, summed up."""
    return {
        "endings": figures.endings,
        "success_rate": figures.success_rate,
        "wait": _spread(figures.wait),
        "run": _spread(figures.run),
    }


def _spread(spread: Spread) -> dict[str, float | None]:
    lengths = {"mean": spread.mean, "p50": spread.p50, "p95": spread.p95, "p99": spread.p99}
    return {
        name: None if length is None else round(length / 1_000, 6)
        for name, length in lengths.items()
    }
