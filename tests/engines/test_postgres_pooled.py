"""Behind a pooler that lends a session for a transaction: PgBouncer where it is, and ours."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Final

import psycopg
import pytest

from tests.engines.test_postgres import job, stored
from tests.engines.test_postgres_migrations import COLUMN, INDEX, migration
from tests.engines.test_postgres_side_by_side import claim, settle
from tests.listening import listening
from tests.pooler import PGBOUNCER, Pooler, pgbouncer
from tests.servers import PostgresServer, free_port, postgres
from tidemill import Task, Tidemill
from tidemill.core.signal import Signal
from tidemill.core.verdict import Receipt
from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.testing import ManualClock
from tidemill.testing.conformance.claiming import TestClaiming as _TestClaiming
from tidemill.testing.conformance.graphs import TestGraphs as _TestGraphs
from tidemill.testing.conformance.inserting import TestInserting as _TestInserting
from tidemill.testing.conformance.limiting import TestLimitingKeys as _TestLimitingKeys
from tidemill.testing.conformance.recording import TestLogs as _TestLogs

SESSIONS: Final = 3

NOTHING: Final = {("0", "0", "read committed", 0, 0, "")}
"""What sessions of the pooler keep of us."""

_numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="module", params=["ours", *(["PgBouncer"] if PGBOUNCER else [])])
def pooled(request: pytest.FixtureRequest, server: PostgresServer) -> Iterator[str]:
    """The server as it is reached through a pooler."""
    if request.param == "ours":
        with Pooler(server.port, SESSIONS) as pooler:
            yield pooler.url(server.url)
    else:
        with pgbouncer(server, SESSIONS) as url:
            yield url


@pytest.fixture
def url(pooled: str) -> str:
    """Where an empty store is, or will be."""
    return f"{pooled}?schema=pooled_{next(_numbers)}"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(url: str, clock: ManualClock) -> Iterator[Engine]:
    """An engine over an empty store, open; for the conformance suite."""
    engine = open_engine(url, clock=clock)
    engine.open().wait()
    yield engine
    engine.close().wait()


class TestClaiming(_TestClaiming): ...


class TestGraphs(_TestGraphs): ...


class TestInserting(_TestInserting): ...


class TestLimitingKeys(_TestLimitingKeys): ...


class TestLogs(_TestLogs): ...


def test_many_work_at_once_and_leave_nothing_in_the_sessions(pooled: str, url: str) -> None:
    engines = [open_engine(url) for _ in range(5)]
    for engine in engines:
        engine.open().wait()

    def work(number: int) -> int:
        engine = engines[number]
        for _ in range(4):
            engine.jobs.insert([job(), job()]).wait()
            engine.jobs.insert([job(tags=("x",), queue=f"q{number}")]).wait()
        settled = 0
        while jobs := claim(engine, 3, f"worker/{number}"):
            settled += settle(engine, jobs).count(Receipt.APPLIED)
        return settled

    with ThreadPoolExecutor(len(engines)) as threads:
        assert sum(threads.map(work, range(len(engines)))) == 60
    for engine in engines:
        engine.close().wait()
    assert _kept_in_sessions(pooled) == NOTHING


def _kept_in_sessions(pooled: str) -> set[tuple[object, ...]]:
    """What sessions of the pooler are set to, and remember; one after the other is looked into."""
    # Said of oneself in the words of ours: sessions are lent to those who say the same.
    with psycopg.connect(
        pooled,
        autocommit=True,
        prepare_threshold=None,
        client_encoding="utf8",
        fallback_application_name="tidemill",
    ) as connection:
        return {
            connection.execute(
                "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'),"
                " current_setting('default_transaction_isolation'),"
                " (SELECT count(*) FROM pg_prepared_statements),"
                " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),"
                " (SELECT coalesce(string_agg(name, ','), '')"
                " FROM pg_listening_channels() AS listens (name))"
            ).fetchall()[0]
            for _ in range(4 * SESSIONS)
        }


def test_a_job_in_a_transaction_of_ones_own_exists_when_it_commits(url: str) -> None:
    engine, wanted = open_engine(url), job()
    engine.open().wait()
    with psycopg.connect(url.partition("?")[0], prepare_threshold=None) as connection:
        engine.jobs.insert([wanted], tx=connection).wait()
        assert stored(engine, wanted) == [False]
        connection.commit()
    assert stored(engine, wanted) == [True]
    engine.close().wait()


@pytest.mark.parametrize("option", ["", "&prepare=off", "&prepare=on"])
def test_statements_are_prepared_behind_a_pooler_if_one_says_that_it_finds_them_again(
    server: PostgresServer, option: str
) -> None:
    """The only session of this one stands for those in which statements are found again."""
    store = f"schema=pooled_{next(_numbers)}"
    open_engine(f"{server.url}?{store}").migrate().wait()  # which takes two sessions
    with Pooler(server.port, 1) as pooler:
        url = pooler.url(server.url)
        engine = open_engine(f"{url}?{store}{option}")
        engine.open().wait()
        for _ in range(5):
            engine.jobs.insert([job()]).wait()
        engine.close().wait()
        ((*_, statements, _, _),) = _kept_in_sessions(url)
    assert bool(statements) is (option == "&prepare=on")


# --- Hints ----------------------------------------------------------------------------------------


def application(url: str) -> tuple[Tidemill, Task[[int], int]]:
    app = Tidemill(url)

    @app.task(name="double")
    def double(number: int) -> int:
        return 2 * number

    return app, double


@pytest.mark.parametrize("option", ["", "&listen=off"])
async def test_jobs_are_found_by_looking_where_hints_do_not_arrive(
    pooled: str, url: str, option: str, caplog: pytest.LogCaptureFixture
) -> None:
    (at_work, _), (elsewhere, double) = application(url + option), application(f"{url}&listen=off")
    async with at_work, elsewhere:
        worker = at_work.worker(poll="100ms")
        running = asyncio.create_task(worker.run())
        jobs = [await double.aenqueue(number) for number in range(3)]
        assert [await each.aresult(timeout="20s") for each in jobs] == [0, 2, 4]
        worker.stop()
        await running
    warned = [each.message for each in caplog.records if "hints do not arrive" in each.message]
    assert len(warned) == (0 if option else 1)
    assert _kept_in_sessions(pooled) == NOTHING


def test_that_hints_do_not_arrive_is_found(pooled: str, url: str) -> None:
    (finding,) = _of_hints(url)
    assert "a pooler hands each transaction another session" in finding
    assert _of_hints(f"{url}&listen=off") == []
    assert _kept_in_sessions(pooled) == NOTHING


def test_a_migration_sets_no_time_out_for_others(server: PostgresServer) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("ALTER ROLE tests SET statement_timeout = '20s'")
        try:
            with Pooler(server.port, SESSIONS) as pooler:
                url = pooler.url(server.url)
                migration(f"{url}?schema=pooled_{next(_numbers)}", COLUMN, INDEX).run()
                kept = _kept_in_sessions(url)
        finally:
            connection.execute("ALTER ROLE tests RESET statement_timeout")
    assert kept == {("0", "20s", "read committed", 0, 0, "")}


def test_hints_are_heard_where_the_server_itself_is_named(url: str, server: PostgresServer) -> None:
    direct = f"{url}&listen={server.url}"
    one, other = open_engine(direct), open_engine(url)
    for engine in (one, other):
        engine.open().wait()
    heard = listening(one)
    other.jobs.insert([job(queue="mail")]).wait()
    assert heard.get(timeout=10) == Signal("work", frozenset({"mail"}))
    for engine in (one, other):
        engine.close().wait()
    assert _of_hints(direct) == []


def test_a_place_to_listen_at_where_nobody_is_is_told(url: str) -> None:
    (finding,) = _of_hints(f"{url}&listen=postgresql://me:secret@127.0.0.1:{free_port()}/x")
    assert "hints cannot be listened for" in finding
    assert "nobody listens there" in finding
    assert "secret" not in finding


def _of_hints(url: str) -> list[str]:
    engine = open_engine(url)
    engine.open().wait()
    findings = engine.health().wait().findings
    engine.close().wait()
    return [finding.what for finding in findings if "hints" in finding.what]
