"""What event loops wait for on PostgreSQL is written together, and each hears of its own."""

import asyncio
from collections.abc import Iterator, Sequence

import psycopg
import pytest

from tests.engines.test_postgres_side_by_side import until_it_waits
from tidemill.access.audit import verify
from tidemill.client.steps import Walk
from tidemill.core.errors import InvalidArguments, StoreUnavailable
from tidemill.core.identity import new_id
from tidemill.core.job import Inserted, NewJob
from tidemill.core.record import AUDIT, NewEntry
from tidemill.engines.postgres.link import Connection
from tidemill.engines.protocol import Engine

MANY = 60


@pytest.fixture
def own(postgres_url: str) -> Iterator[Connection]:
    """A transaction of another program's."""
    with psycopg.connect(postgres_url) as connection:
        yield connection


@pytest.fixture
def store(schema_store: Engine) -> Engine:
    """A store that knows the queue."""
    schema_store.jobs.insert([job()]).wait()
    return schema_store


def job(**wishes: object) -> NewJob:
    return NewJob(id=new_id(), task="a", **wishes)  # type: ignore[arg-type]  # as a test says


async def insert(store: Engine, new: NewJob, *, audited: bool = True) -> Sequence[Inserted]:
    line = NewEntry(topic="job.enqueue", data=new.id.encode())
    return await store.jobs.insert([new], fresh_ids=True, audit=[line] if audited else ())


async def begun(
    store: Engine, *jobs: NewJob, audited: bool = True
) -> Sequence[asyncio.Future[Sequence[Inserted]]]:
    """Inserts that are under way, and come to their end later."""
    waiting = [asyncio.ensure_future(insert(store, each, audited=audited)) for each in jobs]
    await asyncio.wait(waiting, timeout=0)
    return waiting


async def held_up(
    own: Connection, store: Engine, schema_url: str, new: NewJob, *, audited: bool = True
) -> asyncio.Future[Sequence[Inserted]]:
    """The insert of a job that waits until the other program's transaction has ended."""
    own.execute(f"LOCK TABLE {schema_url.partition('=')[2]}.job IN SHARE MODE")
    (held,) = await begun(store, new, audited=audited)
    await asyncio.to_thread(until_it_waits, own)
    return held


def transactions(own: Connection, schema_url: str, jobs: Sequence[NewJob]) -> int:
    """How many transactions have stored these jobs."""
    schema = schema_url.partition("=")[2]
    found = own.execute(
        f"SELECT count(DISTINCT xmin::text), count(*) FROM {schema}.job WHERE id = ANY(%s)",  # noqa: S608 - our name
        ([each.id for each in jobs],),
    ).fetchone()
    assert found
    assert found[1] == len(jobs)
    return int(found[0])


@pytest.mark.parametrize("audited", [True, False])
async def test_what_comes_meanwhile_is_one_transaction(
    store: Engine, own: Connection, schema_url: str, *, audited: bool
) -> None:
    first = job()
    held = await held_up(own, store, schema_url, first, audited=audited)
    rest = [job() for _ in range(MANY)]
    waiting = await begun(store, *rest, audited=audited)
    own.rollback()
    answers = await asyncio.gather(held, *waiting)
    assert answers == [(Inserted(each.id, created=True),) for each in (first, *rest)]
    assert transactions(own, schema_url, rest) == 1
    lines = store.records.read(AUDIT).wait()
    ids = [each.id for each in (first, *rest)]
    assert [line.data.decode() for line in lines] == (ids if audited else [])
    assert Walk(verify(store)).wait().whole


@pytest.mark.parametrize("audited", [True, False])
async def test_of_what_cannot_be_stored_only_its_caller_hears(
    store: Engine, own: Connection, schema_url: str, *, audited: bool
) -> None:
    held = await held_up(own, store, schema_url, job(), audited=audited)
    good = [job() for _ in range(3)]
    lot = [good[0], job(source="\ud800"), good[1], good[2]]
    waiting = await begun(store, *lot, audited=audited)
    own.rollback()
    await held
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(answers.pop(1), InvalidArguments)
    assert answers == [(Inserted(each.id, created=True),) for each in good]
    assert len(store.records.read(AUDIT).wait()) == (1 + len(good) if audited else 0)


async def test_who_goes_away_leaves_the_others_served(
    store: Engine, own: Connection, schema_url: str
) -> None:
    held = await held_up(own, store, schema_url, job())
    lot = [job(), job()]
    gone, stays = await begun(store, *lot)
    gone.cancel()
    held.cancel()
    own.rollback()
    assert await stays == (Inserted(lot[1].id, created=True),)
    assert gone.cancelled()
    transactions(own, schema_url, lot)  # both are stored


async def test_a_loss_is_told_to_each_and_the_next_one_is_served(
    store: Engine, own: Connection, schema_url: str
) -> None:
    held = await held_up(own, store, schema_url, job())
    (waiting,) = await begun(store, job())
    own.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    )
    with pytest.raises(StoreUnavailable):
        await held
    own.rollback()
    assert (await waiting)[0].created


async def test_one_after_the_other_is_served_and_after_the_end_refused(store: Engine) -> None:
    for _ in range(3):
        assert (await insert(store, job()))[0].created
    await store.close()
    with pytest.raises(StoreUnavailable):
        await insert(store, job())


def test_event_loops_of_several_threads_are_each_woken(store: Engine) -> None:
    async def many() -> list[Sequence[Inserted]]:
        return await asyncio.gather(*(insert(store, job()) for _ in range(MANY)))

    async def both() -> list[list[Sequence[Inserted]]]:
        return await asyncio.gather(*(asyncio.to_thread(asyncio.run, many()) for _ in range(2)))

    answers = asyncio.run(both())
    assert [len(each) for each in answers] == [MANY, MANY]
    assert all(one.created for each in answers for (one,) in each)


def test_a_thread_that_waits_writes_alone(store: Engine) -> None:
    new = job()
    line = NewEntry(topic="job.enqueue", data=b"{}")
    answer = store.jobs.insert([new], fresh_ids=True, audit=[line]).wait()
    assert answer == (Inserted(new.id, created=True),)


async def test_a_callers_transaction_holds_up_none_that_is_new(
    store: Engine, own: Connection
) -> None:
    """A transaction of a caller's stores an id; who names the same waits, and nobody else."""
    known = job()
    store.jobs.insert([known], tx=own).wait()
    line = NewEntry(topic="job.enqueue", data=b"{}")
    same = asyncio.ensure_future(store.jobs.insert([known], audit=[line]))
    await asyncio.to_thread(until_it_waits, own)
    assert (await insert(store, job()))[0].created
    own.commit()
    assert await same == (Inserted(known.id, created=False),)
