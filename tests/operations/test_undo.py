"""What can be undone, until when, and what each job is then made again."""

from typing import Any

import pytest
from msgspec.structs import replace

from tidemill import Tidemill
from tidemill.core.change import (
    Cancel,
    Change,
    Delete,
    Move,
    Postpone,
    PutBack,
    Reprioritise,
    Retry,
    RunNow,
)
from tidemill.core.earlier import earlier_of
from tidemill.core.job import Snapshot
from tidemill.core.state import State
from tidemill.operations.undo import WINDOW, is_undoable, refusal, way_back, ways_back

FINE: dict[str, Any] = {"earlier": 1, "rest": False, "undone": False, "ended_at": 0, "now": 0}


@pytest.fixture
def job() -> Snapshot:
    with Tidemill("memory://") as app:

        @app.task(queue="mail", priority=5)
        def send() -> None: ...

        seen = app.jobs.get(send.enqueue().id).seen
        assert seen is not None
        return seen


@pytest.mark.parametrize("change", [PutBack(()), Delete()])
def test_what_leaves_nothing_to_go_back_to_is_never_undone(change: Change) -> None:
    assert refusal(change, **FINE) == "verb"


@pytest.mark.parametrize(
    "change", [Cancel(), Move("slow"), Reprioritise(1), Retry(), RunNow(), Postpone(1)]
)
def test_ten_minutes_are_ten_minutes(change: Change) -> None:
    assert refusal(change, **FINE | {"now": WINDOW - 1}) is None
    assert refusal(change, **FINE | {"now": WINDOW}) == "late"


@pytest.mark.parametrize(
    ("more", "why"),
    [({"rest": True}, "rest"), ({"undone": True}, "undone"), ({"earlier": 0}, "nothing")],
)
def test_it_says_why_not(more: dict[str, Any], why: str) -> None:
    assert refusal(Move("slow"), **FINE | more) == why


def test_of_cancelled_jobs_only_those_that_waited_come_back(job: Snapshot) -> None:
    before = earlier_of(job, 7)
    assert is_undoable(Cancel(), before)
    assert not is_undoable(Cancel(), replace(before, state=State.SCHEDULED))
    ours = replace(job, state=State.CANCELLED, finished_at=7)
    assert way_back(Cancel(), before, ours) == Retry()
    assert way_back(Cancel(), before, replace(ours, finished_at=8)) is None
    assert way_back(Cancel(), before, replace(ours, state=State.COMPLETED)) is None


def test_a_job_that_others_have_moved_since_stays_where_it_is(job: Snapshot) -> None:
    before, moved = earlier_of(job, 7), replace(job, queue="slow")
    assert way_back(Move("slow"), before, moved) == Move("mail")
    assert way_back(Move("slow"), before, replace(job, queue="other")) is None
    assert way_back(Move("slow"), before, replace(moved, state=State.RUNNING)) is None


def test_a_priority_comes_back_where_it_still_is_the_new_one(job: Snapshot) -> None:
    before, raised = earlier_of(job, 7), replace(job, priority=50)
    assert way_back(Reprioritise(50), before, raised) == Reprioritise(5)
    assert way_back(Reprioritise(50), before, replace(job, priority=7)) is None


def test_jobs_of_one_way_back_go_it_together(job: Snapshot) -> None:
    jobs = [replace(job, id=id_, priority=priority) for id_, priority in (("a", 1), ("b", 1))]
    jobs.append(replace(job, id="c", priority=2))
    known = [(earlier_of(each, 7), replace(each, priority=50)) for each in jobs]
    assert ways_back(Reprioritise(50), known) == {
        Reprioritise(1): ["a", "b"],
        Reprioritise(2): ["c"],
    }
    back = PutBack(tuple(before for before, _ in known))
    assert ways_back(Retry(), known) == {back: ["a", "b", "c"]}
    assert ways_back(Retry(), []) == {}
