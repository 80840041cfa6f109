"""What decides whether one job can start is told, all of it at one moment."""

import pytest
from msgspec.structs import replace

from tidemill.core.change import Cancel
from tidemill.core.circumstances import (
    MOST_NAMED,
    Circumstances,
    LimitStanding,
    Parent,
    RateStanding,
)
from tidemill.core.graph import Edge
from tidemill.core.identity import new_id
from tidemill.core.limits import KeyLimit, KeyRate, Rate
from tidemill.core.rules import KeyRules, QueueRules, TaskRules, TenantRules
from tidemill.core.state import FINISHED, State
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import (
    HOUR,
    bring,
    change,
    claim,
    claim_one,
    ids,
    insert,
    look,
    rule,
    settle,
    start_worker,
    states,
)
from tidemill.testing.sample import a_job


def of(engine: Engine, job: str) -> Circumstances:
    """The circumstances of a job that has some."""
    found = engine.reader.circumstances(job).wait()
    assert found is not None
    return found


class TestCircumstances:
    """`reader.circumstances`."""

    @pytest.mark.parametrize("state", sorted(State))
    def test_they_are_those_of_a_live_job(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        job = bring(engine, clock, state)
        if state in FINISHED:
            assert engine.reader.circumstances(job.id).wait() is None
        else:
            found = of(engine, job.id)
            assert found.job == replace(look(engine, job.id), attempts=())
            assert found.now == clock.now()

    def test_of_no_job_there_are_none(self, engine: Engine) -> None:
        assert engine.reader.circumstances(new_id()).wait() is None

    def test_a_plain_job_has_plain_ones(self, engine: Engine) -> None:
        job = a_job()
        insert(engine, job)
        found = of(engine, job.id)
        assert (found.parents, found.limit, found.rate, found.task) == ((), None, None, None)
        assert (found.queue.rules, found.queue.running, found.queue.of_tenant) == (
            QueueRules(queue="default"), 0, 0,
        )  # fmt: skip
        assert (found.queue.rate, found.queue.ahead) == (None, 0)

    def test_parents_are_named_while_they_are_not_finished(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        first, second = a_job(task="one"), a_job(task="two", due_at=clock.now() + HOUR)
        child = a_job(after=(Edge(first.id), Edge(second.id)))
        insert(engine, first, second, child)
        assert of(engine, child.id).parents == (
            Parent(first.id, "one", State.WAITING),
            Parent(second.id, "two", State.SCHEDULED),
        )
        settle(engine, clock, claim_one(engine, start_worker(engine)))
        assert [parent.id for parent in of(engine, child.id).parents] == [second.id]

    def test_of_many_parents_the_first_are_named(self, engine: Engine) -> None:
        parents = [a_job() for _ in range(MOST_NAMED + 5)]
        child = a_job(after=tuple(Edge(parent.id) for parent in parents))
        insert(engine, *parents, child)
        named = [parent.id for parent in of(engine, child.id).parents]
        assert named == ids(parents[:MOST_NAMED])

    def test_a_full_key_tells_who_holds_it(self, engine: Engine) -> None:
        jobs = [a_job(limit=KeyLimit("k", 2)) for _ in range(3)]
        insert(engine, *jobs)
        claim(engine, start_worker(engine))
        expected = LimitStanding("k", 2, 2, tuple(ids(jobs[:2])))
        assert of(engine, jobs[2].id).limit == expected
        rule(engine, KeyRules(key="k", most=1))
        assert of(engine, jobs[2].id).limit == LimitStanding("k", 1, 2, tuple(ids(jobs[:2])))

    def test_who_stands_first_behind_a_full_key_says_how_many_it_lets_run(
        self, engine: Engine
    ) -> None:
        jobs = [a_job(limit=KeyLimit("k", most)) for most in (1, 1, 9)]
        worker = start_worker(engine)
        for job in jobs:
            insert(engine, job)
            claim(engine, worker)
        assert states(engine, jobs) == [State.RUNNING, State.BLOCKED, State.BLOCKED]
        found = of(engine, jobs[2].id).limit
        assert found is not None
        assert (found.most, found.running) == (1, 1)

    def test_a_rate_tells_when_it_is_free(self, engine: Engine, clock: ManualClock) -> None:
        one_an_hour = KeyRate("k", Rate(1, HOUR))
        jobs = [a_job(rate=one_an_hour) for _ in range(2)]
        insert(engine, *jobs)
        rate = of(engine, jobs[1].id).rate
        assert rate is not None
        assert rate.free_at <= clock.now()
        begun = clock.now()
        claim(engine, start_worker(engine))
        clock.advance("1m")
        assert of(engine, jobs[1].id).rate == RateStanding("k", Rate(1, HOUR), begun + HOUR)

    def test_a_queue_tells_how_full_it_is(self, engine: Engine, clock: ManualClock) -> None:
        rules = QueueRules(queue="default", most=3, tenant_most=2, rate=Rate(2, HOUR))
        rule(engine, rules)
        jobs = [a_job(tenant=tenant) for tenant in ("ant", "bee", "ant")]
        insert(engine, *jobs)
        begun = clock.now()
        assert len(claim(engine, start_worker(engine))) == 2
        found = of(engine, jobs[2].id).queue
        assert found.rules.most == 3
        assert (found.running, found.of_tenant) == (2, 1)
        assert found.rate is not None
        assert found.rate.free_at == begun + HOUR // 2

    def test_a_tenant_tells_how_full_it_is(self, engine: Engine) -> None:
        jobs = [a_job(tenant="ant", queue=queue) for queue in ("a", "b", "c")]
        insert(engine, *jobs, a_job(tenant="bee", queue="a"))
        assert of(engine, jobs[0].id).tenant is None
        rule(engine, TenantRules(tenant="ant", most=2))
        claim(engine, start_worker(engine))
        tenant = of(engine, jobs[2].id).tenant
        assert tenant is not None
        assert (tenant.rules.most, tenant.running) == (2, 2)

    def test_jobs_ahead_are_counted(self, engine: Engine) -> None:
        low, first, high, last = (a_job(priority=p) for p in (-1, 0, 1, 0))
        elsewhere = a_job(queue="other", priority=90)
        insert(engine, low, first, high, last, elsewhere)
        ahead = [of(engine, job.id).queue.ahead for job in (high, first, last, low, elsewhere)]
        assert ahead == [0, 1, 2, 3, 0]

    def test_a_paused_task_is_told(self, engine: Engine) -> None:
        job = a_job()
        insert(engine, job)
        rule(engine, TaskRules(task="sample", paused=True, note="lunch"))
        task = of(engine, job.id).task
        assert task is not None
        assert (task.paused, task.note) == (True, "lunch")

    def test_one_that_is_asked_to_stop_says_so(self, engine: Engine, clock: ManualClock) -> None:
        job = bring(engine, clock, State.RUNNING)
        change(engine, Cancel("enough"), job.id)
        assert of(engine, job.id).job.cancel_requested
