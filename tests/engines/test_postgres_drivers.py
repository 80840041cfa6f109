"""Jobs in a transaction of the caller's own, whatever driver it was begun with."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, Final

import asyncpg
import django.conf
import psycopg
import pytest
import sqlalchemy
import sqlalchemy.orm
from django.db import ConnectionHandler, transaction
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from tests.engines.test_postgres import job, stored
from tests.listening import listening
from tidemill.core.errors import NotUnique, WrongTransaction
from tidemill.core.job import NewJob
from tidemill.core.limits import KeyLimit
from tidemill.core.record import EVENTS, NewEntry
from tidemill.core.unique import UniqueClaim
from tidemill.engines import open_engine
from tidemill.engines.postgres.transactions import tell_of_commit
from tidemill.engines.protocol import Engine


def several() -> list[NewJob]:
    """Jobs that take every way of being stored: plain, tagged, and under a limit of their own."""
    return [job(), job(tags=("x",)), job(limit=KeyLimit("account", 1))]


class Rollback(Exception):
    """Ends a transaction without anything of it."""


# --- Drivers --------------------------------------------------------------------------------------


@contextmanager
def by_psycopg(url: str) -> Iterator[Any]:
    with psycopg.connect(url) as connection:
        yield connection


@contextmanager
def a_session(url: str) -> Iterator[Any]:
    database = sqlalchemy.create_engine(url.replace("://", "+psycopg://"))
    try:
        with sqlalchemy.orm.Session(database) as session:
            yield session
    finally:
        database.dispose()


@contextmanager
def by_session(url: str) -> Iterator[Any]:
    with a_session(url) as session, session.begin():
        yield session


@contextmanager
def by_alchemy(url: str) -> Iterator[Any]:
    database = sqlalchemy.create_engine(url.replace("://", "+psycopg://"))
    try:
        with database.begin() as connection:
            yield connection
    finally:
        database.dispose()


def django_connections(url: str) -> ConnectionHandler:
    if not django.conf.settings.configured:
        django.conf.settings.configure()
    found = psycopg.conninfo.conninfo_to_dict(url)
    return ConnectionHandler(
        {
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "HOST": found["host"],
                "PORT": found["port"],
                "USER": found["user"],
                "PASSWORD": found.get("password", ""),
                "NAME": found["dbname"],
            }
        }
    )


@contextmanager
def by_django(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    connections = django_connections(url)
    monkeypatch.setattr(transaction, "connections", connections)
    try:
        with transaction.atomic():
            yield connections["default"]
    finally:
        connections.close_all()


@asynccontextmanager
async def by_async_psycopg(url: str) -> AsyncIterator[Any]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        yield connection


@asynccontextmanager
async def by_asyncpg(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def by_asyncpg_pool(url: str) -> AsyncIterator[Any]:
    async with (
        asyncpg.create_pool(url, min_size=1, max_size=1) as pool,
        pool.acquire() as connection,
        connection.transaction(),
    ):
        yield connection


def by_async_session(driver: str) -> Callable[[str], Any]:
    @asynccontextmanager
    async def begin(url: str) -> AsyncIterator[Any]:
        database = create_async_engine(url.replace("://", f"+{driver}://"))
        try:
            async with AsyncSession(database) as session, session.begin():
                yield session
        finally:
            await database.dispose()

    return begin


def by_async_alchemy(driver: str) -> Callable[[str], Any]:
    @asynccontextmanager
    async def begin(url: str) -> AsyncIterator[Any]:
        database = create_async_engine(url.replace("://", f"+{driver}://"))
        try:
            async with database.begin() as connection:
                yield connection
        finally:
            await database.dispose()

    return begin


BLOCKING: Final = {"psycopg": by_psycopg, "session": by_session, "alchemy": by_alchemy}
AWAITED: Final = {
    "psycopg": by_async_psycopg,
    "asyncpg": by_asyncpg,
    "asyncpg pool": by_asyncpg_pool,
    "session on psycopg": by_async_session("psycopg"),
    "session on asyncpg": by_async_session("asyncpg"),
    "alchemy on psycopg": by_async_alchemy("psycopg"),
    "alchemy on asyncpg": by_async_alchemy("asyncpg"),
}


# --- One fate with the caller's transaction -------------------------------------------------------


@pytest.mark.parametrize("commits", [True, False])
@pytest.mark.parametrize("driver", BLOCKING)
def test_jobs_share_the_fate_of_the_transaction(
    schema_store: Engine, postgres_url: str, driver: str, *, commits: bool
) -> None:
    check_fate(schema_store, BLOCKING[driver](postgres_url), commits=commits)


@pytest.mark.parametrize("commits", [True, False])
def test_jobs_share_the_fate_of_a_transaction_of_django(
    schema_store: Engine, postgres_url: str, monkeypatch: pytest.MonkeyPatch, *, commits: bool
) -> None:
    check_fate(schema_store, by_django(postgres_url, monkeypatch), commits=commits)


def check_fate(engine: Engine, begin: Any, *, commits: bool) -> None:
    jobs = several()
    try:
        with begin as tx:
            engine.jobs.insert(jobs, tx=tx).wait()
            assert stored(engine, *jobs) == [False] * 3
            if not commits:
                raise Rollback
    except Rollback:
        pass
    assert stored(engine, *jobs) == [commits] * 3


@pytest.mark.parametrize("commits", [True, False])
@pytest.mark.parametrize("driver", AWAITED)
async def test_jobs_share_the_fate_of_an_awaited_transaction(
    schema_store: Engine, postgres_url: str, driver: str, *, commits: bool
) -> None:
    jobs = several()
    paid = NewEntry("order.paid", b"{}")
    try:
        async with AWAITED[driver](postgres_url) as tx:
            await schema_store.jobs.insert(jobs, tx=tx)
            await schema_store.records.append(EVENTS, [paid], tx=tx)
            found = await schema_store.reader.get([each.id for each in jobs])
            assert found == (None,) * 3
            if not commits:
                raise Rollback
    except Rollback:
        pass
    found = await schema_store.reader.get([each.id for each in jobs])
    assert [each is not None for each in found] == [commits] * 3
    told = await schema_store.records.read(EVENTS)
    assert [each.topic for each in told] == ["order.paid"] * commits


@pytest.mark.parametrize("driver", AWAITED)
async def test_an_error_of_ours_leaves_an_awaited_transaction_as_it_was(
    schema_store: Engine, postgres_url: str, driver: str
) -> None:
    only = UniqueClaim(key="k", on_duplicate="reject")
    first, second, third = job(unique=only), job(unique=only), job()
    async with AWAITED[driver](postgres_url) as tx:
        await schema_store.jobs.insert([first], tx=tx)
        with pytest.raises(NotUnique):
            await schema_store.jobs.insert([job(), second], tx=tx)
        await schema_store.jobs.insert([third], tx=tx)
    found = await schema_store.reader.get([first.id, second.id, third.id])
    assert [each is not None for each in found] == [True, False, True]


async def test_transactions_that_wait_for_each_other_do_not_wait_for_threads(
    schema_store: Engine, postgres_url: str
) -> None:
    """All want one key: the first holds it, the others wait on threads, the first goes on."""
    only = UniqueClaim(key="k")
    async with asyncio.TaskGroup() as group, by_async_psycopg(postgres_url) as first:
        await schema_store.jobs.insert([job(unique=only)], tx=first)
        others = [
            group.create_task(insert_alone(schema_store, postgres_url, job(unique=only)))
            for _ in range(12)
        ]
        await schema_store.jobs.insert([job()], tx=first)
    assert [created for (created,) in [each.result() for each in others]] == [False] * 12


async def insert_alone(engine: Engine, url: str, new: NewJob) -> list[bool]:
    async with by_async_psycopg(url) as tx:
        return [each.created for each in await engine.jobs.insert([new], tx=tx)]


# --- Who is told ----------------------------------------------------------------------------------


@contextmanager
def heard_elsewhere(url: str) -> Iterator[threading.Event]:
    """Set once another process would hear of new work."""
    other = open_engine(url)
    other.open().wait()
    rung = threading.Event()
    listening(other)
    other.signals.listen(lambda signal: rung.set() if signal.kind == "work" else None)
    yield rung
    other.close().wait()


def test_a_commit_wakes_others(schema_store: Engine, schema_url: str, postgres_url: str) -> None:
    with heard_elsewhere(schema_url) as rung:
        with by_session(postgres_url) as tx:
            schema_store.jobs.insert([job()], tx=tx).wait()
            assert not rung.is_set()
        assert rung.wait(10)


@pytest.mark.parametrize("driver", ["session", "django"])
def test_a_commit_is_told_of_once_all_can_see_it(
    schema_store: Engine, postgres_url: str, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = {
        "session": partial(by_session, postgres_url),
        "django": partial(by_django, postgres_url, monkeypatch),
    }
    new = job()
    seen: list[bool] = []
    with opened[driver]() as tx:
        schema_store.jobs.insert([new], tx=tx).wait()
        tell_of_commit(tx, lambda: seen.extend(stored(schema_store, new)))
        assert seen == []
    assert seen == [True]


def test_a_session_tells_of_its_commit_and_not_of_its_savepoints(
    schema_store: Engine, postgres_url: str
) -> None:
    inner, outer, late = job(), job(), job()
    seen: list[list[bool]] = []
    with a_session(postgres_url) as tx:
        with tx.begin_nested():
            schema_store.jobs.insert([inner], tx=tx).wait()
            tell_of_commit(tx, lambda: seen.append(stored(schema_store, inner, outer)))
        assert seen == []
        schema_store.jobs.insert([outer], tx=tx).wait()
        tx.commit()
        assert seen == [[True, True]]
        schema_store.jobs.insert([late], tx=tx).wait()
        tell_of_commit(tx, lambda: seen.append(stored(schema_store, late)))
        tx.commit()
    assert seen == [[True, True], [True]]


def test_a_commit_of_django_wakes_others(
    schema_store: Engine, schema_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with heard_elsewhere(schema_url) as rung:
        with by_django(postgres_url, monkeypatch) as tx:
            schema_store.jobs.insert([job()], tx=tx).wait()
        assert rung.wait(10)


@pytest.mark.parametrize("driver", ["session on asyncpg", "session on psycopg"])
async def test_an_awaited_commit_wakes_others(
    schema_store: Engine, schema_url: str, postgres_url: str, driver: str
) -> None:
    with heard_elsewhere(schema_url) as rung:
        async with AWAITED[driver](postgres_url) as tx:
            await schema_store.jobs.insert([job()], tx=tx)
        assert await asyncio.to_thread(rung.wait, 10)


@pytest.mark.parametrize("name", ["q{}", "{:0128}"], ids=["short", "long"])
@pytest.mark.parametrize("many", [2, 90, 2_000])
def test_a_bare_commit_wakes_others_when_that_is_asked_for(
    schema_store: Engine, schema_url: str, postgres_url: str, name: str, many: int
) -> None:
    """However many queues: names that do not fit into a notification are told as any."""
    jobs = [*several(), *(job(queue=name.format(number)) for number in range(many))]
    with heard_elsewhere(schema_url) as rung:
        with psycopg.connect(postgres_url) as tx:
            schema_store.jobs.insert(jobs, tx=tx, wake=True).wait()
            assert not rung.is_set()
        assert rung.wait(10)


# --- What is refused ------------------------------------------------------------------------------


def refused(engine: Engine, tx: Any, why: str) -> None:
    new = job()
    with pytest.raises(WrongTransaction, match=why):
        engine.jobs.insert([new], tx=tx).wait()
    assert stored(engine, new) == [False]


def test_what_is_no_transaction_is_refused(schema_store: Engine, postgres_url: str) -> None:
    refused(schema_store, "BEGIN", "builtins.str")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        refused(schema_store, connection, "commits every statement")
    refused(schema_store, connection, "closed")
    connections = django_connections(postgres_url)
    refused(schema_store, connections["default"], "commits every statement")
    connections.close_all()


def test_a_transaction_that_has_failed_is_refused(schema_store: Engine, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")
        refused(schema_store, connection, "failed already")
        connection.rollback()
        schema_store.jobs.insert([job()], tx=connection).wait()


async def test_what_is_no_awaited_transaction_is_refused(
    schema_store: Engine, postgres_url: str
) -> None:
    insert: Callable[[Any], Awaitable[Any]] = lambda tx: schema_store.jobs.insert([job()], tx=tx)  # noqa: E731 - said four times
    link = await asyncpg.connect(postgres_url)
    with pytest.raises(WrongTransaction, match="commits every statement"):
        await insert(link)
    async with link.transaction():
        with pytest.raises(WrongTransaction, match="event loop"):
            schema_store.jobs.insert([job()], tx=link).wait()
        with pytest.raises(asyncpg.DivisionByZeroError):
            await link.execute("SELECT 1 / 0")
        with pytest.raises(WrongTransaction, match="failed already"):
            await insert(link)
        with pytest.raises(asyncpg.InFailedSQLTransactionError):
            await link.execute("SELECT 1")
    await link.close()
