"""Makes sure that what a run came to can be kept, whatever its handler has made of it.

A handler's exceptions and directives are code and values of its own. One that no store can hold
must cost its own job an attempt, and never the thread that ran it or the settlements beside it.
"""

import asyncio
from typing import Final

from tidemill.core.error_info import ErrorInfo
from tidemill.core.errors import InvalidOption, TidemillError
from tidemill.core.identity import check_words
from tidemill.core.instants import LONGEST
from tidemill.core.outcome import Cancelled, Crashed, Done, Failed, Outcome, Snoozed, TimedOut
from tidemill.worker.failure import describe, fitting

_LATEST: Final = 10 * LONGEST
"""No moment that a job is put off to lies behind this one, about the year 11900."""


def sound(outcome: Outcome) -> Outcome:
    """The outcome if it can be kept as it is, else one that can."""
    match outcome:
        case Done():
            return outcome
        case Failed(error=error, retryable=retryable, again_after=after):
            if after is not None and not _is_within(after, LONGEST):
                return _refused(InvalidOption("a handler asked for a retry after an odd time"))
            return Failed(fitting(error), retryable=retryable, again_after=after)
        case TimedOut(error=error, stopped=stopped):
            return TimedOut(fitting(error), stopped=stopped)
        case Crashed(error=error):
            return Crashed(fitting(error))
        case Snoozed(until=until) if not _is_within(until, _LATEST):
            return _refused(InvalidOption("a handler asked to be put off to an odd time"))
        case Cancelled(reason=reason):
            try:
                check_words("reason", reason)
            except TidemillError as error:
                return _refused(error)
        case _:
            pass
    return outcome


def untold(error: BaseException) -> Outcome:
    """What a run comes to whose own exception broke while it was written down."""
    kind = type(error).__name__
    what = f"what the handler raised cannot be written down: {kind} meanwhile"
    return sound(Failed(ErrorInfo(kind, what)))


def loop_is_gone(error: BaseException) -> bool:
    """Whether this ends a coroutine because its event loop is gone, and nobody is left to be told.

    A `GeneratorExit` while the loop runs is one that a handler has raised.
    """
    if not isinstance(error, GeneratorExit):
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


def _refused(error: TidemillError) -> Outcome:
    return Failed(describe(error, place=False))


def _is_within(number: object, most: int) -> bool:
    return isinstance(number, int) and -most <= number <= most
