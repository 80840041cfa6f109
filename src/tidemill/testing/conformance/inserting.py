"""Jobs go in: all or none, once for each id, in the state their time and parents call for."""

import asyncio
from typing import Any

import msgspec
import pytest

from tidemill.core.errors import NotUnique, UnknownParent, VersionConflict, WrongTransaction
from tidemill.core.graph import Edge
from tidemill.core.job import Inserted
from tidemill.core.limits import KeyLimit, KeyRate, Rate
from tidemill.core.record import Put
from tidemill.core.retry import RetryPolicy
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    HOUR,
    SECOND,
    claim,
    ids,
    insert,
    is_stored,
    look,
    run,
    start_worker,
)
from tidemill.testing.sample import a_job


class TestInserting:
    """`jobs.insert`."""

    def test_a_new_job_is_waiting_from_now_on(self, engine: Engine, clock: ManualClock) -> None:
        job = a_job()
        assert insert(engine, job) == (Inserted(job.id, created=True),)
        stored = look(engine, job.id)
        assert (stored.state, stored.gate, stored.waits_for) == (State.WAITING, "", 0)
        assert (stored.created_at, stored.ready_at) == (clock.now(), clock.now())
        assert (stored.attempt, stored.crashes, stored.attempts) == (0, 0, ())
        assert (stored.started_at, stored.finished_at, stored.worker) == (None, None, None)
        assert (stored.result, stored.error, stored.reason) == (None, None, "")
        assert (stored.progress, stored.checkpoint, stored.cancel_requested) == (None, None, False)

    def test_a_stored_job_is_all_that_was_asked_for(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        retry = RetryPolicy(attempts=7, shape="linear", base=5, cap=500, jitter=False)
        callback = a_job(id="00-callback")
        job = a_job(
            task="mail.send",
            queue="email",
            args='{"to":"Zoë","n":1}'.encode(),
            tenant="acme",
            priority=-50,
            expires_at=clock.now() + HOUR,
            timeout=None,
            retry=retry,
            unique=UniqueClaim("acme/mail/1"),
            limit=KeyLimit("smtp", 3),
            rate=KeyRate("minute", Rate(10, 60_000)),
            batch=callback.id,
            tags=("blue", "größe 1"),
            source="schedule:nightly",
            headers={"traceparent": "00-1-2-01", "ä": "ö"},
        )
        insert(engine, callback, job)
        stored = look(engine, job.id)
        for name in ("task", "queue", "args", "tenant", "priority", "expires_at", "timeout"):
            assert getattr(stored, name) == getattr(job, name), name
        for name in ("batch", "tags", "source", "headers"):
            assert getattr(stored, name) == getattr(job, name), name
        assert (stored.unique_key, stored.limit_key, stored.rate_key) == (
            "acme/mail/1",
            "smtp",
            "minute",
        )
        assert msgspec.json.decode(stored.policy, type=RetryPolicy) == retry
        assert stored.max_attempts == 7

    def test_what_becomes_of_its_headers_elsewhere_is_nothing_to_it(self, engine: Engine) -> None:
        headers = {"trace": "1"}
        insert(engine, job := a_job(headers=headers))
        headers["trace"] = "2"
        assert look(engine, job.id).headers == {"trace": "1"}

    def test_a_job_due_later_is_scheduled_for_then(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job(due_at=clock.now() + 1)
        insert(engine, job)
        stored = look(engine, job.id)
        assert (stored.state, stored.ready_at) == (State.SCHEDULED, clock.now() + 1)

    @pytest.mark.parametrize("late", [0, 1, HOUR])
    def test_a_job_due_already_is_waiting_from_now_on(
        self, engine: Engine, clock: ManualClock, late: int
    ) -> None:
        job = a_job(due_at=clock.now() - late)
        insert(engine, job)
        stored = look(engine, job.id)
        assert (stored.state, stored.ready_at) == (State.WAITING, clock.now())

    def test_a_job_sent_twice_is_stored_once_and_stays_as_it_was(self, engine: Engine) -> None:
        job = a_job(args=b'{"n":1}')
        insert(engine, job)
        again = a_job(id=job.id, args=b'{"n":2}', priority=90)
        assert insert(engine, again) == (Inserted(job.id, created=False),)
        stored = look(engine, job.id)
        assert (stored.args, stored.priority) == (b'{"n":1}', 0)

    def test_a_job_sent_again_after_it_finished_is_not_run_again(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        job = a_job()
        run(engine, clock, job)
        assert insert(engine, job) == (Inserted(job.id, created=False),)
        assert look(engine, job.id).state is State.COMPLETED
        assert claim(engine, start_worker(engine)) == ()

    def test_an_id_given_twice_in_one_call_is_stored_once(self, engine: Engine) -> None:
        job = a_job(args=b'{"n":1}')
        answer = insert(engine, job, a_job(id=job.id, args=b'{"n":2}'))
        assert answer == (Inserted(job.id, created=True), Inserted(job.id, created=False))
        assert look(engine, job.id).args == b'{"n":1}'

    def test_the_answers_stand_in_the_order_of_the_jobs(self, engine: Engine) -> None:
        known = a_job()
        insert(engine, known)
        first, last = a_job(), a_job()
        assert insert(engine, first, known, last) == (
            Inserted(first.id, created=True),
            Inserted(known.id, created=False),
            Inserted(last.id, created=True),
        )

    def test_no_jobs_are_no_error(self, engine: Engine) -> None:
        assert insert(engine) == ()

    def test_a_thousand_jobs_of_one_call_keep_their_order(self, engine: Engine) -> None:
        jobs = [a_job() for _ in range(1_000)]
        assert insert(engine, *jobs) == tuple(Inserted(job.id, created=True) for job in jobs)
        assert ids(claim(engine, start_worker(engine), limit=1_000)) == ids(jobs)

    def test_one_unknown_parent_keeps_all_jobs_of_the_call_out(self, engine: Engine) -> None:
        good, bad = a_job(), a_job(after=(Edge("nowhere"),))
        with pytest.raises(UnknownParent):
            insert(engine, good, bad)
        assert not is_stored(engine, good.id)
        assert not is_stored(engine, bad.id)

    def test_one_refused_duplicate_keeps_all_jobs_of_the_call_out(self, engine: Engine) -> None:
        insert(engine, a_job(unique=UniqueClaim("k")))
        good, bad = a_job(), a_job(unique=UniqueClaim("k", on_duplicate="reject"))
        with pytest.raises(NotUnique):
            insert(engine, good, bad)
        assert not is_stored(engine, good.id)

    def test_a_refused_call_leaves_the_job_it_would_have_replaced_alone(
        self, engine: Engine
    ) -> None:
        holder = a_job(args=b'{"n":1}', unique=UniqueClaim("k"))
        insert(engine, holder)
        newer = a_job(args=b'{"n":2}', unique=UniqueClaim("k", on_duplicate="replace"))
        with pytest.raises(UnknownParent):
            insert(engine, newer, a_job(after=(Edge("nowhere"),)))
        assert look(engine, holder.id).args == b'{"n":1}'

    def test_a_record_is_written_in_the_same_step(self, engine: Engine) -> None:
        job = a_job()
        engine.jobs.insert([job], put=Put("schedule", "nightly", b'{"tick":1}', 0)).wait()
        record = engine.records.get("schedule", "nightly").wait()
        assert record is not None
        assert (record.version, record.doc) == (1, b'{"tick":1}')
        assert is_stored(engine, job.id)

    def test_a_record_that_moved_on_keeps_the_jobs_out(self, engine: Engine) -> None:
        engine.records.put(Put("schedule", "nightly", b'{"tick":1}')).wait()
        job = a_job()
        with pytest.raises(VersionConflict):
            engine.jobs.insert([job], put=Put("schedule", "nightly", b'{"tick":2}', 0)).wait()
        assert not is_stored(engine, job.id)

    def test_a_refused_job_keeps_the_record_out(self, engine: Engine) -> None:
        bad = a_job(after=(Edge("nowhere"),))
        with pytest.raises(UnknownParent):
            engine.jobs.insert([bad], put=Put("schedule", "nightly", b"{}")).wait()
        assert engine.records.get("schedule", "nightly").wait() is None

    def test_a_transaction_of_another_kind_is_refused(self, engine: Engine) -> None:
        job = a_job()
        with pytest.raises(WrongTransaction):
            engine.jobs.insert([job], tx=object()).wait()
        assert not is_stored(engine, job.id)

    def test_a_call_that_nobody_finishes_does_nothing(self, engine: Engine) -> None:
        job = a_job()
        engine.jobs.insert([job])
        assert not is_stored(engine, job.id)

    def test_it_can_be_awaited(self, engine: Engine) -> None:
        job = a_job()

        async def store() -> tuple[Inserted, ...]:
            return await engine.jobs.insert([job])

        assert asyncio.run(store()) == (Inserted(job.id, created=True),)
        assert look(engine, job.id).state is State.WAITING

    def test_awaited_calls_made_side_by_side_are_all_kept(self, engine: Engine) -> None:
        jobs = [a_job() for _ in range(50)]

        async def store() -> None:
            async def one(number: int) -> None:
                await engine.jobs.insert([jobs[number]])

            await asyncio.gather(*(one(number) for number in range(len(jobs))))

        asyncio.run(store())
        assert len(claim(engine, start_worker(engine), limit=100)) == 50

    def test_a_later_moment_is_kept_to_the_millisecond(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        clock.advance("1ms")
        job = a_job(due_at=clock.now() + 3 * SECOND + 7)
        insert(engine, job)
        stored = look(engine, job.id)
        assert (stored.created_at, stored.ready_at) == (clock.now(), job.due_at)


class TestInsertingFreshIds:
    """`jobs.insert(fresh_ids=True)` stores what it stores without."""

    @pytest.mark.parametrize(
        "differences",
        [
            [{}],
            [{}] * 3,
            [{"priority": 50}, {}, {"queue": "other"}],
            [{"due_at": START + HOUR}],
            [{"due_at": START + HOUR}] * 2,
            [{"limit": KeyLimit("key", 1)}, {}, {"rate": KeyRate("key", Rate(1, 1_000))}],
            [{"tags": ("red",), "headers": {"a": "b"}, "expires_at": START + HOUR}],
        ],
        ids=lambda each: f"{len(each)}-{'-'.join(each[0]) or 'plain'}",
    )
    def test_jobs_are_stored_alike(self, engine: Engine, differences: list[dict[str, Any]]) -> None:
        shared = {"args": b'{"n":1}', "tenant": "acme", "source": "job:1"}
        fresh = [a_job(**shared, **each) for each in differences]
        engine.jobs.insert(fresh, fresh_ids=True).wait()
        plain = [a_job(**shared, **each) for each in differences]
        insert(engine, *plain)
        for one, other in zip(fresh, plain, strict=True):
            mine, theirs = look(engine, one.id), look(engine, other.id)
            assert msgspec.structs.replace(mine, id="") == msgspec.structs.replace(theirs, id="")

    def test_they_come_in_their_order(self, engine: Engine) -> None:
        jobs = [a_job(args=b'{"n":%d}' % number) for number in range(50)]
        engine.jobs.insert(jobs, fresh_ids=True).wait()
        claimed = claim(engine, start_worker(engine), limit=50)
        assert [each.id for each in claimed] == [job.id for job in jobs]

    def test_many_under_a_limit_come_in_their_order_too(self, engine: Engine) -> None:
        limit = KeyLimit("key", 50)
        jobs = [a_job(args=b'{"n":%d}' % number, limit=limit) for number in range(50)]
        engine.jobs.insert(jobs, fresh_ids=True).wait()
        claimed = claim(engine, start_worker(engine), limit=50)
        assert [each.id for each in claimed] == [job.id for job in jobs]

    def test_one_stands_behind_those_parked_for_its_key(self, engine: Engine) -> None:
        worker = start_worker(engine)
        limit = KeyLimit("key", 1)
        insert(engine, *(a_job(limit=limit) for _ in range(3)))
        assert len(claim(engine, worker, limit=3)) == 1
        late = [a_job(limit=limit), a_job(), a_job(limit=KeyLimit("other", 1))]
        engine.jobs.insert(late, fresh_ids=True).wait()
        assert [look(engine, job.id).gate for job in late] == ["key:key", "", ""]

    def test_one_that_claims_a_key_meets_its_holder(self, engine: Engine) -> None:
        holder = a_job(unique=UniqueClaim("key"))
        insert(engine, holder)
        late = [a_job(), a_job(unique=UniqueClaim("key"))]
        answers = engine.jobs.insert(late, fresh_ids=True).wait()
        assert [answer.id for answer in answers] == [late[0].id, holder.id]

    def test_sent_again_they_are_left_as_they_are(self, engine: Engine) -> None:
        jobs = [a_job(), a_job(), a_job(limit=KeyLimit("key", 1))]
        engine.jobs.insert(jobs, fresh_ids=True).wait()
        assert insert(engine, *jobs) == tuple(Inserted(job.id, created=False) for job in jobs)
