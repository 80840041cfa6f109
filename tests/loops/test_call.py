"""A call that has been begun goes on by itself, and is finished once."""

import asyncio
import threading

import pytest

from tidemill.loops.call import Begun, Immediate


def test_it_runs_on_another_thread_while_the_caller_goes_on() -> None:
    may_end = threading.Event()

    def work() -> str:
        assert may_end.wait(10)
        return threading.current_thread().name

    begun = Begun(Immediate(work))
    may_end.set()
    assert begun.wait() == "tidemill-call"


def test_it_is_awaited_without_blocking_the_loop() -> None:
    may_end = threading.Event()

    async def both() -> int:
        begun = Begun(Immediate(lambda: 42 if may_end.wait(10) else 0))
        asyncio.get_running_loop().call_soon(may_end.set)
        return await begun

    assert asyncio.run(both()) == 42


def test_what_it_raises_is_told_to_whoever_waits() -> None:
    begun = Begun(Immediate(lambda: 1 // 0))
    with pytest.raises(ZeroDivisionError):
        begun.wait()
