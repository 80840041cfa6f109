"""Why a job does not run: every cause there is, in the order in which one would remove them."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, Protocol

from msgspec import Struct

from tidemill.client.worker_info import WorkerInfo
from tidemill.core.circumstances import (
    MOST_COUNTED,
    MOST_NAMED,
    Circumstances,
    LimitStanding,
    QueueStanding,
    RateStanding,
    TenantStanding,
)
from tidemill.core.instants import Instant, Millis, to_datetime, words
from tidemill.core.job import Snapshot
from tidemill.core.state import State
from tidemill.tasks.secret import MASK

Kind = Literal[
    "finished",
    "running",
    "stopping",
    "due_later",
    "retrying",
    "parents",
    "queue_paused",
    "task_paused",
    "limit_full",
    "rate_spent",
    "queue_full",
    "tenant_full",
    "tenant_quota",
    "queue_rate_spent",
    "no_worker",
    "no_worker_of_queue",
    "no_worker_of_task",
    "line",
    "soon",
    "schedule_paused",
    "schedule_by_hand",
    "schedule_over",
    "schedule_overlap",
    "schedule_quota",
    "schedule_due",
    "schedule_late",
]


class Cause(Struct, frozen=True, kw_only=True):
    """One reason for which a job does not run now.

    Attributes:
        kind: which.
        text: the same as a sentence.
        what: the name of what stands in the way: a queue, a task, a key; of what runs, the worker.
        jobs: ids of the jobs that do.
        count: how many do, where that may be told; in a line, counted up to 10,000.
        most: how many may run at once, or start in `per`.
        per: the length of time that a rate is for, in milliseconds.
        until: when it is over by itself; `None`: nobody knows.
        since: when it began, or, of what is missing, when it was last there.
        by: who has brought it about.
        note: what they have said.
    """

    kind: Kind
    text: str
    what: str = ""
    jobs: tuple[str, ...] = ()
    count: int | None = None
    most: int | None = None
    per: Millis | None = None
    until: Instant | None = None
    since: Instant | None = None
    by: str = ""
    note: str = ""


class Sight(Struct, frozen=True, kw_only=True):
    """What may be told to whoever asks.

    Attributes:
        confined: to one tenant, so that nothing is told of others, nor of the workers.
        ours: ids of the jobs of that tenant that stand in the way; of no use where nobody is.
        masked: without what may come from the arguments of jobs: keys, and reasons.
    """

    confined: bool = False
    ours: frozenset[str] = frozenset()
    masked: bool = False

    def key(self, key: str) -> str:
        """A key as it may be told."""
        return MASK if self.masked else key

    def known(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Those of these jobs of which may be told."""
        return tuple(id_ for id_ in ids if not self.confined or id_ in self.ours)


EVERYTHING: Final = Sight()

OWN_REASONS: Final = frozenset(
    {"attempts_spent", "not_retryable", "poison", "expired", "parent_failed", "drained"}
)
"""Reasons that no person and no handler has given, so that they tell nothing of any argument."""


def said(reason: str, *, masked: bool) -> str:
    """A reason as it may be told.

    Example:
        >>> said("expired", masked=True), said("zoe has moved", masked=True)
        ('expired', '***')
    """
    return MASK if masked and reason and reason not in OWN_REASONS else reason


_FINISHED: Final = {
    State.COMPLETED: "it has completed",
    State.FAILED: "it has failed for good",
    State.CANCELLED: "it was cancelled",
}


def ended(job: Snapshot, *, masked: bool = False) -> Cause:
    """Why a job that has finished does not run."""
    reason = said(job.reason, masked=masked)
    why = f": {reason}" if reason else ""
    return Cause(kind="finished", text=_FINISHED[job.state] + why, note=reason)


def causes(
    found: Circumstances,
    workers: Sequence[WorkerInfo],
    last: Instant | None,
    sight: Sight = EVERYTHING,
) -> tuple[Cause, ...]:
    """Why a live job does not run, or that it does.

    Args:
        found: what decides whether it can start.
        workers: those that hold their leases.
        last: when the job of its task that was enqueued last came to its end.
        sight: what may be told of it.
    """
    job = found.job
    if job.state is State.RUNNING:
        return (_running(job, () if sight.confined else workers),)
    return tuple(_in_the_way(found, workers, last, sight))


