"""What decides whether one job can start."""

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
from tidemill.core.job import Snapshot
from tidemill.core.limits import Flow
from tidemill.core.rules import QueueRules
from tidemill.core.state import State
from tidemill.engines.relational import gates
from tidemill.engines.relational.finding import by_ids
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.rows import (
    queue_rules,
    rank,
    snapshot,
    task_rules,
    tenant_rules,
)

_OWN_MOST, _OWN_RATE = 2, 3
"""Where a row of `find_parked` holds what a job brings along."""


def circumstances(tx: Transaction, id_: str) -> Circumstances | None:
    """Those of a live job; `None`: there is none of this id, or it has finished."""
    rows = by_ids(tx.link, [id_])
    if not rows or (job := snapshot(rows[0])).state.finished:
        return None
    seq = int(rows[0][0])
    own_most, own_rate = tx.link.rows("find_own_limits", (seq,))[0]
    parents = tx.link.rows("find_parents", (seq, MOST_NAMED))
    task = tx.link.rows("rules_of", ("task", job.task))
    return Circumstances(
        job=job,
        now=tx.now,
        queue=_queue(tx, job, seq),
        parents=tuple([Parent(id_, task, State(state)) for id_, task, state in parents]),
        limit=_limit(tx, job.limit_key, own_most) if job.limit_key is not None else None,
        rate=_rate(tx, job.rate_key, own_rate) if job.rate_key is not None else None,
        task=task_rules(task[0][0]) if task else None,
        tenant=_tenant(tx, job.tenant),
    )


def _tenant(tx: Transaction, tenant: str) -> TenantStanding | None:
    found = tx.link.rows("rules_of", ("quota", tenant))
    if not found:
        return None
    running = sum(count for _, name, count in tx.link.rows("count_running") if name == tenant)
    return TenantStanding(tenant_rules(found[0][0]), running)


def _limit(tx: Transaction, key: str, own: int) -> LimitStanding:
    parked = tx.link.rows("find_parked", (f"key:{key}", 1))
    # Who stands first there decides; where nobody does, this job would.
    most = gates.key_limit(tx, key, parked[0][_OWN_MOST] if parked else own)
    holders = tuple([id_ for (id_,) in tx.link.rows("find_holders", (key, MOST_NAMED))])
    running = int(tx.link.rows("count_key", (key, State.RUNNING.value))[0][0])
    return LimitStanding(key, most, running, holders)


def _rate(tx: Transaction, key: str, own: str) -> RateStanding:
    parked = tx.link.rows("find_parked", (f"rate:{key}", 1))
    rate = gates.key_rate(tx, key, parked[0][_OWN_RATE] if parked else own)
    return RateStanding(key, rate, gates.flow_of_key(tx, key).next_at(rate, tx.now))


def _queue(tx: Transaction, job: Snapshot, seq: int) -> QueueStanding:
    known = [row for row in tx.link.rows("queues") if row[0] == job.queue]
    rules = queue_rules(known[0][1]) if known else QueueRules(queue=job.queue)
    running = [row for row in tx.link.rows("count_running") if row[0] == job.queue]
    rate = None
    if rules.rate is not None:
        free_at = Flow(known[0][3] or 0).next_at(rules.rate, tx.now)
        rate = RateStanding(job.queue, rules.rate, free_at)
    place = (job.queue, rank(job.priority), job.ready_at, seq, MOST_COUNTED)
    ahead = tx.link.rows("count_ahead", place)[0][0] if job.state is State.WAITING else 0
    return QueueStanding(
        rules=rules,
        running=sum(count for _, _, count in running),
        of_tenant=sum(count for _, tenant, count in running if tenant == job.tenant),
        rate=rate,
        ahead=int(ahead),
    )
