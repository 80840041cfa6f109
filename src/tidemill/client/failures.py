"""Failures by cause: the newest jobs that failed or are to be retried, the same ones together."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field

from tidemill.client.fingerprint import fingerprint, gist, place
from tidemill.client.scan import look_through
from tidemill.client.steps import Steps, ask
from tidemill.client.traits import Feature, Trait, features, shared
from tidemill.core.instants import Instant, Millis
from tidemill.core.job import Snapshot
from tidemill.core.query import JobFilter
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.tasks.registry import OWN

MOST: Final = 10_000
"""Jobs that are looked through, and no more."""

COMPARED: Final = 200
"""Jobs of one failure, and completed ones of its task, of which it is seen what they share."""

HOURS: Final = 168
"""Hours, up to the last one in which it happened, for which it is told how often."""

_HOUR: Final[Millis] = 3_600_000
_COMPLETED: Final = (State.COMPLETED,)
_WRONG: Final = (State.FAILED, State.RETRYING)


class Failure(Struct, kw_only=True):
    """Jobs that went wrong in the same way.

    Attributes:
        kind: of the error.
        place: where it was raised, see `place`.
        gist: what it says, see `gist`.
        failed: ids of the jobs that have failed for good, newest first.
        retrying: ids of those that are to be retried, newest first.
        first_at: when the first of these jobs went wrong the last time.
        last_at: when one did last.
        hours: how many in each hour, by its beginning.
        queues: how many in each queue.
        sample: what the newest of them could have in common.
    """

    fingerprint: str
    task: str
    kind: str
    place: str
    gist: str
    first_at: Instant
    last_at: Instant
    failed: list[str] = field(default_factory=list)
    retrying: list[str] = field(default_factory=list)
    hours: Counter[Instant] = field(default_factory=Counter)
    queues: Counter[str] = field(default_factory=Counter)
    sample: list[frozenset[Feature]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many jobs these are."""
        return len(self.failed) + len(self.retrying)

    def recent(self) -> list[tuple[Instant, int]]:
        """How many in each hour, oldest first; hours without any, and those long past, left out."""
        since = self.last_at - HOURS * _HOUR
        return sorted(each for each in self.hours.items() if each[0] > since)

    def add(self, job: Snapshot, at: Instant) -> None:
        """Count one more."""
        (self.failed if job.state is State.FAILED else self.retrying).append(job.id)
        self.first_at = min(self.first_at, at)
        self.last_at = max(self.last_at, at)
        self.hours[at - at % _HOUR] += 1
        self.queues[job.queue] += 1
        if len(self.sample) < COMPARED:
            self.sample.append(features(job))


class Failures(Struct, frozen=True):
    """Failures by cause, those of most jobs first.

    Attributes:
        searched: how many jobs were looked through.
        more: whether there are older ones that were not.
    """

    groups: tuple[Failure, ...]
    searched: int
    more: bool


def gather(engine: Engine, tenant: str | None) -> Steps[Failures]:
    """Look through the newest jobs that went wrong, of one tenant or of all.

    The platform's own jobs are left out.
    """
    groups: dict[str, Failure] = {}
    which = JobFilter(states=_WRONG, tenant=tenant, without=OWN)

    def see(jobs: Sequence[Snapshot]) -> None:
        for job in jobs:
            _put(groups, job)

    searched, more = yield from look_through(engine, which, MOST, see)
    ranked = sorted(groups.values(), key=lambda each: (-each.count, -each.last_at))
    return Failures(tuple(ranked), searched, more)


def failure_of(job: Snapshot) -> str | None:
    """The fingerprint of the failure that a job is part of; `None`: it is part of none."""
    goes_wrong = job.state in _WRONG and not job.task.startswith(OWN)
    return fingerprint(job.task, job.error) if goes_wrong and job.error is not None else None


def traits(
    engine: Engine, tenant: str | None, groups: Sequence[Failure]
) -> Steps[dict[str, tuple[Trait, ...]]]:
    """What sets the jobs of each failure apart from completed ones of its task, by fingerprint."""
    completed: dict[str, list[frozenset[Feature]]] = {}
    for task in dict.fromkeys(group.task for group in groups):
        which = JobFilter(states=_COMPLETED, tasks=(task,), tenant=tenant)
        page = yield from ask(engine.reader.find(which, limit=COMPARED))
        completed[task] = [features(job) for job in page.jobs]
    return {group.fingerprint: shared(group.sample, completed[group.task]) for group in groups}


def _put(groups: dict[str, Failure], job: Snapshot) -> None:
    if job.error is None:
        return
    name = fingerprint(job.task, job.error)
    at = job.finished_at or job.started_at or job.created_at
    group = groups.get(name)
    if group is None:
        group = groups[name] = Failure(
            fingerprint=name,
            task=job.task,
            kind=job.error.kind,
            place=place(job.error),
            gist=gist(job.error.message),
            first_at=at,
            last_at=at,
        )
    group.add(job, at)
