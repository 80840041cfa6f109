"""What has been kept long enough goes, oldest first, so many rows at a time."""

from datetime import timedelta

import pytest

from tidemill.core.identity import new_id
from tidemill.core.job import Inserted, NewJob
from tidemill.core.note import Note
from tidemill.core.record import EVENTS, NewEntry, job_log
from tidemill.core.retention import DAY, Keep, Pruned
from tidemill.core.rules import QueueRules, Retention
from tidemill.core.state import FINISHED, LIVE, State
from tidemill.core.unique import UniqueClaim
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.conformance.steps import (
    HOUR,
    LONG,
    MINUTE,
    bring,
    claim_one,
    insert,
    is_stored,
    look,
    rule,
    run,
    settle,
    start_worker,
)
from tidemill.testing.sample import a_job

FOR_AN_HOUR = Keep(completed=HOUR, failed=HOUR, cancelled=HOUR, entries=LONG)
FOR_EVER = Keep(completed=LONG, failed=LONG, cancelled=LONG, entries=LONG)


def prune(engine: Engine, keep: Keep, limit: int = 1_000) -> Pruned:
    """Let go what is older than this."""
    return engine.jobs.prune(keep, limit).wait()


def data(engine: Engine, log: str) -> list[bytes]:
    """The data of a log's lines."""
    return [one.data for one in engine.records.read(log).wait()]


