"""A ticker takes its turns on time, sooner when woken, and outlives what a turn raises."""

import logging
from collections.abc import Callable

import pytest

from tidemill.core.instants import Millis
from tidemill.loops.bell import Bell
from tidemill.loops.patience import Patience
from tidemill.loops.ticker import Ticker
from tidemill.testing.clock import ManualClock


class Turns:
    """Counts turns, answers or raises what it is told, and lets a test wait for the next one."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.at: list[float] = []
        self.answer: Callable[[], Millis | None] = lambda: None
        self.bell = Bell(clock)

    async def take(self) -> Millis | None:
        self.at.append(self.clock.monotonic())
        self.bell.ring()
        return self.answer()

    async def next(self) -> None:
        """Wait for a turn, and until the ticker sleeps again."""
        await self.bell.wait()
        for _ in range(5):
            await Bell(self.clock).wait(0)


async def test_turns_come_every_so_often() -> None:
    clock = ManualClock()
    turns = Turns(clock)
    ticker = Ticker("ticking", clock, 1_000, turns.take)
    ticker.start()
    await turns.next()
    clock.advance("999ms")
    assert len(turns.at) == 1
    clock.advance("1ms")
    await turns.next()
    assert turns.at == [0, 1]
    await ticker.stop()


async def test_a_turn_may_say_when_the_next_one_is_due_and_a_wake_comes_first() -> None:
    clock = ManualClock()
    turns = Turns(clock)
    turns.answer = lambda: 60_000
    ticker = Ticker("ticking", clock, 1_000, turns.take)
    ticker.start()
    await turns.next()
    clock.advance("30s")
    ticker.wake()
    await turns.next()
    assert turns.at == [0, 30]
    await ticker.stop()


async def test_an_answer_of_nothing_takes_the_next_turn_at_once() -> None:
    clock = ManualClock()
    turns = Turns(clock)
    answers = iter([0, 0, 0, 60_000])
    turns.answer = lambda: next(answers)
    ticker = Ticker("ticking", clock, 1_000, turns.take)
    ticker.start()
    while len(turns.at) < 4:
        await turns.next()
    assert turns.at == [0, 0, 0, 0]
    await ticker.stop()


async def test_failures_are_waited_out_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = ManualClock()
    turns = Turns(clock)

    def fail() -> Millis | None:
        raise ZeroDivisionError

    turns.answer = fail
    patience = Patience("ticking", base=100, cap=400, dice=lambda: 1.0)
    ticker = Ticker("ticking", clock, 1_000, turns.take, patience=patience)
    ticker.start()
    await turns.next()
    for wait in (100, 200, 400, 400):
        clock.advance(wait / 1_000)
        await turns.next()
    turns.answer = lambda: None
    clock.advance("400ms")
    await turns.next()
    assert turns.at == pytest.approx([0, 0.1, 0.3, 0.7, 1.1, 1.5])
    assert len(caplog.records) == 2
    await ticker.stop()


async def test_a_usual_wait_swings_by_its_jitter() -> None:
    clock = ManualClock()
    ticker = Ticker("ticking", clock, 1_000, Turns(clock).take, jitter=0.1)
    waits = {ticker._usual() for _ in range(200)}
    assert min(waits) >= 900
    assert max(waits) <= 1_100
    assert len(waits) > 10
