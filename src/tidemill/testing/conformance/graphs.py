"""Jobs that wait for jobs are released once, cancelled with their parents, or run all the same."""

import pytest

from tidemill.core.change import Cancel, Change, Delete
from tidemill.core.errors import CircularDependency, UnknownParent
from tidemill.core.event import Topic
from tidemill.core.graph import Edge, OnFailure
from tidemill.core.job import NewJob
from tidemill.core.outcome import Cancelled, Outcome
from tidemill.core.record import EVENTS
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    FAIL,
    GIVE_UP,
    HOUR,
    SECOND,
    TEN_SECONDS,
    change,
    claim,
    claim_one,
    insert,
    is_stored,
    look,
    run,
    settle,
    start_worker,
    states,
)
from tidemill.testing.sample import a_job


def child_of(*parents: NewJob, on_failure: OnFailure = "cancel", **overrides: object) -> NewJob:
    """A job that waits for these."""
    return a_job(after=tuple(Edge(one.id, on_failure) for one in parents), **overrides)


def finish_next(engine: Engine, clock: ManualClock, outcome: Outcome | None = None) -> str:
    """Run the next waiting job to its end; its id."""
    claimed = claim_one(engine, start_worker(engine))
    settle(engine, clock, claimed, outcome)
    return claimed.id


def waiting_for(engine: Engine, job: NewJob) -> tuple[State, str, int]:
    """The state and gate of a job, and how many it waits for."""
    stored = look(engine, job.id)
    return stored.state, stored.gate, stored.waits_for


