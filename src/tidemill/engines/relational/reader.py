"""Questions about jobs."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tidemill.core import histogram
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
from tidemill.engines.relational import counting, finding, trying
from tidemill.engines.relational.circumstances import circumstances
from tidemill.engines.relational.ground import Ground, Transaction
from tidemill.engines.relational.link import Link, Row
from tidemill.engines.relational.records import of_tenant
from tidemill.engines.relational.rows import (
    claim_of,
    key_rules,
    queue_rules,
    task_rules,
    tenant_rules,
    text,
)
from tidemill.loops.call import Call

_FINER: Final = {"minute": ["minute"], "hour": ["minute", "hour"], "day": ["minute", "hour", "day"]}
_PARTS: Final = 4
"""Of the question for counts, each of which asks for the tenant."""
_counts = msgspec.json.Decoder(tuple[int, ...]).decode


class RelationalReader:
    """The port of questions."""

    def __init__(self, ground: Ground) -> None:
        """Stand on this ground."""
        self._ground = ground

    def get(self, ids: Sequence[str]) -> Call[tuple[Snapshot | None, ...]]:
        """The jobs of these ids, with their attempts."""
        return self._ground.read(lambda tx: finding.get(tx.link, ids))

    def find(self, which: JobFilter, *, cursor: str | None = None, limit: int = 25) -> Call[Page]:
        """A page of jobs, newest first."""
        return self._ground.read(lambda tx: finding.find(tx.link, which, cursor, limit))

    def counts(self, tenant: str | None = None) -> Call[tuple[QueueCounts, ...]]:
        """Live jobs by queue, task and state."""
        whose, condition = of_tenant(tenant, "AND")

        def read(tx: Transaction) -> tuple[QueueCounts, ...]:
            rows = tx.link.rows("counts", whose * _PARTS, of_tenant=condition)
            return tuple([QueueCounts(q, t, State(s), n, oldest) for q, t, s, n, oldest in rows])

        return self._ground.read(read)

    def coming(
        self, before: Instant, *, tenant: str | None = None, limit: int = 10_000
    ) -> Call[tuple[Coming, ...]]:
        """Scheduled and retrying jobs that are due before a moment, by hour and task."""
        whose, condition = of_tenant(tenant, "AND")
        values = (before, *whose, at_most(limit))

        def read(tx: Transaction) -> tuple[Coming, ...]:
            rows = tx.link.rows("coming", values, of_tenant=condition)
            return tuple([Coming(at, q, t, State(s), n) for at, q, t, s, n in rows])

        return self._ground.read(read)

    def tally(self, which: JobFilter, most: int = 10_000) -> Call[tuple[StateCount, ...]]:
        """How many jobs match, by state."""
        return self._ground.read(lambda tx: counting.tally(tx.link, which, most))

    def attempts(self, query: AttemptQuery) -> Call[Tries]:
        """Attempts of many jobs, newest first."""
        return self._ground.read(lambda tx: trying.attempts(tx.link, query))

    def circumstances(self, id: str) -> Call[Circumstances | None]:  # noqa: A002 - the word for it
        """What decides whether a live job can start."""
        return self._ground.read(lambda tx: circumstances(tx, id))

    def expired(self, limit: int) -> Call[tuple[Claim, ...]]:
        """Running jobs whose worker's lease has run out."""
        return self._ground.read(
            lambda tx: _claims(tx.link.rows("expired", (tx.steady, at_most(limit))))
        )

    def held(self, worker: Lease) -> Call[tuple[Claim, ...]]:
        """What runs under a lease."""
        return self._ground.read(lambda tx: _claims(tx.link.rows("held", (worker.fence,))))

    def rules(self) -> Call[tuple[Rules, ...]]:
        """Every rule, by kind and name: keys, queues, tasks, tenants."""

        def read(tx: Transaction) -> tuple[Rules, ...]:
            keys = [key_rules(raw) for _, raw in tx.link.rows("rules_of_kind", ("key",))]
            queues = [queue_rules(row[1]) for row in tx.link.rows("queues")]
            tasks = [task_rules(raw) for _, raw in tx.link.rows("rules_of_kind", ("task",))]
            tenants = [tenant_rules(raw) for _, raw in tx.link.rows("rules_of_kind", ("quota",))]
            return (*keys, *queues, *tasks, *tenants)

        return self._ground.read(read)

    def statistics(self, query: StatisticsQuery) -> Call[tuple[Bucket, ...]]:
        """What ended, by stretch of time, queue, task, tenant and ending."""
        return self._ground.read(lambda tx: _statistics(tx.link, query))


def _claims(rows: Sequence[Row]) -> tuple[Claim, ...]:
    return tuple([claim_of(row[:-3], *row[-3:]) for row in rows])


def _statistics(link: Link, query: StatisticsQuery) -> tuple[Bucket, ...]:
    """Sum the rows of this step and of the finer ones that have not been folded into it yet."""
    length = STEPS[query.step]
    values = (text(_FINER[query.step]), *query.whole(), query.queue, query.task, query.tenant)
    sums: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(
        lambda: [0, 0, 0, histogram.EMPTY, histogram.EMPTY]
    )
    for at, queue, task, tenant, ending, count, wait, run, waits, runs in link.rows(
        "statistics", values
    ):
        total = sums[at - at % length, queue, task, tenant, ending]
        total[0] += count
        total[1] += wait
        total[2] += run
        total[3] = histogram.add(total[3], _counts(waits))
        total[4] = histogram.add(total[4], _counts(runs))
    return tuple([Bucket(*key, *total) for key, total in sorted(sums.items())])
