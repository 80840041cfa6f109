"""Every end and every change of a rule is told in the event log, in the step that made it."""

from typing import Any

import msgspec
import pytest

from tidemill.core.change import Cancel
from tidemill.core.event import Topic
from tidemill.core.graph import Edge
from tidemill.core.outcome import Cancelled, Done, Interrupted, Outcome, Snoozed
from tidemill.core.record import EVENTS, Entry
from tidemill.core.rules import KeyRules, QueueRules, Rules, TaskRules, TenantRules
from tidemill.core.verdict import judge
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    FAIL,
    GIVE_UP,
    HOUR,
    LOST,
    SECOND,
    TEN_SECONDS,
    change,
    claim,
    claim_one,
    insert,
    rule,
    run,
    settle,
    start_worker,
)
from tidemill.testing.sample import a_job


def told(engine: Engine) -> list[Entry]:
    """Every event so far."""
    return list(engine.records.read(EVENTS, limit=1_000).wait())


def jobs_of(entry: Entry) -> list[dict[str, Any]]:
    """The jobs an event is about."""
    jobs: list[dict[str, Any]] = msgspec.json.decode(entry.data)["jobs"]
    return jobs


def said_of(engine: Engine) -> dict[str, Any]:
    """What the only event says of its only job."""
    ((said,),) = map(jobs_of, told(engine))
    return said


def ids_of(entry: Entry) -> list[str]:
    """The ids of the jobs an event is about."""
    return [job["id"] for job in jobs_of(entry)]


