"""What Prometheus scrapes, made of what the store knows: the same whichever server is asked."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from prometheus_client import CollectorRegistry, exposition
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.openmetrics import exposition as openmetrics

from tidemill.app import Tidemill
from tidemill.client.control import Jobs
from tidemill.client.events import Events
from tidemill.client.worker_info import WorkerInfo
from tidemill.core import histogram
from tidemill.core.instants import Instant, Millis, to_datetime
from tidemill.core.query import Bucket, QueueCounts
from tidemill.core.state import LIVE, State
from tidemill.schedules.store import Schedules

FRESH: Final = 5.0
"""Seconds for which what was asked of the store is told again, however often one scrapes."""

_EVENTS: Final = 1_000
"""Events that are read at once."""

_FAILED: Final = ("failed", "timed_out", "crashed")


class Figures(Struct, frozen=True):
    """What is told, as it was at one moment.

    Attributes:
        ended: since the day on which this server was started.
        retries: attempts since then that were followed by another one, by queue; looked up for
            those alone who want them.
    """

    now: Instant
    counts: tuple[QueueCounts, ...]
    ended: tuple[Bucket, ...]
    workers: tuple[WorkerInfo, ...]
    late: float
    retries: Mapping[str, int]


class Metrics:
    """Tells how the jobs of one application fare."""

    def __init__(self, app: Tidemill, *, aliases: bool = False) -> None:
        """Ask nothing yet.

        Args:
            app: whose jobs they are.
            aliases: whether the names that an older dashboard knows are told as well.
        """
        self._app = app
        self._aliases = aliases
        now = to_datetime(app.store.clock.now())
        self._since = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._retries: Counter[str] = Counter()
        self._position: int | None = None
        self._told: Figures | None = None
        self._told_at = 0.0
        self._asking = asyncio.Lock()

    async def text(self, accepted: str) -> tuple[bytes, str]:
        """All of it, and its media type: OpenMetrics where it is accepted, else the older text."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Told(await self._figures(), aliases=self._aliases))
        if "application/openmetrics-text" in accepted:
            told: bytes = openmetrics.generate_latest(registry)  # type: ignore[no-untyped-call]  # theirs
            return told, openmetrics.CONTENT_TYPE_LATEST
        return exposition.generate_latest(registry), exposition.CONTENT_TYPE_LATEST

    async def _figures(self) -> Figures:
        async with self._asking:
            if self._told is None or time.monotonic() - self._told_at >= FRESH:
                self._told = await self._ask()
                self._told_at = time.monotonic()
            return self._told

    async def _ask(self) -> Figures:
        jobs, now = Jobs(self._app.client), self._app.store.clock.now()
        ended = await jobs.astatistics(self._since, step="day")
        due = [
            schedule.next_at
            for schedule in await Schedules(self._app.client).afind()
            if schedule.next_at is not None
        ]
        return Figures(
            now,
            await jobs.acounts(),
            ended.buckets,
            tuple(await jobs.aworkers()),
            max(now - min(due, default=now), 0) / 1_000,
            await self._count_retries() if self._aliases else {},
        )

    async def _count_retries(self) -> Mapping[str, int]:
        """Go on counting where the last look ended, for there may be very many events."""
        events = Events(self._app.client)
        if self._position is None:
            found = await events.apage("jobs.retrying", until=self._since, limit=1)
            self._position = found.events[0].position if found.events else 0
        while retried := await events.aread(self._position, limit=_EVENTS, pattern="jobs.retrying"):
            for event in retried:
                self._retries.update(job["queue"] for job in event.payload["jobs"])
            self._position = retried[-1].position
        return self._retries


class _Told:
    """Figures as metrics; names and units by the conventions of Prometheus."""

    def __init__(self, figures: Figures, *, aliases: bool) -> None:
        self._figures = figures
        self._aliases = aliases

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        figures = self._figures
        yield from _live(figures.counts, figures.now)
        yield from _ended(figures.ended)
        yield _gauge("tidemill_workers", "Workers that hold their leases.", len(figures.workers))
        held = sum(int(each.info.get("running", 0)) for each in figures.workers)
        yield _gauge("tidemill_worker_jobs", "Jobs that workers hold.", held)
        yield _gauge(
            "tidemill_schedule_lag_seconds", "How late the latest schedule is.", figures.late
        )
        if self._aliases:
            yield from _as_before(figures)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _live(counts: Sequence[QueueCounts], now: Instant) -> Iterator[Metric]:
    jobs = GaugeMetricFamily(
        "tidemill_jobs", "Jobs that are not finished.", labels=["queue", "state"]
    )
    oldest = GaugeMetricFamily(
        "tidemill_queue_oldest_seconds",
        "How long the job waits that has waited longest.",
        labels=["queue"],
    )
    sums: defaultdict[tuple[str, State], int] = defaultdict(int)
    since: dict[str, Instant] = {}
    for each in counts:
        sums[each.queue, each.state] += each.count
        if each.state is State.WAITING:
            since[each.queue] = min(each.oldest_at, since.get(each.queue, each.oldest_at))
    for queue in sorted({queue for queue, _ in sums}):
        for state in State:
            if state in LIVE:
                jobs.add_metric([queue, state.value], sums[queue, state])
        oldest.add_metric([queue], max(now - since.get(queue, now), 0) / 1_000)
    yield jobs
    yield oldest


