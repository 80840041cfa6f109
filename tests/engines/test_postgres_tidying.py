"""Cleaning up what ended jobs leave behind: on few connections, and never in anybody's way."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import psycopg
import pytest

from tests.engines.places import Place, opened
from tests.journeys.crowd import until
from tests.proxy import Proxy
from tidemill.core.errors import StoreUnavailable
from tidemill.engines import open_engine
from tidemill.engines.postgres.tidying import LEAST
from tidemill.engines.protocol import Engine

STATEMENTS: Final = ["pg_stat_get_dead_tuples", "VACUUM"]

DIE: Final = f"""
INSERT INTO tidemill.job (
    id, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, policy, args
)
SELECT number::text, 'a', 'a', '', 'waiting', 0, 0, 0, 1, '{{}}', '{{}}'
FROM generate_series(1, {2 * LEAST}) AS number;
DELETE FROM tidemill.job;
SELECT pg_stat_force_next_flush();
"""  # noqa: S608 - nobody else's words are in it


@pytest.fixture
def place(postgres_url: str) -> Iterator[Place]:
    place = Place(postgres_url)
    with closing(place.admin):
        yield place


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[Proxy]:
    with Proxy(int(str(psycopg.conninfo.conninfo_to_dict(postgres_url)["port"]))) as proxy:
        yield proxy


@pytest.fixture
def store(place: Place, proxy: Proxy) -> Engine:
    """Reached through the proxy, with enough that is dead."""
    engine = open_engine(f"{proxy.url(place.url)}?patience=2s")
    engine.open().wait()
    # Not by the server, before us.
    place.run("ALTER TABLE tidemill.job SET (autovacuum_enabled = off)")
    place.run(DIE)
    until(lambda: dead(place) > LEAST, seconds=20, what="the server has counted")
    return engine


def dead(place: Place) -> int:
    with place.link() as link:
        ((dead, _),) = link.rows("count_dead")
    return int(dead)


async def begun(store: Engine, proxy: Proxy, text: str) -> asyncio.Task[bool]:
    """Tidying, on a thread of the engine, at which the network falls silent."""

    async def tidy() -> bool:
        return await store.tidy()

    proxy.silent_from = text
    task = asyncio.create_task(tidy())
    await asyncio.to_thread(
        until, lambda: proxy.mode == "silent", seconds=20, what="the network is silent"
    )
    return task


def test_a_look_takes_no_connection_besides_those_that_work(place: Place) -> None:
    with opened(place.url) as engine:
        engine.reader.counts().wait()
        place.run(f"ALTER ROLE {place.name} CONNECTION LIMIT 1")
        assert engine.tidy().wait() is False


def test_a_vacuum_is_not_subject_to_the_time_outs_of_the_user(place: Place, store: Engine) -> None:
    store.close().wait()
    # It takes longer than that, because it rests in between.
    for setting in ("statement_timeout = 150", "vacuum_cost_delay = 10", "vacuum_cost_limit = 200"):
        place.run(f"ALTER ROLE {place.name} SET {setting}")
    with opened(place.url) as engine:
        assert engine.tidy().wait()
        until(lambda: dead(place) == 0, seconds=20, what="all is made free")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", STATEMENTS)
async def test_an_engine_is_closed_soon_though_the_network_is_silent(
    store: Engine, proxy: Proxy, text: str
) -> None:
    task = await begun(store, proxy, text)
    asked_at = time.monotonic()
    await asyncio.wait_for(asyncio.to_thread(store.close().wait), 10)
    assert time.monotonic() - asked_at < 5
    (ended,) = await asyncio.gather(task, return_exceptions=True)
    assert ended is True or isinstance(ended, StoreUnavailable)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", STATEMENTS)
async def test_a_network_that_is_silent_is_noticed_and_it_is_tidied_later(
    store: Engine, proxy: Proxy, text: str
) -> None:
    task = await begun(store, proxy, text)
    with pytest.raises(StoreUnavailable):
        await asyncio.wait_for(task, 20)
    proxy.heal()
    proxy.cut()

    def is_tidied() -> bool:
        try:
            return store.tidy().wait()
        except StoreUnavailable:
            return False

    await asyncio.to_thread(until, is_tidied, seconds=20, what="it is tidied")
    store.close().wait()


def test_what_cannot_be_made_free_is_tried_ever_more_rarely(place: Place) -> None:
    """While somebody looks at the store as it was, a vacuum would read the whole table in vain."""
    with opened(place.url) as engine, psycopg.connect(place.url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        place.run("ALTER TABLE tidemill.job SET (autovacuum_enabled = off)")
        reader.execute("SELECT count(*) FROM tidemill.job")

        def let_die(times: int) -> None:
            before = dead(place)
            for _ in range(times):
                place.run(DIE)
            until(lambda: dead(place) >= before + times * 2 * LEAST, seconds=20, what="counted")

        let_die(3)
        assert engine.tidy().wait() is True
        let_die(1)
        assert engine.tidy().wait() is False
        let_die(1)
        assert engine.tidy().wait() is True
