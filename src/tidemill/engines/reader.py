"""What can be asked of an engine about jobs, without changing anything: one of its five ports."""

from collections.abc import Sequence
from typing import Protocol

from tidemill.core.circumstances import Circumstances
from tidemill.core.instants import Instant
from tidemill.core.job import Claim, Snapshot
from tidemill.core.lease import Lease
from tidemill.core.query import (
    AttemptQuery,
    Bucket,
    Coming,
    JobFilter,
    Page,
    QueueCounts,
    StateCount,
    StatisticsQuery,
    Tries,
)
from tidemill.core.rules import Rules
from tidemill.loops.call import Call


class Reader(Protocol):
    """Questions about jobs."""

    def get(self, ids: Sequence[str]) -> Call[tuple[Snapshot | None, ...]]:
        """The jobs of these ids, live or finished, in order, each with its attempts."""
        ...

    def find(self, which: JobFilter, *, cursor: str | None = None, limit: int = 25) -> Call[Page]:
        """A page of jobs, newest first, without their attempts; stable while others write.

        Where no index leads to what is meant, a page ends after a while of looking: it may hold
        fewer jobs than asked for, or none, and have a cursor with which the next call goes on.
        Only a page without a cursor is the last.
        """
        ...

    def counts(self, tenant: str | None = None) -> Call[tuple[QueueCounts, ...]]:
        """Live jobs by queue, task and state; of one tenant, `""` of none, `None` of any."""
        ...

    def coming(
        self, before: Instant, *, tenant: str | None = None, limit: int = 10_000
    ) -> Call[tuple[Coming, ...]]:
        """Scheduled and retrying jobs due before a moment, the soonest so many, by hour and task.

        Those that are overdue count in the hour in which they were due; of one tenant, `""` of
        none, `None` of any.
        """
        ...

    def tally(self, which: JobFilter, most: int = 10_000) -> Call[tuple[StateCount, ...]]:
        """How many jobs match, by state, each up to so many; only the newest may be looked at."""
        ...

    def attempts(self, query: AttemptQuery) -> Call[Tries]:
        """Attempts of many jobs, newest first; only the newest may be looked at."""
        ...

    def circumstances(self, id: str) -> Call[Circumstances | None]:  # noqa: A002 - the word for it
        """What decides whether a live job can start; `None`: there is none, or it has finished."""
        ...

    def expired(self, limit: int) -> Call[tuple[Claim, ...]]:
        """Running jobs whose worker's lease has run out, so that they can be judged abandoned."""
        ...

    def held(self, worker: Lease) -> Call[tuple[Claim, ...]]:
        """What runs under a lease: more than its worker knows, if an answer to a claim was lost."""
        ...

    def rules(self) -> Call[tuple[Rules, ...]]:
        """Every rule that is set, a plain one for other queues; by kind and name."""
        ...

    def statistics(self, query: StatisticsQuery) -> Call[tuple[Bucket, ...]]:
        """What ended, by whole bucket of time, queue, task, tenant and ending, oldest first."""
        ...