def _ended(buckets: Sequence[Bucket]) -> Iterator[Metric]:
    attempts = CounterMetricFamily(
        "tidemill_attempts", "Attempts that have ended.", labels=["queue", "task", "ending"]
    )
    failures = CounterMetricFamily(
        "tidemill_failures", "Attempts that have failed.", labels=["queue", "reason"]
    )
    ended: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    failed: defaultdict[tuple[str, str], int] = defaultdict(int)
    for bucket in buckets:
        ended[bucket.queue, bucket.task, bucket.ending] += bucket.count
        if bucket.ending in _FAILED:
            failed[bucket.queue, bucket.ending] += bucket.count
    for names, count in sorted(ended.items()):
        attempts.add_metric(list(names), count)
    for pair, count in sorted(failed.items()):
        failures.add_metric(list(pair), count)
    yield attempts
    yield failures
    yield from _lengths(buckets)


def _lengths(buckets: Sequence[Bucket]) -> Iterator[Metric]:
    yield _length(buckets, "tidemill_run_seconds", "From start to end.", "run")
    yield _length(buckets, "tidemill_wait_seconds", "From ready to start.", "wait")


def _length(
    buckets: Sequence[Bucket], name: str, about: str, of: str, *, unit: Millis = 1_000
) -> HistogramMetricFamily:
    """How long something took, by queue.

    Args:
        of: `run` or `wait`.
        unit: in which it is told.
    """
    family = HistogramMetricFamily(name, about, labels=["queue"])
    bins: defaultdict[str, tuple[int, ...]] = defaultdict(lambda: histogram.EMPTY)
    sums: defaultdict[str, int] = defaultdict(int)
    for bucket in buckets:
        bins[bucket.queue] = histogram.add(bins[bucket.queue], getattr(bucket, f"{of}_counts"))
        sums[bucket.queue] += getattr(bucket, of)
    for queue, counts in sorted(bins.items()):
        family.add_metric([queue], _cumulative(counts, unit), sums[queue] / unit)
    return family


def _cumulative(counts: Sequence[int], unit: Millis) -> list[tuple[str, float]]:
    """Bins as Prometheus has them: each holds all that were shorter."""
    total, told = 0, []
    bounds = [str(bound / unit) for bound in histogram.BOUNDS]
    for bound, count in zip((*bounds, "+Inf"), counts, strict=True):
        total += count
        told.append((bound, float(total)))
    return told


def _as_before(figures: Figures) -> Iterator[Metric]:
    """The names of an older dashboard, in its units, for those who move from it."""
    jobs = GaugeMetricFamily("queue_jobs_total", "As tidemill_jobs.", labels=["queue", "status"])
    live: Counter[tuple[str, str]] = Counter()
    for each in figures.counts:
        live[each.queue, each.state.value] += each.count
    for pair, count in sorted(live.items()):
        jobs.add_metric(list(pair), count)
    yield jobs
    failures = CounterMetricFamily(
        "queue_failures", "As tidemill_failures.", labels=["queue", "reason"]
    )
    retries = CounterMetricFamily(
        "queue_retries", "Attempts that have failed and were followed by another.", labels=["queue"]
    )
    failed: Counter[tuple[str, str]] = Counter()
    for bucket in figures.ended:
        if bucket.ending in _FAILED:
            failed[bucket.queue, bucket.ending] += bucket.count
    for pair, count in sorted(failed.items()):
        failures.add_metric(list(pair), count)
    for queue, count in sorted(figures.retries.items()):
        retries.add_metric([queue], count)
    yield failures
    yield retries
    yield _length(
        figures.ended, "queue_processing_duration_ms", "As tidemill_run_seconds.", "run", unit=1
    )
