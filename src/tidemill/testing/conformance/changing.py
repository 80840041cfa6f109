"""What people ask to be done to jobs is done from the states that allow it, slice by slice."""

import pytest
from msgspec.structs import replace

from tidemill.core.change import (
    FROM,
    Cancel,
    Change,
    Changed,
    Delete,
    Move,
    Postpone,
    Reprioritise,
    Retry,
    RunNow,
    Which,
)
from tidemill.core.errors import InvalidOption
from tidemill.core.graph import Edge
from tidemill.core.job import Inserted
from tidemill.core.limits import KeyLimit
from tidemill.core.note import Note
from tidemill.core.outcome import Cancelled
from tidemill.core.query import JobFilter
from tidemill.core.record import NewEntry, job_log
from tidemill.core.rules import QueueRules
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim
from tidemill.core.verdict import Receipt
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    ERROR,
    FAIL,
    GIVE_UP,
    HOUR,
    LOST,
    MINUTE,
    SECOND,
    TEN_SECONDS,
    bring,
    change,
    claim,
    claim_one,
    ids,
    insert,
    is_stored,
    look,
    settle,
    start_worker,
    states,
)
from tidemill.testing.sample import a_job

WISHES: tuple[Change, ...] = (
    Cancel("unwanted"),
    Retry(),
    RunNow(),
    Postpone(START + 2 * HOUR),
    Reprioritise(77),
    Move("urgent"),
    Delete(),
)


def all_slices(engine: Engine, which: Which, wish: Change, limit: int) -> list[Changed]:
    """Make a change slice by slice until every job meant has been seen."""
    slices = [engine.jobs.change(which, wish, limit=limit).wait()]
    while (cursor := slices[-1].cursor) is not None:
        slices.append(engine.jobs.change(which, wish, cursor=cursor, limit=limit).wait())
        assert len(slices) < 100, "the slices come to no end"
    return slices


