"""One job for one key: who holds it, how long, and what happens to the second."""

import pytest
from msgspec.structs import replace

from tidemill.core.change import Cancel, Retry
from tidemill.core.errors import NotUnique
from tidemill.core.graph import Edge
from tidemill.core.job import Inserted, NewJob
from tidemill.core.query import JobFilter
from tidemill.core.retry import RetryPolicy
from tidemill.core.state import FINISHED, LIVE, State
from tidemill.core.unique import OnDuplicate, UniqueClaim, Until
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import (
    FAIL,
    GIVE_UP,
    HOUR,
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
    run,
    settle,
    start_worker,
    states,
    together,
)
from tidemill.testing.sample import a_job

RESTING = sorted(LIVE - {State.RUNNING})


def second(on_duplicate: OnDuplicate = "skip", /, **overrides: object) -> NewJob:
    """A second job for the key `k`."""
    return a_job(unique=UniqueClaim("k", on_duplicate=on_duplicate), **overrides)


class TestUniqueness:
    """`NewJob.unique` under `jobs.insert`."""

    def test_a_skipped_duplicate_answers_with_the_job_that_is_there(self, engine: Engine) -> None:
        first, duplicate = second(args=b'{"n":1}'), second(args=b'{"n":2}')
        insert(engine, first)
        assert insert(engine, duplicate) == (Inserted(first.id, created=False),)
        assert look(engine, first.id).args == b'{"n":1}'
        assert not is_stored(engine, duplicate.id)

    def test_a_rejected_duplicate_is_an_error_and_not_stored(self, engine: Engine) -> None:
        insert(engine, second())
        duplicate = second("reject")
        with pytest.raises(NotUnique):
            insert(engine, duplicate)
        assert not is_stored(engine, duplicate.id)

    def test_the_second_job_says_what_happens_to_it(self, engine: Engine) -> None:
        first = second("reject")
        insert(engine, first)
        assert insert(engine, second("skip")) == (Inserted(first.id, created=False),)

    def test_other_keys_are_free(self, engine: Engine) -> None:
        insert(engine, second())
        other = a_job(unique=UniqueClaim("K"))
        assert insert(engine, other) == (Inserted(other.id, created=True),)

    @pytest.mark.parametrize("state", sorted(LIVE))
    def test_a_live_job_holds_its_key(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        first = bring(engine, clock, state, unique=UniqueClaim("k"))
        assert insert(engine, second()) == (Inserted(first.id, created=False),)

    @pytest.mark.parametrize("state", sorted(FINISHED))
    def test_a_finished_job_has_let_go_of_its_key(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        bring(engine, clock, state, unique=UniqueClaim("k"))
        newer = second("reject")
        assert insert(engine, newer) == (Inserted(newer.id, created=True),)

    def test_until_started_the_key_is_free_with_the_claim(self, engine: Engine) -> None:
        insert(engine, a_job(unique=UniqueClaim("k", until="started")))
        claim(engine, start_worker(engine))
        newer = second("reject")
        assert insert(engine, newer) == (Inserted(newer.id, created=True),)

    def test_until_started_a_retry_does_not_take_the_key_back(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        first = a_job(unique=UniqueClaim("k", until="started"), retry=TEN_SECONDS)
        insert(engine, first)
        claimed = claim_one(engine, start_worker(engine))
        newer = a_job(unique=UniqueClaim("k", until="started"))
        insert(engine, newer)
        settle(engine, clock, claimed, FAIL)
        assert states(engine, [first, newer]) == [State.RETRYING, State.WAITING]

    @pytest.mark.parametrize("until", ["finished", "started"])
    @pytest.mark.parametrize("state", sorted(State))
    def test_the_key_can_be_read_and_found_whether_it_is_held_or_not(
        self, engine: Engine, clock: ManualClock, state: State, until: Until
    ) -> None:
        job = bring(engine, clock, state, unique=UniqueClaim("k", until=until))
        insert(engine, a_job(unique=UniqueClaim("other", until=until)), a_job())
        assert look(engine, job.id).unique_key == "k"
        assert ids(engine.reader.find(JobFilter(unique_key="k")).wait().jobs) == [job.id]

    def test_a_key_finds_all_that_ever_held_it(self, engine: Engine, clock: ManualClock) -> None:
        jobs = [a_job(unique=UniqueClaim("k", until="started")) for _ in range(3)]
        for job in jobs[:2]:
            run(engine, clock, job)
        insert(engine, jobs[2])
        claim(engine, start_worker(engine))
        found = engine.reader.find(JobFilter(unique_key="k")).wait().jobs
        assert ids(found) == ids(jobs[::-1])

    def test_a_key_that_was_let_go_is_not_held_again_by_a_persons_retry(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        first = a_job(unique=UniqueClaim("k", until="started"))
        run(engine, clock, first, GIVE_UP)
        newer = a_job(unique=UniqueClaim("k"))
        insert(engine, newer)
        assert change(engine, Retry(), first.id).ids == (first.id,)
        assert states(engine, [first, newer]) == [State.WAITING, State.WAITING]
        assert insert(engine, second()) == (Inserted(newer.id, created=False),)

    def test_a_window_outlasts_the_job_and_ends_to_the_millisecond(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        first = a_job(unique=UniqueClaim("k", window=10 * SECOND))
        run(engine, clock, first)
        clock.advance("9999ms")
        assert insert(engine, second()) == (Inserted(first.id, created=False),)
        clock.advance("1ms")
        newer = second()
        assert insert(engine, newer) == (Inserted(newer.id, created=True),)

    def test_a_window_rejects_where_that_was_asked(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        run(engine, clock, a_job(unique=UniqueClaim("k", window=10 * SECOND)))
        with pytest.raises(NotUnique):
            insert(engine, second("reject"))

    def test_a_live_job_holds_its_key_beyond_its_window(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        first = a_job(unique=UniqueClaim("k", window=SECOND))
        insert(engine, first)
        clock.advance("1h")
        assert insert(engine, second()) == (Inserted(first.id, created=False),)

    def test_a_window_holds_the_key_of_a_job_that_has_started(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        first = a_job(unique=UniqueClaim("k", until="started", window=10 * SECOND))
        insert(engine, first)
        claim(engine, start_worker(engine))
        assert insert(engine, second()) == (Inserted(first.id, created=False),)
        clock.advance("10s")
        newer = second()
        assert insert(engine, newer) == (Inserted(newer.id, created=True),)

    def test_a_duplicate_does_not_push_the_window_on(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        windowed = UniqueClaim("k", window=10 * SECOND)
        run(engine, clock, a_job(unique=windowed))
        clock.advance("6s")
        insert(engine, a_job(unique=windowed))
        clock.advance("4s")
        newer = a_job(unique=windowed)
        assert insert(engine, newer) == (Inserted(newer.id, created=True),)

    @pytest.mark.parametrize("on_duplicate", ["replace", "debounce"])
    def test_nor_does_one_that_takes_over(
        self, engine: Engine, clock: ManualClock, on_duplicate: OnDuplicate
    ) -> None:
        windowed = UniqueClaim("k", window=10 * SECOND, on_duplicate=on_duplicate)
        insert(engine, first := a_job(unique=windowed))
        clock.advance("6s")
        assert insert(engine, a_job(unique=windowed))[0].replaced
        change(engine, Cancel(), first.id)
        clock.advance("4s")
        newer = a_job(unique=windowed)
        assert insert(engine, newer) == (Inserted(newer.id, created=True),)

    @pytest.mark.parametrize("state", RESTING)
    def test_replace_renews_a_job_that_rests_and_keeps_its_place(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        first = bring(engine, clock, state, unique=UniqueClaim("k"))
        before = look(engine, first.id)
        clock.advance("1s")
        newer = second(
            "replace",
            args=b'{"n":2}',
            priority=50,
            tags=("new",),
            timeout=77,
            retry=RetryPolicy(attempts=9),
            expires_at=clock.now() + 2 * HOUR,
            due_at=clock.now() + 3 * HOUR,
        )
        assert insert(engine, newer) == (Inserted(first.id, created=False, replaced=True),)
        after = look(engine, first.id)
        assert after == replace(
            before,
            args=b'{"n":2}',
            priority=50,
            tags=("new",),
            timeout=77,
            policy=after.policy,
            max_attempts=9,
            expires_at=newer.expires_at,
        )

    @pytest.mark.parametrize("state", sorted(LIVE - {State.RUNNING, State.BLOCKED}))
    def test_debounce_renews_a_job_that_rests_and_makes_it_due_later(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        first = bring(engine, clock, state, unique=UniqueClaim("k"))
        newer = second("debounce", args=b'{"n":2}', due_at=clock.now() + 5 * SECOND)
        assert insert(engine, newer) == (Inserted(first.id, created=False, replaced=True),)
        after = look(engine, first.id)
        assert (after.state, after.ready_at, after.args) == (
            State.SCHEDULED,
            clock.now() + 5 * SECOND,
            b'{"n":2}',
        )

    @pytest.mark.parametrize("state", sorted(LIVE - {State.RUNNING, State.BLOCKED}))
    def test_debounce_without_a_delay_makes_the_job_wait_from_now_on(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        first = bring(engine, clock, state, unique=UniqueClaim("k"))
        clock.advance("1s")
        insert(engine, second("debounce"))
        after = look(engine, first.id)
        assert (after.state, after.ready_at) == (State.WAITING, clock.now())

    def test_debounce_leaves_a_blocked_job_blocked_until_its_new_time(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        parent = a_job()
        first = second(after=(Edge(parent.id),))
        insert(engine, parent, first)
        insert(engine, second("debounce", args=b'{"n":2}', due_at=clock.now() + HOUR))
        after = look(engine, first.id)
        assert (after.state, after.gate, after.args) == (State.BLOCKED, "after", b'{"n":2}')
        settle(engine, clock, claim_one(engine, start_worker(engine)))
        released = look(engine, first.id)
        assert (released.state, released.ready_at) == (State.SCHEDULED, clock.now() + HOUR)

    @pytest.mark.parametrize("on_duplicate", ["replace", "debounce"])
    def test_a_running_job_is_not_replaced(
        self, engine: Engine, clock: ManualClock, on_duplicate: OnDuplicate
    ) -> None:
        first = bring(engine, clock, State.RUNNING, unique=UniqueClaim("k"))
        before = look(engine, first.id)
        newer = second(on_duplicate, args=b'{"n":2}', due_at=clock.now() + HOUR)
        assert insert(engine, newer) == (Inserted(first.id, created=False),)
        assert look(engine, first.id) == before

    @pytest.mark.parametrize("on_duplicate", ["replace", "debounce"])
    def test_a_finished_job_is_not_replaced_within_its_window(
        self, engine: Engine, clock: ManualClock, on_duplicate: OnDuplicate
    ) -> None:
        first = a_job(unique=UniqueClaim("k", window=HOUR))
        before = run(engine, clock, first)
        newer = second(on_duplicate, args=b'{"n":2}')
        assert insert(engine, newer) == (Inserted(first.id, created=False),)
        assert look(engine, first.id) == before

    def test_the_second_of_one_call_meets_the_first(self, engine: Engine) -> None:
        first, duplicate = second(args=b'{"n":1}'), second("replace", args=b'{"n":2}')
        assert insert(engine, first, duplicate) == (
            Inserted(first.id, created=True),
            Inserted(first.id, created=False, replaced=True),
        )
        assert look(engine, first.id).args == b'{"n":2}'

    def test_a_duplicate_rejected_within_one_call_keeps_both_out(self, engine: Engine) -> None:
        first = second()
        with pytest.raises(NotUnique):
            insert(engine, first, second("reject"))
        assert not is_stored(engine, first.id)

    def test_a_job_sent_twice_is_no_duplicate_of_itself(self, engine: Engine) -> None:
        job = second("reject")
        insert(engine, job)
        assert insert(engine, job) == (Inserted(job.id, created=False),)

    def test_eight_threads_with_one_key_make_one_job(self, engine: Engine) -> None:
        jobs = [second() for _ in range(8)]
        answers = [answer for (answer,) in together(8, lambda n: insert(engine, jobs[n]))]
        assert sum(answer.created for answer in answers) == 1
        assert len({answer.id for answer in answers}) == 1
