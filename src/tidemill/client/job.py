"""A handle on one job: how it stands, what came of it, and what can be asked of it."""

import math
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import Struct

from tidemill.client.hints import Hints
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.client.store import Store
from tidemill.core.change import Cancel, Change, Retry, Which
from tidemill.core.errors import JobFailed, JobNotFinished, JobNotFound
from tidemill.core.identity import check_words
from tidemill.core.instants import Duration, Instant, Millis, millis, words
from tidemill.core.job import Snapshot
from tidemill.core.record import Entry, job_log
from tidemill.core.state import State

R_co = TypeVar("R_co", covariant=True)

_LOOK_AGAIN: Final = 1.0
"""Seconds after which one looks again though no hint came: hints may be lost."""

_LINES: Final = 500
_WORDS: Final = {State.FAILED: "failed", State.CANCELLED: "was cancelled"}


class LogLine(Struct, frozen=True):
    """One line of what a job said while it ran.

    Attributes:
        at: when it was said.
        level: `"debug"`, `"info"`, `"warning"`, `"error"`.
        fields: whatever else was said with it.
    """

    at: Instant
    level: str
    message: str
    fields: dict[str, Any]


class Job(Generic[R_co]):
    """One piece of work that was asked for.

    Every verb comes twice: as it is for threads, with an `a` before it for async code.

    Attributes:
        id: the job's id.
        task: name of the task.
        created: whether enqueueing made it; `False` when a job of the same unique key, or of the
            same id, was there already, which the handle is then on, and when it was looked up.
        seen: the job as it was when this handle last looked; `None` before it has.
    """

    __slots__ = ("_read", "_store", "created", "id", "seen", "task")

    def __init__(
        self,
        store: Store,
        read: Callable[[bytes | None], R_co],
        *,
        id: str,  # noqa: A002 - the word for it
        task: str,
        created: bool = True,
        seen: Snapshot | None = None,
    ) -> None:
        """Hold a job; the store is not asked. `read` makes the result of its JSON."""
        self._store = store
        self._read = read
        self.id = id
        self.task = task
        self.created = created
        self.seen = seen

    def __repr__(self) -> str:
        return f"<Job {self.task} {self.id}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def state(self) -> State:
        """Where the job stands now; the store is asked."""
        return self.snapshot().state

    @blocking
    def snapshot(self) -> Steps[Snapshot]:
        """Everything about the job as it is now, its attempts included.

        Raises:
            JobNotFound: it is not stored, or its history has been pruned.
        """
        return self._look()

    asnapshot = awaiting(snapshot)

    @blocking
    def result(self, timeout: Duration | None = None) -> Steps[R_co]:
        """Wait until the job has finished, and answer what its function returned.

        Args:
            timeout: how long to wait; `None`: for ever, 0: not at all.

        Raises:
            JobFailed: it failed or was cancelled; its `error` is what the function raised.
            JobNotFinished: it did not finish in that time.
            InsideLoop: it has not finished, and async code called this; see `aresult`.
            JobNotFound: it is not stored, or its history has been pruned.
            Unserialisable: what it returned is not what it is annotated to return.
        """
        length = None if timeout is None else millis(timeout)
        if self.seen is not None and self.seen.state is State.COMPLETED:
            return self._read(self.seen.result)  # nothing happens to it any more
        seen = yield from self._wait_until_finished(length)
        if seen.state is State.COMPLETED:
            return self._read(seen.result)
        if seen.state.finished:
            raise self._failure(seen)
        raise JobNotFinished(
            f"job {self.id} ({self.task}) is {seen.state} after {words(length or 0)}",
            hint="" if seen.state is State.RUNNING else "does a worker take from its queue?",
        )

    aresult = awaiting(result)

    @blocking
    def cancel(self, reason: str = "") -> Steps[bool]:
        """End the job, or ask it to stop while it runs; whether there was something to end."""
        return self._change(Cancel(check_words("reason", reason)))

    acancel = awaiting(cancel)

    @blocking
    def retry(self) -> Steps[bool]:
        """Run the job again if it failed or was cancelled; whether it will."""
        return self._change(Retry())

    aretry = awaiting(retry)

    @blocking
    def logs(self) -> Steps[list[LogLine]]:
        """What the job said while it ran, in order."""
        engine = yield from self._store.engine()
        lines: list[LogLine] = []
        position = 0
        while True:
            entries = yield from ask(
                engine.records.read(job_log(self.id), after=position, limit=_LINES)
            )
            lines += map(_line, entries)
            if len(entries) < _LINES:
                return lines
            position = entries[-1].position

    alogs = awaiting(logs)

    def _change(self, change: Change) -> Steps[bool]:
        engine = yield from self._store.engine()
        changed = yield from ask(engine.jobs.change(Which(ids=(self.id,)), change))
        return bool(changed.ids)

    def _look(self) -> Steps[Snapshot]:
        engine = yield from self._store.engine()
        (seen,) = yield from ask(engine.reader.get([self.id]))
        if seen is None:
            raise JobNotFound(
                f"job {self.id} ({self.task}) is not stored",
                hint="is its history pruned, or its transaction not committed?",
            )
        self.seen = seen
        return seen

    def _wait_until_finished(self, length: Millis | None) -> Steps[Snapshot]:
        if self.seen and self.seen.state is State.COMPLETED:  # which it stays, come what may
            return self.seen
        clock = self._store.clock
        end = math.inf if length is None else clock.monotonic() + length / 1_000
        seen = yield from self._look()
        if seen.state.finished or length == 0:
            return seen
        hints = Hints((yield from self._store.engine()).signals)
        try:
            while True:
                # Looked at again after the listening has begun, so that no end slips between.
                seen = yield from self._look()
                left = end - clock.monotonic()
                if seen.state.finished or left <= 0:
                    return seen
                yield from ask(hints.next(min(left, _LOOK_AGAIN)))
        finally:
            hints.close()

    def _failure(self, seen: Snapshot) -> JobFailed:
        """What is raised to one who asked for a result that there is not."""
        error, why = seen.error, seen.reason
        if error and seen.state is State.FAILED:
            why = f"{error.kind}: {error.message}"
        message = f"job {self.id} ({self.task}) {_WORDS[seen.state]}: {why}".rstrip(": ")
        failure = JobFailed(message, error=error, reason=seen.reason)
        if error and error.traceback:
            failure.add_note(f"In the worker:\n{error.traceback}")
        return failure


def _line(entry: Entry) -> LogLine:
    data = msgspec.json.decode(entry.data)
    fields = data if isinstance(data, dict) else {"message": str(data)}
    return LogLine(entry.at, entry.topic, str(fields.pop("message", "")), fields)
