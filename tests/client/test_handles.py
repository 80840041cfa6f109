"""A handle tells how its job stands, waits for it, and says what came of it."""

import asyncio
import threading
from typing import Any

import pytest

from tidemill import Job, State, Tidemill
from tidemill.client.hints import Hints
from tidemill.core.error_info import ErrorInfo
from tidemill.core.errors import InsideLoop, JobFailed, JobNotFinished, JobNotFound, Unserialisable
from tidemill.core.note import Note
from tidemill.core.outcome import Cancelled, Done, Failed
from tidemill.core.record import NewEntry
from tidemill.core.signal import RESYNC, Signal
from tidemill.loops.bell import Bell
from tidemill.testing.clock import ManualClock

BROKEN = ErrorInfo("shop.NoStock", "none left", "Traceback: line 7")


@pytest.fixture
def job(app: Tidemill) -> Job[set[int]]:
    @app.task(name="collect")
    def collect(limit: int) -> set[int]:
        return set(range(limit))

    return collect.enqueue(3)


def test_a_result_is_what_the_function_is_annotated_to_return(
    job: Job[set[int]], hand: Any
) -> None:
    hand.do(result=[1, 2, 2])
    assert job.result(timeout=0) == {1, 2}
    assert asyncio.run(job.aresult()) == {1, 2}
    assert (job.state, job.state.finished) == (State.COMPLETED, True)


def test_a_result_of_another_type_is_named(job: Job[set[int]], hand: Any) -> None:
    hand.do(result="three")
    with pytest.raises(Unserialisable, match=r"result of collect"):
        job.result()


def test_what_failed_says_why(job: Job[set[int]], hand: Any) -> None:
    hand.do(Failed(BROKEN, retryable=False))
    with pytest.raises(JobFailed, match=r"\(collect\) failed: shop.NoStock: none left") as caught:
        job.result()
    assert caught.value.__notes__ == ["In the worker:\nTraceback: line 7"]
    assert (caught.value.error, caught.value.reason) == (BROKEN, "not_retryable")


def test_what_was_cancelled_says_why(job: Job[set[int]], hand: Any) -> None:
    hand.do(Cancelled("no need"))
    with pytest.raises(JobFailed, match=r"was cancelled: no need") as caught:
        job.result()
    assert (caught.value.error, caught.value.reason) == (None, "no need")


def test_what_was_cancelled_after_a_failure_tells_that_failure(
    job: Job[set[int]], hand: Any
) -> None:
    hand.do(Failed(BROKEN))
    assert job.cancel("enough")
    with pytest.raises(JobFailed, match=r"was cancelled: enough") as caught:
        asyncio.run(job.aresult())
    assert (caught.value.error, caught.value.reason) == (BROKEN, "enough")


def test_what_has_not_finished_says_how_it_stands(job: Job[set[int]], hand: Any) -> None:
    with pytest.raises(JobNotFinished, match=r"is waiting after 0ms .does a worker take"):
        job.result(timeout=0)
    hand.take()
    with pytest.raises(JobNotFinished, match=r"is running after 0ms$"):
        job.result(timeout=0)


async def test_async_code_that_would_wait_on_its_own_thread_is_told_how_to(
    job: Job[set[int]], hand: Any
) -> None:
    with pytest.raises(InsideLoop, match=r"await job\.aresult"):
        job.result()
    with pytest.raises(JobNotFinished):
        job.result(timeout=0)
    hand.do(result=[1])
    assert job.result() == {1}


def test_what_is_retried_is_waited_for(job: Job[set[int]], hand: Any, clock: ManualClock) -> None:
    hand.do(Failed(BROKEN))
    assert job.state is State.RETRYING
    with pytest.raises(JobNotFinished, match=r"is retrying"):
        job.result(timeout=0)
    clock.advance("2s")
    hand.engine.jobs.promote(10).wait()
    hand.do(result=[])
    assert job.result() == set()


def test_a_thread_is_woken_by_the_end_of_its_job(job: Job[set[int]], hand: Any) -> None:
    results: list[object] = []
    waiter = threading.Thread(target=lambda: results.append(job.result()))
    waiter.start()
    hand.do(result=[7])
    waiter.join(timeout=20)
    assert results == [{7}]


