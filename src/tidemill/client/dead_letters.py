"""Jobs that have failed for good, by queue: the newest of them, up to a bound."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from tidemill.client.scan import look_through
from tidemill.client.steps import Steps
from tidemill.core.instants import Instant
from tidemill.core.job import Snapshot
from tidemill.core.query import JobFilter
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.tasks.registry import OWN

MOST: Final = 10_000
"""Jobs that are counted, and no more."""


class DeadLetters(Struct, frozen=True):
    """How many there are.

    Attributes:
        queues: by queue, those with most first.
        more: whether there are older ones that were not counted.
    """

    queues: tuple[tuple[str, int], ...]
    more: bool


def count_dead(
    engine: Engine, tenant: str | None, since: Instant | None = None
) -> Steps[DeadLetters]:
    """Count them, of one tenant or of all, but for the platform's own.

    Args:
        since: only jobs that were enqueued then or later.
    """
    counts: Counter[str] = Counter()
    which = JobFilter(states=(State.FAILED,), tenant=tenant, without=OWN, created_from=since)

    def see(jobs: Sequence[Snapshot]) -> None:
        counts.update(job.queue for job in jobs)

    _, more = yield from look_through(engine, which, MOST, see)
    return DeadLetters(tuple(counts.most_common()), more)
