"""A bell wakes its waiter whoever rings, and no ring is lost."""

import asyncio
import threading

from tidemill.loops.bell import Bell
from tidemill.loops.clock import SystemClock
from tidemill.testing.clock import ManualClock


async def test_a_ring_before_the_wait_counts_once() -> None:
    clock = ManualClock()
    bell = Bell(clock)
    bell.ring()
    bell.ring()
    await bell.wait()
    waiting = asyncio.ensure_future(bell.wait(5))
    await settled()
    assert not waiting.done()
    clock.advance(5)
    await waiting


async def test_an_alarm_that_was_called_off_does_not_wake_the_next_wait() -> None:
    clock = ManualClock()
    bell = Bell(clock)
    for _ in range(3):
        waiting = asyncio.ensure_future(bell.wait(5))
        await settled()
        bell.ring()
        await waiting
        await settled()
    waiting = asyncio.ensure_future(bell.wait())
    await settled()
    assert not waiting.done()
    assert clock.asleep == 0
    bell.ring()
    await waiting


async def test_a_wait_of_nothing_gives_way_and_forgets_earlier_rings() -> None:
    clock = ManualClock()
    bell = Bell(clock)
    bell.ring()
    await bell.wait(0)
    waiting = asyncio.ensure_future(bell.wait(1))
    await settled()
    assert not waiting.done()
    bell.ring()
    await waiting


async def test_rings_from_threads_are_never_lost() -> None:
    bell = Bell(SystemClock())
    wanted = 2_000
    rung = 0
    heard = threading.Semaphore(0)

    def ring() -> None:
        nonlocal rung
        for _ in range(wanted):
            rung += 1
            bell.ring()
            heard.acquire()

    ringer = threading.Thread(target=ring)
    ringer.start()
    for _ in range(wanted):
        await bell.wait()
        heard.release()
    ringer.join()
    assert rung == wanted


def test_a_ring_after_the_loop_has_closed_is_harmless() -> None:
    bell = Bell(ManualClock())

    async def wait_a_little() -> None:
        waiting = asyncio.ensure_future(bell.wait())
        await settled()
        waiting.cancel()

    asyncio.run(wait_a_little())
    bell.ring()


async def settled() -> None:
    """Let every task that can go on do so, a few steps of a few tasks each."""
    for _ in range(10):
        await Bell(ManualClock()).wait(0)
