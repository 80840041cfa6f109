"""The completer forms batches of what arrives, outlasts any trouble, and drops nothing."""

import logging
from typing import Any

import pytest

from tests.worker.conftest import settle, snapshots
from tests.worker.trouble import TroubledEngine
from tidemill.core.error_info import ErrorInfo
from tidemill.core.errors import StoreUnavailable
from tidemill.core.job import Claim, Progress
from tidemill.core.lease import WORKER
from tidemill.core.outcome import Done, Failed
from tidemill.core.state import State
from tidemill.core.want import Want
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.sample import a_job
from tidemill.upkeep.rescuer import Rescuer
from tidemill.worker.completer import MOST_AT_ONCE, MOST_UNSETTLED, Completer
from tidemill.worker.notebook import Notebook


async def claims(engine: Engine, count: int) -> tuple[Claim, ...]:
    await engine.jobs.insert([a_job() for _ in range(count)])
    lease = await engine.leases.take(WORKER + "x", "x", 3_600_000)
    assert lease
    return (await engine.jobs.claim(Want(lease, count))).jobs


def settled_in(troubled: TroubledEngine) -> list[int]:
    return [len(args[0]) for verb, args in troubled.calls if verb == "settle"]


@pytest.fixture
def troubled(engine: Engine) -> TroubledEngine:
    return TroubledEngine(engine)


async def test_what_arrives_together_is_settled_together(
    troubled: Any, engine: Engine, clock: ManualClock
) -> None:
    completer = Completer(troubled, clock)
    completer.start()
    for claim in await claims(engine, MOST_AT_ONCE + 7):
        completer.put(claim, Done(b"1"))
    await completer.stop()
    assert settled_in(troubled) == [MOST_AT_ONCE, 7]
    assert completer.settled == MOST_AT_ONCE + 7


