"""Rules that people set at run time and that the next claim obeys: of queue, task, key, quota.

All of them have a `version`: how often they have been set, 0 for never. The store counts it, and
whoever sets rules may ask for the one that they saw, so that nobody undoes what they have not seen.
"""

from typing import Literal, assert_never

from msgspec import Struct

from tidemill.core.instants import Instant, Millis
from tidemill.core.limits import Rate


class Retention(Struct, frozen=True, omit_defaults=True):
    """How long finished jobs are kept, by outcome; `None`: as long as the platform's default."""

    completed: Millis | None = None
    failed: Millis | None = None
    cancelled: Millis | None = None


class QueueRules(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The rules of one queue.

    Attributes:
        paused: nothing is claimed from it; what runs, runs on.
        most: jobs of this queue that may run at once, over all workers.
        rate: starts per time, over all workers.
        fair: tenants take turns, however many jobs each has waiting: by name, those jobs first that
            are no tenant's, and on from the one that was served last.
        tenant_most: jobs of one tenant that may run at once in this queue.
        retention: how long its finished jobs are kept.
        note: why it is paused, in the words of whoever paused it.
        paused_by: who has paused it, as the audit log names them; empty: nobody in particular.
        paused_at: when it was paused.
    """

    queue: str
    paused: bool = False
    most: int | None = None
    rate: Rate | None = None
    fair: bool = False
    tenant_most: int | None = None
    retention: Retention = Retention()
    note: str = ""
    paused_by: str = ""
    paused_at: Instant | None = None
    version: int = 0


class TaskRules(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The rules of one task, in whatever queues its jobs are; see `QueueRules`."""

    task: str
    paused: bool = False
    note: str = ""
    paused_by: str = ""
    paused_at: Instant | None = None
    version: int = 0


class KeyRules(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A limit or a rate set for a key at run time; it goes before what the jobs bring along."""

    key: str
    most: int | None = None
    rate: Rate | None = None
    version: int = 0


class TenantRules(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The rules of one tenant, in whatever queues its jobs are.

    Attributes:
        most: its jobs that may run at once, over all queues and workers.
    """

    tenant: str
    most: int | None = None
    version: int = 0


Rules = QueueRules | TaskRules | KeyRules | TenantRules

Kind = Literal["queue", "task", "key", "quota"]


def subject(rules: Rules) -> tuple[Kind, str]:
    """What rules are about: the kind of thing, and its name.

    Example:
        >>> subject(KeyRules(key="account:1"))
        ('key', 'account:1')
    """
    match rules:
        case QueueRules(queue=name):
            return "queue", name
        case TaskRules(task=name):
            return "task", name
        case KeyRules(key=name):
            return "key", name
        case TenantRules(tenant=name):
            return "quota", name
        case _:
            assert_never(rules)
