"""Handlers ask SQL databases: real files, a real server, bound parameters, bounds."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from sqlalchemy.exc import DBAPIError

from tests.servers import database
from tidemill import Tidemill, current
from tidemill.core.errors import AnswerTooLarge, InvalidArguments, InvalidOption
from tidemill.services.database import Bounds, Database

NUMBERS = (
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < :last)"
    " select i from n"
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty table on each kind of database."""
    if request.param == "sqlite":
        async for each in _opened(f"sqlite:///{tmp_path}/shop.db"):
            yield each
    else:
        with database(request.getfixturevalue("postgres_url")) as url:
            async for each in _opened(url):
                yield each


async def _opened(url: str) -> AsyncIterator[Database]:
    db = Database(url, Bounds(rows=100, pool=2, timeout=10_000))
    await db.execute("create table invoice (id integer primary key, name text)")
    yield db
    await db.aclose()


async def test_rows_come_as_values_by_column(db: Database) -> None:
    for number in (1, 2):
        done = await db.execute(
            "insert into invoice (id, name) values (:id, :name)", {"id": number, "name": "a'b"}
        )
        assert done == 1
    rows = await db.query("select id, name from invoice where id > :id", {"id": 1})
    assert rows == [{"id": 2, "name": "a'b"}]
    assert await db.execute("update invoice set name = :name", {"name": None}) == 2
    assert await db.query("select count(name) as named from invoice") == [{"named": 0}]


async def test_a_value_is_never_taken_for_sql(db: Database) -> None:
    evil = "x'); drop table invoice; --"
    await db.execute("insert into invoice values (:id, :name)", {"id": 1, "name": evil})
    assert await db.query("select name from invoice where name = :name", {"name": evil}) == [
        {"name": evil}
    ]


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("select :a", {}),
        ("select :a", {"b": 1}),
        ("select 1", {"a": 1}),
        ("select :a", {"a": 1, "b": 2}),
    ],
)
async def test_parameters_and_values_have_to_fit(
    db: Database, sql: str, params: dict[str, int]
) -> None:
    with pytest.raises(InvalidArguments):
        await db.query(sql, params)


async def test_what_a_statement_writes_can_be_asked_back(db: Database) -> None:
    rows = await db.query("insert into invoice values (7, 'a') returning id")
    assert rows == [{"id": 7}]
    assert await db.query("delete from invoice") == []
    assert await db.query("select * from invoice") == []


async def test_an_answer_has_so_many_rows_at_most(db: Database) -> None:
    assert len(await db.query(NUMBERS, {"last": 100})) == 100
    with pytest.raises(AnswerTooLarge):
        await db.query(NUMBERS, {"last": 101})
    assert len(await db.query(NUMBERS, {"last": 101}, most=101)) == 101


async def test_ten_million_rows_fill_no_memory(db: Database) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    with pytest.raises(AnswerTooLarge):
        await db.query(NUMBERS, {"last": 10_000_000})
    assert process.memory_info().rss - before < 64 << 20


async def test_a_transaction_counts_as_a_whole_or_not_at_all(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("insert into invoice values (1, 'a')")
        assert await tx.query("select id from invoice") == [{"id": 1}]

    async def broken(*, by_us: bool) -> None:
        async with db.transaction() as tx:
            await tx.execute("insert into invoice values (2, 'b')")
            if by_us:
                raise ValueError("no")
            await tx.execute("insert into invoice values (1, 'again')")

    with pytest.raises(ValueError, match="no"):
        await broken(by_us=True)
    with pytest.raises(DBAPIError):
        await broken(by_us=False)
    assert await db.query("select id from invoice") == [{"id": 1}]


async def test_what_a_database_says_repeats_no_value(db: Database) -> None:
    with pytest.raises(DBAPIError) as told:
        await db.execute("insert into nothing values (:card)", {"card": "4111-1111"})
    assert "4111" not in str(told.value)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_statement_that_takes_too_long_is_ended(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    if kind == "postgresql":
        url = request.getfixturevalue("postgres_url")
    db = Database(url, Bounds(timeout=200, pool=1))
    with pytest.raises(TimeoutError, match="longer than 200ms"):
        await db.query(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < :last)"
            " select count(*) from n",
            {"last": 2_000_000_000},
        )
    assert await db.query("select 2 as two") == [{"two": 2}]  # by the one connection there is
    await db.aclose()


async def test_another_database_is_closed_with_the_first(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/a.db")
    other = db.at(f"sqlite:///{tmp_path}/b.db")
    assert db.at(f"sqlite:///{tmp_path}/b.db") is other
    await other.execute("create table t (i integer)")
    await db.aclose()
    with closing(sqlite3.connect(tmp_path / "b.db")) as connection:
        assert connection.execute("select count(*) from t").fetchone() == (0,)


@pytest.mark.parametrize(
    "url", ["", "shop.db", "mysql://a/b", "sqlite+pysqlite:///a", "postgresql+asyncpg://a/b"]
)
def test_what_is_no_url_of_a_database_is_refused(url: str) -> None:
    with pytest.raises(InvalidOption):
        Database(url)


async def test_a_handler_asks_the_database_that_is_set(
    app: Tidemill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEMILL_SERVICES_DATABASE_URL", f"sqlite:///{tmp_path}/shop.db")
    with Tidemill(app.url) as own:

        @own.task
        async def count() -> int:
            db = current().services["database"]
            await db.execute("create table invoice (id integer)")
            return int((await db.query("select count(*) as n from invoice"))[0]["n"])

        job = count.enqueue()
        await own.worker().run_until_idle()
        assert own.jobs.get(job).result() == 0


async def test_without_a_url_it_is_said_what_to_set(app: Tidemill) -> None:
    @app.task
    async def ask() -> None:
        current().services["database"]

    job = ask.enqueue()
    await app.worker().run_until_idle()
    assert "services.database.url" in str(app.jobs.get(job).seen)
