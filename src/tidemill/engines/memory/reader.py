"""Questions about jobs."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import islice, takewhile

from tidemill.core.circumstances import Circumstances
from tidemill.core.instants import Instant
from tidemill.core.job import Claim, Snapshot
from tidemill.core.lease import Lease
from tidemill.core.query import (
    STEPS,
    AttemptQuery,
    Bucket,
    Coming,
    JobFilter,
    Page,
    QueueCounts,
    StateCount,
    StatisticsQuery,
    Tries,
    at_most,
)
from tidemill.core.rules import Rules
from tidemill.core.state import State
from tidemill.engines.memory.circumstances import circumstances
from tidemill.engines.memory.matching import attempts, page, tally
from tidemill.engines.memory.row import claim_of, snapshot
from tidemill.engines.memory.store import Step, Store
from tidemill.loops.call import Call


class MemoryReader:
    """The port of questions."""

    def __init__(self, store: Store) -> None:
        """Stand on the store."""
        self._store = store

    def get(self, ids: Sequence[str]) -> Call[tuple[Snapshot | None, ...]]:
        """The jobs of these ids, with their attempts."""
        return self._store.call(lambda step: _get(step, ids))

    def find(self, which: JobFilter, *, cursor: str | None = None, limit: int = 25) -> Call[Page]:
        """A page of jobs, newest first, without their attempts."""
        return self._store.call(lambda step: _find(step, which, cursor, limit), which)

    def counts(self, tenant: str | None = None) -> Call[tuple[QueueCounts, ...]]:
        """Live jobs by queue, task and state."""
        return self._store.call(lambda step: _counts(step, tenant), tenant)

    def coming(
        self, before: Instant, *, tenant: str | None = None, limit: int = 10_000
    ) -> Call[tuple[Coming, ...]]:
        """Scheduled and retrying jobs that are due before a moment, by hour and task."""
        return self._store.call(lambda step: _coming(step, before, tenant, limit), before, tenant)

    def tally(self, which: JobFilter, most: int = 10_000) -> Call[tuple[StateCount, ...]]:
        """How many jobs match, by state."""
        return self._store.call(lambda step: tally(step, which, most), which)

    def attempts(self, query: AttemptQuery) -> Call[Tries]:
        """Attempts of many jobs, newest first."""
        return self._store.call(lambda step: attempts(step, query), query)

    def circumstances(self, id: str) -> Call[Circumstances | None]:  # noqa: A002 - the word for it
        """What decides whether a live job can start."""
        return self._store.call(lambda step: circumstances(step, id), id)

    def expired(self, limit: int) -> Call[tuple[Claim, ...]]:
        """Running jobs whose worker's lease has run out or was given back."""
        return self._store.call(lambda step: _expired(step, limit))

    def held(self, worker: Lease) -> Call[tuple[Claim, ...]]:
        """What runs under a lease."""
        return self._store.call(lambda step: _held(step, worker))

    def rules(self) -> Call[tuple[Rules, ...]]:
        """Every rule, by kind and name: keys, queues, tasks."""
        return self._store.call(_rules)

    def statistics(self, query: StatisticsQuery) -> Call[tuple[Bucket, ...]]:
        """What ended, by stretch of time, queue, task, tenant and ending, oldest first."""
        return self._store.call(lambda step: step.store.tallies.buckets(query))


def _get(step: Step, ids: Sequence[str]) -> tuple[Snapshot | None, ...]:
    rows = [step.store.jobs.rows.get(id_) for id_ in ids]
    return tuple([snapshot(row, with_attempts=True) if row else None for row in rows])


def _find(step: Step, which: JobFilter, cursor: str | None, limit: int) -> Page:
    rows, onward = page(step, which, cursor, limit)
    return Page(tuple([snapshot(row, with_attempts=False) for row in rows]), onward)


def _counts(step: Step, tenant: str | None) -> tuple[QueueCounts, ...]:
    places: defaultdict[tuple[str, str, State], list[Instant]] = defaultdict(list)
    for row in step.store.jobs.rows.values():
        if not row.state.finished and tenant in (None, row.job.tenant):
            places[row.job.queue, row.job.task, row.state].append(row.ready_at)
    return tuple([QueueCounts(*key, len(all_), min(all_)) for key, all_ in sorted(places.items())])


def _coming(step: Step, before: Instant, tenant: str | None, limit: int) -> tuple[Coming, ...]:
    due = takewhile(lambda row: row.ready_at < before, step.store.jobs.due.under())
    mine = (row for row in due if tenant in (None, row.job.tenant))
    counts = Counter(
        (row.ready_at - row.ready_at % STEPS["hour"], row.job.queue, row.job.task, row.state)
        for row in islice(mine, at_most(limit))
    )
    return tuple([Coming(*key, count) for key, count in sorted(counts.items())])


def _expired(step: Step, limit: int) -> tuple[Claim, ...]:
    live = {lease.fence for lease in step.live_leases().values()}
    rows = [row for row in step.store.jobs.running.under() if row.worker not in live]
    rows.sort(key=lambda row: row.ref)
    return tuple([claim_of(row) for row in rows[: at_most(limit)]])


def _held(step: Step, worker: Lease) -> tuple[Claim, ...]:
    rows = [row for row in step.store.jobs.running.under() if row.worker == worker.fence]
    return tuple([claim_of(row) for row in sorted(rows, key=lambda row: row.ref)])


def _rules(step: Step) -> tuple[Rules, ...]:
    store = step.store
    return (
        *(store.keys[name] for name in sorted(store.keys)),
        *(store.queues[name].rules for name in sorted(store.queues)),
        *(store.tasks[name] for name in sorted(store.tasks)),
        *(store.tenants[name] for name in sorted(store.tenants)),
    )
