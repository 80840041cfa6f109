"""What decides whether one job can start: what it waits for, and how full its limits are."""

from typing import Final

from msgspec import Struct

from tidemill.core.instants import Instant
from tidemill.core.job import Snapshot
from tidemill.core.limits import Rate
from tidemill.core.rules import QueueRules, TaskRules, TenantRules
from tidemill.core.state import State

MOST_NAMED: Final = 20
"""Parents, and holders of a limit, that are named one by one."""

MOST_COUNTED: Final = 10_000
"""Jobs in front of one that are counted; more are as many."""


class Parent(Struct, frozen=True):
    """A job that has to be finished first."""

    id: str
    task: str
    state: State


class LimitStanding(Struct, frozen=True):
    """How full a concurrency limit is.

    Attributes:
        most: jobs that may run at once under the key.
        running: jobs that do.
        holders: ids of the first of these.
    """

    key: str
    most: int
    running: int
    holders: tuple[str, ...]


class RateStanding(Struct, frozen=True):
    """Where a rate stands.

    Attributes:
        key: that of jobs, or the name of the queue.
        free_at: when the next start is allowed; not ahead: it is now.
    """

    key: str
    rate: Rate
    free_at: Instant


class QueueStanding(Struct, frozen=True):
    """How a queue stands.

    Attributes:
        running: its jobs that run.
        of_tenant: those of them that are the tenant's.
        rate: where its rate stands, if it has one.
        ahead: jobs that are in its line before the one in question, up to `MOST_COUNTED`.
    """

    rules: QueueRules
    running: int
    of_tenant: int
    rate: RateStanding | None
    ahead: int


class TenantStanding(Struct, frozen=True):
    """How a tenant stands.

    Attributes:
        running: its jobs that run, in all queues.
    """

    rules: TenantRules
    running: int


class Circumstances(Struct, frozen=True):
    """What decides whether a live job can start, all of it at one moment.

    Attributes:
        job: without its attempts.
        now: the store's clock.
        parents: those that it still waits for, the first ones.
        limit: of its key, if it has one.
        rate: of its key, if it has one.
        task: what is set for its task, if anything.
        tenant: how its tenant stands, if anything is set for it.
    """

    job: Snapshot
    now: Instant
    queue: QueueStanding
    parents: tuple[Parent, ...] = ()
    limit: LimitStanding | None = None
    rate: RateStanding | None = None
    task: TaskRules | None = None
    tenant: TenantStanding | None = None