class TestGraphs:
    """`NewJob.after` while parents are live."""

    def test_a_child_is_blocked_until_its_last_parent_is_done(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parents = [a_job() for _ in range(2)]
        child = child_of(*parents)
        insert(engine, *parents, child)
        assert waiting_for(engine, child) == (State.BLOCKED, "after", 2)
        finish_next(engine, clock)
        assert waiting_for(engine, child) == (State.BLOCKED, "after", 1)
        clock.advance("5s")
        finish_next(engine, clock)
        assert waiting_for(engine, child) == (State.WAITING, "", 0)
        assert look(engine, child.id).ready_at == clock.now()

    def test_a_child_may_stand_before_its_parent_in_the_call(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job()
        child = child_of(parent)
        insert(engine, child, parent)
        assert waiting_for(engine, child) == (State.BLOCKED, "after", 1)
        assert finish_next(engine, clock) == parent.id
        assert look(engine, child.id).state is State.WAITING

    def test_a_child_may_come_in_a_later_call(self, engine: Engine, clock: ManualClock) -> None:
        parent = a_job()
        insert(engine, parent)
        claimed = claim_one(engine, start_worker(engine))
        child = child_of(parent)
        insert(engine, child)
        settle(engine, clock, claimed)
        assert look(engine, child.id).state is State.WAITING

    def test_a_released_child_still_waits_for_its_time(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job()
        child = child_of(parent, due_at=START + HOUR)
        insert(engine, parent, child)
        assert waiting_for(engine, child) == (State.BLOCKED, "after", 1)
        finish_next(engine, clock)
        stored = look(engine, child.id)
        assert (stored.state, stored.ready_at) == (State.SCHEDULED, START + HOUR)

    def test_a_child_released_after_its_time_waits_from_then_on(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job()
        child = child_of(parent, due_at=START + SECOND)
        insert(engine, parent, child)
        clock.advance("1h")
        finish_next(engine, clock)
        stored = look(engine, child.id)
        assert (stored.state, stored.ready_at) == (State.WAITING, clock.now())

    def test_a_parent_that_will_be_tried_again_releases_nobody(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job(retry=TEN_SECONDS)
        child = child_of(parent)
        insert(engine, parent, child)
        finish_next(engine, clock, FAIL)
        assert waiting_for(engine, child) == (State.BLOCKED, "after", 1)

    @pytest.mark.parametrize("outcome", [GIVE_UP, Cancelled("no")], ids=type)
    def test_a_child_is_cancelled_with_its_parent(
        self, engine: Engine, clock: ManualClock, outcome: Outcome
    ) -> None:
        parent = a_job()
        child = child_of(parent)
        insert(engine, parent, child)
        clock.advance("1s")
        finish_next(engine, clock, outcome)
        stored = look(engine, child.id)
        assert (stored.state, stored.reason) == (State.CANCELLED, "parent_failed")
        assert (stored.finished_at, stored.attempts) == (clock.now(), ())

    @pytest.mark.parametrize("outcome", [GIVE_UP, Cancelled("no")], ids=type)
    def test_a_child_runs_all_the_same_where_that_was_asked(
        self, engine: Engine, clock: ManualClock, outcome: Outcome
    ) -> None:
        parent = a_job()
        child = child_of(parent, on_failure="run")
        insert(engine, parent, child)
        finish_next(engine, clock, outcome)
        assert waiting_for(engine, child) == (State.WAITING, "", 0)

    def test_a_cancellation_goes_down_until_someone_runs_all_the_same(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        root = a_job()
        son = child_of(root)
        grandson = child_of(son)
        tidier = child_of(grandson, on_failure="run")
        last = child_of(tidier)
        insert(engine, root, son, grandson, tidier, last)
        finish_next(engine, clock, GIVE_UP)
        assert states(engine, [root, son, grandson, tidier, last]) == [
            State.FAILED,
            State.CANCELLED,
            State.CANCELLED,
            State.WAITING,
            State.BLOCKED,
        ]

    def test_one_failed_parent_is_enough_and_the_others_may_still_end(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parents = [a_job() for _ in range(2)]
        child = child_of(*parents)
        insert(engine, *parents, child)
        finish_next(engine, clock, GIVE_UP)
        assert look(engine, child.id).state is State.CANCELLED
        finish_next(engine, clock)
        assert states(engine, [*parents, child]) == [
            State.FAILED,
            State.COMPLETED,
            State.CANCELLED,
        ]

    def test_a_diamond_comes_together_once(self, engine: Engine, clock: ManualClock) -> None:
        top = a_job()
        left, right = child_of(top), child_of(top)
        bottom = child_of(left, right)
        insert(engine, bottom, left, right, top)
        order = [finish_next(engine, clock) for _ in range(4)]
        assert order == [top.id, left.id, right.id, bottom.id]
        assert claim(engine, start_worker(engine)) == ()

    def test_two_parents_that_end_in_one_claim_release_their_child(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parents = [a_job(expires_at=START + SECOND) for _ in range(2)]
        child = child_of(*parents, on_failure="run")
        insert(engine, *parents, child)
        clock.advance("1s")
        worker = start_worker(engine)
        claim(engine, worker)
        claim(engine, worker)
        assert look(engine, child.id).state is State.RUNNING

    @pytest.mark.parametrize("wish", [Cancel("no"), Delete()], ids=type)
    def test_a_parent_ended_by_a_person_counts_as_cancelled(
        self, engine: Engine, wish: Change
    ) -> None:
        parent = a_job()
        cancelled, released = child_of(parent), child_of(parent, on_failure="run")
        insert(engine, parent, cancelled, released)
        change(engine, wish, parent.id)
        assert states(engine, [cancelled, released]) == [State.CANCELLED, State.WAITING]
        assert look(engine, cancelled.id).reason == "parent_failed"

    def test_a_child_ended_by_a_person_is_not_released(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job()
        child = child_of(parent)
        insert(engine, parent, child)
        change(engine, Cancel("no"), child.id)
        finish_next(engine, clock)
        stored = look(engine, child.id)
        assert (stored.state, stored.reason) == (State.CANCELLED, "no")

    def test_a_deleted_child_is_gone_when_its_parent_ends(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job()
        child = child_of(parent)
        insert(engine, parent, child)
        change(engine, Delete(), child.id)
        finish_next(engine, clock, GIVE_UP)
        assert not is_stored(engine, child.id)
        told = [one.topic for one in engine.records.read(EVENTS).wait()]
        assert told == [Topic.JOBS_FAILED]


class TestGraphsLate:
    """`NewJob.after` when parents have ended, or never were."""

    def test_a_parent_that_is_done_is_no_reason_to_wait(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        done, open_ = a_job(), a_job()
        run(engine, clock, done)
        insert(engine, open_)
        ready, waits = child_of(done), child_of(done, open_)
        insert(engine, ready, waits)
        assert waiting_for(engine, ready) == (State.WAITING, "", 0)
        assert waiting_for(engine, waits) == (State.BLOCKED, "after", 1)

    @pytest.mark.parametrize("outcome", [GIVE_UP, Cancelled("no")], ids=type)
    def test_a_parent_that_has_failed_cancels_or_not_as_its_edge_says(
        self, engine: Engine, clock: ManualClock, outcome: Outcome
    ) -> None:
        parent = a_job()
        run(engine, clock, parent, outcome)
        cancelled, ready = child_of(parent), child_of(parent, on_failure="run")
        answer = insert(engine, cancelled, ready)
        assert [one.created for one in answer] == [True, True]
        assert states(engine, [cancelled, ready]) == [State.CANCELLED, State.WAITING]
        stored = look(engine, cancelled.id)
        assert (stored.reason, stored.finished_at) == ("parent_failed", clock.now())

    @pytest.mark.parametrize("first", ["cancel", "run"])
    def test_of_two_edges_to_one_parent_the_first_counts(
        self, engine: Engine, clock: ManualClock, first: OnFailure
    ) -> None:
        parent = a_job()
        second: OnFailure = "run" if first == "cancel" else "cancel"
        child = a_job(after=(Edge(parent.id, first), Edge(parent.id, second)))
        insert(engine, parent, child)
        assert waiting_for(engine, child) == (State.BLOCKED, "after", 1)
        settle(engine, clock, claim_one(engine, start_worker(engine)), GIVE_UP)
        ends = {"cancel": State.CANCELLED, "run": State.WAITING}
        assert look(engine, child.id).state is ends[first]

    def test_a_job_stored_as_cancelled_cancels_those_behind_it(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job()
        run(engine, clock, parent, GIVE_UP)
        son = child_of(parent)
        grandson, tidier = child_of(son), child_of(son, on_failure="run")
        insert(engine, son, grandson, tidier)
        assert states(engine, [son, grandson, tidier]) == [
            State.CANCELLED,
            State.CANCELLED,
            State.WAITING,
        ]

    def test_an_unknown_parent_is_refused(self, engine: Engine) -> None:
        child = a_job(after=(Edge("nowhere"),))
        with pytest.raises(UnknownParent):
            insert(engine, child)
        assert not is_stored(engine, child.id)

    @pytest.mark.parametrize("length", [1, 2, 3])
    def test_a_circle_is_refused(self, engine: Engine, length: int) -> None:
        names = [f"job-{number}" for number in range(length)]
        jobs = [a_job(id=name, after=(Edge(names[n - 1]),)) for n, name in enumerate(names)]
        with pytest.raises(CircularDependency):
            insert(engine, *jobs)
        assert engine.reader.get(names).wait() == (None,) * length


class TestBatches:
    """`NewJob.batch`: a callback that waits for all members."""

    def test_a_callback_waits_for_every_member_however_it_ends(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        callback = a_job()
        members = [a_job(batch=callback.id) for _ in range(3)]
        insert(engine, callback, *members)
        assert waiting_for(engine, callback) == (State.BLOCKED, "after", 3)
        for outcome in (None, GIVE_UP):
            finish_next(engine, clock, outcome)
        assert waiting_for(engine, callback) == (State.BLOCKED, "after", 1)
        change(engine, Cancel(), members[2].id)
        assert waiting_for(engine, callback) == (State.WAITING, "", 0)

    def test_members_may_stand_before_their_callback_in_the_call(self, engine: Engine) -> None:
        callback = a_job()
        insert(engine, a_job(batch=callback.id), callback, a_job(batch=callback.id))
        assert waiting_for(engine, callback) == (State.BLOCKED, "after", 2)

    def test_members_may_come_later_while_the_callback_waits(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        callback = a_job()
        insert(engine, callback, a_job(batch=callback.id))
        held = claim_one(engine, start_worker(engine))
        insert(engine, a_job(batch=callback.id))
        assert waiting_for(engine, callback) == (State.BLOCKED, "after", 2)
        settle(engine, clock, held)
        assert waiting_for(engine, callback) == (State.BLOCKED, "after", 1)
        finish_next(engine, clock)
        assert look(engine, callback.id).state is State.WAITING

    def test_a_callback_that_waits_for_jobs_anyway_waits_for_its_members_too(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job()
        callback = child_of(parent)
        insert(engine, parent, callback)
        insert(engine, a_job(batch=callback.id))
        assert waiting_for(engine, callback) == (State.BLOCKED, "after", 2)
        for _ in range(2):
            finish_next(engine, clock)
        assert look(engine, callback.id).state is State.WAITING

    def test_a_member_sent_twice_is_waited_for_once(self, engine: Engine) -> None:
        callback = a_job()
        member = a_job(batch=callback.id)
        insert(engine, callback, member)
        insert(engine, member)
        assert waiting_for(engine, callback) == (State.BLOCKED, "after", 1)

    def test_a_batch_without_a_callback_is_refused(self, engine: Engine) -> None:
        member = a_job(batch="nowhere")
        with pytest.raises(UnknownParent):
            insert(engine, member)
        assert not is_stored(engine, member.id)

    @pytest.mark.parametrize("later", [0, 1], ids=["in the line", "finished"])
    def test_a_batch_whose_callback_no_longer_waits_for_jobs_is_refused(
        self, engine: Engine, clock: ManualClock, later: int
    ) -> None:
        callback = a_job()
        insert(engine, callback, a_job(batch=callback.id))
        for _ in range(1 + later):
            finish_next(engine, clock)
        late = a_job(batch=callback.id)
        with pytest.raises(UnknownParent):
            insert(engine, late)
        assert not is_stored(engine, late.id)