class TestTellingEnds:
    """Events of `jobs.settle`."""

    @pytest.mark.parametrize(
        ("outcome", "topic"),
        [
            (Done(b"1"), Topic.JOBS_COMPLETED),
            (FAIL, Topic.JOBS_RETRYING),
            (GIVE_UP, Topic.JOBS_FAILED),
            (Cancelled("no"), Topic.JOBS_CANCELLED),
        ],
        ids=lambda value: value if isinstance(value, Topic) else "",
    )
    def test_an_end_is_told_with_job_task_and_queue(
        self, engine: Engine, clock: ManualClock, outcome: Outcome, topic: Topic
    ) -> None:
        clock.advance("1s")
        job = a_job(task="mail.send", queue="email", tenant="acme", retry=TEN_SECONDS)
        run(engine, clock, job, outcome)
        (entry,) = told(engine)
        assert (entry.topic, entry.tenant, entry.at) == (topic, "acme", START + SECOND)
        (said,) = jobs_of(entry)
        assert (said["id"], said["task"], said["queue"]) == (job.id, "mail.send", "email")

    def test_a_failure_is_told_with_its_reason_and_error(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job()
        run(engine, clock, job, GIVE_UP)
        assert said_of(engine) == {
            "id": job.id,
            "task": "sample",
            "queue": "default",
            "reason": "not_retryable",
            "error": {"kind": "ValueError", "message": "boom"},
        }

    def test_a_failure_that_is_tried_again_is_told_with_its_error_alone(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        run(engine, clock, a_job(retry=TEN_SECONDS), FAIL)
        said = said_of(engine)
        assert said["error"] == {"kind": "ValueError", "message": "boom"}
        assert "reason" not in said

    def test_what_was_done_is_told_with_neither_reason_nor_error(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        run(engine, clock, a_job())
        assert said_of(engine).keys() == {"id", "task", "queue"}

    @pytest.mark.parametrize(
        ("outcome", "more"),
        [
            (FAIL, {"error": {"kind": "ValueError", "message": "boom"}}),
            (Cancelled(), {}),
            (Interrupted(), {}),
        ],
        ids=lambda value: type(value).__name__,
    )
    @pytest.mark.parametrize("words", ["unwanted", ""])
    def test_a_cancelled_attempt_is_told_with_the_words_and_its_error_if_there_are_any(
        self,
        engine: Engine,
        clock: ManualClock,
        outcome: Outcome,
        more: dict[str, Any],
        words: str,
    ) -> None:
        insert(engine, job := a_job(retry=TEN_SECONDS))
        held = claim_one(engine, start_worker(engine))
        change(engine, Cancel(words), job.id)
        settle(engine, clock, held, outcome)
        expected = {"id": job.id, "task": "sample", "queue": "default", **more}
        assert said_of(engine) == expected | ({"reason": words} if words else {})

    def test_a_cancellation_is_told_with_its_reason(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        run(engine, clock, a_job(), Cancelled("no longer needed"))
        ((said,),) = map(jobs_of, told(engine))
        assert said["reason"] == "no longer needed"

    @pytest.mark.parametrize("outcome", [Snoozed(START + HOUR), Interrupted(), LOST], ids=type)
    def test_a_job_that_only_goes_back_is_not_told(
        self, engine: Engine, clock: ManualClock, outcome: Outcome
    ) -> None:
        run(engine, clock, a_job(), outcome)
        assert told(engine) == []

    def test_one_call_tells_each_topic_and_tenant_once_in_order(self, engine: Engine) -> None:
        outcomes: list[Outcome] = [Done(), GIVE_UP, Done(), Done()]
        tenants = ["a", "a", "b", "a"]
        jobs = [a_job(tenant=tenant) for tenant in tenants]
        insert(engine, *jobs)
        held = claim(engine, start_worker(engine))
        batch = [judge(one, end, START, 0) for one, end in zip(held, outcomes, strict=True)]
        engine.jobs.settle(batch).wait()
        assert {(one.topic, one.tenant): ids_of(one) for one in told(engine)} == {
            (Topic.JOBS_COMPLETED, "a"): [jobs[0].id, jobs[3].id],
            (Topic.JOBS_FAILED, "a"): [jobs[1].id],
            (Topic.JOBS_COMPLETED, "b"): [jobs[2].id],
        }
        assert len(told(engine)) == 3

    def test_jobs_cancelled_with_their_parent_are_told_after_it(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        root = a_job()
        son = a_job(after=(Edge(root.id),))
        grandson = a_job(after=(Edge(son.id),))
        insert(engine, root, son, grandson)
        held = claim_one(engine, start_worker(engine))
        settle(engine, clock, held, Cancelled("no"))
        (entry,) = told(engine)
        assert ids_of(entry) == [root.id, son.id, grandson.id]
        assert [job["reason"] for job in jobs_of(entry)] == ["no", *["parent_failed"] * 2]

    def test_what_changes_nothing_is_not_told(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, a_job())
        stale = claim_one(engine, start_worker(engine))
        settle(engine, clock, stale, LOST)
        fresh = claim_one(engine, start_worker(engine))
        settle(engine, clock, stale)
        settle(engine, clock, fresh)
        settle(engine, clock, fresh)
        assert [ids_of(one) for one in told(engine)] == [[fresh.id]]


class TestTellingWishes:
    """Events of `jobs.change`, `claim`, `promote`, `insert` and `rule`."""

    def test_jobs_cancelled_by_a_person_are_told_once_for_the_call(self, engine: Engine) -> None:
        jobs = [a_job() for _ in range(2)]
        child = a_job(after=(Edge(jobs[0].id),))
        insert(engine, *jobs, child)
        change(engine, Cancel("unwanted"), *(job.id for job in jobs))
        (entry,) = told(engine)
        assert entry.topic == Topic.JOBS_CANCELLED
        assert {job["id"]: job["reason"] for job in jobs_of(entry)} == {
            jobs[0].id: "unwanted",
            jobs[1].id: "unwanted",
            child.id: "parent_failed",
        }

    def test_a_running_job_that_is_only_asked_to_stop_is_not_told(self, engine: Engine) -> None:
        insert(engine, job := a_job())
        claim(engine, start_worker(engine))
        change(engine, Cancel(), job.id)
        assert told(engine) == []

    @pytest.mark.parametrize("verb", ["claim", "promote"])
    def test_expired_jobs_are_told_as_cancelled(
        self, engine: Engine, clock: ManualClock, verb: str
    ) -> None:
        jobs = [a_job(expires_at=START + SECOND, tenant="acme") for _ in range(2)]
        insert(engine, *jobs)
        clock.advance("1s")
        worker = start_worker(engine)
        if verb == "claim":
            claim(engine, worker)
        else:
            engine.jobs.promote(10).wait()
        (entry,) = told(engine)
        assert (entry.topic, entry.tenant) == (Topic.JOBS_CANCELLED, "acme")
        assert ids_of(entry) == [job.id for job in jobs]
        assert {job["reason"] for job in jobs_of(entry)} == {"expired"}

    def test_a_deleted_parent_tells_of_its_children(self, engine: Engine) -> None:
        parent = a_job()
        child = a_job(after=(Edge(parent.id),))
        insert(engine, parent, child)
        change(engine, Cancel("no"), parent.id)
        (entry,) = told(engine)
        assert ids_of(entry) == [parent.id, child.id]

    @pytest.mark.parametrize(
        ("rules", "topic", "noun"),
        [
            (QueueRules(queue="email", paused=True), Topic.QUEUE_CHANGED, "queue"),
            (TaskRules(task="email", paused=True), Topic.TASK_CHANGED, "task"),
            (KeyRules(key="email", most=3), Topic.KEY_CHANGED, "key"),
            (TenantRules(tenant="email", most=3), Topic.QUOTA_CHANGED, "quota"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_rule_that_is_set_is_told(
        self, engine: Engine, rules: Rules, topic: Topic, noun: str
    ) -> None:
        rule(engine, rules)
        (entry,) = told(engine)
        said = msgspec.json.decode(entry.data)
        assert (entry.topic, said[noun]) == (topic, "email")
        told_rules = msgspec.convert(said["rules"] | {noun: "email"}, type(rules))
        assert told_rules == msgspec.structs.replace(rules, version=1)

    def test_events_stand_in_the_order_in_which_they_happened(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        run(engine, clock, a_job())
        rule(engine, QueueRules(queue="email", paused=True))
        run(engine, clock, a_job(), GIVE_UP)
        topics = [one.topic for one in told(engine)]
        assert topics == [Topic.JOBS_COMPLETED, Topic.QUEUE_CHANGED, Topic.JOBS_FAILED]
        positions = [one.position for one in told(engine)]
        assert positions == sorted(set(positions))

    def test_jobs_that_merely_come_start_and_move_are_not_told(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job(due_at=START + SECOND))
        clock.advance("1s")
        engine.jobs.promote(10).wait()
        claim(engine, start_worker(engine))
        assert told(engine) == []
