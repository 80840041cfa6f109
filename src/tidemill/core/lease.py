"""Leases: names held for a time, by workers over their jobs and by nodes over a chore."""

from msgspec import Struct

from tidemill.core.instants import Instant


class Lease(Struct, frozen=True):
    """A name that one holder has until a moment that it keeps pushing on.

    Attributes:
        name: what is held: `"worker/<id>"` for a worker's session, `"duty/<name>"` for a chore.
        holder: who holds it.
        fence: number of this holding, larger than that of every earlier one of any name.
        until: when it runs out unless it is renewed, by the wall clock as it stands now. Leases are
            counted by a clock that nobody can set, so this moves when the wall clock is set.
        info: what the holder says of itself, as JSON.
    """

    name: str
    holder: str
    fence: int
    until: Instant
    info: bytes = b"{}"


class Renewal(Struct, frozen=True):
    """What a worker hears when it renews its lease.

    Attributes:
        lease: the lease with its new end.
        cancel: ids of jobs that it holds and should stop.
    """

    lease: Lease
    cancel: tuple[str, ...] = ()


WORKER = "worker/"
"""What the names of worker sessions begin with."""

DUTY = "duty/"
"""What the names of chores begin with."""
