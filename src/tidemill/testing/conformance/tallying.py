"""Jobs are counted by state as they are found, and attempts of many jobs are told in order."""

import pytest

from tidemill.core.outcome import Ending
from tidemill.core.query import AttemptQuery, JobFilter, StateCount
from tidemill.core.state import State
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import (
    GIVE_UP,
    SECOND,
    bring,
    claim,
    insert,
    run,
    start_worker,
)
from tidemill.testing.sample import a_job


def tallied(engine: Engine, which: JobFilter, most: int = 10_000) -> dict[State, int]:
    """How many there are in each state that has some."""
    told = engine.reader.tally(which, most).wait()
    return {each.state: each.count for each in told if each.count}


class TestTallying:
    """`reader.tally`."""

    def test_every_state_is_told(self, engine: Engine, clock: ManualClock) -> None:
        for state in State:
            bring(engine, clock, state, queue=state, tags=("blue",))
        told = engine.reader.tally(JobFilter(queues=tuple(State))).wait()
        assert told == tuple(StateCount(state, 1, more=False) for state in State)

    @pytest.mark.parametrize(
        "which",
        [
            JobFilter(queues=("here",)),
            JobFilter(tasks=("mail.send",)),
            JobFilter(tags=("blue",)),
            JobFilter(source="event:1"),
            JobFilter(tenant="acme"),
            JobFilter(text="forty"),
            JobFilter(created_from=1),
            JobFilter(tags=("blue",), text="FORTY"),
        ],
    )
    def test_what_is_counted_is_what_is_found(
        self, engine: Engine, clock: ManualClock, which: JobFilter
    ) -> None:
        insert(engine, a_job(queue="other", task="other"), a_job(queue="other", task="other"))
        for number, state in enumerate((State.FAILED, State.COMPLETED, State.FAILED)):
            bring(
                engine,
                clock,
                state,
                queue="here",
                task="mail.send",
                tags=("blue", f"n{number}"),
                source="event:1",
                tenant="acme",
                args=b'{"n":"Forty"}',
            )
        found = engine.reader.find(which, limit=100).wait().jobs
        counts = {s: sum(job.state is s for job in found) for s in State}
        assert tallied(engine, which) == {state: n for state, n in counts.items() if n}
        assert counts[State.FAILED] == 2

    def test_only_the_states_asked_for_are_told(self, engine: Engine, clock: ManualClock) -> None:
        for state in (State.FAILED, State.COMPLETED):
            bring(engine, clock, state, queue=state)
        told = engine.reader.tally(JobFilter(states=(State.FAILED,))).wait()
        assert told == (StateCount(State.FAILED, 1, more=False),)

    def test_more_than_so_many_are_not_counted(self, engine: Engine) -> None:
        insert(engine, *[a_job() for _ in range(5)])
        waiting = JobFilter(states=(State.WAITING,))
        assert engine.reader.tally(waiting, 4).wait() == (StateCount(State.WAITING, 4, more=True),)
        assert engine.reader.tally(waiting, 5).wait() == (StateCount(State.WAITING, 5, more=False),)


class TestTrying:
    """`reader.attempts`."""

    def test_attempts_of_many_jobs_come_last_first(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        began = clock.now()
        first = bring(engine, clock, State.RETRYING, queue="a")
        clock.advance(SECOND)
        second = run(engine, clock, a_job(queue="b", tenant="acme"))
        clock.advance(SECOND)
        third = run(engine, clock, a_job(queue="c"), GIVE_UP)
        running = a_job(queue="d")
        insert(engine, running, a_job(queue="e"))
        claim(engine, start_worker(engine), queues=("d",))
        told = engine.reader.attempts(AttemptQuery(since=began, before=clock.now() + 1)).wait()
        assert [each.job for each in told.attempts] == [running.id, third.id, second.id, first.id]
        assert [each.queue for each in told.attempts] == ["d", "c", "b", "a"]
        assert not told.more
        endings = [each.attempt.ending for each in told.attempts]
        assert endings[0] is None
        assert endings[2] is Ending.COMPLETED
        assert told.attempts[3].attempt.error is not None
        acme = AttemptQuery(since=began, before=clock.now() + 1, tenant="acme")
        assert [each.job for each in engine.reader.attempts(acme).wait().attempts] == [second.id]

    def test_each_is_told_with_the_tags_of_its_job(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        bring(engine, clock, State.RETRYING, queue="a", tags=("team:a",))
        run(engine, clock, a_job(queue="b", tags=("team:b", "slow")))
        run(engine, clock, a_job(queue="c"))
        insert(engine, a_job(queue="d", tags=("team:d",)))
        claim(engine, start_worker(engine), queues=("d",))
        told = engine.reader.attempts(AttemptQuery(since=0, before=clock.now() + 1)).wait()
        assert {each.queue: each.tags for each in told.attempts} == {
            "a": ("team:a",),
            "b": ("team:b", "slow"),
            "c": (),
            "d": ("team:d",),
        }

    def test_a_stretch_of_time_is_kept_to(self, engine: Engine, clock: ManualClock) -> None:
        run(engine, clock, a_job(queue="b"))
        clock.advance(SECOND)
        until = clock.now()
        run(engine, clock, a_job(queue="c"))
        after = engine.reader.attempts(AttemptQuery(since=until, before=until + 1)).wait()
        before = engine.reader.attempts(AttemptQuery(since=0, before=until)).wait()
        assert [each.queue for each in after.attempts] == ["c"]
        assert [each.queue for each in before.attempts] == ["b"]

    def test_no_more_are_told_than_asked_for(self, engine: Engine, clock: ManualClock) -> None:
        jobs = [run(engine, clock, a_job(queue="b")) for _ in range(3)]
        query = AttemptQuery(since=0, before=clock.now() + 1, limit=2)
        told = engine.reader.attempts(query).wait()
        assert len(told.attempts) == 2
        assert {each.job for each in told.attempts} <= {job.id for job in jobs}
        assert told.more

    def test_what_was_never_tried_is_not_told(self, engine: Engine, clock: ManualClock) -> None:
        bring(engine, clock, State.CANCELLED, queue="a")
        bring(engine, clock, State.SCHEDULED, queue="b")
        told = engine.reader.attempts(AttemptQuery(since=0, before=clock.now() + 1)).wait()
        assert all(each.attempt.ending is not None for each in told.attempts)
        assert "b" not in [each.queue for each in told.attempts]
