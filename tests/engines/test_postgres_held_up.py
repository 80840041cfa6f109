"""What a transaction of a caller's holds keeps none waiting that has nothing to do with it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.engines.test_postgres_side_by_side import claim, settle, until_it_waits, while_it_waits
from tidemill.core.errors import UnknownParent
from tidemill.core.graph import Edge
from tidemill.core.identity import new_id
from tidemill.core.job import Inserted, NewJob
from tidemill.core.limits import KeyLimit
from tidemill.core.rules import QueueRules
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim
from tidemill.core.verdict import Receipt
from tidemill.core.want import Claimed, Promoted, Want
from tidemill.engines import open_engine
from tidemill.engines.postgres.link import Connection
from tidemill.engines.protocol import Engine
from tidemill.engines.relational.ground import HELD_UP
from tidemill.testing import ManualClock

AT_ONCE = 3.0
"""Seconds: no more than the machine takes, and much less than a lock is waited for."""


@pytest.fixture
def own(postgres_url: str) -> Iterator[Connection]:
    """A caller's transaction."""
    with psycopg.connect(postgres_url) as connection:
        yield connection


def job(**wishes: Any) -> NewJob:
    return NewJob(id=new_id(), task="a", **wishes)


def all_goes_on(store: Engine) -> None:
    """Have those things done that are done one at a time."""
    since = time.monotonic()
    store.jobs.promote(10).wait()
    store.jobs.rule(QueueRules(queue="other")).wait()
    store.jobs.insert([job(queue="other", limit=KeyLimit("other", 1))]).wait()
    lease = store.leases.take("worker/2", "worker/2", 60_000).wait()
    assert lease is not None
    store.jobs.claim(Want(lease, 100)).wait()
    assert time.monotonic() - since < AT_ONCE


def test_a_job_behind_a_full_limit(schema_store: Engine, own: Connection) -> None:
    limit = KeyLimit("account", 1)
    schema_store.jobs.insert([job(limit=limit), job(limit=limit), job(limit=limit)]).wait()
    (runs,) = claim(schema_store)
    schema_store.jobs.insert([job(limit=limit)], tx=own).wait()
    schema_store.jobs.insert([job(limit=limit), job(limit=limit, priority=90)]).wait()
    all_goes_on(schema_store)
    assert settle(schema_store, (runs,)) == (Receipt.APPLIED,)
    all_goes_on(schema_store)


def test_a_unique_key(schema_store: Engine, own: Connection) -> None:
    only = UniqueClaim(key="k")
    schema_store.jobs.insert([job(unique=only)], tx=own).wait()
    with ThreadPoolExecutor(1) as thread:
        waits = thread.submit(schema_store.jobs.insert([job(unique=only)]).wait)
        until_it_waits(own)
        assert not waits.done()
        all_goes_on(schema_store)
        own.commit()
        (answer,) = waits.result(10)
    assert not answer.created


def test_a_parent_that_is_to_end(schema_store: Engine, own: Connection) -> None:
    parent = job()
    schema_store.jobs.insert([parent]).wait()
    held = claim(schema_store)
    child = job(after=(Edge(parent.id),))
    schema_store.jobs.insert([child], tx=own).wait()
    with ThreadPoolExecutor(1) as thread:
        waits = thread.submit(settle, schema_store, held)
        until_it_waits(own)
        assert not waits.done()
        for _ in range(5):
            all_goes_on(schema_store)
        own.commit()
        assert waits.result(10) == (Receipt.APPLIED,)
    (found,) = schema_store.reader.get([child.id]).wait()
    assert found is not None
    assert found.state is State.WAITING


def test_nobody_joins_a_batch_whose_callback_has_just_been_let_go(
    schema_store: Engine, schema_url: str, own: Connection
) -> None:
    callback, member, late = job(), job(), job()
    schema_store.jobs.insert([callback, NewJob(id=member.id, task="a", batch=callback.id)]).wait()
    schema = schema_url.rpartition("=")[2]
    own.execute(f"SET search_path = {schema}".encode())
    own.execute(
        "UPDATE job SET state = 'running', gate = '', waits_for = 0, worker = 1, fence = 9"
        " WHERE id = %s",
        (callback.id,),
    )

    def join() -> tuple[Inserted, ...]:
        with psycopg.connect(own.info.dsn, password=own.info.password) as another:
            joining = NewJob(id=late.id, task="a", batch=callback.id)
            return schema_store.jobs.insert([joining], tx=another).wait()

    with pytest.raises(UnknownParent, match="closed"):
        while_it_waits(own, join)
    (found, missing) = schema_store.reader.get([callback.id, late.id]).wait()
    assert found is not None
    assert (found.state, missing) == (State.RUNNING, None)


@pytest.mark.parametrize("held", ["due", "waiting"])
def test_what_is_held_is_looked_at_again_soon_and_not_at_once(
    schema_url: str, own: Connection, clock: ManualClock, held: str
) -> None:
    store = open_engine(schema_url, clock=clock)
    store.open().wait()
    due_at = clock.now() + 1_000 if held == "due" else None
    store.jobs.insert([job(due_at=due_at)]).wait()
    clock.advance("1s")
    lease = store.leases.take("worker/1", "worker/1", 60_000).wait()
    assert lease is not None
    own.execute(f"SELECT FROM {schema_url.rpartition('=')[2]}.job FOR UPDATE".encode())
    soon = clock.now() + HELD_UP
    if held == "due":
        assert store.jobs.promote(10).wait() == Promoted(0, soon, more=False)
        long_way = Want(lease, 10, without=("b",))
        assert store.jobs.claim(long_way).wait() == Claimed((), soon)
    assert store.jobs.claim(Want(lease, 10)).wait() == Claimed((), soon)
    own.rollback()
    assert len(store.jobs.claim(Want(lease, 10)).wait().jobs) == 1
    store.close().wait()
