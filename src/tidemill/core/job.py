"""The facts about one piece of work, in the three forms in which they travel.

A `NewJob` goes into the store, a `Claim` comes out to the worker that holds it, a `Snapshot`
answers whoever asks about it. Times are `Instant`s, lengths are `Millis`.

Those that are made for each job are `gc=False`: nothing in them can lead back to them, so the
garbage collector would look through thousands of them for nothing.
"""

from typing import Final

from msgspec import Struct, field

from tidemill.core.error_info import ErrorInfo
from tidemill.core.graph import Edge
from tidemill.core.instants import Instant, Millis
from tidemill.core.limits import KeyLimit, KeyRate
from tidemill.core.outcome import Ending
from tidemill.core.retry import RetryPolicy
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim

DEFAULT_TIMEOUT: Final[Millis] = 300_000


class NewJob(Struct, frozen=True, kw_only=True, gc=False):
    """A job as it is asked for.

    Attributes:
        id: made by the client, so that sending it again stores it once.
        task: name of the registered task.
        args: JSON object of arguments by parameter name, opaque to the store.
        due_at: not before this moment; `None`: at once.
        expires_at: cancelled if it has not started by then.
        timeout: longest run of one attempt; `None`: no end.
        unique: the unique key it claims, if any.
        limit: concurrency limit it runs under, if any.
        rate: rate it starts under, if any.
        after: jobs that must be finished first.
        batch: id of the batch (its callback job) it belongs to.
        source: what caused it: `"schedule:nightly"`, `"event:<position>"`, `"job:<id>"`, or empty.
        headers: trace context and the like, carried and never read.
    """

    id: str
    task: str
    queue: str = "default"
    args: bytes = b"{}"
    tenant: str = ""
    priority: int = 0
    due_at: Instant | None = None
    expires_at: Instant | None = None
    timeout: Millis | None = DEFAULT_TIMEOUT
    retry: RetryPolicy = RetryPolicy()
    unique: UniqueClaim | None = None
    limit: KeyLimit | None = None
    rate: KeyRate | None = None
    after: tuple[Edge, ...] = ()
    batch: str | None = None
    tags: tuple[str, ...] = ()
    source: str = ""
    headers: dict[str, str] = {}


class Inserted(Struct, frozen=True, gc=False):
    """What became of one `NewJob`.

    Attributes:
        id: the job that now stands for it: itself, or the one that was there.
        created: whether a job was added.
        replaced: whether the waiting job of that key took over the new arguments.
    """

    id: str
    created: bool
    replaced: bool = False


class Claim(Struct, frozen=True, gc=False):
    """A job as the worker holds it: everything it takes to run and to judge it, nothing more.

    Attributes:
        ref: the engine's own handle on the row; opaque to everyone else.
        attempt: this start's number, from 1.
        crashes: how often a worker died while it held this job.
        checkpoint: JSON that an earlier attempt left, if any.
        fence: grows with every claim; a settlement counts only while it is the job's.
        worker: number of the session that holds it.
    """

    id: str
    ref: int
    task: str
    queue: str
    tenant: str
    args: bytes
    attempt: int
    crashes: int
    priority: int
    timeout: Millis | None
    policy: bytes
    created_at: Instant
    ready_at: Instant
    checkpoint: bytes | None
    source: str
    fence: int
    worker: int
    started_at: Instant
    tags: tuple[str, ...] = ()
    headers: dict[str, str] = {}


class Progress(Struct, frozen=True, omit_defaults=True):
    """How far a job has come, in its own words.

    Attributes:
        percent: 0 to 100.
        message: what it is doing now.
        step: number of the current step, from 1; 0 when it has no steps.
        of: number of steps; 0 when unknown.
        at: when it was said.
    """

    percent: float
    message: str = ""
    step: int = 0
    of: int = 0
    at: Instant = 0


class Attempt(Struct, frozen=True):
    """One try of a job by a worker.

    Attributes:
        number: the attempt it was; snoozed and interrupted tries give their number back.
        worker: number of the session that ran it.
        ending: `None` while it runs.
    """

    number: int
    worker: int
    started_at: Instant
    ended_at: Instant | None
    ending: Ending | None
    error: ErrorInfo | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """A job as the store had it at one moment.

    Attributes:
        gate: where a blocked job is parked: `"after"`, `"key:<key>"`, `"rate:<key>"`,
            `"task:<name>"`; empty otherwise.
        ready_at: its place in the line: when it was, or will be, ready to run.
        reason: why it failed or was cancelled: `"attempts_spent"`, `"not_retryable"`, `"poison"`,
            `"expired"`, `"parent_failed"`, or what a person or its handler gave.
        waits_for: how many jobs it still waits for.
        unique_key: its whole unique key, which it may have let go by having started or ended.
        cancel_requested: whether a running job has been asked to stop.
    """

    id: str
    task: str
    queue: str
    tenant: str
    state: State
    args: bytes
    priority: int
    attempt: int
    max_attempts: int
    crashes: int
    created_at: Instant
    ready_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    expires_at: Instant | None
    timeout: Millis | None
    policy: bytes
    gate: str
    waits_for: int
    worker: int | None
    fence: int
    cancel_requested: bool
    unique_key: str | None
    limit_key: str | None
    rate_key: str | None
    batch: str | None
    tags: tuple[str, ...]
    source: str
    headers: dict[str, str]
    result: bytes | None
    error: ErrorInfo | None
    reason: str
    progress: Progress | None
    checkpoint: bytes | None
    attempts: tuple[Attempt, ...] = field(default=())
