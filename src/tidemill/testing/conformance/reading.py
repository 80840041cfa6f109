"""Questions about jobs are answered from one moment, in order, and page by page."""

import pytest

from tidemill.core.change import Delete
from tidemill.core.errors import InvalidOption
from tidemill.core.job import NewJob
from tidemill.core.query import Coming, JobFilter, QueueCounts
from tidemill.core.state import LIVE, State
from tidemill.core.unique import UniqueClaim
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    HOUR,
    SECOND,
    bring,
    change,
    claim,
    ids,
    insert,
    run,
    start_worker,
)
from tidemill.testing.sample import a_job


def found(engine: Engine, which: JobFilter | None = None) -> list[str]:
    """The ids of all jobs that match, newest first."""
    return ids(engine.reader.find(which or JobFilter(), limit=100).wait().jobs)


class TestGetting:
    """`reader.get`."""

    def test_answers_stand_in_the_order_of_the_ids(self, engine: Engine) -> None:
        first, second = a_job(), a_job()
        insert(engine, first, second)
        wanted = [second.id, "nowhere", first.id, second.id]
        answer = engine.reader.get(wanted).wait()
        assert [job and job.id for job in answer] == [second.id, None, first.id, second.id]

    def test_no_ids_are_no_error(self, engine: Engine) -> None:
        assert engine.reader.get([]).wait() == ()

    def test_many_ids_can_be_asked_for_at_once(self, engine: Engine) -> None:
        jobs = [a_job() for _ in range(1_200)]
        insert(engine, *jobs)
        answer = engine.reader.get(ids(jobs)).wait()
        assert [job and job.id for job in answer] == ids(jobs)


