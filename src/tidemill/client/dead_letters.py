"""Jobs that have failed for good, by queue: the newest of them, up to a bound."""

from collections import Counter
from typing import Final

from msgspec import Struct

from tidemill.client.steps import Steps, ask
from tidemill.core.query import JobFilter
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.tasks.registry import OWN

MOST: Final = 10_000
"""Jobs that are counted, and no more."""

_PAGE: Final = 1_000
_MOST_LOOKS: Final = 20
"""Pages that are looked at, full or not: of a tenant with few dead letters, few are on each."""


class DeadLetters(Struct, frozen=True):
    """How many there are.

    Attributes:
        queues: by queue, those with most first.
        more: whether there are older ones that were not counted.
    """

    queues: tuple[tuple[str, int], ...]
    more: bool


def count_dead(engine: Engine, tenant: str | None) -> Steps[DeadLetters]:
    """Count them, of one tenant or of all, but for the platform's own."""
    counts: Counter[str] = Counter()
    which, cursor = JobFilter(states=(State.FAILED,), tenant=tenant, without=OWN), None
    for _ in range(_MOST_LOOKS):
        page = yield from ask(engine.reader.find(which, cursor=cursor, limit=_PAGE))
        counts.update(job.queue for job in page.jobs)
        if (cursor := page.cursor) is None or counts.total() >= MOST:
            break
    return DeadLetters(tuple(counts.most_common()), cursor is not None)
