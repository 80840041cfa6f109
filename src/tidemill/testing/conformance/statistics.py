"""What ended is counted by the minute, and stays counted when minutes fold into hours and days."""

from typing import Any

import pytest

from tidemill.core.change import Cancel
from tidemill.core.histogram import EMPTY, add, bin_of
from tidemill.core.instants import Millis
from tidemill.core.outcome import Done, Outcome, Snoozed, TimedOut
from tidemill.core.query import Bucket, StatisticsQuery, Step
from tidemill.core.retention import DAY, Keep
from tidemill.core.verdict import judge
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    ERROR,
    FAIL,
    GIVE_UP,
    HOUR,
    LONG,
    LOST,
    MINUTE,
    SECOND,
    TEN_SECONDS,
    change,
    claim,
    claim_one,
    insert,
    run,
    settle,
    start_worker,
)
from tidemill.testing.sample import a_job


def ask(engine: Engine, step: Step = "minute", **overrides: Any) -> tuple[Bucket, ...]:
    """The buckets of a year, unless other fields of the query say otherwise."""
    fields: dict[str, Any] = {"step": step, "from_at": START, "before": START + LONG}
    return engine.reader.statistics(StatisticsQuery(**fields | overrides)).wait()


def counts(buckets: tuple[Bucket, ...]) -> list[tuple[int, int]]:
    """The start and the count of each bucket."""
    return [(one.at, one.count) for one in buckets]


def binned(*lengths: Millis) -> tuple[int, ...]:
    """These lengths of time, counted by their bins."""
    total: tuple[int, ...] = EMPTY
    for length in lengths:
        total = add(total, tuple(int(n == bin_of(length)) for n in range(len(EMPTY))))
    return total


