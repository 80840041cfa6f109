"""In a fair queue tenants take turns, however many jobs each has waiting."""

from tidemill.core.job import Claim
from tidemill.core.rules import QueueRules
from tidemill.engines.protocol import Engine
from tidemill.testing.conformance.steps import (
    claim,
    claim_one,
    ids,
    insert,
    rule,
    start_worker,
)
from tidemill.testing.sample import a_job

FAIR = QueueRules(queue="default", fair=True)


def add(engine: Engine, tenants: str, **overrides: object) -> None:
    """Store one job for each letter, in order."""
    insert(engine, *(a_job(tenant=tenant, **overrides) for tenant in tenants))


def tenants_of(jobs: tuple[Claim, ...]) -> str:
    """The tenants of jobs in order, one letter each."""
    return "".join(job.tenant for job in jobs)


class TestFairness:
    """`QueueRules.fair` under `jobs.claim`."""

    def test_without_the_rule_the_line_is_one(self, engine: Engine) -> None:
        add(engine, "aaabb")
        assert tenants_of(claim(engine, start_worker(engine))) == "aaabb"

    def test_tenants_take_turns_within_a_claim(self, engine: Engine) -> None:
        add(engine, "aaabbc")
        rule(engine, FAIR)
        assert tenants_of(claim(engine, start_worker(engine))) == "abcaba"

    def test_turns_go_on_from_claim_to_claim(self, engine: Engine) -> None:
        add(engine, "aaabbc")
        rule(engine, FAIR)
        given = [claim_one(engine, start_worker(engine)) for _ in range(6)]
        assert tenants_of(tuple(given)) == "abcaba"

    def test_turns_go_round(self, engine: Engine) -> None:
        add(engine, "aabbcc")
        rule(engine, FAIR)
        worker = start_worker(engine)
        assert tenants_of(claim(engine, worker, limit=2)) == "ab"
        assert tenants_of(claim(engine, worker, limit=2)) == "ca"
        assert tenants_of(claim(engine, worker, limit=2)) == "bc"

    def test_a_tenant_that_comes_late_is_served_next(self, engine: Engine) -> None:
        add(engine, "a" * 100)
        rule(engine, FAIR)
        worker = start_worker(engine)
        assert tenants_of(claim(engine, worker, limit=3)) == "aaa"
        add(engine, "b")
        assert tenants_of(claim(engine, worker, limit=3)) == "baa"

    def test_a_turn_gives_the_tenants_best_job(self, engine: Engine) -> None:
        insert(
            engine,
            a_job(tenant="a", priority=-50, id="a-low"),
            a_job(tenant="a", priority=50, id="a-high"),
            a_job(tenant="b", priority=0, id="b-first"),
            a_job(tenant="b", priority=0, id="b-second"),
        )
        rule(engine, FAIR)
        given = claim(engine, start_worker(engine))
        assert ids(given) == ["a-high", "b-first", "a-low", "b-second"]

    def test_jobs_of_no_tenant_take_their_turn_too(self, engine: Engine) -> None:
        insert(engine, *(a_job(tenant="a") for _ in range(3)))
        nobody = a_job(tenant="")
        insert(engine, nobody)
        rule(engine, FAIR)
        assert nobody.id in ids(claim(engine, start_worker(engine), limit=2))

    def test_the_first_turn_is_of_jobs_of_no_tenant(self, engine: Engine) -> None:
        insert(engine, *(a_job(tenant=tenant) for tenant in ("b", "a", "", "a", "")))
        rule(engine, FAIR)
        given = claim(engine, start_worker(engine))
        assert [job.tenant for job in given] == ["", "a", "b", "", "a"]

    def test_a_turn_of_no_tenant_is_remembered_as_any_other(self, engine: Engine) -> None:
        insert(engine, *(a_job(tenant=tenant) for tenant in ("", "", "a", "a")))
        rule(engine, FAIR)
        worker = start_worker(engine)
        given = [claim(engine, worker, limit=1)[0].tenant for _ in range(4)]
        assert given == ["", "a", "", "a"]

    def test_each_queue_remembers_its_own_turn(self, engine: Engine) -> None:
        add(engine, "aabb", queue="one")
        add(engine, "aabb", queue="two")
        rule(engine, QueueRules(queue="one", fair=True), QueueRules(queue="two", fair=True))
        worker = start_worker(engine)
        assert tenants_of(claim(engine, worker, limit=1, queues=("one",))) == "a"
        assert tenants_of(claim(engine, worker, limit=1, queues=("two",))) == "a"
        assert tenants_of(claim(engine, worker, limit=1, queues=("one",))) == "b"

    def test_the_head_of_a_fair_queue_competes_with_other_queues(self, engine: Engine) -> None:
        insert(
            engine,
            a_job(tenant="a", queue="fair", id="a"),
            a_job(tenant="b", queue="fair", priority=90, id="b"),
            a_job(queue="plain", priority=50, id="plain-high"),
            a_job(queue="plain", id="plain-normal"),
        )
        rule(engine, QueueRules(queue="fair", fair=True))
        given = claim(engine, start_worker(engine))
        assert ids(given) == ["plain-high", "a", "b", "plain-normal"]

    def test_a_tenant_at_its_share_is_passed_over(self, engine: Engine) -> None:
        add(engine, "aaabb")
        rule(engine, QueueRules(queue="default", fair=True, tenant_most=1))
        worker = start_worker(engine)
        assert tenants_of(claim(engine, worker)) == "ab"
        assert claim(engine, worker) == ()

    def test_two_fair_queues_are_merged_by_the_order_of_their_heads(self, engine: Engine) -> None:
        insert(
            engine,
            a_job(tenant="a", queue="one", id="one-a"),
            a_job(tenant="a", queue="two", id="two-a"),
            a_job(tenant="b", queue="one", id="one-b"),
            a_job(tenant="b", queue="two", id="two-b"),
        )
        rule(engine, QueueRules(queue="one", fair=True), QueueRules(queue="two", fair=True))
        given = claim(engine, start_worker(engine))
        assert ids(given) == ["one-a", "two-a", "one-b", "two-b"]

    def test_fairness_gives_every_job_once(self, engine: Engine) -> None:
        jobs = [a_job(tenant=f"t{number % 7}") for number in range(50)]
        insert(engine, *jobs)
        rule(engine, FAIR)
        worker = start_worker(engine)
        taken = [one for _ in range(10) for one in claim(engine, worker, limit=5)]
        assert sorted(ids(taken)) == sorted(ids(jobs))