class TestChanging:
    """`jobs.change`: which jobs, in which states, slice by slice."""

    @pytest.mark.parametrize("state", list(State))
    @pytest.mark.parametrize("wish", WISHES, ids=lambda wish: type(wish).__name__)
    def test_a_job_is_changed_only_from_states_that_allow_it(
        self, engine: Engine, clock: ManualClock, wish: Change, state: State
    ) -> None:
        job = bring(engine, clock, state)
        before = look(engine, job.id)
        changed = change(engine, wish, job.id)
        assert changed.cursor is None
        if state in FROM[type(wish)]:
            assert changed.ids == (job.id,)
            assert engine.reader.get([job.id]).wait() != (before,)
        else:
            assert (changed.ids, changed.earlier) == ((), ())
            assert look(engine, job.id) == before

    def test_ids_that_nobody_knows_are_passed_over(self, engine: Engine) -> None:
        insert(engine, job := a_job())
        assert change(engine, Cancel(), "nowhere", job.id).ids == (job.id,)

    def test_jobs_are_changed_in_the_order_of_their_ids_slice_by_slice(
        self, engine: Engine
    ) -> None:
        jobs = [a_job() for _ in range(5)]
        insert(engine, *jobs)
        wanted = tuple(ids(jobs)[::-1])
        slices = all_slices(engine, Which(ids=wanted), Cancel(), limit=2)
        assert [one for part in slices for one in part.ids] == list(wanted)
        assert [len(part.ids) for part in slices if part.ids] == [2, 2, 1]

    @pytest.mark.parametrize("cursor", ["x", "", "-1", "9" * 30])
    @pytest.mark.parametrize("which", [Which(ids=("a",)), Which(filter=JobFilter())], ids=str)
    def test_a_cursor_that_was_not_handed_out_is_refused(
        self, engine: Engine, which: Which, cursor: str
    ) -> None:
        insert(engine, a_job(id="a"))
        with pytest.raises(InvalidOption, match="cursor"):
            engine.jobs.change(which, Cancel(), cursor=cursor).wait()

    def test_an_id_given_twice_is_seen_once(self, engine: Engine) -> None:
        jobs = ids([a_job() for _ in range(3)])
        insert(engine, *(a_job(id=one) for one in jobs))
        twice = (jobs[0], jobs[0], jobs[1], jobs[0], jobs[2], jobs[1])
        slices = all_slices(engine, Which(ids=twice), Reprioritise(5), limit=2)
        assert [part.ids for part in slices] == [tuple(jobs[:2]), tuple(jobs[2:])]

    def test_jobs_of_a_filter_are_changed_newest_first_and_seen_once(self, engine: Engine) -> None:
        jobs = [a_job(queue="old" if number % 3 else "other") for number in range(12)]
        insert(engine, *jobs)
        which = Which(filter=JobFilter(queues=("old",)))
        slices = all_slices(engine, which, Move("new"), limit=3)
        wanted = [job.id for job in jobs if job.queue == "old"][::-1]
        assert [one for part in slices for one in part.ids] == wanted
        assert {look(engine, one).queue for one in wanted} == {"new"}
        assert look(engine, jobs[0].id).queue == "other"

    @pytest.mark.parametrize("by", ["ids", "filter"])
    def test_the_slice_that_sees_the_last_job_says_so(self, engine: Engine, by: str) -> None:
        jobs = [a_job() for _ in range(4)]
        insert(engine, *jobs)
        which = Which(ids=tuple(ids(jobs))) if by == "ids" else Which(filter=JobFilter())
        slices = all_slices(engine, which, Reprioritise(5), limit=2)
        assert [len(part.ids) for part in slices] == [2, 2]

    def test_a_change_that_leaves_jobs_in_their_filter_comes_to_an_end(
        self, engine: Engine
    ) -> None:
        insert(engine, *(a_job() for _ in range(7)))
        slices = all_slices(engine, Which(filter=JobFilter()), Reprioritise(5), limit=2)
        changed = [one for part in slices for one in part.ids]
        assert len(changed) == len(set(changed)) == 7

    def test_a_filter_takes_what_can_be_changed_and_leaves_the_rest(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = {state: bring(engine, clock, state, queue=state) for state in State}
        which = Which(filter=JobFilter(queues=tuple(State)))
        slices = all_slices(engine, which, Retry(), limit=3)
        assert {one for part in slices for one in part.ids} == {
            jobs[State.FAILED].id,
            jobs[State.CANCELLED].id,
        }

    def test_a_filter_that_names_states_means_no_others(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = {state: bring(engine, clock, state, queue=state) for state in State}
        meant = (State.WAITING, State.FAILED)
        which = Which(filter=JobFilter(queues=tuple(State), states=meant))
        slices = all_slices(engine, which, Cancel(), limit=3)
        assert [one for part in slices for one in part.ids] == [jobs[State.WAITING].id]
        assert look(engine, jobs[State.SCHEDULED].id).state is State.SCHEDULED


class TestChangingCancel:
    """`Cancel`."""

    def test_a_job_that_does_not_run_ends_at_once(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, job := a_job(unique=UniqueClaim("k")))
        clock.advance("1s")
        change(engine, Cancel("unwanted"), job.id)
        stored = look(engine, job.id)
        assert (stored.state, stored.reason) == (State.CANCELLED, "unwanted")
        assert stored.finished_at == clock.now()
        assert insert(engine, newer := a_job(unique=UniqueClaim("k"))) == (
            Inserted(newer.id, created=True),
        )
        assert ids(claim(engine, start_worker(engine))) == [newer.id]

    def test_a_job_that_is_parked_ends_at_no_gate(self, engine: Engine) -> None:
        parent, child = a_job(), a_job(queue="elsewhere")
        parked = [a_job(limit=KeyLimit("k", 1)) for _ in range(2)]
        insert(engine, parent, replace(child, after=(Edge(parent.id),)), *parked)
        claim(engine, start_worker(engine))
        for gate, id_ in (("after", child.id), ("key:k", parked[1].id)):
            assert look(engine, id_).gate == gate
            change(engine, Cancel(), id_)
            assert (look(engine, id_).gate, look(engine, id_).waits_for) == ("", 0)

    def test_a_running_job_is_only_asked_to_stop(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, *(jobs := [a_job(limit=KeyLimit("k", 1)) for _ in range(2)]))
        held, *_ = claim(engine, start_worker(engine))
        change(engine, Cancel("unwanted"), held.id)
        stored = look(engine, held.id)
        assert (stored.state, stored.cancel_requested) == (State.RUNNING, True)
        assert look(engine, jobs[1].id).state is State.BLOCKED
        settle(engine, clock, held, Cancelled("unwanted"))
        assert states(engine, jobs) == [State.CANCELLED, State.WAITING]


class TestChangingRetry:
    """`Retry`."""

    def test_a_failed_job_runs_again_with_all_its_attempts_before_it(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, job := a_job())
        settle(engine, clock, claim_one(engine, start_worker(engine)), LOST)
        failed = claim_one(engine, start_worker(engine))
        settle(engine, clock, failed, GIVE_UP)
        clock.advance("1h")
        change(engine, Retry(), job.id)
        stored = look(engine, job.id)
        assert (stored.state, stored.ready_at) == (State.WAITING, clock.now())
        assert (stored.attempt, stored.crashes, stored.finished_at) == (0, 0, None)
        assert (stored.error, stored.fence) == (ERROR, failed.fence)
        again = claim_one(engine, start_worker(engine))
        assert (again.id, again.attempt, again.crashes) == (job.id, 1, 0)
        assert again.fence > failed.fence
        assert settle(engine, clock, failed) is Receipt.FENCED
        assert settle(engine, clock, again) is Receipt.APPLIED
        assert look(engine, job.id).state is State.COMPLETED

    def test_a_retried_job_takes_its_unique_key_back(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = bring(engine, clock, State.FAILED, unique=UniqueClaim("k"))
        change(engine, Retry(), job.id)
        assert insert(engine, a_job(unique=UniqueClaim("k"))) == (Inserted(job.id, created=False),)

    def test_a_job_whose_unique_key_went_to_another_stays_failed(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = bring(engine, clock, State.FAILED, unique=UniqueClaim("k"))
        insert(engine, a_job(unique=UniqueClaim("k")))
        assert change(engine, Retry(), job.id) == Changed((), None)
        assert look(engine, job.id).state is State.FAILED

    def test_of_two_retried_jobs_of_one_key_one_comes_back(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        pair = [bring(engine, clock, State.FAILED, unique=UniqueClaim("k")) for _ in range(2)]
        assert change(engine, Retry(), *ids(pair)).ids == (pair[0].id,)
        assert states(engine, pair) == [State.WAITING, State.FAILED]

    def test_a_job_cancelled_before_it_started_can_run_after_all(self, engine: Engine) -> None:
        insert(engine, job := a_job())
        change(engine, Cancel("oops"), job.id)
        change(engine, Retry(), job.id)
        assert look(engine, job.id).reason == ""
        assert ids(claim(engine, start_worker(engine))) == [job.id]

    def test_a_job_that_was_asked_to_stop_is_not_asked_again_when_it_is_retried(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, job := a_job(retry=TEN_SECONDS))
        held = claim_one(engine, start_worker(engine))
        change(engine, Cancel("enough"), job.id)
        settle(engine, clock, held, Cancelled())
        assert not look(engine, job.id).cancel_requested
        change(engine, Retry(), job.id)
        settle(engine, clock, claim_one(engine, start_worker(engine)), FAIL)
        assert look(engine, job.id).state is State.RETRYING

    def test_a_job_that_expired_can_start_when_it_is_retried(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, job := a_job(expires_at=START + SECOND))
        clock.advance("1h")
        worker = start_worker(engine)
        assert claim(engine, worker) == ()
        assert look(engine, job.id).reason == "expired"
        change(engine, Retry(), job.id)
        assert look(engine, job.id).expires_at is None
        assert ids(claim(engine, worker)) == [job.id]


class TestChangingPlace:
    """`RunNow`, `Postpone`, `Reprioritise`, `Move` and `Delete`."""

    @pytest.mark.parametrize("state", [State.SCHEDULED, State.RETRYING])
    def test_a_job_run_now_is_waiting_from_now_on(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        job = bring(engine, clock, state)
        clock.advance("1s")
        change(engine, RunNow(), job.id)
        stored = look(engine, job.id)
        assert (stored.state, stored.ready_at) == (State.WAITING, clock.now())
        assert ids(claim(engine, start_worker(engine))) == [job.id]

    @pytest.mark.parametrize("state", [State.SCHEDULED, State.RETRYING, State.WAITING])
    def test_a_postponed_job_is_scheduled_until_then(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        job = bring(engine, clock, state)
        change(engine, Postpone(START + 5 * MINUTE), job.id)
        stored = look(engine, job.id)
        assert (stored.state, stored.ready_at) == (State.SCHEDULED, START + 5 * MINUTE)
        worker = start_worker(engine)
        assert claim(engine, worker) == ()
        clock.advance("5m")
        engine.jobs.promote(10).wait()
        assert ids(claim(engine, worker)) == [job.id]

    def test_another_priority_is_another_place_in_the_line(self, engine: Engine) -> None:
        jobs = [a_job() for _ in range(3)]
        insert(engine, *jobs)
        change(engine, Reprioritise(90), jobs[2].id)
        change(engine, Reprioritise(-90), jobs[0].id)
        assert ids(claim(engine, start_worker(engine))) == ids(jobs)[::-1]

    def test_a_moved_job_is_given_from_its_new_queue(self, engine: Engine) -> None:
        insert(engine, job := a_job(queue="old"))
        change(engine, Move("new"), job.id)
        worker = start_worker(engine)
        assert claim(engine, worker, queues=("old",)) == ()
        assert ids(claim(engine, worker, queues=("new",))) == [job.id]
        assert engine.reader.rules().wait() == (QueueRules(queue="new"), QueueRules(queue="old"))

    def test_a_deleted_job_leaves_nothing_behind(self, engine: Engine, clock: ManualClock) -> None:
        job = a_job(unique=UniqueClaim("k"))
        insert(engine, job)
        held = claim_one(engine, start_worker(engine))
        engine.jobs.annotate([Note(held, lines=(NewEntry("info", b'"hello"'),))]).wait()
        settle(engine, clock, held)
        assert change(engine, Delete(), job.id) == Changed((job.id,), None)
        assert not is_stored(engine, job.id)
        assert engine.reader.find(JobFilter()).wait().jobs == ()
        assert engine.records.read(job_log(job.id)).wait() == ()

    def test_a_deleted_job_that_waited_is_not_given_and_frees_its_key(self, engine: Engine) -> None:
        insert(engine, job := a_job(unique=UniqueClaim("k")))
        change(engine, Delete(), job.id)
        assert claim(engine, start_worker(engine)) == ()
        assert insert(engine, job) == (Inserted(job.id, created=True),)

    def test_a_deleted_parked_job_leaves_the_others_parked(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job(limit=KeyLimit("k", 1)) for _ in range(3)]
        insert(engine, *jobs)
        held, *_ = claim(engine, start_worker(engine))
        change(engine, Delete(), jobs[1].id)
        clock.advance(SECOND / 1_000)
        settle(engine, clock, held)
        assert look(engine, jobs[2].id).state is State.WAITING
