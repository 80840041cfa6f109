"""Waiting for other processes on the event loop, where a test's time-out can end it.

A thread that is blocked in a read or in `waitpid` cannot be ended: the loop would wait for it for
ever when it closes, and with it the whole run.
"""

import asyncio
import os
from pathlib import Path


async def first_words(fifo: str | Path) -> str:
    """What the first writer of a FIFO writes into it, at most a pipe's buffer."""
    file = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        await _readable(file)
        return os.read(file, 65_536).decode()
    finally:
        os.close(file)


async def exit_code(pid: int) -> int:
    """How a child of this process ended, once it has."""
    file = os.pidfd_open(pid)
    try:
        await _readable(file)
    finally:
        os.close(file)
    _, status = os.waitpid(pid, 0)  # noqa: ASYNC222 - it has ended, so this does not wait
    return os.waitstatus_to_exitcode(status)


async def _readable(file: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()

    def look() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(file, look)
    try:
        await ready
    finally:
        loop.remove_reader(file)
