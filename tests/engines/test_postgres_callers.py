"""Callers' connections that are set up in ways of their own: jobs are stored and read alike."""

import json
from collections.abc import Callable
from typing import Any, Final

import asyncpg
import psycopg
import pytest
from psycopg.adapt import Dumper, Loader
from psycopg.rows import dict_row
from psycopg.types.array import ListDumper

from tests.engines.test_postgres import job, stored
from tidemill.core.errors import InvalidArguments, StoreError
from tidemill.core.graph import Edge
from tidemill.core.job import NewJob
from tidemill.core.limits import KeyLimit
from tidemill.core.record import EVENTS, NewEntry
from tidemill.core.unique import UniqueClaim
from tidemill.engines.protocol import Engine

LETTERS: Final = "日本 ž"


def of_every_way() -> list[NewJob]:
    """Jobs that take every way of being stored, and whose storing asks for others."""
    parent, key = job(tags=(LETTERS, "b")), UniqueClaim(LETTERS)
    return [
        job(),
        parent,
        job(after=(Edge(parent.id),), limit=KeyLimit(LETTERS, 1)),
        job(unique=key, args=b'{"a": "\xc5\xbe"}'),
        job(unique=key),
    ]


def check(engine: Engine, jobs: list[NewJob]) -> None:
    """The last one found its key held; the others are as they were given."""
    found = engine.reader.get([each.id for each in jobs]).wait()
    for wanted, each in zip(jobs[:-1], found, strict=False):
        assert each is not None
        assert (each.tags, each.args) == (wanted.tags, wanted.args)
    assert found[-1] is None
    assert [each.topic for each in engine.records.read(EVENTS).wait()] == [LETTERS]


def store_in(engine: Engine, tx: Any) -> list[NewJob]:
    jobs = of_every_way()
    *new, last = engine.jobs.insert(jobs, tx=tx, wake=True).wait()
    assert all(each.created for each in new)
    assert (last.id, last.created) == (jobs[-2].id, False)
    engine.records.append(EVENTS, [NewEntry(LETTERS, b"{}")], tx=tx).wait()
    return jobs


async def await_in(engine: Engine, tx: Any) -> list[NewJob]:
    jobs = of_every_way()
    *new, last = await engine.jobs.insert(jobs, tx=tx)
    assert all(each.created for each in new)
    assert (last.id, last.created) == (jobs[-2].id, False)
    await engine.records.append(EVENTS, [NewEntry(LETTERS, b"{}")], tx=tx)
    return jobs


# --- Rows and values ------------------------------------------------------------------------------


class Strange(Loader):
    """Reads everything as the same."""

    def load(self, _: object) -> object:
        return "strange"


class StrangeBinary(Strange):
    format = psycopg.pq.Format.BINARY


class StrangeDumper(Dumper):
    """Sends everything as the same."""

    def dump(self, _: object) -> bytes:
        return b"strange"


def teach_strange_things(connection: Any) -> None:
    """Have a connection read and send what we use as nobody would expect."""
    for name in ("bool", "int2", "int4", "int8", "float8", "text", "varchar", "name", "bytea"):
        connection.adapters.register_loader(name, Strange)
        connection.adapters.register_loader(name, StrangeBinary)
    for type_ in (str, int, bytes, bool, type(None)):
        connection.adapters.register_dumper(type_, StrangeDumper)
    connection.adapters.register_dumper(list, ListDumper)


def test_rows_of_a_callers_own_kind_do_not_matter(schema_store: Engine, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, row_factory=dict_row) as tx:
        jobs = store_in(schema_store, tx)
        assert tx.execute("SELECT 1 AS one").fetchall() == [{"one": 1}]
    check(schema_store, jobs)


async def test_rows_of_an_awaiting_callers_own_kind_do_not_matter(
    schema_store: Engine, postgres_url: str
) -> None:
    connect = psycopg.AsyncConnection.connect(postgres_url, row_factory=dict_row)
    async with await connect as tx:
        jobs = await await_in(schema_store, tx)
    check(schema_store, jobs)


@pytest.mark.parametrize("cursor", [psycopg.Cursor, psycopg.ClientCursor, psycopg.RawCursor])
def test_what_a_caller_has_taught_its_connection_does_not_matter(
    schema_store: Engine, postgres_url: str, cursor: type[psycopg.Cursor[Any]]
) -> None:
    with psycopg.connect(postgres_url, cursor_factory=cursor) as tx:
        teach_strange_things(tx)
        jobs = store_in(schema_store, tx)
        assert tx.execute("SELECT 1::bigint").fetchall() == [("strange",)]
    check(schema_store, jobs)


async def test_what_an_awaiting_caller_has_taught_its_connection_does_not_matter(
    schema_store: Engine, postgres_url: str
) -> None:
    async with await psycopg.AsyncConnection.connect(postgres_url) as tx:
        teach_strange_things(tx)
        jobs = await await_in(schema_store, tx)
    check(schema_store, jobs)


