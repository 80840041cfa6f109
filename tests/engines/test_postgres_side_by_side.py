"""What stands when verbs of PostgreSQL's engine meet that do not keep each other out."""

import random
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

import psycopg
import psycopg.sql
import pytest

from tests.journeys.crowd import until
from tidemill.core.change import Cancel, Which
from tidemill.core.errors import StoreLocked
from tidemill.core.graph import Edge
from tidemill.core.identity import new_id
from tidemill.core.job import Claim, NewJob
from tidemill.core.limits import KeyLimit
from tidemill.core.outcome import Done
from tidemill.core.record import EVENTS, NewEntry
from tidemill.core.rules import QueueRules
from tidemill.core.state import State
from tidemill.core.verdict import Receipt, Settlement, judge
from tidemill.core.want import Want
from tidemill.engines import open_engine
from tidemill.engines.postgres.ground import PostgresGround
from tidemill.engines.postgres.jobs import PostgresJobs
from tidemill.engines.postgres.link import Connection, PostgresLink
from tidemill.engines.postgres.server import Server, read_address
from tidemill.engines.postgres.session import PsycopgSession
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import SystemClock

T = TypeVar("T")


def claim(store: Engine, limit: int = 100, name: str = "worker/1") -> tuple[Claim, ...]:
    lease = store.leases.take(name, name, 600_000).wait()
    assert lease is not None
    return store.jobs.claim(Want(lease, limit)).wait().jobs


def done(jobs: tuple[Claim, ...]) -> list[Settlement]:
    return [judge(job, Done(b"1"), job.started_at + 5, 0.5) for job in jobs]


def settle(store: Engine, jobs: tuple[Claim, ...]) -> tuple[Receipt, ...]:
    return store.jobs.settle(done(jobs)).wait()


def append(store: Engine, topic: str, tx: object = None) -> None:
    store.records.append("own", [NewEntry(topic=topic, data=b"{}")], tx=tx).wait()


def read(store: Engine, after: int = 0, *, newest: bool = False) -> list[str]:
    entries = store.records.read("own", after=after, newest=newest).wait()
    return [entry.topic for entry in entries]


def test_no_reader_passes_a_line_that_is_still_to_be_committed(
    schema_store: Engine, postgres_url: str
) -> None:
    append(schema_store, "first")
    with psycopg.connect(postgres_url) as own:
        append(schema_store, "slow", own)
        append(schema_store, "quick")
        assert read(schema_store) == ["first"]
        assert read(schema_store, newest=True) == ["first"]
    assert read(schema_store) == ["first", "slow", "quick"]


