"""A role that is shown the rows of one tenant alone, by the server itself."""

import asyncio
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.engines.places import Place, opened
from tidemill import Tidemill
from tidemill.core.errors import InvalidOption
from tidemill.engines import row_security

TABLES = ("job", "done", "entry", "statistic")


@pytest.fixture
def place(postgres_url: str) -> Iterator[Place]:
    place = Place(postgres_url)
    with closing(place.admin), opened(place.url):
        yield place


@pytest.fixture
def worker(place: Place) -> str:
    """A role that works with the store and is not its owner; the URL it comes by."""
    name = f"{place.name}_worker"
    place.run(f"CREATE ROLE {name} LOGIN")
    place.run(f"GRANT USAGE ON SCHEMA tidemill TO {name}")
    place.run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tidemill TO {name}")
    place.run(f"GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA tidemill TO {name}")
    return place.url.replace(f"{place.name}@", f"{name}@")


@pytest.fixture
def reader(place: Place, worker: str) -> Iterator[psycopg.Connection]:
    """A session of a role that may see the rows of one tenant."""
    name = f"{place.name}_reader"
    place.run(f"CREATE ROLE {name} LOGIN")
    script = row_security(place.url, [name], [f"{place.name}_worker"])
    for _ in range(2):  # as often as one likes
        with psycopg.connect(place.url, autocommit=True) as owner:
            owner.execute(script)
    with Tidemill(worker) as app:

        @app.task(name="add")
        async def add() -> int:
            return 1

        for tenant in ("acme", "umbra", ""):
            app.enqueue("add", {}, tenant=tenant)
        app.events.emit("paid", tenant="acme")
        app.events.emit("paid", tenant="umbra")
        asyncio.run(app.worker().run_until_idle())
        for tenant in ("acme", "umbra", ""):
            app.enqueue("add", {}, tenant=tenant)
    with psycopg.connect(
        place.url.replace(f"{place.name}@", f"{name}@"), autocommit=True
    ) as connection:
        yield connection


def tenants(reader: psycopg.Connection, table: str) -> set[str]:
    found = SQL("SELECT tenant FROM tidemill.{}").format(Identifier(table))
    rows = reader.execute(found).fetchall()
    return {tenant for (tenant,) in rows}


def test_one_who_names_no_tenant_sees_nothing(reader: psycopg.Connection) -> None:
    for table in TABLES:
        assert tenants(reader, table) == set()


def test_one_sees_the_rows_of_the_tenant_that_is_named(reader: psycopg.Connection) -> None:
    for tenant in ("acme", "umbra"):
        reader.execute(f"SET jobs_of.tenant = '{tenant}'")
        for table in TABLES:
            assert tenants(reader, table) == {tenant}, table
    reader.execute("SET jobs_of.tenant = ''")
    assert tenants(reader, "job") == set()
    reader.execute("RESET jobs_of.tenant")
    assert tenants(reader, "job") == set()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tidemill.job SET tenant = 'acme'",
        "DELETE FROM tidemill.done",
        "INSERT INTO tidemill.entry DEFAULT VALUES",
        "SELECT * FROM tidemill.record",
        "SELECT * FROM tidemill.lease",
        "ALTER TABLE tidemill.job DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE tidemill.mine ()",
        "COPY (SELECT 1) TO PROGRAM 'id'",
    ],
)
def test_one_may_do_nothing_else(reader: psycopg.Connection, statement: str) -> None:
    reader.execute("SET jobs_of.tenant = 'acme'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement)


@pytest.mark.parametrize("readers", [[], [""], ["x" * 64], ["a\0b"]])
def test_what_can_be_no_role_is_refused(readers: list[str]) -> None:
    with pytest.raises(InvalidOption):
        row_security("postgresql://localhost/x", readers, [])
    with pytest.raises(InvalidOption):
        row_security("sqlite:///x.db", ["reader"], [])


def test_a_name_is_a_name_whatever_is_in_it() -> None:
    script = row_security("postgresql://localhost/x?schema=jobs", ['a"; DROP TABLE job; --'], [])
    assert '"a""; DROP TABLE job; --"' in script
    assert "tidemill." not in script
    assert "jobs_of.tenant" in script