class OwnRecord(asyncpg.Record):  # type: ignore[misc]  # asyncpg has no types
    """A row that is gone through in a way of its own."""

    def __iter__(self) -> Any:
        return iter(self.keys())


async def test_what_a_caller_has_taught_a_connection_of_asyncpg_does_not_matter(
    schema_store: Engine, postgres_url: str
) -> None:
    """Reading JSON as what it says is in asyncpg's own manual."""
    tx = await asyncpg.connect(postgres_url, record_class=OwnRecord)
    for type_ in ("json", "jsonb"):
        await tx.set_type_codec(type_, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    async with tx.transaction():
        jobs = await await_in(schema_store, tx)
    await tx.close()
    check(schema_store, jobs)


# --- Letters --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_letters_that_a_caller_could_not_send_are_stored(
    schema_store: Engine, postgres_url: str, encoding: str
) -> None:
    with psycopg.connect(postgres_url, client_encoding=encoding) as tx:
        jobs = store_in(schema_store, tx)
        assert tx.info.parameter_status("client_encoding") == encoding
        assert tx.execute("SHOW client_encoding").fetchall() in ([(encoding,)], [(b"SQL_ASCII",)])
        with pytest.raises(InvalidArguments):
            schema_store.jobs.insert([job(tenant="\ud800")], tx=tx).wait()
        assert tx.info.parameter_status("client_encoding") == encoding
    check(schema_store, jobs)


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
async def test_letters_that_an_awaiting_caller_could_not_send_are_stored(
    schema_store: Engine, postgres_url: str, driver: str
) -> None:
    if driver == "asyncpg":
        tx = await asyncpg.connect(postgres_url)
        await tx.execute("SET client_encoding = 'LATIN1'")
        async with tx.transaction():
            jobs = await await_in(schema_store, tx)
        assert tx.get_settings().client_encoding == "LATIN1"
        await tx.close()
    else:
        connect = psycopg.AsyncConnection.connect(postgres_url, client_encoding="latin1")
        async with await connect as tx:
            jobs = await await_in(schema_store, tx)
    check(schema_store, jobs)


# --- What cannot be sent --------------------------------------------------------------------------

UNSENT: Final[dict[str, Callable[[], NewJob]]] = {
    "nul": lambda: job(tenant="a\0b"),
    "half a pair": lambda: job(tenant="a\ud800"),
    "large": lambda: job(expires_at=10**30),
    "nul in a tag": lambda: job(tags=("a\0b",)),
}


@pytest.mark.parametrize("what", UNSENT)
def test_what_cannot_be_sent_is_refused_in_a_callers_transaction(
    schema_store: Engine, postgres_url: str, what: str
) -> None:
    first, last = job(), job()
    with psycopg.connect(postgres_url) as tx:
        schema_store.jobs.insert([first], tx=tx).wait()
        with pytest.raises(InvalidArguments, match="stored"):
            schema_store.jobs.insert([job(), UNSENT[what]()], tx=tx).wait()
        schema_store.jobs.insert([last], tx=tx).wait()
    assert stored(schema_store, first, last) == [True, True]
    assert sum(each.count for each in schema_store.reader.counts().wait()) == 2


@pytest.mark.parametrize("what", UNSENT)
async def test_what_cannot_be_sent_is_refused_in_a_transaction_of_asyncpg(
    schema_store: Engine, postgres_url: str, what: str
) -> None:
    first, last = job(), job()
    tx = await asyncpg.connect(postgres_url)
    async with tx.transaction():
        await schema_store.jobs.insert([first], tx=tx)
        with pytest.raises(InvalidArguments, match="stored"):
            await schema_store.jobs.insert([job(), UNSENT[what]()], tx=tx)
        await schema_store.jobs.insert([last], tx=tx)
    await tx.close()
    assert sum(each.count for each in schema_store.reader.counts().wait()) == 2


TRIGGER: Final = """
CREATE FUNCTION {0}.refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'not on Sundays' USING ERRCODE = 'TM001'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON {0}.job FOR EACH ROW EXECUTE FUNCTION {0}.refuse();
"""


async def test_an_error_of_a_users_own_trigger_is_told_with_its_words(
    schema_store: Engine, schema_url: str, postgres_url: str
) -> None:
    schema = schema_url.rpartition("=")[2]
    tx = await asyncpg.connect(postgres_url)
    await tx.execute(TRIGGER.format(schema))
    async with tx.transaction():
        with pytest.raises(StoreError, match="not on Sundays"):
            await schema_store.jobs.insert([job()], tx=tx)
    await tx.close()
    with pytest.raises(StoreError, match="not on Sundays"):
        await schema_store.jobs.insert([job()])