def test_a_line_that_is_taken_back_holds_nobody_up(schema_store: Engine, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as own:
        append(schema_store, "gone", own)
        append(schema_store, "kept")
        assert read(schema_store) == []
        own.rollback()
    assert read(schema_store) == ["kept"]


class Uncommitted(PostgresGround):
    """Ground on which the short ways are gone, and not committed before the test says so."""

    def __init__(self, url: str, own: Connection) -> None:
        super().__init__(Server(read_address(url)), None, lambda _: None)
        self._own = own

    def alone(self, do: Callable[[PostgresLink], T]) -> T:
        return do(PostgresLink(PsycopgSession(self._own), self.server.address.schema))


@pytest.fixture
def own(postgres_url: str) -> Iterator[Connection]:
    with psycopg.connect(postgres_url) as connection:
        yield connection


@pytest.fixture
def uncommitted(schema_url: str, own: Connection) -> PostgresJobs:
    """The path of a job, in the transaction of `own`."""
    return PostgresJobs(Uncommitted(schema_url, own))


def until_it_waits(own: Connection, *, unless: Callable[[], bool] = lambda: False) -> None:
    """Wait until some session waits for what is locked here, or this is so."""
    here, secret = own.info.backend_pid, own.info.password
    waits = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
    with psycopg.connect(own.info.dsn, password=secret, autocommit=True) as other:
        until(
            lambda: unless() or other.execute(waits, (here,)).fetchone() is not None,
            seconds=10,
            what="the other one waits",
        )


def while_it_waits(own: Connection, work: Callable[[], T], *, it_may_not: bool = False) -> T:
    """Do work on another thread, and commit as soon as it waits for what is locked here.

    Args:
        it_may_not: whether it may just as well be done without waiting.
    """
    with ThreadPoolExecutor(1) as thread:
        under_way = thread.submit(work)
        until_it_waits(own, unless=lambda: it_may_not and under_way.done())
        own.commit()
        return under_way.result(20)


def test_a_lease_is_renewed_while_others_wait_for_the_lock(
    schema_store: Engine, schema_url: str, own: Connection
) -> None:
    lease = schema_store.leases.take("worker/1", "me", 60_000).wait()
    assert lease is not None
    pen = PostgresGround(Server(read_address(schema_url)), None, lambda _: None)._pen
    own.execute("SELECT pg_advisory_xact_lock(%s)", (pen,))
    assert schema_store.jobs.renew(lease, 60_000, b"{}").wait().lease.until > lease.until


@pytest.mark.parametrize(
    "extra",
    [
        (),
        (NewJob(id=new_id(), task="another"),),
        (NewJob(id=new_id(), task="limited", limit=KeyLimit("one", 1)),),
    ],
    ids=["alike", "unlike", "with one that is not plain"],
)
def test_a_job_that_is_asked_for_again_while_it_ends_is_not_stored_twice(
    schema_store: Engine,
    own: Connection,
    uncommitted: PostgresJobs,
    extra: tuple[NewJob, ...],
) -> None:
    job = NewJob(id=new_id(), task="a")
    schema_store.jobs.insert([job]).wait()
    assert uncommitted.settle(done(claim(schema_store))).wait() == (Receipt.APPLIED,)
    insert = schema_store.jobs.insert([job, *extra])
    again, *_ = while_it_waits(own, insert.wait, it_may_not=True)
    assert not again.created
    assert [claimed.id for claimed in claim(schema_store)] == [each.id for each in extra]


def test_a_child_that_is_stored_while_its_parent_ends_does_not_wait_for_ever(
    schema_store: Engine, own: Connection, uncommitted: PostgresJobs
) -> None:
    parent = NewJob(id=new_id(), task="a")
    child = NewJob(id=new_id(), task="b", after=(Edge(parent.id),))
    schema_store.jobs.insert([parent]).wait()
    assert uncommitted.settle(done(claim(schema_store))).wait() == (Receipt.APPLIED,)
    while_it_waits(own, lambda: schema_store.jobs.insert([child]).wait())
    assert [job.id for job in claim(schema_store)] == [child.id]


def test_a_parent_that_ends_while_its_child_is_stored_lets_it_go(
    schema_store: Engine, own: Connection
) -> None:
    parent = NewJob(id=new_id(), task="a")
    child = NewJob(id=new_id(), task="b", after=(Edge(parent.id),))
    schema_store.jobs.insert([parent]).wait()
    held = claim(schema_store)
    schema_store.jobs.insert([child], tx=own).wait()
    assert while_it_waits(own, lambda: settle(schema_store, held)) == (Receipt.APPLIED,)
    assert [job.id for job in claim(schema_store)] == [child.id]


def test_a_job_that_starts_while_it_is_cancelled_is_asked_to_stop(
    schema_store: Engine, own: Connection, uncommitted: PostgresJobs
) -> None:
    job = NewJob(id=new_id(), task="a")
    schema_store.jobs.insert([job]).wait()
    lease = schema_store.leases.take("worker/1", "me", 600_000).wait()
    assert lease is not None
    assert len(uncommitted.claim(Want(lease, 10)).wait().jobs) == 1
    cancel = schema_store.jobs.change(Which(ids=(job.id,)), Cancel("enough"))
    assert while_it_waits(own, cancel.wait).ids == (job.id,)
    (found,) = schema_store.reader.get([job.id]).wait()
    assert found is not None
    assert (found.state, found.cancel_requested) == (State.RUNNING, True)


def test_a_settlement_that_is_sent_again_before_the_first_is_committed_changes_nothing(
    schema_store: Engine, own: Connection, uncommitted: PostgresJobs, schema_url: str
) -> None:
    schema_store.jobs.insert([NewJob(id=new_id(), task="a") for _ in range(3)]).wait()
    held = claim(schema_store)
    uncommitted.settle(done(held)).wait()
    assert while_it_waits(own, lambda: settle(schema_store, held)) == (Receipt.ALREADY,) * 3
    with psycopg.connect(schema_url.partition("?")[0]) as other:
        history = psycopg.sql.SQL("SELECT count(*) FROM {}.done")
        schema = psycopg.sql.Identifier(schema_url.rpartition("=")[2])
        assert other.execute(history.format(schema)).fetchone() == (3,)


def test_a_settlement_that_is_sent_twice_at_once_is_applied_once(schema_store: Engine) -> None:
    for _ in range(10):
        schema_store.jobs.insert([NewJob(id=new_id(), task="a") for _ in range(50)]).wait()
        held = claim(schema_store)
        with ThreadPoolExecutor(4) as threads:
            answers = [
                *chain.from_iterable(
                    threads.map(lambda jobs: settle(schema_store, jobs), [held] * 4)
                )
            ]
        assert answers.count(Receipt.APPLIED) == len(held) == 50
        assert answers.count(Receipt.ALREADY) == 150


@pytest.fixture
def beside_the_lock(schema_url: str, postgres_url: str) -> Iterator[Callable[[], Engine]]:
    """Take the store's lock, and answer the store; whoever asks for the lock now fails."""
    impatient = open_engine(f"{schema_url}&patience=1s")
    impatient.open().wait()
    with psycopg.connect(postgres_url) as other:

        def take() -> Engine:
            pen = zlib.crc32(f"{schema_url.rpartition('=')[2]}/pen".encode())
            other.execute("SELECT pg_advisory_xact_lock(%s)", (pen,))
            with pytest.raises(StoreLocked):
                impatient.jobs.promote(1).wait()
            return impatient

        yield take
    impatient.close().wait()


def test_jobs_of_several_queues_are_claimed_in_order_beside_the_lock(
    schema_store: Engine, beside_the_lock: Callable[[], Engine]
) -> None:
    jobs = [
        NewJob(id=new_id(), task="a", queue=f"q{number % 3}", priority=number % 2)
        for number in range(30)
    ]
    schema_store.jobs.insert(jobs).wait()
    lease = schema_store.leases.take("worker/1", "me", 600_000).wait()
    assert lease is not None
    store = beside_the_lock()
    claimed = [job.id for _ in range(3) for job in store.jobs.claim(Want(lease, 10)).wait().jobs]
    assert claimed == [job.id for job in sorted(jobs, key=lambda job: -job.priority)]


def test_jobs_that_have_come_due_are_claimed_beside_the_lock(
    schema_store: Engine, beside_the_lock: Callable[[], Engine]
) -> None:
    job = NewJob(id=new_id(), task="a", due_at=SystemClock().now() + 200)
    schema_store.jobs.insert([job]).wait()
    lease = schema_store.leases.take("worker/1", "me", 600_000).wait()
    assert lease is not None
    store = beside_the_lock()
    claimed: list[Claim] = []

    def is_claimed() -> bool:
        claimed.extend(store.jobs.claim(Want(lease, 10)).wait().jobs)
        return bool(claimed)

    until(is_claimed, seconds=10, what="the job is due")
    assert [each.id for each in claimed] == [job.id]


def test_who_finds_only_what_others_are_taking_asks_again_at_once(
    schema_store: Engine, own: Connection, uncommitted: PostgresJobs
) -> None:
    schema_store.jobs.insert([NewJob(id=new_id(), task="a") for _ in range(5)]).wait()
    first, second = (
        schema_store.leases.take(f"worker/{number}", "me", 600_000).wait() for number in range(2)
    )
    assert first is not None
    assert second is not None
    assert len(uncommitted.claim(Want(first, 5)).wait().jobs) == 5
    nothing = schema_store.jobs.claim(Want(second, 5)).wait()
    assert nothing.jobs == ()
    assert nothing.again_at is not None
    own.rollback()
    assert len(schema_store.jobs.claim(Want(second, 5)).wait().jobs) == 5
    assert schema_store.jobs.claim(Want(second, 5)).wait().again_at is None


@pytest.mark.parametrize("seed", range(3))
def test_many_who_claim_settle_cancel_and_add_children_leave_nothing_behind(
    schema_store: Engine, schema_url: str, seed: int
) -> None:
    """Every job ends, none runs twice, and who tails the events hears of each completion."""
    schema_store.jobs.rule(QueueRules(queue="narrow", most=3)).wait()
    ended: list[str] = []
    ids: list[str] = []

    def crowd(number: int) -> None:
        dice = random.Random(f"{seed}/{number}")
        own = open_engine(schema_url)
        own.open().wait()
        for _ in range(60):
            lot = [some_job(dice, ids) for _ in range(dice.randint(1, 8))]
            own.jobs.insert(lot).wait()
            ids.extend(job.id for job in lot)
            held = claim(own, dice.randint(1, 20), f"worker/{number}")
            if dice.random() < 0.3:
                own.jobs.change(Which(ids=(dice.choice(ids),)), Cancel("chance")).wait()
            receipts = settle(own, held)
            assert set(receipts) <= {Receipt.APPLIED}
            ended.extend(job.id for job in held)
        own.close().wait()

    heard: list[bytes] = []
    position = 0
    with ThreadPoolExecutor(4) as threads:
        crowds = [threads.submit(crowd, number) for number in range(4)]
        while not all(each.done() for each in crowds):
            for entry in schema_store.records.read(EVENTS, after=position).wait():
                position = entry.position
                heard.append(entry.data)
    for each in crowds:
        each.result()
    left = True
    while left:
        promoted = schema_store.jobs.promote(1_000).wait()
        held = claim(schema_store)
        settle(schema_store, held)
        ended.extend(job.id for job in held)
        left = bool(held or promoted.count)
    heard += [
        each.data for each in schema_store.records.read(EVENTS, after=position, limit=9_999).wait()
    ]
    everything = [each.data for each in schema_store.records.read(EVENTS, limit=9_999).wait()]
    assert heard == everything
    found = schema_store.reader.get(ids).wait()
    assert {job.state for job in found if job} <= {State.COMPLETED, State.CANCELLED}
    assert None not in found
    completed = {job.id for job in found if job and job.state is State.COMPLETED}
    assert len(ended) == len(set(ended))
    assert completed <= set(ended)


def some_job(dice: random.Random, known: list[str]) -> NewJob:
    """A job of any kind, perhaps after one that is under way."""
    after = (Edge(dice.choice(known[-20:]), "run"),) if known and dice.random() < 0.3 else ()
    limit = KeyLimit(f"key-{dice.randint(1, 2)}", 2) if dice.random() < 0.2 else None
    queue = dice.choice(["default", "default", "default", "narrow"])
    return NewJob(id=new_id(), task="a", queue=queue, after=after, limit=limit)
