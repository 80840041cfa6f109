"""Steps of PostgreSQL's schema: what adds runs while others work, what takes away waits."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import psycopg
import psycopg.sql
import pytest

from tests.journeys.crowd import until
from tidemill.core.errors import ReleaseInUse, SchemaMismatch
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.core.lease import WORKER
from tidemill.core.want import Want
from tidemill.engines import open_engine
from tidemill.engines.postgres.migrate import Migration
from tidemill.engines.postgres.server import Server, read_address
from tidemill.engines.postgres.steps import FOLDER, Step, steps
from tidemill.engines.protocol import Engine
from tidemill.engines.release import release
from tidemill.loops.failpoint import VARIABLE

COLUMN = Step(9001, "pre", "note", "-- A column.\nALTER TABLE tidemill.job ADD COLUMN note TEXT;")
INDEX = Step(
    9002,
    "pre",
    "once",
    "-- Outside a transaction: an index.\n"
    "CREATE UNIQUE INDEX CONCURRENTLY job_once ON tidemill.job (queue, task);",
)
GONE = Step(9003, "post", "no_source", "ALTER TABLE tidemill.done DROP COLUMN source;")


def a_job(queue: str = "default") -> NewJob:
    return NewJob(id=new_id(), task="a", queue=queue)


def migration(url: str, *more: Step) -> Migration:
    """From what is there to this release, and so much further."""
    return Migration(Server(read_address(url)), (*steps(), *more))


def taken(url: str) -> list[int]:
    """The numbers of the steps that the schema has taken."""
    address = read_address(url)
    step = psycopg.sql.Identifier(address.schema, "step")
    with psycopg.connect(address.conninfo) as connection:
        rows = connection.execute(psycopg.sql.SQL("SELECT number FROM {}").format(step)).fetchall()
    return sorted(number for (number,) in rows)


@contextmanager
def session(url: str) -> Iterator[psycopg.Connection]:
    """A transaction of somebody else's, in the store's schema."""
    address = read_address(url)
    with psycopg.connect(address.conninfo) as connection:
        connection.execute(f"SET search_path = {address.schema}".encode())
        yield connection


def together(*what: Callable[[], object]) -> None:
    """Do these at once; what one raises is raised."""
    errors: list[Exception] = []

    def attempt(one: Callable[[], object]) -> None:
        try:
            one()
        except Exception as error:  # noqa: BLE001 - raised where the test can see it
            errors.append(error)

    threads = [threading.Thread(target=attempt, args=(one,)) for one in what]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_each_file_has_a_number_of_its_own_and_says_whether_it_adds_or_takes_away() -> None:
    numbers = Counter(step.number for step in steps())
    assert len(steps()) == len(list(FOLDER.glob("*.sql")))
    assert set(numbers.values()) == {1}
    assert {step.kind for step in steps()} <= {"pre", "post"}
    assert all(step.text.startswith("-- ") for step in steps())


def test_opening_takes_what_adds_and_leaves_what_takes_away(schema_url: str) -> None:
    assert migration(schema_url, COLUMN, GONE).run() == 9001
    assert 9003 not in taken(schema_url)
    assert migration(schema_url, COLUMN, GONE).run(finish=True) == 9003


@pytest.mark.usefixtures("schema_store")
def test_what_a_newer_release_has_added_is_borne(schema_url: str) -> None:
    migration(schema_url, COLUMN, INDEX).run()
    older = open_engine(schema_url)
    older.open().wait()
    older.jobs.insert([a_job()]).wait()
    lease = older.leases.take(f"{WORKER}1", "me", 60_000).wait()
    assert lease is not None
    assert len(older.jobs.claim(Want(lease, 1)).wait().jobs) == 1
    older.close().wait()


def test_what_a_newer_release_has_taken_away_is_refused(
    schema_store: Engine, schema_url: str
) -> None:
    lease = schema_store.leases.take(f"{WORKER}1", "me", 60_000).wait()
    assert lease is not None
    schema_store.jobs.renew(lease, 60_000, b"{}").wait()
    migration(schema_url, COLUMN, INDEX, GONE).run(finish=True)
    with pytest.raises(SchemaMismatch, match="step 9003_post_no_source") as opened:
        open_engine(schema_url).open().wait()
    assert "\n" not in str(opened.value)
    with pytest.raises(SchemaMismatch, match="step 9003_post_no_source"):
        schema_store.jobs.renew(lease, 60_000, b"{}").wait()


def test_what_fails_after_something_was_taken_away_says_why(
    schema_store: Engine, schema_url: str
) -> None:
    migration(schema_url, GONE).run(finish=True)
    with pytest.raises(SchemaMismatch, match="source"):
        schema_store.reader.get([new_id()]).wait()


@pytest.mark.usefixtures("schema_store")
def test_a_step_that_was_changed_is_noticed(schema_url: str) -> None:
    migration(schema_url, COLUMN).run()
    other = Step(9001, "pre", "note", "ALTER TABLE tidemill.job ADD COLUMN note BIGINT;")
    with pytest.raises(SchemaMismatch, match="9001_pre_note that is not the one of this release"):
        migration(schema_url, other).run()
    reworded = "-- Words.\n\nALTER TABLE tidemill.job\n    ADD COLUMN note TEXT;  -- More words.\n"
    assert migration(schema_url, Step(9001, "pre", "note", reworded)).run() == 9001


@pytest.mark.parametrize("words", ["CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS"])
def test_an_index_that_was_left_unfinished_is_built_anew(
    schema_store: Engine, schema_url: str, words: str
) -> None:
    index = msgspec.structs.replace(INDEX, text=INDEX.text.replace("CONCURRENTLY", words))
    twins = [a_job(), a_job()]
    schema_store.jobs.insert(twins).wait()
    with pytest.raises(Exception, match="job_once"):
        migration(schema_url, index).run()
    assert 9002 not in taken(schema_url)
    with session(schema_url) as own:
        own.execute("DELETE FROM job WHERE id = %s", (twins[0].id,))
    assert migration(schema_url, index).run() == 9002
    with session(schema_url) as own:
        valid = own.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'job_once'::regclass"
        ).fetchall()
    assert valid == [(True,)]


def test_an_index_without_a_name_is_known_by_none() -> None:
    step = Step(1, "pre", "x", "CREATE INDEX CONCURRENTLY ON tidemill.job (task);")
    assert [index for _, index in step.statements("tidemill")] == [""]


def test_a_finished_index_is_not_built_twice(schema_url: str) -> None:
    migration(schema_url, INDEX).run()
    with session(schema_url) as own:
        before = own.execute("SELECT 'job_once'::regclass::oid").fetchall()
        own.execute("DELETE FROM step WHERE number = 9002")
    migration(schema_url, INDEX).run()
    with session(schema_url) as own:
        assert own.execute("SELECT 'job_once'::regclass::oid").fetchall() == before


@pytest.mark.timeout(60)
def test_claims_do_not_wait_behind_a_step_that_waits(schema_store: Engine, schema_url: str) -> None:
    schema_store.jobs.insert([a_job() for _ in range(100)]).wait()
    lease = schema_store.leases.take(f"{WORKER}1", "me", 60_000).wait()
    assert lease is not None
    waits: list[float] = []
    with session(schema_url) as reader:
        reader.execute("SELECT count(*) FROM job")
        step = threading.Thread(target=migration(schema_url, COLUMN).run)
        step.start()
        ends_at = time.monotonic() + 4
        while time.monotonic() < ends_at:
            begun = time.monotonic()
            assert schema_store.jobs.claim(Want(lease, 1)).wait().jobs or len(waits) >= 100
            waits.append(time.monotonic() - begun)
        assert 9001 not in taken(schema_url)
    step.join()
    assert 9001 in taken(schema_url)
    assert max(waits) < 2
    assert max(waits) > 0.1, "the step never stood in the way"
    print(f"{len(waits)} claims, the longest {max(waits):.2f} s")  # noqa: T201 - for the report


def test_four_who_migrate_at_once_end_well(schema_url: str) -> None:
    together(*[migration(schema_url, COLUMN, INDEX, GONE).run for _ in range(4)])
    assert taken(schema_url) == [*(step.number for step in steps()), 9001, 9002]


@pytest.mark.parametrize("nth", range(1, len(steps()) + 1))
def test_a_migration_killed_between_steps_is_gone_on_with(schema_url: str, nth: int) -> None:
    command = [sys.executable, "-m", "tidemill", "engine", "migrate", "--url", schema_url]
    environment = os.environ | {VARIABLE: f"migrate.step=kill@{nth}"}
    killed = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert killed.returncode < 0
    assert len(taken(schema_url)) == nth - 1
    engine = open_engine(schema_url)
    engine.open().wait()
    engine.jobs.insert([a_job()]).wait()
    engine.close().wait()
    assert taken(schema_url) == [step.number for step in steps()]


def test_an_index_is_built_after_its_builder_was_killed(
    schema_store: Engine, schema_url: str
) -> None:
    """The server goes on building for a process that is gone."""
    schema_store.jobs.insert([a_job(queue=f"q{n}") for n in range(10)]).wait()
    with session(schema_url) as holder:
        holder.execute("LOCK TABLE job IN ROW EXCLUSIVE MODE")  # an index waits for who may write
        code = (
            "import sys; from tests.engines.test_postgres_migrations import INDEX, migration;"
            "migration(sys.argv[1], INDEX).run()"
        )
        builder = subprocess.Popen([sys.executable, "-c", code, schema_url])
        try:
            until(lambda: is_building(schema_url), seconds=20, what="the index is being built")
        finally:
            builder.kill()
            builder.wait()
    assert migration(schema_url, INDEX).run() == 9002
    with session(schema_url) as own:
        rows = own.execute("SELECT indisvalid FROM pg_index WHERE NOT indisvalid").fetchall()
    assert rows == []


def is_building(url: str) -> bool:
    with session(url) as own:
        return bool(own.execute("SELECT 1 FROM pg_stat_progress_create_index").fetchall())


def test_nothing_is_taken_away_while_an_older_worker_works(
    schema_store: Engine, schema_url: str
) -> None:
    info = b'{"name": "aunt", "version": "0.0.1", "pid": 7, "host": "mill"}'
    lease = schema_store.leases.take(f"{WORKER}1", "aunt", 60_000, info).wait()
    assert lease is not None
    with pytest.raises(ReleaseInUse, match=r"aunt \(release 0.0.1, process 7 on mill\)"):
        schema_store.migrate(finish=True).wait()
    schema_store.leases.give_back(lease).wait()
    ours = b'{"name": "niece", "version": "%s"}' % release().encode()
    schema_store.leases.take(f"{WORKER}2", "niece", 60_000, ours).wait()
    assert schema_store.migrate(finish=True).wait() == max(taken(schema_url))


def test_a_script_does_what_migrating_does(schema_url: str) -> None:
    script = migration(schema_url, COLUMN, GONE).script(finish=True)
    with psycopg.connect(read_address(schema_url).conninfo, autocommit=True) as own:
        own.execute(script.encode())
    assert migration(schema_url, COLUMN, GONE).script(finish=True) == ""
    assert migration(schema_url, COLUMN, GONE).run(finish=True) == 9003
    assert "BEGIN" not in migration(schema_url, COLUMN, INDEX, GONE).script(finish=True)
