"""What ended and what is told of it: gathered for a batch, then written as few rows.

A batch costs one row of events per topic and tenant and one row of statistics per task, not one
per job.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from tidemill.core import histogram
from tidemill.core.event import Topic
from tidemill.core.instants import Instant, Millis
from tidemill.core.outcome import Ending
from tidemill.core.verdict import Settlement
from tidemill.engines.relational.link import Row

MINUTE: Final[Millis] = 60_000


class Tally:
    """Gathers what statistics and events say of one batch."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._events: defaultdict[tuple[Topic, str], list[dict[str, Any]]] = defaultdict(list)
        self._spans: defaultdict[tuple[Any, ...], list[tuple[Millis, Millis]]] = defaultdict(list)

    def complete(self, settlements: Sequence[Settlement]) -> None:
        """Count and tell of jobs that have completed; their claims say all there is to know."""
        ending = Ending.COMPLETED.value
        for settlement in settlements:
            claim, at = settlement.claim, settlement.at
            wait, run = claim.started_at - claim.ready_at, at - claim.started_at
            rest = (claim.queue, claim.task, claim.tenant, ending)
            self.count(at, rest, max(wait, 0), max(run, 0))
            told = {"id": claim.id, "task": claim.task, "queue": claim.queue}
            self.tell(Topic.JOBS_COMPLETED, claim.tenant, told)

    def count(self, at: Instant, rest: tuple[str, ...], wait: Millis, run: Millis) -> None:
        """Count one end; `rest`: its queue, task, tenant and ending."""
        self._spans[at - at % MINUTE, *rest].append((wait, run))

    def tell(self, topic: Topic, tenant: str, told: dict[str, Any]) -> None:
        """Say this of a job in the event of a topic."""
        self._events[topic, tenant].append(told)

    def statistics(self) -> Iterator[tuple[Row, tuple[int, int, int], list[int], list[int]]]:
        """Minute, queue, task, tenant and ending; the totals; how waits and runs are spread."""
        for key, spans in self._spans.items():
            waits, runs = zip(*spans, strict=True)
            totals = (len(spans), sum(waits), sum(runs))
            yield key, totals, histogram.count(waits), histogram.count(runs)

    def events(self) -> Iterator[tuple[str, str, bytes]]:
        """Topic, tenant and data of each event."""
        for (topic, tenant), jobs in self._events.items():
            yield topic.value, tenant, msgspec.json.encode({"jobs": jobs})
