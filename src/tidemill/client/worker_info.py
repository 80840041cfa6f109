"""What is known of a worker that takes jobs now."""

from typing import Any

from msgspec import Struct

from tidemill.core.instants import Instant


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
