"""What no store may be able to hold: refused in words of ours, or kept as it was given.

A text with NUL or half a surrogate pair, a number of more than 64 bits: whoever calls an engine may
hand one over. Either `InvalidArguments` is raised and nothing has changed, or the value is kept and
read back alike. Asked for, it is refused or not there; never is something else found in its place.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from msgspec.structs import replace

from tidemill.core.change import Cancel, Changed, Move, Postpone, Reprioritise, Which
from tidemill.core.error_info import ErrorInfo
from tidemill.core.errors import InvalidArguments, UnknownParent
from tidemill.core.graph import Edge
from tidemill.core.job import NewJob, Progress, Snapshot
from tidemill.core.limits import KeyLimit, KeyRate, Rate
from tidemill.core.note import Note
from tidemill.core.outcome import Cancelled, Failed, Snoozed
from tidemill.core.query import JobFilter, StatisticsQuery
from tidemill.core.record import NewEntry, Put, Record, job_log
from tidemill.core.retention import Keep
from tidemill.core.retry import RetryPolicy
from tidemill.core.rules import (
    KeyRules,
    QueueRules,
    Retention,
    Rules,
    TaskRules,
    TenantRules,
)
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim
from tidemill.core.verdict import judge
from tidemill.core.want import Want
from tidemill.engines.protocol import Engine
from tidemill.loops.call import Call
from tidemill.testing.clock import START, ManualClock
from tidemill.testing.conformance.steps import (
    LONG,
    claim,
    claim_one,
    ids,
    insert,
    look,
    start_worker,
)
from tidemill.testing.sample import a_job

TEXTS: Final = ("zo\0e", "zo\ud800e", "\udfff")
LARGE: Final = (1 << 63, 10**30, -(10**30))

each_text = pytest.mark.parametrize("text", TEXTS, ids=["nul", "half", "other half"])
each_number = pytest.mark.parametrize("number", LARGE, ids=["64 bits", "many", "below"])

JOBS_OF_TEXT: Final[Mapping[str, Callable[[str], NewJob]]] = {
    "id": lambda text: a_job(id=text),
    "task": lambda text: a_job(task=text),
    "queue": lambda text: a_job(queue=text),
    "tenant": lambda text: a_job(tenant=text),
    "source": lambda text: a_job(source=text),
    "tag": lambda text: a_job(tags=("blue", text)),
    "header": lambda text: a_job(headers={"trace": text}),
    "name of a header": lambda text: a_job(headers={text: "trace"}),
    "unique key": lambda text: a_job(unique=UniqueClaim(text)),
    "limit key": lambda text: a_job(limit=KeyLimit(text, 1)),
    "rate key": lambda text: a_job(rate=KeyRate(text, Rate(5, 1_000))),
}

JOBS_OF_NUMBER: Final[Mapping[str, Callable[[int], NewJob]]] = {
    "priority": lambda number: a_job(priority=number),
    "due": lambda number: a_job(due_at=number),
    "expires": lambda number: a_job(expires_at=number),
    "timeout": lambda number: a_job(timeout=number),
    "attempts": lambda number: a_job(retry=RetryPolicy(attempts=number)),
    "limit": lambda number: a_job(limit=KeyLimit("account", number)),
}

FILTERS: Final[Mapping[str, Callable[[str], JobFilter]]] = {
    "queue": lambda text: JobFilter(queues=(text,)),
    "task": lambda text: JobFilter(tasks=("mail", text)),
    "tag": lambda text: JobFilter(tags=(text,)),
    "tenant": lambda text: JobFilter(tenant=text),
    "batch": lambda text: JobFilter(batch=text),
    "unique key": lambda text: JobFilter(unique_key=text),
    "source": lambda text: JobFilter(source=text),
    "text": lambda text: JobFilter(text=text),
}

QUESTIONS_OF_TEXT: Final[Mapping[str, Callable[[Engine, str], Call[Any]]]] = {
    "ids": lambda engine, text: engine.reader.get([text]),
    "change": lambda engine, text: engine.jobs.change(Which(ids=(text,)), Cancel()),
    "record": lambda engine, text: engine.records.get("user", text),
    "kind": lambda engine, text: engine.records.find(text),
    "fields": lambda engine, text: engine.records.find("user", {text: text}),
    "deleted": lambda engine, text: engine.records.delete(text, text),
    "log": lambda engine, text: engine.records.read(text),
    "leases": lambda engine, text: engine.leases.find(text),
    "statistics": lambda engine, text: engine.reader.statistics(
        StatisticsQuery(step="minute", from_at=0, before=START + LONG, queue=text)
    ),
    "tenant": lambda engine, text: engine.reader.statistics(
        StatisticsQuery(step="day", from_at=0, before=START + LONG, task=text, tenant=text)
    ),
}

QUESTIONS_OF_NUMBER: Final[Mapping[str, Callable[[Engine, int], Call[Any]]]] = {
    "created from": lambda engine, n: engine.reader.find(JobFilter(created_from=n)),
    "created before": lambda engine, n: engine.reader.find(JobFilter(created_before=n)),
    "page": lambda engine, n: engine.reader.find(JobFilter(), limit=n),
    "page behind": lambda engine, n: engine.reader.find(JobFilter(), cursor=str(n % 10**18)),
    "position": lambda engine, n: engine.records.read("diary", after=n),
    "newest behind": lambda engine, n: engine.records.read("diary", after=n, newest=True),
    "lines": lambda engine, n: engine.records.read("diary", limit=n),
    "newest lines": lambda engine, n: engine.records.read("diary", limit=n, newest=True),
    "expired": lambda engine, n: engine.reader.expired(n),
    "coming before": lambda engine, n: engine.reader.coming(n),
    "soonest": lambda engine, n: engine.reader.coming(START, limit=n),
    "promote": lambda engine, n: engine.jobs.promote(n),
    "slice": lambda engine, n: engine.jobs.change(
        Which(filter=JobFilter(queues=("nowhere",))), Cancel(), limit=n
    ),
    "slice of ids": lambda engine, n: engine.jobs.change(Which(ids=("x",)), Cancel(), limit=n),
    "version": lambda engine, n: engine.jobs.rule(TaskRules(task="sample", version=n)),
    "statistics": lambda engine, n: engine.reader.statistics(
        StatisticsQuery(step="minute", from_at=n, before=n)
    ),
}


def refused(call: Call[Any]) -> bool:
    """Whether a call was refused; what else it raises is a fault."""
    try:
        call.wait()
    except InvalidArguments:
        return True
    return False


def terms(job: NewJob | Snapshot) -> tuple[object, ...]:
    """What a job was given and is shown with."""
    return (
        job.id,
        job.task,
        job.queue,
        job.tenant,
        job.source,
        job.tags,
        job.headers,
        job.priority,
        job.expires_at,
        job.timeout,
    )


def everything(engine: Engine) -> list[str]:
    """The ids of all jobs, newest first."""
    return ids(engine.reader.find(JobFilter(), limit=100).wait().jobs)


def keeps_or_refuses(engine: Engine, job: NewJob, field: str) -> None:
    """A job is stored as it was given, or refused without a trace; work goes on as ever."""
    before = everything(engine)
    other = a_job(queue="elsewhere")
    if refused(engine.jobs.insert([other, job])):
        assert everything(engine) == before, field
    else:
        assert terms(look(engine, job.id)) == terms(job), field
        found = engine.reader.find(JobFilter(), limit=1).wait().jobs
        assert terms(found[0]) == terms(job), field
    claim(engine, start_worker(engine))
    insert(engine, a_job())


class TestUnstorableTexts:
    """Texts with NUL or half a surrogate pair."""

    @each_text
    def test_a_job_keeps_it_or_is_refused(self, engine: Engine, text: str) -> None:
        for field, made in JOBS_OF_TEXT.items():
            keeps_or_refuses(engine, made(text), field)

    @each_text
    def test_a_job_that_is_stored_alone_keeps_it_or_is_refused(
        self, engine: Engine, text: str
    ) -> None:
        insert(engine, a_job())  # its queue is known from here on
        for field, made in JOBS_OF_TEXT.items():
            job = made(text)
            if not refused(engine.jobs.insert([job], fresh_ids=True)):
                assert terms(look(engine, job.id)) == terms(job), field

    @each_text
    def test_a_parent_of_that_name_is_not_there(self, engine: Engine, text: str) -> None:
        insert(engine, a_job(id="zo"))
        child = a_job(after=(Edge(text),))
        with pytest.raises((InvalidArguments, UnknownParent)):
            insert(engine, child)
        assert everything(engine) == ["zo"]

    @each_text
    def test_no_other_job_is_found_by_it(self, engine: Engine, text: str) -> None:
        insert(engine, a_job(id="zo", queue="zo", task="zo", tenant="zo", tags=("zo",)))
        for field, made in FILTERS.items():
            which = made(text)
            if not refused(engine.reader.find(which)):
                assert engine.reader.find(which).wait().jobs == (), field
            refused(engine.jobs.change(Which(filter=which), Cancel()))
            assert not look(engine, "zo").state.finished, field

    @each_text
    def test_nothing_else_is_answered(self, engine: Engine, text: str) -> None:
        insert(engine, a_job(id="zo"))
        engine.records.put(Put("user", "zo", b"{}")).wait()
        for question, call in QUESTIONS_OF_TEXT.items():
            if not refused(call(engine, text)):
                answer = call(engine, text).wait()
                assert answer in (None, False, (), (None,), Changed((), None)), question
        assert not look(engine, "zo").state.finished

    @each_text
    @pytest.mark.parametrize("of", ["kind", "key"])
    def test_a_document_keeps_it_or_is_refused(self, engine: Engine, of: str, text: str) -> None:
        put = replace(Put("user", "zoe", b"{}"), **{of: text})
        if refused(engine.records.put(put)):
            assert engine.records.find("user").wait() == ()
        else:
            record = engine.records.get(put.kind, put.key).wait()
            assert record == Record(put.kind, put.key, 1, b"{}")
            assert engine.records.find(put.kind).wait() == (record,)

    @each_text
    @pytest.mark.parametrize("field", ["topic", "tenant", "source"])
    def test_a_line_keeps_it_or_is_refused(self, engine: Engine, field: str, text: str) -> None:
        line = replace(NewEntry("note", b"1"), **{field: text})
        if refused(engine.records.append("diary", [NewEntry("note", b"0"), line])):
            assert engine.records.read("diary").wait() == ()
        else:
            _, kept = engine.records.read("diary").wait()
            assert getattr(kept, field) == text

    @each_text
    @pytest.mark.parametrize("of", ["name", "holder"])
    def test_a_lease_keeps_it_or_is_refused(self, engine: Engine, of: str, text: str) -> None:
        name, holder = (text, "a test") if of == "name" else ("duty/x", text)
        if refused(engine.leases.take(name, holder, LONG)):
            assert engine.leases.find("").wait() == ()
        else:
            (lease,) = engine.leases.find(name).wait()
            assert (lease.name, lease.holder) == (name, holder)

    @each_text
    @pytest.mark.parametrize(
        "made",
        [
            lambda text: QueueRules(queue=text, retention=Retention(completed=1)),
            lambda text: TaskRules(task=text, paused=True),
            lambda text: KeyRules(key=text, most=1),
            lambda text: TenantRules(tenant=text, most=1),
        ],
        ids=["queue", "task", "key", "tenant"],
    )
    def test_rules_keep_it_or_are_refused(
        self, engine: Engine, made: Callable[[str], Rules], text: str
    ) -> None:
        rules = made(text)
        if refused(engine.jobs.rule(rules)):
            assert engine.reader.rules().wait() == ()
        else:
            (kept,) = engine.reader.rules().wait()
            assert kept == replace(rules, version=1)
        engine.jobs.prune(Keep(), 100).wait()
        claim(engine, start_worker(engine))

    @each_text
    @pytest.mark.parametrize("wish", [Cancel, Move])
    def test_a_wish_is_granted_or_refused(
        self, engine: Engine, wish: Callable[[str], Cancel | Move], text: str
    ) -> None:
        insert(engine, a_job(id="zo"))
        before = look(engine, "zo")
        if refused(engine.jobs.change(Which(ids=("zo",)), wish(text))):
            assert look(engine, "zo") == before
            assert {each.queue for each in engine.reader.counts().wait()} == {"default"}
        else:
            job = look(engine, "zo")
            assert text in (job.reason, job.queue)
        claim(engine, start_worker(engine))

    @each_text
    def test_a_claim_gives_nothing_else(self, engine: Engine, text: str) -> None:
        insert(engine, a_job(queue="zo"))
        worker = start_worker(engine)
        for want in (Want(worker, 5, (text,)), Want(worker, 5, None, ("nothing", text))):
            if not refused(engine.jobs.claim(want)):
                expected = () if want.queues else None
                assert expected is None or engine.jobs.claim(want).wait().jobs == expected

    @each_text
    def test_an_ending_keeps_it_or_is_refused(
        self, engine: Engine, clock: ManualClock, text: str
    ) -> None:
        for outcome in (
            Failed(ErrorInfo(text, text, text), retryable=False),
            Cancelled(text),
        ):
            insert(engine, a_job())
            claimed = claim_one(engine, start_worker(engine))
            settlement = judge(claimed, outcome, clock.now(), dice=0.5)
            if refused(engine.jobs.settle([settlement])):
                assert look(engine, claimed.id).state is State.RUNNING
            else:
                job = look(engine, claimed.id)
                assert (job.error, job.reason) == (settlement.error, settlement.reason)

    @each_text
    def test_a_note_keeps_it_or_is_refused(self, engine: Engine, text: str) -> None:
        insert(engine, a_job())
        claimed = claim_one(engine, start_worker(engine))
        progress = Progress(50, text)
        for note in (
            Note(claimed, progress=progress),
            Note(claimed, lines=(NewEntry("info", b"0"), NewEntry(text, b"1"))),
        ):
            is_refused = refused(engine.jobs.annotate([note]))
            kept = look(engine, claimed.id).progress
            lines = engine.records.read(job_log(claimed.id)).wait()
            assert kept == (None if is_refused and note.progress else kept)
            assert len(lines) == (2 if note.lines and not is_refused else 0)


class TestUnstorableNumbers:
    """Numbers of more than 64 bits."""

    @each_number
    def test_a_job_keeps_it_or_is_refused(self, engine: Engine, number: int) -> None:
        for field, made in JOBS_OF_NUMBER.items():
            keeps_or_refuses(engine, made(number), field)

    @pytest.mark.parametrize(
        "number", [*LARGE, -1, 10**5_000], ids=["64 bits", "many", "below", "-1", "digits"]
    )
    def test_a_question_is_answered_or_refused(self, engine: Engine, number: int) -> None:
        insert(engine, a_job(queue="elsewhere"))
        engine.records.append("diary", [NewEntry("note", b"1")]).wait()
        for call in QUESTIONS_OF_NUMBER.values():
            refused(call(engine, number))
        assert len(everything(engine)) == 1

    @each_number
    def test_nothing_is_behind_the_last_position(self, engine: Engine, number: int) -> None:
        engine.records.append("diary", [NewEntry("note", b"1")]).wait()
        call = engine.records.read("diary", after=number)
        if number > 0 and not refused(call):
            assert call.wait() == ()

    @each_number
    @pytest.mark.parametrize("wish", [Postpone, Reprioritise])
    def test_a_wish_is_granted_or_refused(
        self, engine: Engine, wish: Callable[[int], Postpone | Reprioritise], number: int
    ) -> None:
        insert(engine, a_job(id="zo"))
        before = look(engine, "zo")
        if refused(engine.jobs.change(Which(ids=("zo",)), wish(number))):
            assert look(engine, "zo") == before
        else:
            job = look(engine, "zo")
            assert number in (job.ready_at, job.priority)

    @each_number
    def test_a_snooze_is_granted_or_refused(
        self, engine: Engine, clock: ManualClock, number: int
    ) -> None:
        insert(engine, a_job())
        claimed = claim_one(engine, start_worker(engine))
        settlement = judge(claimed, Snoozed(number), clock.now(), dice=0.5)
        if refused(engine.jobs.settle([settlement])):
            assert look(engine, claimed.id).state is State.RUNNING
        else:
            assert look(engine, claimed.id).ready_at == number

    @each_number
    def test_a_lease_of_that_length_is_taken_or_refused(self, engine: Engine, number: int) -> None:
        held = start_worker(engine)
        if refused(engine.leases.take("duty/x", "a test", number)):
            assert engine.leases.find("duty/").wait() == ()
        if refused(engine.jobs.renew(held, number, b"{}")):
            (still,) = engine.leases.find(held.name).wait()
            assert still == held

    @each_number
    def test_a_claim_gives_as_many_as_there_are_or_is_refused(
        self, engine: Engine, number: int
    ) -> None:
        insert(engine, a_job(), a_job())
        call = engine.jobs.claim(Want(start_worker(engine), number))
        if not refused(call):
            assert number < 0 or engine.reader.counts().wait()[0].state is State.RUNNING