def _running(job: Snapshot, workers: Sequence[WorkerInfo]) -> Cause:
    names = [str(each.info.get("name", "")) for each in workers if each.session == job.worker]
    name = names[0] if names else ""
    where = f" on {name}" if name else ""
    if job.cancel_requested:
        text = f"it runs{where}, and has been asked to stop"
        return Cause(kind="stopping", text=text, what=name)
    return Cause(kind="running", text=f"it runs{where}", what=name)


def _in_the_way(
    found: Circumstances, workers: Sequence[WorkerInfo], last: Instant | None, sight: Sight
) -> Iterator[Cause]:
    """Every cause: where there are several, the job starts when the last one is gone."""
    told = [
        *_of_time(found),
        *_of_parents(found, sight),
        *_of_people(found),
        *_of_limits(found, sight),
        *_of_queue(found.queue, found.job.tenant, sight),
        *(_of_tenant(found.tenant) if found.tenant else ()),
        *_of_workers(found, workers, last),
    ]
    yield from told
    ahead = found.queue.ahead
    if not told and ahead:
        more = "at least " if ahead >= MOST_COUNTED else ""
        many = "other jobs" if sight.confined else f"{more}{_jobs(ahead)}"
        text = f"{many} are before it in the queue {found.job.queue}"
        count = None if sight.confined else ahead
        yield Cause(kind="line", text=text, what=found.job.queue, count=count)
    elif not told:
        yield Cause(kind="soon", text="nothing stands in its way: the next free worker takes it")


def _of_time(found: Circumstances) -> Iterator[Cause]:
    job, left = found.job, found.job.ready_at - found.now
    if job.state is State.SCHEDULED and left > 0:
        yield Cause(kind="due_later", text=f"it is due in {words(left)}", until=job.ready_at)
    if job.state is State.RETRYING and left > 0:
        text = f"it failed, and is tried again in {words(left)}"
        yield Cause(kind="retrying", text=text, until=job.ready_at)


def _of_parents(found: Circumstances, sight: Sight) -> Iterator[Cause]:
    if found.parents:
        ids = sight.known([parent.id for parent in found.parents])
        first = next((parent for parent in found.parents if parent.id in ids), None)
        others = f" and {_jobs(found.job.waits_for - 1)}" if found.job.waits_for > 1 else ""
        one = "a job of another tenant"
        if first is not None:
            one = f"{first.id} ({first.task}, {first.state})"
        text = f"it waits for {one}{others}"
        yield Cause(kind="parents", text=text, jobs=ids, count=found.job.waits_for)


def _of_people(found: Circumstances) -> Iterator[Cause]:
    rules, task = found.queue.rules, found.task
    if rules.paused:
        yield paused("queue_paused", f"the queue {rules.queue}", rules.queue, rules)
    if task is not None and task.paused:
        yield paused("task_paused", f"the task {task.task}", task.task, task)


class Pause(Protocol):
    """What somebody has paused."""

    @property
    def paused_by(self) -> str:
        """Who, as the audit log names them; empty: nobody in particular."""

    @property
    def paused_at(self) -> Instant | None:
        """Since when, as far as it is known."""

    @property
    def note(self) -> str:
        """Why; may be empty."""


def paused(kind: Kind, subject: str, what: str, pause: Pause) -> Cause:
    """The cause that somebody has paused something.

    Args:
        subject: what is paused, as a sentence names it.
        what: what is paused, by its name alone.
    """
    by = f" by {pause.paused_by}" if pause.paused_by else ""
    since = "" if pause.paused_at is None else f" since {to_datetime(pause.paused_at):%F %R} UTC"
    note = f": {pause.note}" if pause.note else ""
    return Cause(
        kind=kind,
        text=f"{subject} is paused{by}{since}{note}",
        what=what,
        since=pause.paused_at,
        by=pause.paused_by,
        note=pause.note,
    )


def _of_limits(found: Circumstances, sight: Sight) -> Iterator[Cause]:
    if found.limit is not None and found.limit.running >= found.limit.most:
        yield _full(found.limit, sight)
    if found.rate is not None and found.rate.free_at > found.now:
        key = sight.key(found.rate.key)
        yield _spent("rate_spent", found.rate, key, f"of the key {key}", found.now)
    queue = found.queue.rate
    if queue is not None and queue.free_at > found.now:
        of = f"of the queue {queue.key}"
        yield _spent("queue_rate_spent", queue, queue.key, of, found.now)


