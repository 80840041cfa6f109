"""A claim leaves out the tasks that its worker has no room for, and takes what stands behind."""

import pytest

from tidemill.core.change import Delete
from tidemill.core.limits import Rate
from tidemill.core.rules import QueueRules, TaskRules
from tidemill.core.state import State
from tidemill.core.want import Claimed, Want
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import (
    SECOND,
    change,
    claim,
    ids,
    insert,
    look,
    rule,
    start_worker,
    states,
)
from tidemill.testing.sample import a_job

APART = (QueueRules(queue="default", fair=True), QueueRules(queue="default", tenant_most=99))
"""Rules under which tenants are told apart."""


def claim_without(engine: Engine, *tasks: str, limit: int = 100) -> list[str]:
    """Take up to so many jobs of other tasks; their ids."""
    return ids(engine.jobs.claim(Want(start_worker(engine), limit, None, tasks)).wait().jobs)


class TestLeavingOut:
    """`Want.without` under `jobs.claim`."""

    def test_jobs_of_other_tasks_are_taken_and_these_wait_on(self, engine: Engine) -> None:
        heavy, light = [a_job(task="heavy") for _ in range(3)], a_job(task="light")
        insert(engine, *heavy, light)
        assert claim_without(engine, "heavy") == [light.id]
        assert states(engine, heavy) == [State.WAITING] * 3
        assert claim_without(engine, "heavy") == []
        assert ids(claim(engine, start_worker(engine))) == ids(heavy)

    def test_several_tasks_can_be_left_out_and_unknown_ones_too(self, engine: Engine) -> None:
        jobs = [a_job(task=name) for name in ("a", "b", "c", "a")]
        insert(engine, *jobs)
        assert claim_without(engine, "a", "c", "nowhere") == [jobs[1].id]

    def test_the_order_of_the_others_is_what_it_was(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        low = a_job(task="b", priority=-50, queue="q1")
        insert(engine, a_job(task="x"), low, a_job(task="x", priority=90))
        clock.advance("1s")
        late = [a_job(task=name, queue=queue) for name, queue in ("aq", "bp", "cq", "ap")]
        high = a_job(task="c", priority=50)
        insert(engine, *late, high)
        assert claim_without(engine, "x") == ids([high, *late, low])

    def test_however_many_stand_in_front_what_is_behind_is_reached(self, engine: Engine) -> None:
        heavy, light = [a_job(task="heavy") for _ in range(3_000)], a_job(task="light")
        insert(engine, *heavy)
        insert(engine, light)
        assert claim_without(engine, "heavy", limit=1) == [light.id]

    def test_only_the_wanted_queues_are_served(self, engine: Engine) -> None:
        jobs = [a_job(task=task, queue=queue) for queue in "ab" for task in ("heavy", "light")]
        insert(engine, *jobs)
        want = Want(start_worker(engine), 10, ("b",), ("heavy",))
        assert ids(engine.jobs.claim(want).wait().jobs) == [jobs[3].id]

    @pytest.mark.parametrize(
        "rules",
        [QueueRules(queue="default", most=2), QueueRules(queue="default", rate=Rate(2, SECOND))],
    )
    def test_the_rules_of_the_queue_hold_for_the_others(
        self, engine: Engine, rules: QueueRules
    ) -> None:
        jobs = [a_job(task=task) for task in ("heavy", "a", "b", "c")]
        insert(engine, *jobs)
        rule(engine, rules)
        assert claim_without(engine, "heavy") == ids(jobs[1:3])

    def test_what_is_left_out_is_neither_parked_nor_ended(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        paused, stale = a_job(task="held"), a_job(task="held", expires_at=clock.now() + SECOND)
        insert(engine, paused, stale)
        rule(engine, TaskRules(task="held", paused=True))
        clock.advance("1s")
        assert claim_without(engine, "held") == []
        assert states(engine, [paused, stale]) == [State.WAITING] * 2

    def test_what_is_due_comes_into_the_line_though_it_is_left_out(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job(task="heavy", due_at=clock.now() + SECOND)
        insert(engine, job)
        worker = start_worker(engine)
        want = Want(worker, 1, None, ("heavy",))
        assert engine.jobs.claim(want).wait() == Claimed((), clock.now() + SECOND)
        clock.advance("1s")
        assert engine.jobs.claim(want).wait() == Claimed((), None)
        assert look(engine, job.id).state is State.WAITING


class TestLeavingOutOfTenants:
    """`Want.without` in queues whose tenants are told apart."""

    def test_in_a_fair_queue_the_others_take_their_turns(self, engine: Engine) -> None:
        rule(engine, APART[0])
        insert(engine, *(a_job(tenant=tenant, task="heavy") for tenant in "aab"))
        light = [a_job(tenant=tenant, task="light") for tenant in "aabb"]
        insert(engine, *light)
        assert claim_without(engine, "heavy") == [light[n].id for n in (0, 2, 1, 3)]

    @pytest.mark.parametrize("rules", APART)
    def test_a_tenant_of_left_out_jobs_only_holds_nobody_up(
        self, engine: Engine, rules: QueueRules
    ) -> None:
        rule(engine, rules)
        insert(engine, *(a_job(tenant="a", task="heavy") for _ in range(1_200)))
        light = a_job(tenant="b", task="light")
        insert(engine, light)
        assert claim_without(engine, "heavy") == [light.id]

    @pytest.mark.parametrize("rules", APART)
    @pytest.mark.parametrize(("tenants", "passed"), [("", 1_000), ("a", 500), ("ab", 333)])
    def test_a_claim_passes_over_a_thousand_shared_between_the_tenants(
        self, engine: Engine, rules: QueueRules, tenants: str, passed: int
    ) -> None:
        rule(engine, rules)
        first = tenants[:1]
        insert(engine, *(a_job(tenant=tenant, task="heavy") for tenant in tenants[1:]))
        heavy = [a_job(tenant=first, task="heavy") for _ in range(passed + 1)]
        insert(engine, *heavy)
        light = a_job(tenant=first, task="light")
        insert(engine, light)
        assert claim_without(engine, "heavy") == []
        change(engine, Delete(), heavy[0].id)
        assert claim_without(engine, "heavy") == [light.id]
