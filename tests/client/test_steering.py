"""Jobs are found, counted and changed by id or by filter; queues, tasks and keys by rules."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tidemill import RateLimit, State, Tidemill
from tidemill.client.bound import Bound
from tidemill.client.task import PlainTask
from tidemill.core.change import Cancel, Which
from tidemill.core.error_info import ErrorInfo
from tidemill.core.errors import InvalidName, InvalidOption, VersionConflict
from tidemill.core.instants import to_datetime
from tidemill.core.limits import Rate
from tidemill.core.outcome import Done, Failed
from tidemill.core.query import JobFilter
from tidemill.core.rules import KeyRules, QueueRules, Retention, Rules, TaskRules
from tidemill.testing.clock import ManualClock

Add = PlainTask[[int], int]


@pytest.fixture
def add(app: Tidemill) -> Add:
    @app.task(name="add")
    def add(number: int) -> int:
        return number

    return add


def many(task: Add, count: int) -> list[Bound[int]]:
    return [task.bind(number) for number in range(count)]


def test_jobs_are_found_by_what_they_are(app: Tidemill, add: Add, clock: ManualClock) -> None:
    plain = add.enqueue(1)
    clock.advance("1h")
    later = add.using(delay="1h", queue="slow", tags=["a", "b"], source="event:7").enqueue(22)
    jobs = app.jobs
    assert list(jobs.find()) == [later, plain]
    assert list(jobs.find(states=["scheduled", State.RUNNING])) == [later]
    assert list(jobs.find(queues=["slow"], tags=["b"], source="event:7")) == [later]
    assert list(jobs.find(text="22")) == [later]
    assert list(jobs.find(tasks=["other"])) == []
    assert list(jobs.find(created_before=to_datetime(clock.now()))) == [plain]
    assert list(jobs.find(created_from=to_datetime(clock.now()))) == [later]
    assert app.jobs.get(plain).seen == plain.snapshot()


@pytest.mark.parametrize(
    "which", [{"state": "failed"}, {"states": ["fail"]}, {"states": "failed"}, {"tags": "a"}]
)
def test_filters_that_make_no_sense_are_refused(app: Tidemill, which: Any) -> None:
    with pytest.raises(InvalidOption):
        app.jobs.find(**which)


def test_a_listing_goes_through_all_pages_either_way(app: Tidemill, add: Add) -> None:
    made = app.enqueue_many(many(add, 250))
    listing = app.jobs.find(queues=["default"])

    async def collect() -> list[Any]:
        return [job async for job in listing]

    assert list(listing) == asyncio.run(collect()) == made[::-1]
    page = app.jobs.page(JobFilter(), limit=10)
    assert (len(page.jobs), page.cursor is None) == (10, False)


def test_changes_need_a_target(app: Tidemill, add: Add) -> None:
    job = add.enqueue(1)
    with pytest.raises(InvalidOption, match="jobs or a filter"):
        app.jobs.cancel()
    with pytest.raises(InvalidOption, match="jobs or a filter"):
        app.jobs.cancel(job, queues=["default"])
    assert job.state is State.WAITING


def test_changes_go_over_slices_and_tell_how_far_they_are(app: Tidemill, add: Add) -> None:
    jobs = app.enqueue_many(many(add, 1_100))
    told: list[int] = []
    assert app.jobs.cancel(queues=["default"], reason="wrong", told=told.append) == 1_100
    assert told[-1] == 1_100
    assert told == sorted(told)
    assert len(told) >= 3
    assert app.jobs.cancel(queues=["default"]) == 0
    assert asyncio.run(app.jobs.aretry(*jobs[:700])) == 700
    assert sum(counts.count for counts in app.jobs.counts()) == 700
    slice_ = app.jobs.change(Which(filter=JobFilter(states=(State.WAITING,))), Cancel(), limit=10)
    assert (len(slice_.ids), slice_.cursor is None) == (10, False)


def test_resting_jobs_are_moved_about(app: Tidemill, add: Add, clock: ManualClock) -> None:
    job = add.using(delay="1h").enqueue(1)
    assert app.jobs.run_now(job.id) == 1
    assert job.state is State.WAITING
    assert app.jobs.postpone(job, until="2h") == 1
    assert (job.state, job.snapshot().ready_at) == (State.SCHEDULED, clock.now() + 7_200_000)
    assert app.jobs.postpone(job, until=to_datetime(clock.now() + 5)) == 1
    assert app.jobs.reprioritise(job, priority=-100) == 1
    assert app.jobs.move(job, queue="slow") == 1
    seen = job.snapshot()
    assert (seen.ready_at, seen.priority, seen.queue) == (clock.now() + 5, -100, "slow")
    assert app.jobs.delete(queues=["slow"]) == 1
    with pytest.raises(InvalidOption):
        app.jobs.reprioritise(job, priority=101)
    with pytest.raises(InvalidName):
        app.jobs.move(job, queue="")


def test_a_paused_queue_or_task_gives_nothing(
    app: Tidemill, add: Add, hand: Any, clock: ManualClock
) -> None:
    job = add.enqueue(1)
    app.queues.pause("default", note="mend the mill")
    assert hand.take() == ()
    app.queues.limit("default", most=5)
    (rules,) = app.queues.rules()
    assert rules == QueueRules(
        queue="default",
        paused=True,
        most=5,
        note="mend the mill",
        paused_at=clock.now(),
        version=2,
    )
    app.queues.resume("default")
    asyncio.run(app.queues.apause_task("add"))
    assert hand.take() == ()
    paused = TaskRules(task="add", paused=True, paused_at=clock.now(), version=1)
    assert paused in app.queues.rules()
    app.queues.resume_task("add")
    hand.engine.jobs.promote(10).wait()
    assert [claim.id for claim in hand.take()] == [job.id]


def test_limits_are_set_and_taken_away_one_by_one(app: Tidemill) -> None:
    app.queues.limit("email", most=3, rate=RateLimit(10, "1s"), fair=True)
    app.queues.limit("email", most=None, tenant_most=2)
    app.queues.limit_key("account:1", most=1)
    assert set(app.queues.rules()) == {
        QueueRules(queue="email", rate=Rate(10, 1_000), fair=True, tenant_most=2, version=2),
        KeyRules(key="account:1", most=1, version=1),
    }
    for wrong in ({"most": 0}, {"rate": RateLimit(1, "1s", key="x")}):
        with pytest.raises(InvalidOption):
            app.queues.limit("email", **wrong)


def test_rules_that_a_person_has_not_seen_are_not_undone(app: Tidemill) -> None:
    app.queues.limit("email", most=3)
    (seen,) = app.queues.rules()
    app.queues.pause("email", "someone else")
    with pytest.raises(VersionConflict, match="'email' is at version 2, not 1"):
        app.queues.limit("email", most=4, version=seen.version)
    (now,) = app.queues.rules()
    asyncio.run(app.queues.aresume("email", version=now.version))
    assert app.queues.rules() == (QueueRules(queue="email", most=3, version=3),)


def test_who_changes_other_fields_meanwhile_is_not_undone(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {"most": 3},
        {"tenant_most": 2},
        {"fair": True},
        {"rate": RateLimit(10, "1s")},
    ]

    clock = ManualClock()

    async def change_at_once() -> tuple[Rules, ...]:
        async with Tidemill(f"sqlite:///{tmp_path}/jobs.db", clock=clock) as app:
            await asyncio.gather(
                *(app.queues.alimit("email", **change) for change in changes),
                app.queues.apause("email", "mend the mill"),
            )
            return await app.queues.arules()

    assert asyncio.run(change_at_once()) == (
        QueueRules(
            queue="email",
            paused=True,
            most=3,
            rate=Rate(10, 1_000),
            fair=True,
            tenant_most=2,
            note="mend the mill",
            paused_at=clock.now(),
            version=5,
        ),
    )


def test_statistics_are_summed_up(app: Tidemill, add: Add, hand: Any, clock: ManualClock) -> None:
    start = to_datetime(clock.now())
    assert app.jobs.statistics(start).success_rate is None
    app.enqueue_many(many(add, 4))
    clock.advance("2s")
    claims = hand.take()
    clock.advance("500ms")
    for claim in claims[:3]:
        hand.settle(claim, Done(b"1"))
    hand.settle(claims[3], Failed(ErrorInfo("E", "x"), retryable=False))
    sums = app.jobs.statistics(start)
    assert sums.endings == {"completed": 3, "failed": 1}
    assert (sums.success_rate, sums.wait.mean, sums.run.mean) == (0.75, 2_000, 500)
    assert sums.run.p95 is not None
    assert 256 <= sums.run.p95 <= 512 or 500 <= sums.run.p95 <= 1_000
    assert asyncio.run(app.jobs.astatistics(start, start)).endings == {}


def test_workers_are_those_that_hold_their_lease(
    app: Tidemill, hand: Any, clock: ManualClock
) -> None:
    (worker,) = app.jobs.workers()
    assert (worker.name, worker.session) == ("hand", hand.lease.fence)
    assert worker.info == {"host": "here", "pid": 7}
    clock.advance("2h")
    assert app.jobs.workers() == []


def test_how_long_jobs_are_kept_is_set_by_how_they_ended(app: Tidemill) -> None:
    app.queues.pause("default", "lunch")
    app.queues.keep("default", completed="1d", failed="30d")
    app.queues.keep("default", failed=None, cancelled="2h")
    (rules,) = [each for each in app.queues.rules() if isinstance(each, QueueRules)]
    assert rules.retention == Retention(completed=86_400_000, cancelled=7_200_000)
    assert (rules.paused, rules.note) == (True, "lunch")
    with pytest.raises(InvalidOption, match="soon"):
        app.queues.keep("default", completed="soon")
