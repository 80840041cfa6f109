"""Waiting, in a handler that blocks, for what only async code can await."""

import asyncio
from collections.abc import Awaitable, Coroutine
from concurrent.futures import CancelledError
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from tidemill.core.errors import InsideLoop, OutsideJob
from tidemill.worker.run import Run, Stopped

T = TypeVar("T")

_ENDINGS: Final = (SystemExit, KeyboardInterrupt)
"""What would end the event loop, and all that runs on it, were it raised there."""


class _Ended(Struct, Generic[T], frozen=True):
    """What came of an awaitable: its value, or what it raised."""

    value: T | None = None
    error: BaseException | None = None


def wait_for(run: Run, awaitable: Awaitable[T]) -> T:
    """Have the worker's event loop await something, and wait for it on this thread.

    It is awaited as part of the run: what asks for the running job finds it. When the run is asked
    to stop, what is awaited is cancelled, and the handler ends here.

    Raises:
        InsideLoop: an event loop runs on this thread.
        OutsideJob: the run is in a child process, which has no event loop beside its handler.
        Stopped: the run has been asked to stop.
    """
    loop = run.around.loop
    if loop is None:
        raise _refused(
            awaitable,
            OutsideJob(
                f"{run.task.name} runs in a child process, where nothing can be waited for",
                hint='declare it with executor="thread", or use asyncio.run()',
            ),
        )
    if _in_loop():
        raise _refused(
            awaitable,
            InsideLoop(
                f"{run.task.name} is async code, which would hold up its event loop",
                hint="write `await` in place of wait()",
            ),
        )
    future = asyncio.run_coroutine_threadsafe(_awaited(awaitable), loop)
    run.waits.add(future)
    if run.asked is not None:
        future.cancel()  # it was asked before it could know of this
    try:
        ended = future.result()
    except CancelledError:
        if run.asked is not None:
            raise Stopped(run.asked.value) from None
        raise
    finally:
        run.waits.discard(future)
    if ended.error is not None:
        raise ended.error
    value: T = ended.value  # type: ignore[assignment]  # there is no error, so it is a value
    return value


async def _awaited(awaitable: Awaitable[T]) -> _Ended[T]:
    try:
        return _Ended(await awaitable)
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except _ENDINGS as error:
        return _Ended(error=error)


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _refused(awaitable: Awaitable[Any], error: Exception) -> Exception:
    """The error, with nothing left behind that was never awaited."""
    if isinstance(awaitable, Coroutine):
        awaitable.close()
    return error
