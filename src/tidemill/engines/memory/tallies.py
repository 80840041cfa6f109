"""Statistics: what ended, counted by the minute, and folded into hours and days as it ages."""

from typing import Final, NamedTuple

from msgspec import Struct

from tidemill.core import histogram
from tidemill.core.instants import Instant, Millis
from tidemill.core.outcome import Ending
from tidemill.core.query import STEPS, Bucket, StatisticsQuery, Step
from tidemill.engines.memory.row import Row

FINER: Final[dict[Step, tuple[Step, ...]]] = {
    "minute": ("minute",),
    "hour": ("minute", "hour"),
    "day": ("minute", "hour", "day"),
}
"""Whose counts make up a step: its own and those that have not been folded into it yet."""


class Label(NamedTuple):
    """What a tally counts."""

    at: Instant
    queue: str
    task: str
    tenant: str
    ending: str


class Tally(Struct, frozen=True):
    """What was counted under one label; see `Bucket`."""

    count: int = 0
    wait: Millis = 0
    run: Millis = 0
    wait_counts: tuple[int, ...] = histogram.EMPTY
    run_counts: tuple[int, ...] = histogram.EMPTY

    def __add__(self, other: "Tally") -> "Tally":
        """Both counted together."""
        return Tally(
            self.count + other.count,
            self.wait + other.wait,
            self.run + other.run,
            histogram.add(self.wait_counts, other.wait_counts),
            histogram.add(self.run_counts, other.run_counts),
        )


class Tallies:
    """The tallies of each step."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._steps: dict[Step, dict[Label, Tally]] = {"minute": {}, "hour": {}, "day": {}}

    def count(self, row: Row, ending: Ending, at: Instant) -> None:
        """Count one attempt, or the end of a job that never started."""
        wait = run = 0
        if row.started_at is not None:
            wait, run = max(row.started_at - row.ready_at, 0), max(at - row.started_at, 0)
        job = row.job
        label = Label(at, job.queue, job.task, job.tenant, ending.value)
        _add(self._steps["minute"], "minute", label, Tally(1, wait, run, _one(wait), _one(run)))

    def fold(self, step: Step, into: Step, until: Instant, limit: int) -> int:
        """Fold what is as old as this into larger stretches; no count is lost.

        Returns:
            How many tallies were folded, at most `limit`.
        """
        tallies = self._steps[step]
        old = self._old(step, until)[:limit]
        for label in old:
            _add(self._steps[into], into, label, tallies.pop(label))
        return len(old)

    def is_foldable(self, step: Step, until: Instant) -> bool:
        """Whether anything is as old as this."""
        return bool(self._old(step, until))

    def buckets(self, query: StatisticsQuery) -> tuple[Bucket, ...]:
        """What is asked for, oldest first."""
        first, end = query.whole()
        found: dict[Label, Tally] = {}
        for step in FINER[query.step]:
            for label, tally in self._steps[step].items():
                if first <= label.at < end and _is_meant(label, query):
                    _add(found, query.step, label, tally)
        return tuple([_bucket(label, tally) for label, tally in sorted(found.items())])

    def _old(self, step: Step, until: Instant) -> list[Label]:
        return sorted(label for label in self._steps[step] if label.at <= until)


def _add(tallies: dict[Label, Tally], step: Step, label: Label, tally: Tally) -> None:
    """Add to the tally of the stretch in which the label lies."""
    label = label._replace(at=label.at - label.at % STEPS[step])
    tallies[label] = tallies.get(label, Tally()) + tally


def _one(length: Millis) -> tuple[int, ...]:
    """A histogram with one length in it."""
    counts = [0] * histogram.BINS
    counts[histogram.bin_of(length)] = 1
    return tuple(counts)


def _is_meant(label: Label, query: StatisticsQuery) -> bool:
    return (
        query.queue in (None, label.queue)
        and query.task in (None, label.task)
        and query.tenant in (None, label.tenant)
    )


def _bucket(label: Label, tally: Tally) -> Bucket:
    return Bucket(*label, tally.count, tally.wait, tally.run, tally.wait_counts, tally.run_counts)
