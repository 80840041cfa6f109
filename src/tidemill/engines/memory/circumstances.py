"""What decides whether one job can start."""

from itertools import islice

from tidemill.core.circumstances import (
    MOST_COUNTED,
    MOST_NAMED,
    Circumstances,
    LimitStanding,
    Parent,
    QueueStanding,
    RateStanding,
    TenantStanding,
)
from tidemill.core.limits import KeyLimit, KeyRate
from tidemill.core.state import State
from tidemill.engines.memory.row import Row, snapshot
from tidemill.engines.memory.store import Step


def circumstances(step: Step, id_: str) -> Circumstances | None:
    """Those of a live job; `None`: there is none of this id, or it has finished."""
    row = step.store.jobs.rows.get(id_)
    if row is None or row.state.finished:
        return None
    parents = sorted(row.parents, key=lambda parent: parent.ref)[:MOST_NAMED]
    return Circumstances(
        job=snapshot(row, with_attempts=False),
        now=step.now,
        queue=_queue(step, row),
        parents=tuple([Parent(each.job.id, each.job.task, each.state) for each in parents]),
        limit=_limit(step, row.job.limit) if row.job.limit else None,
        rate=_rate(step, row.job.rate) if row.job.rate else None,
        task=step.store.tasks.get(row.job.task),
        tenant=_tenant(step, row.job.tenant),
    )


def _tenant(step: Step, tenant: str) -> TenantStanding | None:
    rules = step.store.tenants.get(tenant)
    return None if rules is None else TenantStanding(rules, step.store.running_of(tenant))


def _limit(step: Step, own: KeyLimit) -> LimitStanding:
    jobs, key = step.store.jobs, own.key
    first = jobs.parked.first(f"key:{key}")
    head = first.job.limit if first is not None and first.job.limit else own
    holders = islice(jobs.limited.under(key, State.RUNNING), MOST_NAMED)
    return LimitStanding(
        key,
        step.store.most_of(key, head.most),
        jobs.limited.count(key, State.RUNNING),
        tuple([row.job.id for row in holders]),
    )


def _rate(step: Step, own: KeyRate) -> RateStanding:
    key = own.key
    first = step.store.jobs.parked.first(f"rate:{key}")
    head = first.job.rate if first is not None and first.job.rate else own
    rate = step.store.rate_of(key, head.rate)
    return RateStanding(key, rate, step.store.flows[key].next_at(rate, step.now))


def _queue(step: Step, row: Row) -> QueueStanding:
    name = row.job.queue
    queue, jobs = step.store.queue(name), step.store.jobs
    rate = None
    if queue.rules.rate is not None:
        free_at = queue.flow.next_at(queue.rules.rate, step.now)
        rate = RateStanding(name, queue.rules.rate, free_at)
    ahead = 0
    if row.state is State.WAITING:
        before = (each for each in jobs.waiting.under(name) if each.place < row.place)
        ahead = sum(1 for _ in islice(before, MOST_COUNTED))
    return QueueStanding(
        rules=queue.rules,
        running=jobs.running.count(name),
        of_tenant=jobs.running.count(name, row.job.tenant),
        rate=rate,
        ahead=ahead,
    )
