"""One job, one pass: read its arguments, call its handler, and say what that came to.

The pass is written twice, for handlers that are awaited and for those that block, of the same
steps; whatever happens on the way becomes one `Outcome`, and nothing is raised.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from tidemill.client.tracing import carried
from tidemill.client.tracing import context_of as context_in
from tidemill.core.error_info import ErrorInfo
from tidemill.core.errors import InvalidName, InvalidOption, TidemillError, UnknownTask
from tidemill.core.identity import check_words
from tidemill.core.instants import LONGEST, words
from tidemill.core.outcome import Cancelled, Done, Failed, Interrupted, Outcome, Snoozed, TimedOut
from tidemill.loops.failpoint import failpoint
from tidemill.tasks.charter import chartered
from tidemill.tasks.directives import Cancel, Directive, Retry, Snooze
from tidemill.tasks.secret import Secret
from tidemill.worker.context import context_of
from tidemill.worker.failure import describe, fitting, forms_of, hidden, shown
from tidemill.worker.middleware import Middleware, wrap
from tidemill.worker.run import Run, Stop, Stopped, running

_LATEST: Final = 10 * LONGEST
"""No moment that a job is put off to lies behind this one, about the year 11900."""


class Unreadable(Exception):
    """The arguments of a job do not fit its task; trying again cannot help."""


class Ended(Exception):
    """A handler ended elsewhere, in a child process, other than by returning.

    It passes through the middleware like the handler's own exception would.
    """

    def __init__(self, outcome: Outcome) -> None:
        """Carry what it came to."""
        super().__init__(_told(outcome))
        self.outcome = outcome


async def perform(run: Run, layers: Sequence[Middleware] = ()) -> Outcome:
    """Run a handler that is awaited."""
    return await enclose(run, layers, lambda: _call(run))


async def enclose(
    run: Run, layers: Sequence[Middleware], handler: Callable[[], Awaitable[Any]]
) -> Outcome:
    """Await a handler inside the application's layers."""
    running.set(run)
    carried.set(context_in(run.claim.headers))
    if run.asked is not None:
        return stopped(run)
    try:
        value = await (wrap(layers, context_of(run), handler)() if layers else handler())
    except GeneratorExit:
        raise  # the event loop is gone, and nobody is left to be told
    except BaseException as error:  # noqa: BLE001 - every way to leave a handler is an outcome
        return outcome_of(run, error)
    return conclude(run, value)


def perform_blocking(run: Run) -> Outcome:
    """Run a handler that blocks, on this thread."""
    if run.asked is not None:
        return stopped(run)
    try:
        value = call_blocking(run)
    except BaseException as error:  # noqa: BLE001 - every way to leave a handler is an outcome
        return outcome_of(run, error)
    return conclude(run, value)


def call_blocking(run: Run) -> Any:
    """Call a handler that blocks; what it raises passes."""
    token, trace = running.set(run), carried.set(context_in(run.claim.headers))
    charter = chartered.set(run.task.charter)
    try:
        args, kwargs = _arguments(run)
        failpoint("run.before")
        value = run.task.function(*args, **kwargs)
        failpoint("run.after")
        return value
    finally:
        chartered.reset(charter)
        running.reset(token)
        carried.reset(trace)


async def _call(run: Run) -> Any:
    args, kwargs = _arguments(run)
    failpoint("run.before")
    # Only the handler is held to what its module may do, not the layers around it.
    charter = chartered.set(run.task.charter)
    try:
        value = await run.task.function(*args, **kwargs)
    finally:
        chartered.reset(charter)
    failpoint("run.after")
    return value


def _arguments(run: Run) -> tuple[tuple[Any, ...], dict[str, Any]]:
    claim = run.claim
    try:
        args, kwargs = run.task.decode_args(claim.args, tenant=claim.tenant, job=claim.id)
    except TidemillError as error:
        raise Unreadable from error
    if run.task.signature.secrets:
        given = (*args, *kwargs.values())
        run.secrets = forms_of(each.reveal() for each in given if isinstance(each, Secret))
        run.notebook.secrets = run.secrets
    return args, kwargs


