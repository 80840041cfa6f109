"""The few moves that the tests of the suite are made of: insert, claim, settle, look."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from tidemill.core.change import Cancel, Change, Changed, Which
from tidemill.core.error_info import ErrorInfo
from tidemill.core.graph import Edge
from tidemill.core.identity import new_id
from tidemill.core.instants import Millis
from tidemill.core.job import Claim, Inserted, NewJob, Snapshot
from tidemill.core.lease import WORKER, Lease
from tidemill.core.outcome import Abandoned, Done, Failed, Outcome
from tidemill.core.retention import DAY
from tidemill.core.retry import RetryPolicy
from tidemill.core.rules import Rules
from tidemill.core.state import State
from tidemill.core.verdict import Receipt, judge
from tidemill.core.want import Want
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.sample import a_job

T = TypeVar("T")

LONG: Final[Millis] = 365 * DAY
SECOND: Final[Millis] = 1_000
MINUTE: Final[Millis] = 60_000
HOUR: Final[Millis] = 3_600_000

ERROR: Final = ErrorInfo("ValueError", "boom", "Traceback ...")
FAIL: Final = Failed(ERROR)
GIVE_UP: Final = Failed(ERROR, retryable=False)
LOST: Final = Abandoned(ErrorInfo("WorkerLost", "the worker's lease ran out"))

TEN_SECONDS: Final = RetryPolicy(attempts=3, shape="fixed", base=10 * SECOND, jitter=False)
"""A policy whose waits a test can name."""


def insert(engine: Engine, *jobs: NewJob) -> tuple[Inserted, ...]:
    """Store jobs in one call."""
    return engine.jobs.insert(jobs).wait()


def start_worker(engine: Engine, length: Millis = LONG) -> Lease:
    """Take the lease of a new worker session."""
    lease = engine.leases.take(WORKER + new_id(), "a test", length).wait()
    assert lease is not None
    return lease


def claim(
    engine: Engine, worker: Lease, limit: int = 100, queues: tuple[str, ...] | None = None
) -> tuple[Claim, ...]:
    """Take up to so many jobs."""
    return engine.jobs.claim(Want(worker, limit, queues)).wait().jobs


def claim_one(engine: Engine, worker: Lease) -> Claim:
    """Take one job that must be there."""
    (job,) = claim(engine, worker, limit=1)
    return job


def settle(
    engine: Engine, clock: ManualClock, claimed: Claim, outcome: Outcome | None = None
) -> Receipt:
    """Judge one attempt and hand the verdict in; by default the job is done."""
    settlement = judge(claimed, outcome or Done(), clock.now(), dice=0.5)
    (receipt,) = engine.jobs.settle([settlement]).wait()
    return receipt


def run(
    engine: Engine, clock: ManualClock, job: NewJob, outcome: Outcome | None = None
) -> Snapshot:
    """Store one job, claim it, which no other job of its queue may prevent, and settle it."""
    insert(engine, job)
    (claimed,) = claim(engine, start_worker(engine), limit=1, queues=(job.queue,))
    assert claimed.id == job.id
    assert settle(engine, clock, claimed, outcome) is Receipt.APPLIED
    return look(engine, job.id)


def change(engine: Engine, wish: Change, *ids: str) -> Changed:
    """Do what a person asks for to these jobs, in one slice."""
    return engine.jobs.change(Which(ids=ids), wish).wait()


def rule(engine: Engine, *rules: Rules) -> None:
    """Set rules, one after the other."""
    for one in rules:
        engine.jobs.rule(one).wait()


def look(engine: Engine, job: str) -> Snapshot:
    """The job as it is stored now; it must be known."""
    (snapshot,) = engine.reader.get([job]).wait()
    assert snapshot is not None, f"{job} is not stored"
    return snapshot


def is_stored(engine: Engine, job: str) -> bool:
    """Whether the store knows a job of this id, live or finished."""
    return engine.reader.get([job]).wait() != (None,)


def states(engine: Engine, jobs: Sequence[NewJob]) -> list[State]:
    """The states of these jobs now, in order."""
    return [look(engine, job.id).state for job in jobs]


def ids(jobs: Sequence[NewJob] | Sequence[Claim] | Sequence[Snapshot]) -> list[str]:
    """The ids of jobs in any of their forms, in order."""
    return [job.id for job in jobs]


def bring(engine: Engine, clock: ManualClock, state: State, **overrides: Any) -> NewJob:
    """Store a job and lead it into a state, the way a job gets there.

    Claims go by the job's queue, in which no other job may wait; a blocked job waits for a parent
    in the queue `elsewhere`.
    """
    job = a_job(retry=TEN_SECONDS, **overrides)
    match state:
        case State.SCHEDULED:
            insert(engine, replace(job, due_at=clock.now() + HOUR))
        case State.BLOCKED:
            parent = a_job(queue="elsewhere")
            insert(engine, parent, replace(job, after=(Edge(parent.id),)))
        case State.WAITING:
            insert(engine, job)
        case State.RUNNING:
            insert(engine, job)
            claim(engine, start_worker(engine), queues=(job.queue,))
        case State.RETRYING:
            run(engine, clock, job, FAIL)
        case State.COMPLETED:
            run(engine, clock, job)
        case State.FAILED:
            run(engine, clock, job, GIVE_UP)
        case State.CANCELLED:
            insert(engine, job)
            change(engine, Cancel("unwanted"), job.id)
    assert look(engine, job.id).state is state
    return job


def together(crowd: int, work: Callable[[int], T]) -> list[T]:
    """Do the same on so many threads that all begin at one moment; answers in thread order.

    Args:
        crowd: number of threads.
        work: is handed the thread's number, from 0; what it raises is raised here.
    """
    line = Barrier(crowd)

    def begin(number: int) -> T:
        line.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(crowd) as pool:
        return list(pool.map(begin, range(crowd)))