class TestPruning:
    """`jobs.prune` of finished jobs."""

    def test_nothing_to_go_is_no_error(self, engine: Engine) -> None:
        assert prune(engine, Keep()) == Pruned()

    @pytest.mark.parametrize("state", sorted(FINISHED))
    def test_a_finished_job_goes_when_it_has_been_kept_long_enough(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        job = bring(engine, clock, state)
        kept = clock.now() - (look(engine, job.id).finished_at or 0)
        clock.advance(timedelta(milliseconds=HOUR - kept - 1))
        assert prune(engine, FOR_AN_HOUR) == Pruned()
        assert is_stored(engine, job.id)
        clock.advance("1ms")
        assert prune(engine, FOR_AN_HOUR) == Pruned(jobs=1)
        assert not is_stored(engine, job.id)

    def test_each_outcome_is_kept_for_its_own_time(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs = {state: bring(engine, clock, state) for state in sorted(FINISHED)}
        keep = Keep(completed=HOUR, failed=3 * HOUR, cancelled=2 * HOUR, entries=LONG)
        left = []
        for _ in range(3):
            clock.advance("1h1s")
            prune(engine, keep)
            left.append({state for state in jobs if is_stored(engine, jobs[state].id)})
        assert left == [{State.FAILED, State.CANCELLED}, {State.FAILED}, set()]

    @pytest.mark.parametrize("state", sorted(LIVE))
    def test_a_live_job_never_goes(self, engine: Engine, clock: ManualClock, state: State) -> None:
        job = bring(engine, clock, state)
        clock.advance("300d")
        assert prune(engine, FOR_AN_HOUR).jobs == 0
        assert is_stored(engine, job.id)

    def test_what_a_queue_says_goes_first(self, engine: Engine, clock: ManualClock) -> None:
        short, long, plain = (a_job(queue=name) for name in ("short", "long", "plain"))
        for job in (short, long, plain):
            run(engine, clock, job)
        rule(
            engine,
            QueueRules(queue="short", retention=Retention(completed=HOUR // 2)),
            QueueRules(queue="long", retention=Retention(completed=9 * HOUR)),
            QueueRules(queue="plain", retention=Retention(failed=9 * HOUR)),
        )
        clock.advance("31m")
        assert prune(engine, FOR_AN_HOUR).jobs == 1
        assert not is_stored(engine, short.id)
        clock.advance("30m")
        assert prune(engine, FOR_AN_HOUR).jobs == 1
        assert not is_stored(engine, plain.id)
        assert is_stored(engine, long.id)

    @pytest.mark.parametrize("state", sorted(FINISHED))
    def test_what_a_queue_says_counts_for_each_outcome(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        short, plain = (bring(engine, clock, state, queue=name) for name in ("short", "plain"))
        rule(engine, QueueRules(queue="short", retention=Retention(**{state.value: MINUTE})))
        clock.advance("2m")
        assert prune(engine, FOR_AN_HOUR).jobs == 1
        assert (is_stored(engine, short.id), is_stored(engine, plain.id)) == (False, True)
        rule(engine, QueueRules(queue="plain", retention=Retention(**{state.value: 0})))
        assert prune(engine, FOR_AN_HOUR).jobs == 1

    def test_the_oldest_go_first_and_no_more_than_were_wanted(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs: list[NewJob] = []
        for _ in range(5):
            jobs.append(a_job())
            run(engine, clock, jobs[-1])
            clock.advance("1s")
        clock.advance("1h")
        first = prune(engine, FOR_AN_HOUR, limit=2)
        assert (first.jobs, first.more) == (2, True)
        assert [is_stored(engine, job.id) for job in jobs] == [False] * 2 + [True] * 3
        total = first.jobs
        while (slice_ := prune(engine, FOR_AN_HOUR, limit=2)).jobs:
            total += slice_.jobs
        assert total == 5
        assert not slice_.more

    def test_a_pruned_job_takes_its_log_along(self, engine: Engine, clock: ManualClock) -> None:
        insert(engine, a_job(), a_job())
        worker = start_worker(engine)
        gone, stays = claim_one(engine, worker), claim_one(engine, worker)
        line = NewEntry("info", b'"hello"')
        engine.jobs.annotate([Note(one, lines=(line,)) for one in (gone, stays)]).wait()
        settle(engine, clock, gone)
        clock.advance("2h")
        prune(engine, FOR_AN_HOUR)
        assert data(engine, job_log(gone.id)) == []
        assert data(engine, job_log(stays.id)) == [b'"hello"']

    def test_a_pruned_job_is_forgotten(self, engine: Engine, clock: ManualClock) -> None:
        job = a_job(unique=UniqueClaim("k"))
        run(engine, clock, job)
        clock.advance("2h")
        prune(engine, FOR_AN_HOUR)
        assert insert(engine, job) == (Inserted(job.id, created=True),)

    def test_a_pruned_job_no_longer_holds_a_key_by_its_window(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        run(engine, clock, a_job(unique=UniqueClaim("k", window=LONG)))
        newer = a_job(unique=UniqueClaim("k"))
        assert not insert(engine, newer)[0].created
        clock.advance("2h")
        prune(engine, FOR_AN_HOUR)
        assert insert(engine, newer) == (Inserted(newer.id, created=True),)


class TestPruningLogs:
    """`jobs.prune` of log lines."""

    def test_old_events_go_and_newer_ones_stay(self, engine: Engine, clock: ManualClock) -> None:
        for number in range(3):
            engine.records.append(EVENTS, [NewEntry("tick", b"%d" % number)]).wait()
            clock.advance("1d")
        assert prune(engine, Keep(entries=2 * DAY + 1)).entries == 1
        pruned = prune(engine, Keep(entries=2 * DAY))
        assert (pruned.entries, pruned.more) == (1, False)
        assert data(engine, EVENTS) == [b"2"]

    def test_old_lines_of_a_job_that_still_runs_go(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job())
        held = claim_one(engine, start_worker(engine))
        for said in (b'"old"', b'"new"'):
            engine.jobs.annotate([Note(held, lines=(NewEntry("info", said),))]).wait()
            clock.advance("2d")
        assert prune(engine, Keep(entries=3 * DAY)).entries == 1
        assert data(engine, job_log(held.id)) == [b'"new"']

    def test_other_logs_are_kept(self, engine: Engine, clock: ManualClock) -> None:
        engine.records.append("diary", [NewEntry("login", b"1")]).wait()
        clock.advance("300d")
        assert prune(engine, Keep(entries=DAY)).entries == 0
        assert data(engine, "diary") == [b"1"]

    def test_lines_go_in_slices_too(self, engine: Engine, clock: ManualClock) -> None:
        engine.records.append(EVENTS, [NewEntry("tick", b"%d" % n) for n in range(5)]).wait()
        clock.advance("2d")
        first = prune(engine, Keep(entries=DAY), limit=2)
        assert (first.entries, first.more) == (2, True)
        assert data(engine, EVENTS) == [b"2", b"3", b"4"]

    def test_a_slice_is_no_larger_for_holding_jobs_and_lines(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        for _ in range(3):
            run(engine, clock, a_job())
        clock.advance("2d")
        keep = Keep(completed=DAY, entries=DAY)
        slices = [prune(engine, keep, limit=4)]
        while slices[-1].more:
            slices.append(prune(engine, keep, limit=4))
        assert all(one.jobs + one.entries <= 4 for one in slices)
        assert sum(one.jobs for one in slices) == 3
        assert sum(one.entries for one in slices) == 3
        assert data(engine, EVENTS) == []

    def test_a_position_is_never_used_twice(self, engine: Engine, clock: ManualClock) -> None:
        last = engine.records.append(EVENTS, [NewEntry("tick", b"1")] * 3).wait()
        clock.advance("2d")
        prune(engine, Keep(entries=DAY))
        assert data(engine, EVENTS) == []
        assert engine.records.append(EVENTS, [NewEntry("tick", b"2")]).wait() > last

    def test_names_that_only_look_like_job_logs_are_kept(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        for log in ("jobs", "job", f"Job/{new_id()}", "events2"):
            engine.records.append(log, [NewEntry("note", b"1")]).wait()
        clock.advance("300d")
        assert prune(engine, FOR_EVER).entries == 0
        assert prune(engine, Keep(entries=DAY)).entries == 0
