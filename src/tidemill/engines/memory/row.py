"""A job as the store keeps it, and the two forms in which it is shown."""

import msgspec
from msgspec import Struct

from tidemill.core.error_info import ErrorInfo
from tidemill.core.graph import OnFailure
from tidemill.core.instants import Instant
from tidemill.core.job import Attempt, Claim, NewJob, Progress, Snapshot
from tidemill.core.state import State

AFTER = "after"
"""The gate at which jobs wait for jobs."""


class Row(Struct, kw_only=True, eq=False):
    """One job, live or finished; it stays the same row from its insertion to its deletion.

    Attributes:
        ref: counts up with each insertion, so that it tells who came first.
        job: the job as it was asked for, and as duplicates and people have changed it since.
        let_go: whether it has let its unique key go by having started.
        cancel_reason: why it was asked to stop while it runs; `None`: it was not.
        attempts: those that have ended.
        parents: rows that it still waits for, and what it does should they fail.
        children: rows that still wait for it.
    """

    ref: int
    job: NewJob
    state: State
    created_at: Instant
    ready_at: Instant
    gate: str = ""
    let_go: bool = False
    attempt: int = 0
    crashes: int = 0
    fence: int = 0
    worker: int | None = None
    started_at: Instant | None = None
    finished_at: Instant | None = None
    cancel_reason: str | None = None
    reason: str = ""
    result: bytes | None = None
    error: ErrorInfo | None = None
    progress: Progress | None = None
    checkpoint: bytes | None = None
    attempts: list[Attempt] = []
    parents: "dict[Row, OnFailure]" = {}
    children: "set[Row]" = set()

    @property
    def unique_key(self) -> str | None:
        """Its unique key, whether or not it still holds it."""
        return self.job.unique.key if self.job.unique else None

    @property
    def held_key(self) -> str | None:
        """The unique key that it holds."""
        return None if self.let_go or self.state.finished else self.unique_key

    @property
    def place(self) -> tuple[int, Instant, int]:
        """Its place in any line: larger priority, then earlier ready, then earlier inserted."""
        return (-self.job.priority, self.ready_at, self.ref)

    def wait_for(self, parent: "Row", on_failure: OnFailure) -> None:
        """Tie it to a parent; a second tie to the same one changes nothing."""
        self.parents.setdefault(parent, on_failure)
        parent.children.add(self)

    def wait_no_more(self) -> None:
        """Untie it from all its parents."""
        for parent in self.parents:
            parent.children.discard(self)
        self.parents.clear()


def claim_of(row: Row) -> Claim:
    """A running job as its worker holds it."""
    job = row.job
    assert row.worker is not None and row.started_at is not None  # noqa: S101, PT018 - it runs
    return Claim(
        id=job.id,
        ref=row.ref,
        fence=row.fence,
        worker=row.worker,
        task=job.task,
        queue=job.queue,
        tenant=job.tenant,
        args=job.args,
        attempt=row.attempt,
        crashes=row.crashes,
        priority=job.priority,
        timeout=job.timeout,
        policy=msgspec.json.encode(job.retry),
        created_at=row.created_at,
        ready_at=row.ready_at,
        started_at=row.started_at,
        checkpoint=row.checkpoint,
        tags=job.tags,
        source=job.source,
        headers=dict(job.headers),
    )


def snapshot(row: Row, *, with_attempts: bool) -> Snapshot:
    """A job as whoever asks about it sees it."""
    job = row.job
    return Snapshot(
        id=job.id,
        task=job.task,
        queue=job.queue,
        tenant=job.tenant,
        state=row.state,
        args=job.args,
        priority=job.priority,
        attempt=row.attempt,
        max_attempts=job.retry.attempts,
        crashes=row.crashes,
        created_at=row.created_at,
        ready_at=row.ready_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        expires_at=job.expires_at,
        timeout=job.timeout,
        policy=msgspec.json.encode(job.retry),
        gate=row.gate,
        waits_for=len(row.parents),
        worker=row.worker,
        fence=row.fence,
        cancel_requested=row.cancel_reason is not None,
        unique_key=row.unique_key,
        limit_key=job.limit.key if job.limit else None,
        rate_key=job.rate.key if job.rate else None,
        batch=job.batch,
        tags=job.tags,
        source=job.source,
        headers=dict(job.headers),
        result=row.result,
        error=row.error,
        reason=row.reason,
        progress=row.progress,
        checkpoint=row.checkpoint,
        attempts=attempts_of(row) if with_attempts else (),
    )


def attempts_of(row: Row) -> tuple[Attempt, ...]:
    """The attempts that have ended and the one that runs now."""
    if row.state is not State.RUNNING or row.worker is None or row.started_at is None:
        return tuple(row.attempts)
    running = Attempt(row.attempt, row.worker, row.started_at, None, None)
    return (*row.attempts, running)