class TestStatistics:
    """`reader.statistics` of attempts that ended."""

    def test_an_end_is_counted_with_its_wait_and_run(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job(queue="email", task="mail.send", tenant="acme"))
        clock.advance("50s")
        held = claim_one(engine, start_worker(engine))
        clock.advance("15s")
        settle(engine, clock, held)
        wait, run_for = 50 * SECOND, 15 * SECOND
        assert ask(engine) == (
            Bucket(
                at=START + MINUTE,
                queue="email",
                task="mail.send",
                tenant="acme",
                ending="completed",
                count=1,
                wait=wait,
                run=run_for,
                wait_counts=binned(wait),
                run_counts=binned(run_for),
            ),
        )

    def test_an_end_is_counted_when_its_worker_says_it_was(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job())
        held = claim_one(engine, start_worker(engine))
        settlement = judge(held, Done(), clock.now() + 5 * SECOND, dice=0)
        clock.advance("10m")
        engine.jobs.settle([settlement]).wait()
        assert [(one.at, one.run) for one in ask(engine)] == [(START, 5 * SECOND)]

    def test_a_wait_begins_when_a_job_is_ready_not_when_it_was_asked_for(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job(due_at=START + HOUR))
        clock.advance("1h2s")
        settle(engine, clock, claim_one(engine, start_worker(engine)))
        assert [(one.wait, one.run) for one in ask(engine)] == [(2 * SECOND, 0)]

    def test_no_length_is_below_nothing_though_the_clock_is_set_back(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job())
        clock.jump(-SECOND)
        held = claim_one(engine, start_worker(engine))
        clock.jump(-SECOND)
        settle(engine, clock, held)
        told = ask(engine, from_at=START - HOUR)
        assert [(one.wait, one.run) for one in told] == [(0, 0)]
        assert (told[0].wait_counts, told[0].run_counts) == (binned(0), binned(0))

    def test_ends_of_one_minute_add_up(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, *(a_job() for _ in range(3)))
        worker = start_worker(engine)
        for _ in range(3):
            clock.advance("3s")
            held = claim_one(engine, worker)
            clock.advance("2s")
            settle(engine, clock, held)
        (bucket,) = ask(engine)
        waits, runs = [3 * SECOND, 8 * SECOND, 13 * SECOND], [2 * SECOND] * 3
        assert (bucket.at, bucket.count) == (START, 3)
        assert (bucket.wait, bucket.wait_counts) == (sum(waits), binned(*waits))
        assert (bucket.run, bucket.run_counts) == (sum(runs), binned(*runs))

    def test_ends_of_one_call_add_up(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, *(a_job() for _ in range(3)))
        clock.advance("4s")
        given = claim(engine, start_worker(engine))
        clock.advance("5s")
        engine.jobs.settle([judge(one, Done(), clock.now(), dice=0) for one in given]).wait()
        (bucket,) = ask(engine)
        assert (bucket.count, bucket.wait, bucket.run) == (3, 12 * SECOND, 15 * SECOND)
        assert bucket.wait_counts == binned(*[4 * SECOND] * 3)
        assert bucket.run_counts == binned(*[5 * SECOND] * 3)

    def test_minutes_are_apart_and_oldest_first(self, engine: Engine, clock: ManualClock) -> None:
        for _ in range(3):
            run(engine, clock, a_job())
            clock.advance("59999ms")
        clock.advance("1h")
        run(engine, clock, a_job())
        assert counts(ask(engine)) == [
            (START, 2),
            (START + MINUTE, 1),
            (START + HOUR + 2 * MINUTE, 1),
        ]

    @pytest.mark.parametrize(
        ("outcome", "ending"),
        [
            (Done(), "completed"),
            (FAIL, "failed"),
            (GIVE_UP, "failed"),
            (TimedOut(ERROR), "timed_out"),
            (LOST, "crashed"),
            (Snoozed(START + HOUR), "snoozed"),
        ],
        ids=lambda value: value if isinstance(value, str) else type(value).__name__,
    )
    def test_every_way_to_end_is_counted_by_its_name(
        self, engine: Engine, clock: ManualClock, outcome: Outcome, ending: str
    ) -> None:
        run(engine, clock, a_job(retry=TEN_SECONDS), outcome)
        assert [(one.ending, one.count) for one in ask(engine)] == [(ending, 1)]

    def test_what_changes_nothing_is_not_counted(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, a_job())
        stale = claim_one(engine, start_worker(engine))
        settle(engine, clock, stale, LOST)
        fresh = claim_one(engine, start_worker(engine))
        settle(engine, clock, stale)
        settle(engine, clock, fresh)
        settle(engine, clock, fresh)
        told = {one.ending: one.count for one in ask(engine)}
        assert told == {"crashed": 1, "completed": 1}

    @pytest.mark.parametrize("how", ["person", "claim", "promote"])
    def test_a_job_cancelled_before_it_ran_is_counted_without_times(
        self, engine: Engine, clock: ManualClock, how: str
    ) -> None:
        insert(engine, job := a_job(expires_at=START + SECOND))
        clock.advance("1s")
        match how:
            case "person":
                change(engine, Cancel(), job.id)
            case "claim":
                claim(engine, start_worker(engine))
            case _:
                engine.jobs.promote(10).wait()
        told = [(one.ending, one.count, one.wait, one.run) for one in ask(engine)]
        assert told == [("cancelled", 1, 0, 0)]

    @pytest.mark.parametrize(
        ("names", "total"),
        [
            ({}, 4),
            ({"queue": "a"}, 2),
            ({"task": "t2"}, 1),
            ({"tenant": "x"}, 2),
            ({"tenant": ""}, 2),
            ({"queue": "a", "tenant": "x"}, 1),
            ({"queue": "nowhere"}, 0),
        ],
        ids=str,
    )
    def test_what_is_asked_for_by_name_is_counted_alone(
        self, engine: Engine, clock: ManualClock, names: dict[str, Any], total: int
    ) -> None:
        for queue, task, tenant in (
            ("a", "t1", "x"),
            ("a", "t2", ""),
            ("b", "t1", "x"),
            ("b", "t1", ""),
        ):
            run(engine, clock, a_job(queue=queue, task=task, tenant=tenant))
        buckets = ask(engine, **names)
        assert len(buckets) == total
        assert all(one.count == 1 for one in buckets)
        for one in buckets:
            assert all(getattr(one, field) == name for field, name in names.items())

    def test_a_stretch_is_from_its_first_moment_to_before_its_last(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        for _ in range(4):
            run(engine, clock, a_job())
            clock.advance("1m")
        buckets = ask(engine, from_at=START + MINUTE, before=START + 3 * MINUTE)
        assert counts(buckets) == [(START + MINUTE, 1), (START + 2 * MINUTE, 1)]

    @pytest.mark.parametrize("folded", [False, True])
    @pytest.mark.parametrize(
        ("step", "asked", "expected"),
        [
            ("hour", (90, 121), [(60, 2), (120, 1)]),
            ("hour", (60, 120), [(60, 2)]),
            ("hour", (119, 120), [(60, 2)]),
            ("day", (61, 62), [(0, 4)]),
        ],
    )
    def test_buckets_are_whole_wherever_the_times_cut_into_them(
        self,
        engine: Engine,
        clock: ManualClock,
        step: Step,
        asked: tuple[int, int],
        expected: list[tuple[int, int]],
        *,
        folded: bool,
    ) -> None:
        for pause in ("10m", "60m", "40m", "20m"):  # ends after 10, 70, 110 and 130 minutes
            clock.advance(pause)
            run(engine, clock, a_job())
        if folded:
            clock.advance("2d")
            engine.jobs.prune(Keep(minutes=HOUR), 1_000).wait()
        from_at, before = (START + at * MINUTE for at in asked)
        buckets = ask(engine, step, from_at=from_at, before=before)
        assert counts(buckets) == [(START + at * MINUTE, count) for at, count in expected]

    def test_a_minute_is_whole_too(self, engine: Engine, clock: ManualClock) -> None:
        for _ in range(3):
            run(engine, clock, a_job())
            clock.advance("20s")
        buckets = ask(engine, from_at=START + 30 * SECOND, before=START + 31 * SECOND)
        assert counts(buckets) == [(START, 3)]

    def test_hours_and_days_sum_their_minutes_up(self, engine: Engine, clock: ManualClock) -> None:
        for _ in range(5):
            run(engine, clock, a_job())
            clock.advance("29m")
        clock.advance("1d")
        run(engine, clock, a_job())
        assert counts(ask(engine, "hour")) == [
            (START, 3),
            (START + HOUR, 2),
            (START + DAY + 2 * HOUR, 1),
        ]
        days = ask(engine, "day")
        assert counts(days) == [(START, 5), (START + DAY, 1)]
        assert days[0].run_counts == binned(*[0] * 5)


class TestFolding:
    """`jobs.prune` folds statistics and loses none."""

    def fill(self, engine: Engine, clock: ManualClock) -> None:
        """Two ends in the first hour, one in the second, one on the next day."""
        for pause in ("10m", "1h", "1d", "1s"):
            insert(engine, a_job())
            clock.advance("1s")
            held = claim_one(engine, start_worker(engine))
            clock.advance("2s")
            settle(engine, clock, held)
            clock.advance(pause)

    def test_old_minutes_become_hours_and_hours_keep_counting(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        self.fill(engine, clock)
        hours, days = ask(engine, "hour"), ask(engine, "day")
        assert counts(hours)[:2] == [(START, 2), (START + HOUR, 1)]
        engine.jobs.prune(Keep(minutes=6 * HOUR, hours=LONG), 1_000).wait()
        assert ask(engine, "hour") == hours
        assert ask(engine, "day") == days
        assert [one.count for one in ask(engine, "minute")] == [1]

    def test_old_hours_become_days_and_days_keep_counting(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        self.fill(engine, clock)
        clock.advance("10d")
        days = ask(engine, "day")
        assert counts(days) == [(START, 3), (START + DAY, 1)]
        for _ in range(2):
            engine.jobs.prune(Keep(minutes=6 * HOUR, hours=DAY), 1_000).wait()
        assert ask(engine, "day") == days
        assert ask(engine, "hour") == ()
        assert ask(engine, "minute") == ()

    def test_what_is_added_after_folding_adds_up(self, engine: Engine, clock: ManualClock) -> None:
        keep = Keep(minutes=0, hours=LONG)
        for _ in range(2):
            run(engine, clock, a_job())
            clock.advance("5m")
            engine.jobs.prune(keep, 1_000).wait()
        assert counts(ask(engine, "hour")) == [(START, 2)]
        run(engine, clock, a_job())
        assert counts(ask(engine, "hour")) == [(START, 3)]
        assert counts(ask(engine, "day")) == [(START, 3)]
