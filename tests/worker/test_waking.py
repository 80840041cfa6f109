"""A worker that would sleep for long hears of jobs from drivers that tell nobody of commits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from typing import Any, Final

import asyncpg
import psycopg
import pytest

from tests.listening import listening
from tests.worker.conftest import at_work
from tidemill import Tidemill
from tidemill.client.task import AsyncTask
from tidemill.core.errors import InvalidName, InvalidOption
from tidemill.core.signal import Signal

_numbers = count(1)
ASLEEP: Final = {"poll": "1h"}


@pytest.fixture
def url(postgres_url: str) -> str:
    """An empty store."""
    return f"{postgres_url}?schema=waking_{next(_numbers)}"


def declared(app: Tidemill) -> AsyncTask[[str], str]:
    """The only task that there is."""

    @app.task(name="greet", queue="email")
    async def greet(name: str) -> str:
        return name

    return greet


@pytest.fixture
async def app(url: str) -> AsyncIterator[Tidemill]:
    """The application whose worker sleeps."""
    async with Tidemill(url) as app:
        declared(app)
        yield app


@pytest.fixture
async def other(url: str) -> AsyncIterator[Tidemill]:
    """The same application in another process, for all that the worker can tell."""
    async with Tidemill(url) as app:
        declared(app)
        yield app


Ask = Callable[[Tidemill, str, dict[str, Any]], Awaitable[Any]]
"""Enqueues in a transaction of a bare driver's, and answers the job once it is committed."""


async def by_psycopg(app: Tidemill, url: str, wishes: dict[str, Any]) -> Any:
    def ask() -> Any:
        with psycopg.connect(url) as connection:
            return app.enqueue("greet", {"name": "Ann"}, tx=connection, **wishes)

    return await asyncio.to_thread(ask)


async def by_asyncpg(app: Tidemill, url: str, wishes: dict[str, Any]) -> Any:
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        job = await app.aenqueue("greet", {"name": "Ann"}, tx=connection, **wishes)
    await connection.close()
    return job


async def asleep(app: Tidemill) -> None:
    """Wait until the worker has looked for jobs: after one that it has run there is no other."""
    job = await app.aenqueue("greet", {"name": "first"})
    await job.aresult(timeout="20s")


BARE: Final = pytest.mark.parametrize("ask", [by_psycopg, by_asyncpg])


@BARE
async def test_the_callers_own_transaction_wakes_it(
    app: Tidemill, other: Tidemill, postgres_url: str, ask: Ask
) -> None:
    async with at_work(app, **ASLEEP):
        await asleep(app)
        job = await ask(other, postgres_url, {"wake": "in_tx"})
        assert await job.aresult(timeout="20s") == "Ann"


async def test_so_does_one_with_calls_that_are_stored_in_one_step(
    app: Tidemill, url: str, postgres_url: str
) -> None:
    async with at_work(app, **ASLEEP), Tidemill(url) as asking:
        greet = declared(asking)
        await asleep(app)
        connection = await asyncpg.connect(postgres_url)
        async with connection.transaction():
            task = greet.using(tx=connection, wake="in_tx")
            jobs = await asking.aenqueue_many(task.bind(name) for name in ("Ann", "Bob"))
        await connection.close()
        assert [await job.aresult(timeout="20s") for job in jobs] == ["Ann", "Bob"]


async def test_a_worker_in_the_same_process_hears_it_too(app: Tidemill, postgres_url: str) -> None:
    async with at_work(app, **ASLEEP):
        await asleep(app)
        job = await by_psycopg(app, postgres_url, {"wake": "in_tx"})
        assert await job.aresult(timeout="20s") == "Ann"


@BARE
async def test_a_bell_after_the_commit_wakes_it(
    app: Tidemill, other: Tidemill, postgres_url: str, ask: Ask
) -> None:
    async with at_work(app, **ASLEEP):
        await asleep(app)
        job = await ask(other, postgres_url, {})
        await other.queues.awake("email")
        assert await job.aresult(timeout="20s") == "Ann"


async def test_everybody_is_woken_where_no_queue_is_named(app: Tidemill, other: Tidemill) -> None:
    engine = await app.aopen()
    heard = await asyncio.to_thread(listening, engine)
    await other.queues.awake()
    told = [await asyncio.to_thread(heard.get, timeout=20) for _ in range(2)]
    assert set(told) == {Signal("work"), Signal("event")}


def test_what_is_no_wake_is_refused(app: Tidemill) -> None:
    with pytest.raises(InvalidOption, match="wake='now' is not known"):
        app.enqueue("greet", {"name": "Ann"}, wake="now")  # type: ignore[call-overload]  # wanted here
    with pytest.raises(InvalidName, match="queue name 'a b'"):
        app.queues.wake("a b")


async def test_sql_wakes_it(app: Tidemill, url: str, postgres_url: str) -> None:
    schema = url.rpartition("=")[2]
    async with at_work(app, **ASLEEP):
        await asleep(app)
        connection = await asyncpg.connect(postgres_url)
        id_ = await connection.fetchval(
            f"SELECT {schema}.enqueue($1, $2, queue => 'email', wake => true)",
            "greet",
            '{"name": "Ann"}',
        )
        await connection.close()
        assert await (await app.jobs.aget(id_)).aresult(timeout="20s") == "Ann"
