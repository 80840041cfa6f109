"""An engine opens, tells what it is, closes, and opens again with all that it had."""

import asyncio
from collections.abc import Callable
from typing import Final

import pytest

from tidemill.core.change import Cancel, Which
from tidemill.core.errors import StoreUnavailable
from tidemill.core.outcome import Done
from tidemill.core.query import JobFilter, StatisticsQuery
from tidemill.core.record import EVENTS, NewEntry, Put
from tidemill.core.retention import Keep
from tidemill.core.rules import QueueRules
from tidemill.core.state import State
from tidemill.core.verdict import judge
from tidemill.core.want import Want
from tidemill.engines.health import Durability
from tidemill.engines.protocol import Engine
from tidemill.loops.call import Call
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    SECOND,
    claim_one,
    ids,
    insert,
    look,
    rule,
    run,
    settle,
    start_worker,
)
from tidemill.testing.sample import a_claim, a_job, a_lease

VERBS: Final[dict[str, Callable[[Engine], Call[object]]]] = {
    "insert": lambda engine: engine.jobs.insert([a_job()]),
    "claim": lambda engine: engine.jobs.claim(Want(a_lease(), 1)),
    "settle": lambda engine: engine.jobs.settle([judge(a_claim(), Done(), START, 0)]),
    "renew": lambda engine: engine.jobs.renew(a_lease(), SECOND, b"{}"),
    "promote": lambda engine: engine.jobs.promote(10),
    "change": lambda engine: engine.jobs.change(Which(ids=("x",)), Cancel()),
    "prune": lambda engine: engine.jobs.prune(Keep(), 10),
    "rule": lambda engine: engine.jobs.rule(QueueRules(queue="a")),
    "get": lambda engine: engine.reader.get(["x"]),
    "find": lambda engine: engine.reader.find(JobFilter()),
    "counts": lambda engine: engine.reader.counts(),
    "coming": lambda engine: engine.reader.coming(START),
    "expired": lambda engine: engine.reader.expired(10),
    "held": lambda engine: engine.reader.held(a_lease()),
    "rules": lambda engine: engine.reader.rules(),
    "statistics": lambda engine: engine.reader.statistics(
        StatisticsQuery(step="day", from_at=0, before=1)
    ),
    "take": lambda engine: engine.leases.take("duty/a", "me", SECOND),
    "give_back": lambda engine: engine.leases.give_back(a_lease()),
    "find leases": lambda engine: engine.leases.find("duty/"),
    "put": lambda engine: engine.records.put(Put("a", "b", b"{}")),
    "get record": lambda engine: engine.records.get("a", "b"),
    "find records": lambda engine: engine.records.find("a"),
    "delete": lambda engine: engine.records.delete("a", "b"),
    "append": lambda engine: engine.records.append(EVENTS, [NewEntry("a", b"1")]),
    "read": lambda engine: engine.records.read(EVENTS),
}


def reopen(engine: Engine) -> None:
    """Close an engine and open it again."""
    engine.close().wait()
    engine.open().wait()


class TestLifecycle:
    """`open`, `close`, `migrate`, `health` and `traits`."""

    def test_tidying_changes_nothing_that_is_stored(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = [a_job() for _ in range(3)]
        insert(engine, *jobs)
        settle(engine, clock, claim_one(engine, start_worker(engine)))
        before = engine.reader.get(ids(jobs)).wait()
        engine.tidy().wait()
        assert engine.reader.get(ids(jobs)).wait() == before

    def test_it_can_be_opened_twice(self, engine: Engine) -> None:
        insert(engine, job := a_job())
        engine.open().wait()
        assert look(engine, job.id).state is State.WAITING

    def test_where_a_store_is_it_can_be_opened_to_look(self, engine: Engine) -> None:
        insert(engine, job := a_job())
        engine.close().wait()
        engine.open(make=False).wait()
        assert look(engine, job.id).state is State.WAITING

    def test_it_can_be_closed_twice(self, engine: Engine) -> None:
        engine.close().wait()
        engine.close().wait()

    @pytest.mark.parametrize("verb", VERBS)
    def test_nothing_works_once_it_is_closed(self, engine: Engine, verb: str) -> None:
        engine.close().wait()
        with pytest.raises(StoreUnavailable):
            VERBS[verb](engine).wait()

    def test_a_refused_job_was_not_kept_for_later(self, engine: Engine) -> None:
        engine.close().wait()
        with pytest.raises(StoreUnavailable):
            insert(engine, a_job())
        engine.open().wait()
        assert engine.reader.find(JobFilter()).wait().jobs == ()

    def test_all_is_there_when_it_is_opened_again(self, engine: Engine, clock: ManualClock) -> None:
        done, waiting = a_job(), a_job()
        run(engine, clock, done)
        insert(engine, waiting)
        rule(engine, QueueRules(queue="email", paused=True))
        engine.records.put(Put("user", "zoe", b"1")).wait()
        before = [look(engine, job.id) for job in (done, waiting)]
        events = engine.records.read(EVENTS).wait()
        reopen(engine)
        assert [look(engine, job.id) for job in (done, waiting)] == before
        assert engine.records.read(EVENTS).wait() == events
        assert engine.records.get("user", "zoe").wait() is not None
        assert QueueRules(queue="email", paused=True, version=1) in engine.reader.rules().wait()

    def test_a_job_held_while_it_was_closed_can_be_settled(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job())
        held = claim_one(engine, start_worker(engine))
        reopen(engine)
        settle(engine, clock, held)
        assert look(engine, held.id).state is State.COMPLETED

    def test_fences_and_the_line_go_on_where_they_were(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, first := a_job())
        worker = start_worker(engine)
        reopen(engine)
        insert(engine, second := a_job())
        newer = start_worker(engine)
        assert newer.fence > worker.fence
        given = [claim_one(engine, newer) for _ in range(2)]
        assert ids(given) == ids([first, second])
        assert newer.fence < given[0].fence < given[1].fence
        assert clock.now() == START

    def test_it_can_be_opened_and_closed_from_async_code(self, engine: Engine) -> None:
        async def around() -> bool:
            await engine.close()
            await engine.open()
            answer = await engine.jobs.insert([a_job()])
            return answer[0].created

        assert asyncio.run(around())

    def test_it_says_what_it_is(self, engine: Engine) -> None:
        assert engine.traits.name
        health = engine.health().wait()
        assert isinstance(health.durability, Durability)
        assert health.store
        assert all(finding.what and finding.remedy for finding in health.findings)

    def test_a_store_of_this_release_needs_no_migration(self, engine: Engine) -> None:
        insert(engine, job := a_job())
        schema = engine.migrate().wait()
        assert schema == engine.health().wait().schema
        assert look(engine, job.id).state is State.WAITING
