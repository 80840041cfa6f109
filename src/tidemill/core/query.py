"""How one asks about jobs: filters, pages, counts and statistics."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from tidemill.core.errors import InvalidOption
from tidemill.core.instants import Instant, Millis
from tidemill.core.job import Attempt, Snapshot
from tidemill.core.retention import DAY
from tidemill.core.state import State


class JobFilter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The jobs one means. Every field given must hold; an empty tuple asks for nothing special.

    Attributes:
        states: in one of these states.
        queues: in one of these queues.
        tasks: of one of these tasks.
        without: of no task whose name begins so; empty: of any.
        tags: carrying all of these tags.
        tenant: of this tenant; `None`: of any.
        batch: of this batch.
        unique_key: holding this unique key, or having let it go; the whole key, as a job shows it.
        source: caused by this.
        created_from: enqueued at or after.
        created_before: enqueued before.
        text: found in the arguments as they are stored, as JSON. The letters A to Z are found in
            either case; any other letter only as it is written.
    """

    states: tuple[State, ...] = ()
    queues: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    without: str = ""
    tags: tuple[str, ...] = ()
    tenant: str | None = None
    batch: str | None = None
    unique_key: str | None = None
    source: str | None = None
    created_from: Instant | None = None
    created_before: Instant | None = None
    text: str = ""


_MOST: Final = 1 << 62
"""More than any store holds, and a number of 64 bits with one more."""


class Page(Struct, frozen=True):
    """Jobs in the order in which they were enqueued, newest first.

    Attributes:
        cursor: hand it back for the next page; `None` on the last one. A page may hold fewer jobs
            than asked for, or none, and yet have one: where what is meant is rare among very many
            jobs, so far was looked.
    """

    jobs: tuple[Snapshot, ...]
    cursor: str | None


def read_cursor(cursor: str | None) -> int | None:
    """The number in a cursor.

    Raises:
        InvalidOption: it is none that was handed out.
    """
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InvalidOption(f"cursor {cursor!r} is not one that was handed out")
    return int(cursor)


def at_most(limit: int) -> int:
    """How many are asked for, as a number that every store can count with.

    Example:
        >>> at_most(25), at_most(-1)
        (25, 0)
    """
    return max(0, min(limit, _MOST))


class QueueCounts(Struct, frozen=True):
    """How many jobs of one queue and task are in one live state now, and since when.

    Attributes:
        oldest_at: `ready_at` of the one that has been in the line longest.
    """

    queue: str
    task: str
    state: State
    count: int
    oldest_at: Instant


Step = Literal["minute", "hour", "day"]

STEPS: Final[dict[Step, Millis]] = {"minute": 60_000, "hour": 3_600_000, "day": DAY}
"""How long a bucket of each step is; the first one of each began with the Unix epoch."""


class Coming(Struct, frozen=True):
    """How many jobs of one task that are scheduled or retrying are due in one hour.

    Attributes:
        at: start of the hour; hours begin with the Unix epoch.
    """

    at: Instant
    queue: str
    task: str
    state: State
    count: int


class StatisticsQuery(Struct, frozen=True, kw_only=True):
    """Which numbers are asked for, in buckets of one minute, hour or day.

    Attributes:
        from_at: from the bucket on in which this lies, the whole of it.
        before: to the bucket in which the moment before this lies, the whole of it.
        queue: of this queue; `None`: of any.
        task: of this task; `None`: of any.
        tenant: of this tenant, `""`: of none; `None`: of any.
    """

    step: Step
    from_at: Instant
    before: Instant
    queue: str | None = None
    task: str | None = None
    tenant: str | None = None

    def whole(self) -> tuple[Instant, Instant]:
        """The start of the first bucket and the end of the last one.

        Example:
            >>> StatisticsQuery(step="minute", from_at=70_000, before=120_001).whole()
            (60000, 180000)
        """
        length = STEPS[self.step]
        return self.from_at - self.from_at % length, self.before + -self.before % length


class Bucket(Struct, frozen=True):
    """What ended in one stretch of time, for one queue, task, tenant and ending.

    Attributes:
        at: start of the stretch.
        ending: how the attempts counted here ended.
        wait: total time from ready to start.
        run: total time from start to end.
        wait_counts: attempts by length of wait, see `core.histogram`.
        run_counts: attempts by length of run.
    """

    at: Instant
    queue: str
    task: str
    tenant: str
    ending: str
    count: int
    wait: Millis
    run: Millis
    wait_counts: tuple[int, ...]
    run_counts: tuple[int, ...]


class StateCount(Struct, frozen=True):
    """How many jobs that are meant are in one state.

    Attributes:
        more: whether there may be more of them than were counted.
    """

    state: State
    count: int
    more: bool


class AttemptQuery(Struct, frozen=True, kw_only=True):
    """Which attempts are meant: those that run, and those that ended in a stretch of time.

    Attributes:
        since: ended at or after; one that runs counts if it began before the end.
        before: ended before.
        queue: of jobs of this queue; `None`: of any.
        task: of jobs of this task; `None`: of any.
        tenant: of jobs of this tenant, `""`: of none; `None`: of any.
        worker: by this session; `None`: by any.
        limit: so many at most.
    """

    since: Instant
    before: Instant
    queue: str | None = None
    task: str | None = None
    tenant: str | None = None
    worker: int | None = None
    limit: int = 500


class Tried(Struct, frozen=True):
    """One attempt, and the job that it was of."""

    job: str
    task: str
    queue: str
    tenant: str
    attempt: Attempt
    tags: tuple[str, ...] = ()


class Tries(Struct, frozen=True):
    """Attempts, those that run first, then those that ended, the last one first.

    Attributes:
        more: whether there may be others in that stretch, which a shorter one would show.
    """

    attempts: tuple[Tried, ...]
    more: bool


def last_first(found: Sequence[Tried], query: AttemptQuery, *, more: bool = False) -> Tries:
    """Those of some attempts that lie in the stretch asked for, in order, as many as are wanted.

    Args:
        more: whether some may not have been looked at.
    """
    meant = [each for each in found if _lies_in(each.attempt, query)]
    meant.sort(
        key=lambda each: (_end(each.attempt), each.attempt.started_at, each.job), reverse=True
    )
    most = at_most(query.limit)
    return Tries(tuple(meant[:most]), more or len(meant) > most)


def _end(attempt: Attempt) -> Instant:
    return _MOST if attempt.ended_at is None else attempt.ended_at


def _lies_in(attempt: Attempt, query: AttemptQuery) -> bool:
    if attempt.ended_at is None:
        return attempt.started_at < query.before
    return query.since <= attempt.ended_at < query.before
