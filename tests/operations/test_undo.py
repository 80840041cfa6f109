"""What can be undone, until when, and what each job is then made again."""

from typing import Any

import pytest
from msgspec.structs import replace

from tidemill import Tidemill
from tidemill.core.change import Cancel, Change, Delete, Move, Postpone, Reprioritise, Retry, RunNow
from tidemill.core.job import Snapshot
from tidemill.core.state import State
from tidemill.operations.undo import WINDOW, Earlier, is_undoable, refusal, way_back

BEFORE = Earlier("j", State.WAITING, "mail", 5)
FINE: dict[str, Any] = {"earlier": 1, "rest": False, "undone": False, "ended_at": 0, "now": 0}


@pytest.fixture
def job() -> Snapshot:
    with Tidemill("memory://") as app:

        @app.task(queue="mail")
        def send() -> None: ...

        seen = app.jobs.get(send.enqueue().id).seen
        assert seen is not None
        return seen


@pytest.mark.parametrize("change", [Retry(), RunNow(), Postpone(1), Delete()])
def test_what_leaves_nothing_to_go_back_to_is_never_undone(change: Change) -> None:
    assert refusal(change, **FINE) == "verb"


@pytest.mark.parametrize("change", [Cancel(), Move("slow"), Reprioritise(1)])
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
    assert is_undoable(Cancel(), BEFORE)
    assert not is_undoable(Cancel(), replace(BEFORE, state=State.SCHEDULED))
    ours = replace(job, state=State.CANCELLED, finished_at=7)
    assert way_back(Cancel(), BEFORE, ours, 5, 7) == Retry()
    assert way_back(Cancel(), BEFORE, replace(ours, finished_at=8), 5, 7) is None
    assert way_back(Cancel(), BEFORE, replace(ours, state=State.COMPLETED), 5, 7) is None


def test_a_job_that_others_have_moved_since_stays_where_it_is(job: Snapshot) -> None:
    moved = replace(job, queue="slow")
    assert way_back(Move("slow"), BEFORE, moved, 0, 1) == Move("mail")
    assert way_back(Move("slow"), BEFORE, replace(job, queue="other"), 0, 1) is None
    assert way_back(Move("slow"), BEFORE, replace(moved, state=State.RUNNING), 0, 1) is None


def test_a_priority_comes_back_where_it_still_is_the_new_one(job: Snapshot) -> None:
    raised = replace(job, priority=50)
    assert way_back(Reprioritise(50), BEFORE, raised, 0, 1) == Reprioritise(5)
    assert way_back(Reprioritise(50), BEFORE, replace(job, priority=7), 0, 1) is None
