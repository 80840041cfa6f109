"""What ended, summed up: how many in which way, how long they waited and ran."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from tidemill.core.histogram import EMPTY, add, percentile
from tidemill.core.instants import Millis
from tidemill.core.outcome import Ending
from tidemill.core.query import Bucket

_WELL_OR_NOT: Final = (Ending.COMPLETED, Ending.FAILED, Ending.TIMED_OUT, Ending.CRASHED)


class Spread(Struct, frozen=True):
    """How long something took, in milliseconds; `None` where nothing was counted.

    The mean is exact; the percentiles are linear within a bin of `core.histogram`, and exact where
    only one was counted.
    """

    mean: float | None
    p50: Millis | None
    p95: Millis | None
    p99: Millis | None


class Statistics(Struct, frozen=True):
    """What ended in a stretch of time.

    Attributes:
        buckets: by step of time, queue, task, tenant and ending, oldest first.
        endings: how many attempts ended in which way.
        success_rate: completed ones among those that came to an end by themselves, 0 to 1; `None`
            when there were none.
        wait: from ready to start.
        run: from start to end.
    """

    buckets: tuple[Bucket, ...]
    endings: dict[str, int]
    success_rate: float | None
    wait: Spread
    run: Spread


def summarise(buckets: Sequence[Bucket]) -> Statistics:
    """Add up buckets.

    Example:
        >>> summarise([]).run.p95 is None
        True
    """
    endings: Counter[str] = Counter()
    waits, runs = EMPTY, EMPTY
    for bucket in buckets:
        endings[bucket.ending] += bucket.count
        waits = add(waits, bucket.wait_counts)
        runs = add(runs, bucket.run_counts)
    decided = sum(endings[ending] for ending in _WELL_OR_NOT)
    return Statistics(
        buckets=tuple(buckets),
        endings=dict(endings),
        success_rate=endings[Ending.COMPLETED] / decided if decided else None,
        wait=_spread(sum(bucket.wait for bucket in buckets), waits),
        run=_spread(sum(bucket.run for bucket in buckets), runs),
    )


def medians(buckets: Sequence[Bucket]) -> dict[str, Millis]:
    """How long half of the runs of each task take at most, where any ended."""
    by_task: dict[str, list[Bucket]] = {}
    for bucket in buckets:
        by_task.setdefault(bucket.task, []).append(bucket)
    found = {task: summarise(mine).run.p50 for task, mine in by_task.items()}
    return {task: median for task, median in found.items() if median is not None}


def _spread(total: Millis, counts: Sequence[int]) -> Spread:
    number = sum(counts)
    if number == 1:
        return Spread(float(total), total, total, total)
    return Spread(
        mean=total / number if number else None,
        p50=percentile(counts, 0.5),
        p95=percentile(counts, 0.95),
        p99=percentile(counts, 0.99),
    )
