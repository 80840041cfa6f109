"""Whatever may leave room behind a gate, the next promotion finds it and lets out who has room."""

from collections.abc import Callable
from typing import Any

import pytest

from tidemill.core.change import Cancel, Change, Delete, Postpone, Reprioritise
from tidemill.core.job import NewJob
from tidemill.core.limits import KeyLimit, KeyRate, Rate
from tidemill.core.rules import KeyRules, TaskRules
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim
from tidemill.core.want import Promoted
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    HOUR,
    SECOND,
    change,
    claim,
    claim_one,
    insert,
    look,
    rule,
    settle,
    start_worker,
    states,
)
from tidemill.testing.sample import a_job

ONE = KeyLimit("k", 1)
THREE = KeyLimit("k", 3)
QUICK = Rate(60, HOUR)
SLOW = KeyRate("r", Rate(1, HOUR))


def promote(engine: Engine, limit: int = 100) -> int:
    """Let out who has room; how many were moved."""
    return engine.jobs.promote(limit).wait().count


def has_run_dry(engine: Engine) -> bool:
    """Whether another promotion finds nothing to do."""
    return promote(engine) == 0


def run_first(engine: Engine, *jobs: NewJob) -> None:
    """Store jobs of one key; the first one runs, and the others are parked."""
    insert(engine, *jobs)
    claim(engine, start_worker(engine))
    assert states(engine, jobs) == [State.RUNNING] + [State.BLOCKED] * (len(jobs) - 1)


def stand_behind(engine: Engine, *jobs: NewJob) -> None:
    """Store jobs of a key that others are parked for; they change nothing for these."""
    insert(engine, *jobs)
    assert has_run_dry(engine)
    assert states(engine, jobs) == [State.BLOCKED] * len(jobs)


def line_up(engine: Engine, clock: ManualClock, *jobs: NewJob) -> None:
    """Store jobs of one key with room for one; the first waits for a worker, the others for it."""
    insert(engine, a_job(limit=ONE), *jobs)
    runs = claim_one(engine, start_worker(engine))
    claim(engine, start_worker(engine))
    settle(engine, clock, runs)
    assert states(engine, jobs) == [State.WAITING] + [State.BLOCKED] * (len(jobs) - 1)
    assert has_run_dry(engine)


def try_to_claim(engine: Engine) -> None:
    """Claim whatever can be had."""
    claim(engine, start_worker(engine))