async def test_a_store_that_is_away_is_waited_for(
    troubled: Any, engine: Engine, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    completer = Completer(troubled, clock)
    completer.start()
    held = await claims(engine, 3)
    troubled.errors["settle"] = StoreUnavailable("gone")
    completer.put(held[0], Done(b"1"))
    await settle()
    for claim in held[1:]:
        completer.put(claim, Done(b"1"))
    for _ in range(20):
        clock.advance("5s")
        await settle()
    assert len(settled_in(troubled)) > 15
    assert set(settled_in(troubled)) == {1}  # always the same ones
    assert completer.unsettled == 3
    troubled.errors.clear()
    clock.advance("5s")
    await completer.stop()
    assert all(
        job.state is State.COMPLETED for job in await snapshots(engine, [c.id for c in held])
    )
    assert len([r for r in caplog.records if r.levelno == logging.WARNING]) == 1


async def test_an_answer_that_was_lost_does_no_harm(
    troubled: Any, engine: Engine, clock: ManualClock
) -> None:
    completer = Completer(troubled, clock)
    (claim,) = await claims(engine, 1)

    def judge(verb: str, args: tuple[Any, ...]) -> Exception | None:
        if verb == "settle" and len(settled_in(troubled)) == 1:
            engine.jobs.settle(*args).wait()  # it was applied, but who asked does not hear of it
            return StoreUnavailable("the line went dead")
        return None

    troubled.judge = judge
    completer.start()
    completer.put(claim, Done(b"1"))
    await settle()
    clock.advance("1s")
    await completer.stop()
    assert completer.settled == 1
    assert completer.stale == 0


async def test_one_that_cannot_be_stored_does_not_hold_up_the_others(
    troubled: Any, engine: Engine, clock: ManualClock
) -> None:
    completer = Completer(troubled, clock)
    held = await claims(engine, 5)
    poison = held[1].id

    def judge(verb: str, args: tuple[Any, ...]) -> Exception | None:
        if verb == "settle" and any(each.claim.id == poison for each in args[0]):
            return UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        return None

    troubled.judge = judge
    completer.start()
    for claim in held:
        completer.put(claim, Done(b"1"))
    for _ in range(20):
        clock.advance("5s")
        await settle()
    assert completer.settled == 4
    assert completer.unsettled == 1
    completer.abandon()
    await completer.ended()


async def test_notes_go_before_the_settlement(
    troubled: Any, engine: Engine, clock: ManualClock
) -> None:
    completer = Completer(troubled, clock)
    (claim,) = await claims(engine, 1)
    completer.start()
    notebook = Notebook(claim, completer.note)
    notebook.show(Progress(10))
    await settle()
    notebook.show(Progress(99))  # too soon after the first: held back
    notebook.keep(b"7")
    completer.put(claim, Done(b"1"), notebook)
    await completer.stop()
    assert [verb for verb, _ in troubled.calls if verb in ("annotate", "settle")] == [
        "annotate",
        "annotate",
        "settle",
    ]
    (seen,) = await snapshots(engine, [claim.id])
    assert seen.progress
    assert seen.progress.percent == 99
    assert seen.checkpoint == b"7"


async def test_notes_that_cannot_be_stored_are_dropped_and_told_of(
    troubled: Any, engine: Engine, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    completer = Completer(troubled, clock)
    (claim,) = await claims(engine, 1)
    troubled.errors["annotate"] = ValueError("odd")
    completer.start()
    notebook = Notebook(claim, completer.note)
    notebook.show(Progress(10))
    completer.put(claim, Done(b"1"), notebook)
    await completer.stop()
    assert completer.settled == 1
    assert f"a note of job {claim.id} cannot be stored: odd" in caplog.text


async def test_a_note_that_cannot_be_stored_takes_no_other_with_it(
    troubled: Any, engine: Engine, clock: ManualClock
) -> None:
    completer = Completer(troubled, clock)
    odd, sound = await claims(engine, 2)
    troubled.judge = lambda verb, args: (
        ValueError("odd")
        if verb == "annotate" and odd in [note.claim for note in args[0]]
        else None
    )
    for claim in (odd, sound):
        Notebook(claim, completer.note).show(Progress(10))
    completer.start()
    await completer.stop()
    (seen,) = await snapshots(engine, [sound.id])
    assert seen.progress
    assert seen.progress.percent == 10


async def test_it_is_not_idle_while_notes_are_on_their_way(
    troubled: Any, engine: Engine, clock: ManualClock
) -> None:
    completer = Completer(troubled, clock)
    (claim,) = await claims(engine, 1)
    troubled.errors["annotate"] = StoreUnavailable("gone")
    completer.start()
    Notebook(claim, completer.note).show(Progress(10))
    await settle()
    assert not completer.idle
    troubled.errors.clear()
    clock.advance("5s")
    await completer.stop()
    assert completer.idle


async def test_a_stale_completion_is_counted_and_told_of(
    engine: Engine, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    (claim,) = await claims(engine, 1)
    clock.advance("2h")
    await engine.jobs.settle([])
    lease = await engine.leases.take(WORKER + "y", "y", 60_000)
    assert lease
    await Rescuer(engine, clock).run_once()
    assert (await engine.jobs.claim(Want(lease, 1))).jobs
    completer = Completer(engine, clock)
    completer.start()
    completer.put(claim, Done(b"1"))
    await completer.stop()
    assert (completer.settled, completer.stale) == (0, 1)
    assert f"stale completion: job {claim.id} (sample) was completed here" in caplog.text


async def test_it_is_crowded_when_too_many_wait(engine: Engine, clock: ManualClock) -> None:
    completer = Completer(engine, clock)
    (claim,) = await claims(engine, 1)
    for _ in range(MOST_UNSETTLED):
        completer.put(claim, Done())
    assert not completer.crowded
    completer.put(claim, Done())
    assert completer.crowded


async def test_an_attempt_that_failed_is_logged_with_what_becomes_of_its_job(
    engine: Engine, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    completer = Completer(engine, clock)
    again, over = await claims(engine, 2)
    completer.put(
        again, Failed(ErrorInfo("ValueError", "no such user\nat all"), again_after=60_000)
    )
    completer.put(over, Failed(ErrorInfo("KeyError", "7"), retryable=False))
    completer.start()
    await completer.stop()
    first, second = (record.getMessage() for record in caplog.records)
    assert f"job {again.id} (sample), attempt 1, failed: ValueError: no such user; " in first
    assert first.endswith("it is tried again in 1m")
    assert second.endswith("failed: KeyError: 7; not_retryable")
