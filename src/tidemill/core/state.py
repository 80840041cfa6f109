"""The states of a job, and the one table of moves between them."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a job stands, told as what its owner would see.

    A job is *live* until it is completed, failed or cancelled; then it is *finished* and moves
    from the hot table to history.
    """

    SCHEDULED = "scheduled"
    """Due later: delayed or snoozed. The promoter moves it to waiting when its time comes."""
    BLOCKED = "blocked"
    """Parked at a gate: waits for other jobs, for room under a limit, or for its task's pause."""
    WAITING = "waiting"
    """In the line: the next free worker takes it."""
    RUNNING = "running"
    """A worker holds it under its lease."""
    RETRYING = "retrying"
    """It failed and will run again at a known time."""
    COMPLETED = "completed"
    """Done, with its result."""
    FAILED = "failed"
    """Its attempts are spent, or the error is not worth retrying: the dead-letter queue."""
    CANCELLED = "cancelled"
    """Ended by a person, a policy, or its expiry."""

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to the job unless someone asks for it."""
        return self in FINISHED


FINISHED: Final = frozenset({State.COMPLETED, State.FAILED, State.CANCELLED})
LIVE: Final = frozenset(State) - FINISHED

ALLOWED: Final[dict[State, frozenset[State]]] = {
    State.SCHEDULED: frozenset({State.WAITING, State.SCHEDULED, State.RETRYING, State.CANCELLED}),
    State.BLOCKED: frozenset(
        {
            State.WAITING,
            State.SCHEDULED,
            State.BLOCKED,
            State.RETRYING,
            State.FAILED,
            State.CANCELLED,
        }
    ),
    State.WAITING: frozenset(
        {
            State.RUNNING,
            State.BLOCKED,
            State.SCHEDULED,
            State.RETRYING,
            State.FAILED,
            State.CANCELLED,
        }
    ),
    State.RUNNING: frozenset(
        {
            State.COMPLETED,
            State.FAILED,
            State.RETRYING,
            State.SCHEDULED,
            State.WAITING,
            State.CANCELLED,
        }
    ),
    State.RETRYING: frozenset({State.WAITING, State.SCHEDULED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset({State.WAITING}),
    State.CANCELLED: frozenset({State.WAITING}),
}
"""From each state, the states that may follow. `docs/reference/states.md` is drawn from it."""