class TestGatesBehindTheLine:
    """Who leaves the line without a start has had a room that another one can take."""

    @pytest.mark.parametrize(
        "wish",
        [Cancel("unwanted"), Delete(), Postpone(START + HOUR)],
        ids=lambda wish: type(wish).__name__,
    )
    def test_at_a_wish(self, engine: Engine, clock: ManualClock, wish: Change) -> None:
        first, second = a_job(limit=ONE), a_job(limit=ONE)
        line_up(engine, clock, first, second)
        change(engine, wish, first.id)
        assert promote(engine) == 1
        assert look(engine, second.id).state is State.WAITING
        assert has_run_dry(engine)

    @pytest.mark.parametrize("by", [promote, try_to_claim])
    def test_by_its_expiry(
        self, engine: Engine, clock: ManualClock, by: Callable[[Engine], object]
    ) -> None:
        first, second = a_job(limit=ONE, expires_at=START + SECOND), a_job(limit=ONE)
        line_up(engine, clock, first, second)
        clock.advance("1s")
        by(engine)
        promote(engine)
        assert states(engine, [first, second]) == [State.CANCELLED, State.WAITING]

    def test_by_a_delay_that_begins_anew(self, engine: Engine, clock: ManualClock) -> None:
        unique = UniqueClaim("u", on_duplicate="debounce")
        first, second = a_job(limit=ONE, unique=unique), a_job(limit=ONE)
        line_up(engine, clock, first, second)
        insert(engine, a_job(unique=unique, due_at=START + HOUR))
        assert promote(engine) == 1
        assert states(engine, [first, second]) == [State.SCHEDULED, State.WAITING]

    @pytest.mark.parametrize(
        "under",
        [{"limit": ONE}, {"rate": SLOW}, {}],
        ids=["key", "rate", "task"],
    )
    def test_but_not_before_the_time_that_a_duplicate_has_set_anew(
        self, engine: Engine, clock: ManualClock, under: dict[str, Any]
    ) -> None:
        unique = UniqueClaim("u", on_duplicate="debounce")
        rule(engine, TaskRules(task="sample", paused=not under))
        insert(engine, a_job(**under), job := a_job(unique=unique, **under))
        worker = start_worker(engine)
        first = claim(engine, worker)
        assert look(engine, job.id).state is State.BLOCKED
        insert(engine, a_job(unique=unique, due_at=START + 5 * HOUR, **under))
        clock.advance("1h")
        rule(engine, TaskRules(task="sample"))
        for each in first:
            settle(engine, clock, each)
        promote(engine)
        assert look(engine, job.id).state is State.SCHEDULED
        clock.advance("4h")
        assert job.id in {each.id for each in claim(engine, worker)}

    def test_for_the_gate_of_a_paused_task(self, engine: Engine, clock: ManualClock) -> None:
        first, second = a_job(limit=ONE, task="held"), a_job(limit=ONE)
        line_up(engine, clock, first, second)
        rule(engine, TaskRules(task="held", paused=True))
        assert claim(engine, start_worker(engine)) == ()
        assert promote(engine) == 1
        assert states(engine, [first, second]) == [State.BLOCKED, State.WAITING]

    def test_for_the_gate_of_a_rate(self, engine: Engine, clock: ManualClock) -> None:
        first, second = a_job(limit=ONE, rate=SLOW), a_job(limit=ONE)
        line_up(engine, clock, first, second)
        insert(engine, a_job(rate=SLOW, priority=90))
        assert len(claim(engine, start_worker(engine))) == 1
        assert look(engine, first.id).gate == "rate:r"
        assert promote(engine) == 1
        assert states(engine, [first, second]) == [State.BLOCKED, State.WAITING]

    def test_and_so_a_start_that_a_rate_allows_is_taken(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        first, second, third = jobs = [a_job(rate=SLOW) for _ in range(3)]
        insert(engine, *jobs)
        claim(engine, start_worker(engine))
        clock.advance("1h")
        assert promote(engine) == 1
        change(engine, Cancel("unwanted"), second.id)
        assert promote(engine) == 1
        assert states(engine, [first, third]) == [State.RUNNING, State.WAITING]
        assert has_run_dry(engine)


class TestGatesAndTheirFirst:
    """Who stands first at a gate says how many its key lets run."""

    def test_one_that_comes_and_brings_more(self, engine: Engine) -> None:
        run_first(engine, a_job(limit=ONE), a_job(limit=ONE))
        assert has_run_dry(engine)
        new = a_job(limit=THREE, priority=50)
        insert(engine, new)
        assert look(engine, new.id).gate == "key:k"
        assert promote(engine) == 2
        assert has_run_dry(engine)

    def test_one_that_is_given_a_higher_priority(self, engine: Engine) -> None:
        last = a_job(limit=THREE)
        run_first(engine, a_job(limit=ONE), a_job(limit=ONE))
        stand_behind(engine, last)
        change(engine, Reprioritise(50), last.id)
        assert promote(engine) == 2

    def test_one_that_a_duplicate_gives_a_higher_priority(self, engine: Engine) -> None:
        unique = UniqueClaim("u", on_duplicate="replace")
        run_first(engine, a_job(limit=ONE), a_job(limit=ONE))
        stand_behind(engine, a_job(limit=THREE, unique=unique))
        insert(engine, a_job(unique=unique, priority=50))
        assert promote(engine) == 2

    @pytest.mark.parametrize(
        "wish", [Cancel("unwanted"), Delete()], ids=lambda wish: type(wish).__name__
    )
    def test_one_whose_forerunner_goes(self, engine: Engine, wish: Change) -> None:
        forerunner, job = a_job(limit=ONE), a_job(limit=THREE)
        run_first(engine, a_job(limit=ONE), forerunner)
        stand_behind(engine, job)
        change(engine, wish, forerunner.id)
        assert promote(engine) == 1
        assert look(engine, job.id).state is State.WAITING

    def test_one_whose_forerunner_is_let_out_by_an_end(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        first, *others = jobs = [a_job(limit=ONE), a_job(limit=ONE)]
        insert(engine, first)
        runs = claim_one(engine, start_worker(engine))
        insert(engine, *others)
        claim(engine, start_worker(engine))
        behind = [a_job(limit=THREE), a_job(limit=ONE)]
        stand_behind(engine, *behind)
        settle(engine, clock, runs)
        assert states(engine, [*jobs, *behind]) == [
            State.COMPLETED,
            State.WAITING,
            State.BLOCKED,
            State.BLOCKED,
        ]
        assert promote(engine) == 2
        assert states(engine, behind) == [State.WAITING, State.WAITING]

    def test_one_whose_forerunner_is_let_out_by_a_promotion(self, engine: Engine) -> None:
        rule(engine, KeyRules(key="k", most=1))
        run_first(engine, *(a_job(limit=limit) for limit in (ONE, KeyLimit("k", 2), THREE)))
        rule(engine, KeyRules(key="k"))
        assert promote(engine) == 2
        assert has_run_dry(engine)


class TestGatesOfRates:
    """The gate of a rate is looked at when the rate is free again, and when its rule changes."""

    def test_at_its_time(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, *(a_job(rate=SLOW) for _ in range(3)))
        claim(engine, start_worker(engine))
        for _ in range(2):
            promoted = engine.jobs.promote(9).wait()
            assert (promoted.count, promoted.more) == (0, False)
            assert promoted.next_at is not None
            clock.advance((promoted.next_at - clock.now()) / 1_000)
            assert promote(engine) == 1
            assert len(claim(engine, start_worker(engine))) == 1
        assert engine.jobs.promote(9).wait() == Promoted(0, None, more=False)

    @pytest.mark.parametrize("rules", [KeyRules(key="r", rate=QUICK), KeyRules(key="r")])
    def test_when_its_rule_changes(self, engine: Engine, rules: KeyRules) -> None:
        rule(engine, KeyRules(key="r", rate=Rate(2, HOUR, burst=1)))
        insert(engine, *(a_job(rate=KeyRate("r", QUICK)) for _ in range(3)))
        assert len(claim(engine, start_worker(engine))) == 1
        assert has_run_dry(engine)
        rule(engine, rules)
        assert promote(engine) == 2

    def test_each_gate_at_its_own(self, engine: Engine, clock: ManualClock) -> None:
        quick, slow = KeyRate("quick", Rate(1, SECOND)), KeyRate("slow", Rate(1, HOUR))
        insert(engine, *(a_job(rate=rate) for rate in (quick, quick, slow, slow)))
        assert len(claim(engine, start_worker(engine))) == 2
        assert engine.jobs.promote(9).wait() == Promoted(0, START + SECOND, more=False)
        clock.advance("1s")
        assert engine.jobs.promote(9).wait() == Promoted(1, START + HOUR, more=False)