def _full(limit: LimitStanding, sight: Sight) -> Cause:
    key, ids = sight.key(limit.key), sight.known(limit.holders)
    start = f"the key {key} lets {limit.most} run at once, and "
    if len(ids) < len(limit.holders):
        others = "jobs of another tenant hold it"
        text = f"{start}{', '.join(ids)} and {others}" if ids else f"{start}{others}"
    elif sight.confined and limit.running > MOST_NAMED:
        text = f"{start}these hold it, and others: {', '.join(ids)}"
    else:
        more = f" and {limit.running - MOST_NAMED} more" if limit.running > MOST_NAMED else ""
        text = f"{start}{limit.running} do: {', '.join(ids)}{more}"
    count = limit.running if len(ids) == limit.running or not sight.confined else None
    return Cause(kind="limit_full", text=text, what=key, jobs=ids, count=count, most=limit.most)


def _spent(kind: Kind, rate: RateStanding, what: str, of: str, now: Instant) -> Cause:
    text = (
        f"the rate {of}, {rate.rate.count} in {words(rate.rate.per)}, is free again in "
        f"{words(rate.free_at - now)}"
    )
    return Cause(
        kind=kind,
        text=text,
        what=what,
        until=rate.free_at,
        most=rate.rate.count,
        per=rate.rate.per,
    )


def _of_queue(queue: QueueStanding, tenant: str, sight: Sight) -> Iterator[Cause]:
    rules = queue.rules
    if rules.most is not None and queue.running >= rules.most:
        many = "as many" if sight.confined else str(queue.running)
        text = f"the queue {rules.queue} lets {rules.most} run at once, and {many} do"
        count = None if sight.confined else queue.running
        yield Cause(kind="queue_full", text=text, what=rules.queue, count=count, most=rules.most)
    if rules.tenant_most is not None and queue.of_tenant >= rules.tenant_most:
        whose = f"of the tenant {tenant}" if tenant else "of no tenant"
        text = (
            f"the queue {rules.queue} lets {rules.tenant_most} of one tenant run at once, and "
            f"{queue.of_tenant} {whose} do"
        )
        yield Cause(
            kind="tenant_full",
            text=text,
            what=rules.queue,
            count=queue.of_tenant,
            most=rules.tenant_most,
        )


def _of_tenant(tenant: TenantStanding) -> Iterator[Cause]:
    rules = tenant.rules
    if rules.most is not None and tenant.running >= rules.most:
        text = f"the tenant {rules.tenant} may run {rules.most} at once, and runs {tenant.running}"
        yield Cause(
            kind="tenant_quota",
            text=text,
            what=rules.tenant,
            count=tenant.running,
            most=rules.most,
        )


def _of_workers(
    found: Circumstances, workers: Sequence[WorkerInfo], last: Instant | None
) -> Iterator[Cause]:
    job = found.job
    seen = "" if last is None else f"; the task last ran {words(max(found.now - last, 0))} ago"
    if not workers:
        yield Cause(kind="no_worker", text=f"no worker is there{seen}", since=last)
        return
    here = [each for each in workers if _takes_from(each, job.queue)]
    if not here:
        text = f"none of the workers that are there takes from the queue {job.queue}{seen}"
        yield Cause(kind="no_worker_of_queue", text=text, what=job.queue, since=last)
    elif not any(_knows(each, job.task) for each in here):
        text = f"no worker that takes from its queue knows the task {job.task}{seen}"
        yield Cause(kind="no_worker_of_task", text=text, what=job.task, since=last)


def _takes_from(worker: WorkerInfo, queue: str) -> bool:
    queues = worker.info.get("queues")
    return queues is None or queue in queues


_MOST_TOLD: Final = 500
"""Tasks that a worker tells of; of one that knows more, nobody can say which."""


def _knows(worker: WorkerInfo, task: str) -> bool:
    tasks = worker.info.get("tasks")
    return tasks is None or task in tasks or len(tasks) >= _MOST_TOLD


def _jobs(count: int) -> str:
    return f"{count:,} other job{'s' if count > 1 else ''}"
