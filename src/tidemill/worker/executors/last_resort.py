"""What is left to do when a handler's own exception breaks whoever handles it.

Exceptions are code and values of the handler's own, down to the name of their class. One that
breaks must cost its own job an attempt, and never the thread or the slot that ran it.
"""

import asyncio

from tidemill.core.error_info import ErrorInfo
from tidemill.core.outcome import Failed
from tidemill.worker.failure import fitting


def untold(error: BaseException) -> Failed:
    """What a run comes to whose own exception broke while it was written down."""
    kind = type(error).__name__
    what = f"what the handler raised cannot be written down: {kind} meanwhile"
    return Failed(fitting(ErrorInfo(kind, what)))


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
