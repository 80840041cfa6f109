"""A claim gives jobs so that a worker's death neither blames nor ends one that is innocent."""

from collections.abc import Sequence
from typing import Final

from tidemill.core.job import Claim, NewJob
from tidemill.core.outcome import Outcome
from tidemill.core.retry import RetryPolicy
from tidemill.core.rules import QueueRules
from tidemill.core.state import State
from tidemill.core.verdict import Receipt
from tidemill.core.want import Want
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import (
    FAIL,
    LOST,
    SECOND,
    claim,
    ids,
    insert,
    look,
    rule,
    settle,
    start_worker,
    states,
)
from tidemill.testing.sample import a_job

ONLY_ONCE: Final = RetryPolicy(attempts=1)
MANY: Final = RetryPolicy(attempts=100, crashes=3)


def take(
    engine: Engine, at_once: int | None, *, apart: bool = True, limit: int = 100
) -> tuple[Claim, ...]:
    """Take jobs for a worker that begins so many of them at once."""
    want = Want(start_worker(engine), limit, at_once=at_once, apart=apart)
    return engine.jobs.claim(want).wait().jobs


def end(
    engine: Engine, clock: ManualClock, claims: Sequence[Claim], outcome: Outcome | None = None
) -> None:
    """Have all of these attempts end so; by default they are done."""
    assert [settle(engine, clock, each, outcome) for each in claims] == [Receipt.APPLIED] * len(
        claims
    )


def struck(engine: Engine, clock: ManualClock, count: int, deaths: int = 1) -> list[NewJob]:
    """Jobs under which that many workers have died; they wait."""
    jobs = [a_job(retry=MANY) for _ in range(count)]
    insert(engine, *jobs)
    for _ in range(deaths):
        # One by one, for a worker would not be given two that are near their end.
        claims = [each for _ in jobs for each in claim(engine, start_worker(engine), limit=1)]
        end(engine, clock, claims, LOST)
    assert states(engine, jobs) == [State.WAITING] * count
    return jobs


class TestSparing:
    """`Want.at_once` and `Want.apart` under `jobs.claim`."""

    def test_jobs_that_can_afford_a_death_are_given_however_few_begin_at_once(
        self, engine: Engine
    ) -> None:
        jobs = [a_job(retry=MANY) for _ in range(5)]
        insert(engine, *jobs)
        assert ids(take(engine, 0)) == ids(jobs)

    def test_a_job_under_which_a_worker_died_is_given_only_to_be_begun_at_once(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = struck(engine, clock, 5)
        assert take(engine, 0) == ()
        assert ids(take(engine, 2)) == ids(jobs[:2])
        assert ids(take(engine, None)) == ids(jobs[2:])

    def test_so_is_a_job_on_its_last_attempt(self, engine: Engine, clock: ManualClock) -> None:
        policy = RetryPolicy(attempts=2, shape="fixed", base=SECOND, jitter=False)
        once, twice = a_job(retry=ONLY_ONCE), a_job(retry=policy)
        insert(engine, once, twice)
        first, second = take(engine, 1)
        assert (first.id, second.id) == (once.id, twice.id)
        settle(engine, clock, second, FAIL)
        clock.advance("2s")
        assert take(engine, 0) == ()
        assert ids(take(engine, 1)) == [twice.id]

    def test_so_is_a_job_that_one_death_ends(self, engine: Engine) -> None:
        jobs = [a_job(retry=RetryPolicy(crashes=1)) for _ in range(3)]
        insert(engine, *jobs)
        assert ids(take(engine, 2)) == ids(jobs[:2])

    def test_the_claim_ends_there_so_that_nobody_overtakes_it(self, engine: Engine) -> None:
        free, careful, behind = a_job(), a_job(retry=ONLY_ONCE), a_job()
        insert(engine, free, careful, behind)
        assert ids(take(engine, 1)) == [free.id]
        assert ids(take(engine, 1)) == [careful.id, behind.id]

    def test_of_those_that_one_more_death_ends_one_is_given_and_those_behind(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        last = struck(engine, clock, 3, deaths=2)
        behind = a_job()
        insert(engine, behind)
        assert ids(take(engine, None, apart=False)) == [behind.id]
        assert ids(take(engine, None)) == [last[0].id]
        assert ids(take(engine, 5)) == [last[1].id]
        assert states(engine, last) == [State.RUNNING, State.RUNNING, State.WAITING]

    def test_a_job_that_is_left_takes_nothing_from_the_limits_of_others(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        rule(engine, QueueRules(queue="default", most=2))
        last = struck(engine, clock, 2, deaths=2)
        behind = [a_job(), a_job()]
        insert(engine, *behind)
        assert ids(take(engine, None)) == [last[0].id, behind[0].id]

    def test_a_thousand_are_passed_and_no_more(self, engine: Engine, clock: ManualClock) -> None:
        policy = RetryPolicy(attempts=100, crashes=2)
        jobs = [a_job(retry=policy) for _ in range(1_001)]
        insert(engine, *jobs)
        claims = claim(engine, start_worker(engine), limit=2_000)
        end(engine, clock, claims, LOST)
        assert len(claims) == 1_001
        behind = a_job()
        insert(engine, behind)
        assert take(engine, None, apart=False) == ()
        assert ids(take(engine, None)) == [jobs[0].id]
        assert ids(take(engine, None)) == [jobs[1].id, behind.id]

    def test_one_that_kills_its_workers_is_given_up_and_takes_nobody_along(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job(retry=MANY) for _ in range(20)]
        insert(engine, *jobs)
        deadly = jobs[7].id
        for _ in range(40):
            held = take(engine, 4)
            if not held:
                break
            end(engine, clock, held, LOST if deadly in ids(held) else None)
        assert (look(engine, deadly).state, look(engine, deadly).reason) == (State.FAILED, "poison")
        assert states(engine, jobs).count(State.COMPLETED) == 19