class TestFinding:
    """`reader.find`."""

    def test_jobs_come_newest_first_live_and_finished_alike(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        # Ids that sort against insertion, so that they cannot stand in for it.
        jobs = [a_job(id=f"{9 - number}") for number in range(6)]
        for number, job in enumerate(jobs):
            if number % 2:
                insert(engine, job)
            else:
                run(engine, clock, a_job(id=job.id, queue="done"))
        assert found(engine) == ids(jobs)[::-1]

    def test_a_found_job_is_whole_but_for_its_attempts(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        stored = run(engine, clock, a_job(tags=("blue",), headers={"a": "b"}))
        (job,) = engine.reader.find(JobFilter()).wait().jobs
        assert stored.attempts
        assert not job.attempts
        assert job.id == stored.id
        assert (job.state, job.tags, job.headers) == (State.COMPLETED, ("blue",), {"a": "b"})

    @pytest.mark.parametrize(("total", "sizes"), [(0, [0]), (4, [2, 2]), (5, [2, 2, 1])])
    def test_pages_hold_every_job_once_and_the_last_has_no_cursor(
        self, engine: Engine, total: int, sizes: list[int]
    ) -> None:
        jobs = [a_job() for _ in range(total)]
        insert(engine, *jobs)
        pages = [engine.reader.find(JobFilter(), limit=2).wait()]
        while (cursor := pages[-1].cursor) is not None:
            pages.append(engine.reader.find(JobFilter(), cursor=cursor, limit=2).wait())
        assert [len(page.jobs) for page in pages] == sizes
        assert [job.id for page in pages for job in page.jobs] == ids(jobs)[::-1]

    @pytest.mark.parametrize("state", [State.WAITING, State.COMPLETED])
    def test_pages_of_one_state_come_newest_first(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        jobs = [bring(engine, clock, state) for _ in range(5)]
        pages = [engine.reader.find(JobFilter(states=(state,)), limit=2).wait()]
        while (cursor := pages[-1].cursor) is not None:
            which = JobFilter(states=(state,))
            pages.append(engine.reader.find(which, cursor=cursor, limit=2).wait())
        assert [job.id for page in pages for job in page.jobs] == ids(jobs)[::-1]

    def test_pages_stay_put_while_others_write(self, engine: Engine) -> None:
        jobs = [a_job(queue=f"q{number}") for number in range(4)]
        insert(engine, *jobs)
        first = engine.reader.find(JobFilter(), limit=2).wait()
        insert(engine, a_job())
        change(engine, Delete(), jobs[3].id)
        claim(engine, start_worker(engine), queues=("q0", "q1"))
        rest = engine.reader.find(JobFilter(), cursor=first.cursor, limit=2).wait()
        assert ids(first.jobs) == [jobs[3].id, jobs[2].id]
        assert ids(rest.jobs) == [jobs[1].id, jobs[0].id]

    @pytest.mark.parametrize("cursor", ["x", "", "-1", "1.5", "9" * 30])
    def test_a_cursor_that_was_not_handed_out_is_refused(self, engine: Engine, cursor: str) -> None:
        with pytest.raises(InvalidOption, match="cursor"):
            engine.reader.find(JobFilter(), cursor=cursor).wait()

    def test_a_page_of_a_filter_passes_others_over(self, engine: Engine) -> None:
        jobs = [a_job(tags=("odd",) if number % 2 else ()) for number in range(10)]
        insert(engine, *jobs)
        which = JobFilter(tags=("odd",))
        first = engine.reader.find(which, limit=3).wait()
        rest = engine.reader.find(which, cursor=first.cursor, limit=3).wait()
        assert ids(first.jobs + rest.jobs) == ids(jobs[1::2])[::-1]
        assert rest.cursor is None

    @pytest.mark.parametrize("state", list(State))
    def test_jobs_are_found_by_state(
        self, engine: Engine, clock: ManualClock, state: State
    ) -> None:
        jobs = {one: bring(engine, clock, one, queue=one) for one in State}
        which = JobFilter(states=(state,), queues=tuple(State))
        assert found(engine, which) == [jobs[state].id]

    @pytest.mark.parametrize(
        "which",
        [
            JobFilter(queues=("email", "nowhere")),
            JobFilter(tasks=("mail.send", "nothing")),
            JobFilter(tags=("blue",)),
            JobFilter(tags=("deep sky", "blue")),
            JobFilter(tenant="acme"),
            JobFilter(unique_key="u1"),
            JobFilter(source="schedule:nightly"),
            JobFilter(text="zebra"),
            JobFilter(text='"Name":"ZEBRA'),
            JobFilter(queues=("email",), tenant="acme", tags=("blue",), text="zebra"),
        ],
    )
    @pytest.mark.parametrize("state", [State.WAITING, State.COMPLETED])
    def test_jobs_are_found_by_what_they_are(
        self, engine: Engine, clock: ManualClock, which: JobFilter, state: State
    ) -> None:
        job = a_job(
            queue="email",
            task="mail.send",
            tags=("blue", "deep sky"),
            tenant="acme",
            unique=UniqueClaim("u1"),
            source="schedule:nightly",
            args=b'{"name":"Zebra 1"}',
        )
        near = a_job(
            queue="email2",
            task="mail.send2",
            tags=("deep", "sky blue"),
            tenant="acme2",
            unique=UniqueClaim("u12"),
            source="schedule:nightly2",
            args=b'{"name":"Zeb ra"}',
        )
        insert(engine, near)
        if state.finished:
            run(engine, clock, job)
        else:
            insert(engine, job)
        assert found(engine, which) == [job.id]

    def test_every_field_of_a_filter_must_hold(self, engine: Engine) -> None:
        insert(engine, a_job(queue="email", tenant="acme"), a_job(queue="print", tenant="zoo"))
        assert found(engine, JobFilter(queues=("email",), tenant="zoo")) == []
        assert found(engine, JobFilter(tags=("blue",))) == []

    def test_all_the_tags_must_be_carried(self, engine: Engine) -> None:
        both = a_job(tags=("blue", "round"))
        insert(engine, a_job(tags=("blue",)), both, a_job(tags=("round", "red")))
        assert found(engine, JobFilter(tags=("round", "blue"))) == [both.id]

    def test_jobs_of_no_tenant_are_found_by_the_empty_name(self, engine: Engine) -> None:
        job = a_job()
        insert(engine, job, a_job(tenant="acme"))
        assert found(engine, JobFilter(tenant="")) == [job.id]

    def test_jobs_are_found_by_their_batch(self, engine: Engine) -> None:
        callback = a_job()
        members = [a_job(batch=callback.id) for _ in range(2)]
        insert(engine, callback, *members, a_job())
        assert found(engine, JobFilter(batch=callback.id)) == ids(members)[::-1]

    def test_times_are_from_the_first_to_before_the_second(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        jobs: list[NewJob] = []
        for _ in range(4):
            jobs.append(a_job())
            insert(engine, jobs[-1])
            clock.advance("1s")
        which = JobFilter(created_from=START + SECOND, created_before=START + 3 * SECOND)
        assert found(engine, which) == [jobs[2].id, jobs[1].id]

    @pytest.mark.parametrize("text", ["100%", "a_b", "a*b", "[x]", "a?b", "it's", "back\\\\s"])
    def test_a_text_means_just_its_letters(self, engine: Engine, text: str) -> None:
        job = a_job(args=f'{{"note":"{text}"}}'.encode())
        insert(engine, job, a_job(args=b'{"note":"100 aXb a b axxb x its backs"}'))
        assert found(engine, JobFilter(text=text)) == [job.id]

    @pytest.mark.parametrize(
        ("asked", "is_found"),
        [
            ("ZÜRICH", False),
            ("ZüRICH", True),
            ("zürich", True),
            ("ürich \N{KELVIN SIGN}1", True),
            ("rich k1", False),
            ("STRASSE", False),
            ("straße", True),
            ("dots \N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", True),
            ("dots i", False),
        ],
    )
    def test_a_text_is_found_in_either_case_of_the_letters_a_to_z_only(
        self, engine: Engine, asked: str, *, is_found: bool
    ) -> None:
        note = "Zürich \N{KELVIN SIGN}1 Straße Dots \N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"
        job = a_job(args=f'{{"note":"{note}"}}'.encode())
        insert(engine, job)
        assert found(engine, JobFilter(text=asked)) == ([job.id] if is_found else [])

    @pytest.mark.parametrize("tag", ["a%", "a_c", 'a"', "ä", "a,b"])
    def test_a_tag_means_just_its_letters(self, engine: Engine, tag: str) -> None:
        job = a_job(tags=(tag,))
        insert(engine, job, a_job(tags=("a", "abc", "b", "a b")))
        assert found(engine, JobFilter(tags=(tag,))) == [job.id]


class TestCounting:
    """`reader.counts`."""

    def test_live_jobs_are_counted_by_queue_task_and_state(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        insert(engine, a_job(queue="a", task="t1"))
        clock.advance("1s")
        insert(engine, a_job(queue="a", task="t1"), a_job(queue="a", task="t2"))
        insert(engine, *(a_job(queue="b", task="t1", due_at=START + HOUR + n) for n in (9, 3)))
        counts = engine.reader.counts().wait()
        assert sorted(counts, key=lambda one: (one.queue, one.task)) == [
            QueueCounts("a", "t1", State.WAITING, 2, START),
            QueueCounts("a", "t2", State.WAITING, 1, START + SECOND),
            QueueCounts("b", "t1", State.SCHEDULED, 2, START + HOUR + 3),
        ]

    def test_every_live_state_is_counted_and_no_other(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        for state in State:
            bring(engine, clock, state, queue=state)
        counts = engine.reader.counts().wait()
        told = {one.state: one.count for one in counts if one.queue == one.state}
        assert told == dict.fromkeys(LIVE, 1)
        assert {one.queue for one in counts} == {*LIVE, "elsewhere"}

    def test_an_empty_store_counts_nothing(self, engine: Engine) -> None:
        assert engine.reader.counts().wait() == ()


class TestComing:
    """`reader.coming`."""

    def test_what_is_due_later_is_counted_by_hour_and_task(
        self, engine: Engine, clock: ManualClock
    ) -> None:
        hour = START - START % HOUR + HOUR
        bring(engine, clock, State.RETRYING, queue="r")
        (retried,) = engine.reader.find(JobFilter(states=(State.RETRYING,))).wait().jobs
        insert(engine, a_job(), *(a_job(task="t", due_at=hour + n) for n in (0, 5, HOUR)))
        coming = engine.reader.coming(hour + 2 * HOUR).wait()
        at = retried.ready_at - retried.ready_at % HOUR
        assert set(coming) == {
            Coming(at, "r", retried.task, State.RETRYING, 1),
            Coming(hour, "default", "t", State.SCHEDULED, 2),
            Coming(hour + HOUR, "default", "t", State.SCHEDULED, 1),
        }
        assert [each.at for each in coming] == sorted(each.at for each in coming)

    def test_the_moment_itself_is_not_before_it(self, engine: Engine) -> None:
        insert(engine, a_job(due_at=START + HOUR))
        assert engine.reader.coming(START + HOUR).wait() == ()
        assert [each.count for each in engine.reader.coming(START + HOUR + 1).wait()] == [1]

    def test_the_soonest_are_counted_and_of_one_tenant_only_its_own(self, engine: Engine) -> None:
        due = [a_job(due_at=START + n * HOUR, tenant=t) for n in (3, 1, 2) for t in ("a", "")]
        insert(engine, *due)
        soon = engine.reader.coming(START + 9 * HOUR, limit=2).wait()
        assert sum(each.count for each in soon) == 2
        assert {each.at // HOUR for each in soon} == {START // HOUR + 1}
        mine = engine.reader.coming(START + 9 * HOUR, tenant="a", limit=2).wait()
        assert [each.at // HOUR - START // HOUR for each in mine] == [1, 2]

    def test_an_empty_store_has_nothing_coming(self, engine: Engine) -> None:
        assert engine.reader.coming(START).wait() == ()
