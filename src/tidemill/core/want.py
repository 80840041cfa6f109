"""What a worker asks for, and what it is given."""

from msgspec import Struct

from tidemill.core.instants import Instant
from tidemill.core.job import Claim
from tidemill.core.lease import Lease


class Want(Struct, frozen=True):
    """What a worker asks for.

    Attributes:
        worker: its session.
        limit: the most jobs it can take.
        queues: from these queues; `None`: from any.
        without: no jobs of these tasks; they are left where they are, for others to take.
        at_once: how many of the jobs it would begin at once; `None`: all of them.
        apart: whether it can take a job of `Caution.APART`: it holds none.
    """

    worker: Lease
    limit: int
    queues: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    at_once: int | None = None
    apart: bool = True


class Claimed(Struct, frozen=True):
    """What a worker was given.

    Attributes:
        jobs: in the order in which they should start.
        again_at: when it is worth asking again though nothing new arrives: a rate frees, or a
            job is due; `None`: only when something new arrives.
    """

    jobs: tuple[Claim, ...]
    again_at: Instant | None = None


class Promoted(Struct, frozen=True):
    """What became ready.

    Attributes:
        count: jobs that were moved, or ended because they had expired.
        next_at: when it is worth asking again though nothing happens, no later than when the next
            one is due; `None`: only when something happens.
        more: whether there were more than the limit.
    """

    count: int
    next_at: Instant | None
    more: bool
