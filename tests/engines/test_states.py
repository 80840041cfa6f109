"""Every move that is drawn between the states of a job is one that an engine makes."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from tidemill.core.change import Cancel, Change, Postpone, PutBack, Retry, RunNow
from tidemill.core.graph import Edge
from tidemill.core.outcome import Cancelled, Done, Interrupted, Outcome, Snoozed
from tidemill.core.rules import TaskRules
from tidemill.core.state import ALLOWED, State
from tidemill.engines.protocol import Engine
from tidemill.testing import ManualClock
from tidemill.testing.clock import START
from tidemill.testing.conformance.steps import (
    FAIL,
    GIVE_UP,
    HOUR,
    TEN_SECONDS,
    bring,
    change,
    claim,
    claim_one,
    insert,
    look,
    rule,
    settle,
    start_worker,
)
from tidemill.testing.sample import a_job

Way = Callable[[Engine, ManualClock, State], str]
"""Brings a job into a state and on; answers its id."""


def asked(wish: Change) -> Way:
    """Because a person asks for it."""

    def go(engine: Engine, clock: ManualClock, begin: State) -> str:
        job = bring(engine, clock, begin)
        change(engine, wish, job.id)
        return job.id

    return go


def ended(outcome: Outcome) -> Way:
    """By the end of an attempt."""

    def go(engine: Engine, clock: ManualClock, begin: State) -> str:
        assert begin is State.RUNNING
        insert(engine, a_job(retry=TEN_SECONDS))
        held = claim_one(engine, start_worker(engine))
        settle(engine, clock, held, outcome)
        return held.id

    return go


def undone(first: State, wish: Change, *, is_parked: bool = False) -> Way:
    """Because a person takes back what was asked for before."""

    def go(engine: Engine, clock: ManualClock, begin: State) -> str:
        job = bring(engine, clock, first)
        done = change(engine, wish, job.id)
        if is_parked:
            rule(engine, TaskRules(task=job.task, paused=True))
            claim(engine, start_worker(engine))
        assert look(engine, job.id).state is begin
        change(engine, PutBack(done.earlier), job.id)
        return job.id

    return go


def released(due_at: int | None) -> Way:
    """By the end of its parent."""

    def go(engine: Engine, clock: ManualClock, begin: State) -> str:
        parent = a_job()
        child = a_job(after=(Edge(parent.id),), due_at=due_at)
        insert(engine, parent, child)
        assert look(engine, child.id).state is begin
        settle(engine, clock, claim_one(engine, start_worker(engine)))
        return child.id

    return go


def promoted(engine: Engine, clock: ManualClock, begin: State) -> str:
    job = bring(engine, clock, begin)
    clock.advance("1d")
    engine.jobs.promote(10).wait()
    return job.id


def claimed(engine: Engine, clock: ManualClock, begin: State) -> str:
    job = bring(engine, clock, begin)
    claim(engine, start_worker(engine))
    return job.id


def parked(engine: Engine, clock: ManualClock, begin: State) -> str:
    rule(engine, TaskRules(task="sample", paused=True))
    return claimed(engine, clock, begin)


WAYS: Final[Mapping[tuple[State, State], Way]] = {
    (State.SCHEDULED, State.WAITING): promoted,
    (State.SCHEDULED, State.RETRYING): undone(State.RETRYING, Postpone(START + HOUR)),
    (State.SCHEDULED, State.CANCELLED): asked(Cancel()),
    (State.BLOCKED, State.WAITING): released(None),
    (State.BLOCKED, State.SCHEDULED): released(START + HOUR),
    (State.BLOCKED, State.RETRYING): undone(State.RETRYING, RunNow(), is_parked=True),
    (State.BLOCKED, State.FAILED): undone(State.FAILED, Retry(), is_parked=True),
    (State.BLOCKED, State.CANCELLED): asked(Cancel()),
    (State.WAITING, State.RUNNING): claimed,
    (State.WAITING, State.BLOCKED): parked,
    (State.WAITING, State.SCHEDULED): asked(Postpone(START + HOUR)),
    (State.WAITING, State.RETRYING): undone(State.RETRYING, RunNow()),
    (State.WAITING, State.FAILED): undone(State.FAILED, Retry()),
    (State.WAITING, State.CANCELLED): asked(Cancel()),
    (State.RUNNING, State.COMPLETED): ended(Done()),
    (State.RUNNING, State.FAILED): ended(GIVE_UP),
    (State.RUNNING, State.RETRYING): ended(FAIL),
    (State.RUNNING, State.SCHEDULED): ended(Snoozed(START + HOUR)),
    (State.RUNNING, State.WAITING): ended(Interrupted()),
    (State.RUNNING, State.CANCELLED): ended(Cancelled()),
    (State.RETRYING, State.WAITING): asked(RunNow()),
    (State.RETRYING, State.SCHEDULED): asked(Postpone(START + HOUR)),
    (State.RETRYING, State.CANCELLED): asked(Cancel()),
    (State.FAILED, State.WAITING): asked(Retry()),
    (State.CANCELLED, State.WAITING): asked(Retry()),
}


def test_there_is_a_way_for_each_move_and_no_move_beside_them() -> None:
    drawn = {(state, other) for state, following in ALLOWED.items() for other in following}
    assert set(WAYS) == {(state, other) for state, other in drawn if state is not other}


@pytest.mark.parametrize("move", WAYS, ids="-".join)
def test_a_move_is_made(engine: Engine, clock: ManualClock, move: tuple[State, State]) -> None:
    begin, end = move
    assert look(engine, WAYS[move](engine, clock, begin)).state is end


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize(
    "wish",
    [Cancel(), Retry(), RunNow(), Postpone(START + HOUR)],
    ids=lambda wish: type(wish).__name__,
)
def test_no_wish_makes_another_move(
    engine: Engine, clock: ManualClock, state: State, wish: Change
) -> None:
    job = bring(engine, clock, state)
    change(engine, wish, job.id)
    reached = look(engine, job.id).state
    assert reached is state or reached in ALLOWED[state]