def conclude(run: Run, value: Any) -> Outcome:
    """What a handler that returned this comes to."""
    if isinstance(value, Directive):
        return _directed(run, value)
    if run.asked is Stop.TIMEOUT:
        return stopped(run)
    try:
        return Done(run.task.encode_result(value))
    except TidemillError as error:
        told = describe(error, place=False, secrets=run.secrets)
        return Failed(told, retryable=False)
    except Exception as error:  # noqa: BLE001 - code of the value's own, such as a broken property
        return Failed(describe(error, secrets=run.secrets), retryable=False)


def outcome_of(run: Run, error: BaseException) -> Outcome:
    """What a handler that raised this comes to."""
    match error:
        case Directive():
            return _directed(run, error)
        case Ended():
            return error.outcome
        case Unreadable(__cause__=cause) if cause is not None:
            return Failed(describe(cause, place=False), retryable=False)
        case Stopped() | asyncio.CancelledError() if run.asked is not None:
            return stopped(run)
        case SystemExit():
            code = shown(error.code, run.secrets)
            said = f"the handler called sys.exit({code})"
            return Failed(fitting(ErrorInfo("SystemExit", said)))
        case _:
            told = describe(error, secrets=run.secrets)
            return Failed(told, retryable=not isinstance(error, run.task.options.give_up_on))


def stopped(run: Run, *, really: bool = True) -> Outcome:
    """What a run that ended because it was asked to comes to.

    Args:
        really: whether its code has ended; for a timeout that is told.
    """
    match run.asked:
        case Stop.CANCEL:
            return Cancelled()  # the reason is with the job, in the words of who asked
        case Stop.TIMEOUT:
            ended = "" if really else "; its code could not be stopped and still runs"
            message = f"it ran longer than its {words(run.claim.timeout or 0)}{ended}"
            return TimedOut(ErrorInfo("TimedOut", message), stopped=really)
        case _:
            return Interrupted()


def unknown(error: UnknownTask) -> Outcome:
    """What a job of a task that this worker does not know comes to: another one may know it."""
    return Failed(describe(error, place=False))


def _directed(run: Run, directive: Directive) -> Outcome:
    """What a handler asked for by returning or raising a directive, if a store can keep that.

    A directive is checked where it is made, but a handler may have changed it since.
    """
    outcome = _asked_for(run, directive)
    match outcome:
        case Failed(again_after=after) if after is not None and not _is_within(after, LONGEST):
            return _refused(InvalidOption("a handler asked for a retry after an odd time"))
        case Snoozed(until=until) if not _is_within(until, _LATEST):
            return _refused(InvalidOption("a handler asked to be put off to an odd time"))
        case Cancelled(reason=reason):
            try:
                check_words("reason", reason)
            except InvalidName as error:
                return _refused(error)
        case _:
            pass
    return outcome


def _refused(error: TidemillError) -> Outcome:
    return Failed(describe(error, place=False))


def _is_within(number: object, most: int) -> bool:
    return isinstance(number, int) and -most <= number <= most


def _asked_for(run: Run, directive: Directive) -> Outcome:
    match directive:
        case Snooze(until=int(until)):
            return Snoozed(until)
        case Snooze(delay=delay):
            return Snoozed(run.around.clock.now() + (delay or 0))
        case Cancel(reason=reason):
            return Cancelled(hidden(reason, run.secrets))
        case Retry(after=after):
            error = directive.__cause__ or directive.__context__ or directive
            return Failed(describe(error, secrets=run.secrets), again_after=after)
        case _:
            return Failed(describe(directive, secrets=run.secrets))


def _told(outcome: Outcome) -> str:
    error = getattr(outcome, "error", None)
    return f"{error.kind}: {error.message}" if error else type(outcome).__name__.lower()
