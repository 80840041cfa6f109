"""The connections of PostgreSQL's engine: who has which, and none is left lying about."""

import asyncio
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.journeys.crowd import until
from tidemill.core.errors import StoreError
from tidemill.core.lease import Lease
from tidemill.engines import open_engine
from tidemill.engines.postgres.server import MOST_CONNECTIONS
from tidemill.engines.protocol import Engine

MANY = 2 * MOST_CONNECTIONS


@pytest.fixture
def store(schema_url: str) -> Iterator[Engine]:
    engine = open_engine(f"{schema_url}&application_name=busy")
    engine.open().wait()
    yield engine
    engine.close().wait()


@pytest.fixture
def lease(store: Engine) -> Lease:
    lease = store.leases.take("worker/1", "me", 60_000).wait()
    assert lease is not None
    return lease


@pytest.fixture
def server(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def lock(schema_url: str, server: psycopg.Connection) -> Callable[[], object]:
    """Somebody has the store's lock, who lets go of it when this is called."""
    pen = zlib.crc32(f"{schema_url.rpartition('=')[2]}/pen".encode())
    server.execute("SELECT pg_advisory_lock(%s)", (pen,))
    return lambda: server.execute("SELECT pg_advisory_unlock(%s)", (pen,))


def all_wait(server: psycopg.Connection) -> bool:
    """Whether every connection but the one for renewals waits for the lock."""
    ((found,),) = server.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name = 'busy' AND wait_event = 'advisory'"
    ).fetchall()
    return bool(found == MOST_CONNECTIONS)


def test_a_lease_is_renewed_while_others_have_every_connection(
    store: Engine, lease: Lease, server: psycopg.Connection, lock: Callable[[], object]
) -> None:
    with ThreadPoolExecutor(MANY) as threads:
        under_way = [threads.submit(store.jobs.promote(1).wait) for _ in range(MANY)]
        until(lambda: all_wait(server), seconds=10, what="all of them wait for the lock")
        for _ in range(3):
            lease = store.jobs.renew(lease, 60_000, b"{}").wait().lease
        assert all_wait(server)
        lock()
        assert [each.result(20).count for each in under_way] == [0] * MANY


async def test_an_awaited_renewal_waits_for_no_thread(
    store: Engine, lease: Lease, server: psycopg.Connection, lock: Callable[[], object]
) -> None:
    under_way = [asyncio.ensure_future(store.jobs.promote(1)) for _ in range(MANY)]
    await asyncio.to_thread(until, lambda: all_wait(server), seconds=10, what="all of them wait")
    await store.jobs.renew(lease, 60_000, b"{}")
    assert all_wait(server)
    lock()
    assert [each.count for each in await asyncio.gather(*under_way)] == [0] * MANY


def test_when_a_connection_is_lost_a_lease_is_renewed_on_another(
    store: Engine, lease: Lease, server: psycopg.Connection
) -> None:
    store.jobs.renew(lease, 60_000, b"{}").wait()
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'busy'"
    assert len(server.execute(end).fetchall()) == 2
    until(lambda: not server.execute(end).fetchall(), seconds=10, what="they are ended")
    assert store.jobs.renew(lease, 60_000, b"{}").wait().lease.until >= lease.until


def test_a_connection_whose_greeting_fails_is_closed(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE ungreeted")
        connection.execute("CREATE ROLE ungreeted LOGIN")
    base = postgres_url.removesuffix("/postgres") + "/ungreeted"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute("REVOKE SELECT ON pg_catalog.pg_settings FROM PUBLIC")
        engine = open_engine(base.replace("tests@", "ungreeted@"))
        # While the error is kept, so is all that it was raised in.
        with pytest.raises(StoreError, match="pg_settings") as caught:
            engine.open().wait()
        theirs = "SELECT 1 FROM pg_stat_activity WHERE usename = 'ungreeted'"
        until(lambda: not connection.execute(theirs).fetchall(), seconds=5, what="it is closed")
        assert caught.value.__cause__ is not None
