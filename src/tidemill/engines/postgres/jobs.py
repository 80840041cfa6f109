"""The path of a job, with a shorter way for what is frequent and simple."""

from collections.abc import Sequence
from typing import Any

from tidemill.core.job import Inserted, NewJob
from tidemill.core.record import Put
from tidemill.engines.postgres.ground import PostgresGround
from tidemill.engines.relational.inserting import is_plain
from tidemill.engines.relational.jobs import RelationalJobs
from tidemill.loops.call import Call


class PostgresJobs(RelationalJobs):
    """The port of jobs."""

    def __init__(self, ground: PostgresGround) -> None:
        """Stand on this ground."""
        super().__init__(ground)
        self._shortcut = ground

    def insert(
        self, jobs: Sequence[NewJob], *, tx: Any = None, put: Put | None = None
    ) -> Call[tuple[Inserted, ...]]:
        """Store jobs, all or none; those without anything special in one statement alone."""
        alone = tx is None and put is None and self._shortcut.knows_queues_of(jobs)
        if alone and all(is_plain(job) and not job.tags for job in jobs):
            return self._shortcut.store(jobs)
        return super().insert(jobs, tx=tx, put=put)