def test_a_coroutine_is_woken_by_the_end_of_its_job(
    job: Job[set[int]], hand: Any, clock: ManualClock
) -> None:
    async def wait() -> tuple[set[int], set[int]]:
        one, other = asyncio.create_task(job.aresult()), asyncio.create_task(job.aresult("20s"))
        await clock.sleep(0)
        await asyncio.to_thread(hand.do, result=[7])
        return await one, await other

    assert asyncio.run(wait()) == ({7}, {7})


def test_waiting_ends_when_its_time_has_passed(job: Job[set[int]], clock: ManualClock) -> None:
    async def wait() -> None:
        waiting = asyncio.create_task(job.aresult("5s"))
        await clock.sleep(0)
        clock.advance("5s")
        with pytest.raises(JobNotFinished, match=r"is waiting after 5s"):
            await waiting

    asyncio.run(wait())


def test_who_is_cancelled_while_waiting_listens_no_more(
    job: Job[set[int]], hand: Any, clock: ManualClock
) -> None:
    async def wait() -> None:
        waiting = asyncio.create_task(job.aresult())
        await clock.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(wait())
    hand.do(result=[])
    assert job.result() == set()


class Deaf:
    """Signals of which none arrives, save by hand."""

    def __init__(self) -> None:
        self.listeners: list[Any] = []

    def send(self, signal: Signal) -> None:
        for listener in self.listeners:
            listener(signal)

    def listen(self, listener: Any) -> Any:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


def test_a_hint_that_came_before_the_wait_ends_it_at_once() -> None:
    signals = Deaf()
    hints = Hints(signals)
    for signal in (RESYNC, Signal("event")):
        signals.send(signal)
        hints.next(3_600).wait()
        signals.send(signal)
        asyncio.run(_finish(hints))
    signals.send(Signal("work"))
    hints.next(0).wait()
    hints.close()
    assert signals.listeners == []


async def _finish(hints: Hints) -> None:
    await hints.next(3_600)


def test_a_hint_for_one_whose_event_loop_is_closed_does_no_harm() -> None:
    signals = Deaf()
    hints = Hints(signals)
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(_finish(hints))
    loop.run_until_complete(Bell(ManualClock()).wait(0))
    loop.close()
    signals.send(RESYNC)
    assert not waiting.done()
    waiting.get_coro().close()


def test_without_hints_a_wait_ends_by_itself() -> None:
    hints = Hints(Deaf())
    hints.next(0.001).wait()

    async def wait() -> None:
        await hints.next(0.001)

    asyncio.run(wait())


def test_a_job_can_be_cancelled_and_run_again(job: Job[set[int]], hand: Any) -> None:
    assert job.cancel("no need")
    assert not job.cancel("no need")
    assert (job.state, job.snapshot().reason) == (State.CANCELLED, "no need")
    assert job.retry()
    assert job.state is State.WAITING
    assert not asyncio.run(job.aretry())
    hand.take()
    assert asyncio.run(job.acancel())
    assert job.snapshot().cancel_requested


def test_what_a_job_said_is_read_in_order(job: Job[set[int]], hand: Any) -> None:
    (claim,) = hand.take()
    lines = tuple(
        NewEntry("info", b'{"message":"line %d","number":%d}' % (number, number))
        for number in range(1_234)
    )
    hand.engine.jobs.annotate([Note(claim, lines=lines)]).wait()
    said = job.logs()
    assert [line.fields["number"] for line in said] == list(range(1_234))
    assert (said[7].level, said[7].message) == ("info", "line 7")
    assert asyncio.run(job.alogs()) == said


def test_what_is_not_stored_is_not_found(app: Tidemill, job: Job[set[int]], hand: Any) -> None:
    hand.do(result=[])
    assert app.jobs.delete(job) == 1
    with pytest.raises(JobNotFound):
        job.snapshot()
    with pytest.raises(JobNotFound):
        app.jobs.get(job.id)


def test_a_found_job_gives_its_result_without_being_asked_for_again(
    app: Tidemill, job: Job[set[int]], hand: Any
) -> None:
    hand.settle(*hand.take(), Done(b"[4]"))
    (found,) = app.jobs.find(states=["completed"])
    assert found.seen is not None
    assert (found == job, found.seen.state) == (True, State.COMPLETED)
    app.jobs.delete(job)
    assert found.result() == {4}
