"""What a handler may know of its job, and what it may say."""

from collections.abc import Awaitable, Generator, Mapping
from typing import Any, Final, TypeVar

import msgspec

from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.core.errors import (
    AttemptOver,
    InvalidOption,
    LeaseLost,
    OutsideJob,
    WrongTransaction,
)
from tidemill.core.instants import Instant
from tidemill.core.job import Claim, Progress
from tidemill.core.note import Note
from tidemill.core.outcome import Done
from tidemill.core.retry import RetryPolicy
from tidemill.core.verdict import Receipt, judge
from tidemill.engines.protocol import Engine
from tidemill.loops.failpoint import failpoint
from tidemill.tasks.charter import Permitted, chartered
from tidemill.tasks.codec import check_size, to_json
from tidemill.worker.run import Run, Stop, Stopped, running
from tidemill.worker.waiting import wait_for

T = TypeVar("T")

CHECKPOINT_LIMIT: Final = 1 << 20
"""Bytes that the JSON of a checkpoint may have."""

LEVELS: Final = ("debug", "info", "warning", "error", "critical")


class Said:
    """What the methods of a running job answer: it is done; awaiting it lets others run, too."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        """Give way to the other tasks of the event loop once."""
        yield


_SAID: Final = Said()


class JobContext:
    """The running job, as its handler sees it. Its methods are for sync and async code alike.

    All but `complete`, which writes in a transaction of the handler's: async code has `acomplete`.

    Example:
        >>> job = current()  # doctest: +SKIP
        >>> await job.progress(25, "Rendering", step=1, of=4)  # doctest: +SKIP
    """

    __slots__ = ("_run",)

    def __init__(self, run: Run) -> None:
        """Look at a run."""
        self._run = run

    def __repr__(self) -> str:
        return f"<JobContext {self.id} of {self.task}, attempt {self.attempt}>"

    @property
    def _claim(self) -> Claim:
        return self._run.claim

    @property
    def id(self) -> str:
        """The job's id."""
        return self._claim.id

    @property
    def task(self) -> str:
        """Name of its task."""
        return self._claim.task

    @property
    def queue(self) -> str:
        """The queue it came from."""
        return self._claim.queue

    @property
    def tenant(self) -> str:
        """Whose data it is; empty when there is but one."""
        return self._claim.tenant

    @property
    def attempt(self) -> int:
        """Number of this attempt, from 1."""
        return self._claim.attempt

    @property
    def max_attempts(self) -> int:
        """How often the job may start in all."""
        return msgspec.json.decode(self._claim.policy, type=RetryPolicy).attempts

    @property
    def fence(self) -> int:
        """Grows with every attempt of any job: what is written with a smaller one is stale."""
        return self._claim.fence

    @property
    def tags(self) -> tuple[str, ...]:
        """What it can be found by."""
        return self._claim.tags

    @property
    def headers(self) -> Mapping[str, str]:
        """What its enqueuer sent along, such as a trace's context."""
        return self._claim.headers

    @property
    def deadline(self) -> Instant | None:
        """When it will have run as long as it may, milliseconds UTC; `None`: it has no end."""
        timeout = self._claim.timeout
        if timeout is None:
            return None
        clock = self._run.around.clock
        left = self._run.due_at(clock.monotonic()) - clock.monotonic()
        return clock.now() + int(left * 1_000)

    @property
    def now(self) -> Instant:
        """What time it is, milliseconds UTC, by the clock that its worker goes by."""
        return self._run.around.clock.now()

    @property
    def services(self) -> Mapping[str, Any]:
        """What there is to ask others with, and what the application gives; empty in a child.

        The code of a module finds those only that the module says it needs; asking for another one
        raises `NotPermitted`.
        """
        given, charter = self._run.around.services, chartered.get()
        return given if charter is None else Permitted(given, charter)

    @property
    def module(self) -> str:
        """The module that brings its task; empty: none does."""
        charter = self._run.task.charter
        return "" if charter is None else charter.module

    @property
    def settings(self) -> Any:
        """The settings of that module, as the application has them; empty where there is none."""
        charter = self._run.task.charter
        return {} if charter is None else charter.settings

    @property
    def checkpoint_value(self) -> Any:
        """What an earlier attempt left by `checkpoint`, as plain JSON values; `None`: nothing."""
        left = self._claim.checkpoint
        return None if left is None else msgspec.json.decode(left)

    @property
    def cancelled(self) -> bool:
        """Whether it has been cancelled: by a person, by its timeout, or as its lease is lost."""
        return self._run.asked not in (None, Stop.SHUTDOWN)

    @property
    def stopping(self) -> bool:
        """Whether it should end now for any reason, its worker's stop included.

        Save what is worth saving with `checkpoint`, then call `raise_if_cancelled`.
        """
        return self._run.asked is not None

    def raise_if_cancelled(self) -> None:
        """End the handler here if its job should stop; what becomes of the job follows the reason.

        Raises:
            Stopped: it should; not an `Exception`, so let it pass.
        """
        if self._run.asked is not None:
            raise Stopped(self._run.asked.value)

    def progress(self, percent: float, message: str = "", *, step: int = 0, of: int = 0) -> Said:
        """Show how far it has come; shown at most ten times a second, the last one always.

        Args:
            percent: 0 to 100.
            message: what it is doing now.
            step: number of the current step, from 1.
            of: number of steps.

        Raises:
            InvalidOption: a percentage below 0 or above 100.
        """
        if not 0 <= percent <= 100:
            raise InvalidOption(f"progress of {percent!r} percent is not possible", hint="0 to 100")
        failpoint("run.middle")
        now = self._run.around.clock.now()
        self._run.notebook.show(Progress(float(percent), message, step, of, now))
        return _SAID

    def checkpoint(self, value: Any) -> Said:
        """Leave a value for the next attempt, should there be one, in place of an earlier value.

        Args:
            value: anything that has a JSON form, up to 1 MiB.

        Raises:
            Unserialisable: a part of it has no JSON form.
            PayloadTooLarge: it is more than 1 MiB of JSON.
        """
        what = f"checkpoint of {self.task}"
        payload = check_size(to_json(value, what), CHECKPOINT_LIMIT, what)
        failpoint("run.middle")
        self._run.notebook.keep(payload)
        return _SAID

    def log(self, message: str, level: str = "info", **fields: Any) -> Said:
        """Write a line to the job's log; at most 1,000 per attempt.

        Args:
            message: what happened.
            level: `debug`, `info`, `warning`, `error` or `critical`.
            fields: whatever belongs to it.

        Raises:
            InvalidOption: no such level.
        """
        if level not in LEVELS:
            raise InvalidOption(f"no log level is called {level!r}", hint=", ".join(LEVELS))
        self._run.notebook.add(level, message, fields)
        return _SAID

    def wait(self, awaitable: Awaitable[T]) -> T:
        """Wait, in a handler that is written `def`, for what only async code can await.

        It is awaited on the worker's event loop, as part of this job, and its answer is answered,
        or raised. Services are used so where `await` cannot be written. When the job is to stop,
        by a person, its timeout or the worker's end, what is awaited is cancelled and the handler
        ends here, so that a timeout holds even for code in a thread.

        Args:
            awaitable: such as `services["http"].get(url)`, or a call of an `async def` of one's own
                that does several things.

        Raises:
            InsideLoop: the handler is async code: write `await`.
            OutsideJob: the handler runs in a child process.
            Stopped: the job is to stop; not an `Exception`, so let it pass.

        Example:
            >>> def rates(currency: str) -> float:
            ...     job = current()
            ...     answer = job.wait(job.services["http"].get(f"https://ecb.example/{currency}"))
            ...     return float(answer.text)
        """
        return wait_for(self._run, awaitable)

    @blocking
    def complete(self, result: Any = None, *, tx: Any) -> Steps[None]:
        """End the job in a transaction of the handler's own: both count, or neither does.

        Write what the job is to bring about, call this, commit, and return. Once it is committed
        the job is completed, whatever the handler or its worker come to afterwards; if it is rolled
        back, nothing has been said, and the worker settles the job as ever.

        Args:
            result: what the job comes to, in place of what the handler returns.
            tx: a transaction on the database of the jobs, as `tx` of `Task.using` takes it.

        Raises:
            LeaseLost: another worker may have the job by now; let it pass, so that the transaction
                is rolled back.
            AttemptOver: the job was completed before, or its worker has given the attempt up; the
                same goes for it.
            WrongTransaction: the engine cannot write into it, or the job runs in a child process.
            Unserialisable: the result has no JSON form.
            PayloadTooLarge: the result is more JSON than a job may have.
            StoreError: the store did not take it; the transaction is as it was.

        Example:
            >>> with connection:  # doctest: +SKIP
            ...     connection.execute("UPDATE account SET balance = balance - 5")
            ...     current().complete(5, tx=connection)
        """
        run = self._run
        engine = self._reachable(tx)
        ending = Done(run.task.encode_result(result))
        settlement = judge(run.claim, ending, run.around.clock.now(), dice=0)
        progress = run.notebook.shut()
        try:
            if progress is not None:
                # Once the job has ended it is too late for that; its lines are taken all the same.
                yield from ask(engine.jobs.annotate([Note(run.claim, progress)], tx=tx))
            (receipt,) = yield from ask(engine.jobs.settle([settlement], tx=tx))
            self._check(receipt)
        except BaseException:
            run.notebook.reopen()
            raise
        run.completing = True

    acomplete = awaiting(complete)

    def _reachable(self, tx: Any) -> Engine:
        """The engine, if this job can be completed in a transaction at all."""
        engine = self._run.around.engine
        if engine is None:
            raise WrongTransaction(
                f"{self.task} runs in a child process, from where no job can be completed",
                hint='declare it with executor="thread", or return the result',
            )
        if tx is None:
            raise WrongTransaction(
                f"{self.task} is to be completed in no transaction",
                hint="give tx; without one, return the result",
            )
        return engine

    def _check(self, receipt: Receipt) -> None:
        """Raise unless the job has been completed."""
        if receipt is Receipt.FENCED:
            raise LeaseLost(
                f"job {self.id} has gone on without this worker, so it is not completed here",
                hint="roll the transaction back: what it would bring about is another one's to do",
            )
        if receipt is Receipt.ALREADY:
            raise AttemptOver(
                f"attempt {self.attempt} of job {self.id} has been settled already",
                hint="roll the transaction back, and complete a job once",
            )


def current() -> JobContext:
    """The job that runs here.

    Raises:
        OutsideJob: no job runs here.
    """
    run = running.get(None)
    if run is None:
        raise OutsideJob(
            "no job runs here", hint="current() works inside a task that a worker runs"
        )
    return context_of(run)


def context_of(run: Run) -> JobContext:
    """The one context of a run, made when it is first asked for."""
    if run.job is None:
        run.job = JobContext(run)
    job: JobContext = run.job
    return job
