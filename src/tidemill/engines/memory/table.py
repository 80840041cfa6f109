"""The table of all jobs, and the orders in which they are looked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from tidemill.core.instants import Instant
from tidemill.core.job import Claim, NewJob
from tidemill.core.state import State
from tidemill.engines.memory.order import Order
from tidemill.engines.memory.row import Row

DUE_LATER = frozenset({State.SCHEDULED, State.RETRYING})
RESTING = DUE_LATER | {State.BLOCKED, State.WAITING}
"""The states of live jobs that do not run."""


def _lines_in_queues(name: Callable[[Row], str]) -> Order:
    """Lines of waiting jobs, one for each queue and each name that jobs in it have."""
    return Order(
        lambda row: (row.job.queue, name(row), *row.place) if row.state is State.WAITING else None
    )


class JobTable:
    """Jobs by id, in the order of their insertion, live and finished ones alike.

    Attributes:
        waiting: the line of each queue.
        tasks: the line of each task in each queue.
        turns: the line of each tenant in each queue.
        parked: the line at each gate.
        due: scheduled and retrying ones by the time at which they are due.
        expiring: those that do not run and will expire, by when.
        running: by queue and tenant.
        limited: those that run under a limit key, by key and state.
        rated: those that start under a rate key, by key and state.
        holders: live ones by the unique key that they hold.
        finished: by when they finished.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.rows: dict[str, Row] = {}
        self._last_ref = 0
        self.waiting = Order(
            lambda row: (row.job.queue, *row.place) if row.state is State.WAITING else None
        )
        self.tasks = _lines_in_queues(lambda row: row.job.task)
        self.turns = _lines_in_queues(lambda row: row.job.tenant)
        self.parked = Order(
            lambda row: (row.gate, *row.place) if row.state is State.BLOCKED else None
        )
        self.due = Order(lambda row: (row.ready_at, row.ref) if row.state in DUE_LATER else None)
        self.expiring = Order(
            lambda row: (
                (row.job.expires_at, row.ref)
                if row.state in RESTING and row.job.expires_at is not None
                else None
            )
        )
        self.running = Order(
            lambda row: (
                (row.job.queue, row.job.tenant, row.ref) if row.state is State.RUNNING else None
            )
        )
        self.limited = Order(
            lambda row: (row.job.limit.key, row.state, row.ref) if row.job.limit else None
        )
        self.rated = Order(
            lambda row: (row.job.rate.key, row.state, row.ref) if row.job.rate else None
        )
        self.holders = Order(
            lambda row: (row.held_key, row.ref) if row.held_key is not None else None
        )
        self.finished = Order(
            lambda row: (row.finished_at, row.ref) if row.state.finished else None
        )
        self._orders = (
            self.waiting, self.tasks, self.turns, self.parked, self.due, self.expiring,
            self.running, self.limited, self.rated, self.holders, self.finished,
        )  # fmt: skip

    def add(self, job: NewJob, state: State, gate: str, now: Instant, ready_at: Instant) -> Row:
        """Make the row of a new job."""
        self._last_ref += 1
        row = Row(
            ref=self._last_ref,
            # The caller may go on using its dictionary.
            job=replace(job, headers=dict(job.headers)),
            state=state,
            gate=gate,
            created_at=now,
            ready_at=ready_at,
        )
        self.rows[job.id] = row
        for order in self._orders:
            order.enter(row)
        return row

    @contextmanager
    def moving(self, row: Row) -> Iterator[None]:
        """Change a row: whatever decides where it stands is changed inside this context."""
        for order in self._orders:
            order.leave(row)
        yield
        for order in self._orders:
            order.enter(row)

    def remove(self, row: Row) -> None:
        """Forget a row."""
        for order in self._orders:
            order.leave(row)
        del self.rows[row.job.id]

    def held_by(self, claim: Claim) -> Row | None:
        """The row of a claimed job if nobody has claimed it since, whatever its state is now."""
        row = self.rows.get(claim.id)
        return row if row is not None and (row.ref, row.fence) == (claim.ref, claim.fence) else None
