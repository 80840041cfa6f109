"""What is known of a worker that takes jobs now."""

from typing import Any

import msgspec
from msgspec import Struct

from tidemill.core.instants import Instant
from tidemill.core.lease import WORKER, Lease


class WorkerInfo(Struct, frozen=True):
    """A worker that holds its lease.

    Attributes:
        session: its number, as in `Snapshot.worker`.
        until: when its lease runs out unless it renews it.
        info: what it says of itself: host, pid, queues, and so on.
    """

    name: str
    session: int
    until: Instant
    info: dict[str, Any]


def worker_of(lease: Lease) -> WorkerInfo:
    """What is known of the worker that holds a lease."""
    return WorkerInfo(
        name=lease.name.removeprefix(WORKER),
        session=lease.fence,
        until=lease.until,
        info=msgspec.json.decode(lease.info, type=dict[str, Any]),
    )
