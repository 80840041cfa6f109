"""What is PostgreSQL's own: the server away, refusals in words, the caller's transaction, hints."""

import threading
from pathlib import Path

import psycopg
import pytest

from tests.journeys.crowd import until
from tests.listening import listening
from tests.servers import PostgresServer, postgres
from tidemill.core.errors import InvalidOption, StoreUnavailable
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.core.outcome import Done
from tidemill.core.signal import Signal
from tidemill.core.verdict import judge
from tidemill.core.want import Want
from tidemill.engines import open_engine
from tidemill.engines.health import Durability
from tidemill.engines.postgres import statements
from tidemill.engines.postgres.server import read_address
from tidemill.engines.postgres.tidying import LEAST
from tidemill.engines.protocol import Engine

POSTGRES = Path(statements.__file__).parent


def job(**fields: object) -> NewJob:
    return NewJob(id=new_id(), task="a", **fields)  # type: ignore[arg-type]  # a test's own fields


def stored(engine: Engine, *jobs: NewJob) -> list[bool]:
    return [found is not None for found in engine.reader.get([each.id for each in jobs]).wait()]


def test_every_statement_is_used_and_begins_with_what_it_does() -> None:
    rooms = (POSTGRES, POSTGRES.with_name("relational"))
    code = "".join(file.read_text() for room in rooms for file in room.glob("*.py"))
    for file in (POSTGRES / "sql").glob("*.sql"):
        assert f'"{file.stem}"' in code, f"{file.name} is used nowhere"
        assert file.read_text().startswith("-- "), f"{file.name} has no header"
        assert statements.statement(file.stem, "x").count(";") == 0, file.name
        assert "tidemill" not in statements.statement(file.stem, "x"), file.name


def test_statements_that_were_put_together_are_not_all_kept() -> None:
    for number in range(1_000):
        statements.numbered(f"SELECT ? LIMIT {number}", "x")
    assert statements.numbered.cache_info().currsize < 1_000


@pytest.mark.parametrize("patience", ["0s", "1ms", "99ms", "86401s", "25d", "52w"])
def test_patience_that_a_server_would_not_keep_to_is_refused(patience: str) -> None:
    with pytest.raises(InvalidOption, match=r"patience=.* is not possible \(.*100ms to 1d"):
        open_engine(f"postgresql://localhost/x?patience={patience}")


@pytest.mark.parametrize(("patience", "seconds"), [("100ms", 0.1), ("1d", 86_400)])
def test_patience_at_both_ends_is_taken(schema_url: str, patience: str, seconds: float) -> None:
    url = f"{schema_url}&patience={patience}"
    assert read_address(url).patience == seconds
    engine = open_engine(url)
    engine.open().wait()
    engine.jobs.insert([job()]).wait()
    engine.close().wait()


@pytest.mark.parametrize("schema", ["", "Jobs", "1st", 'a"b', "a" * 50])
def test_a_schema_needs_a_plain_name(schema: str) -> None:
    with pytest.raises(InvalidOption, match="no name for a schema"):
        open_engine(f"postgresql://localhost/x?schema={schema}")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@localhost/x?nonsense=1",
        "postgresql://me:secret@[::1",
        "postgresql://me:secret%zz@localhost/x",
        "postgresql://[::1?password=secret",
    ],
)
def test_a_url_that_cannot_be_read_is_refused_and_its_password_is_not_shown(url: str) -> None:
    with pytest.raises(InvalidOption, match="cannot be read") as caught:
        open_engine(url)
    assert "secret" not in str(caught.value)


def test_of_a_url_without_a_secret_it_is_said_what_is_wrong() -> None:
    with pytest.raises(InvalidOption, match="nonsense"):
        open_engine("postgresql://me@localhost/x?nonsense=1")


def test_several_make_one_schema_at_once(schema_url: str) -> None:
    engines = [open_engine(schema_url) for _ in range(6)]
    threads = [threading.Thread(target=engine.open().wait) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs = [job() for _ in engines]
    for engine, each in zip(engines, jobs, strict=True):
        engine.jobs.insert([each]).wait()
    assert all(stored(engines[0], *jobs))
    for engine in engines:
        engine.close().wait()


def test_it_is_as_durable_as_its_settings(schema_store: Engine, postgres_url: str) -> None:
    health = schema_store.health().wait()
    with psycopg.connect(postgres_url) as link:
        version = link.info.server_version // 10_000
    assert health.durability is Durability.DURABLE
    assert health.store.startswith(f"PostgreSQL {version}")
    assert not [finding for finding in health.findings if finding.grave]


def test_others_are_told_of_what_is_committed(schema_store: Engine, schema_url: str) -> None:
    other = open_engine(schema_url)
    other.open().wait()
    heard = listening(other)
    schema_store.jobs.insert([job(queue="mail")]).wait()
    assert heard.get(timeout=10) == Signal("work", frozenset({"mail"}))
    other.close().wait()


def test_what_happens_within_the_wake_window_is_told_in_one_go(schema_url: str) -> None:
    queues = [f"queue-{number}" for number in range(20)]
    engine = open_engine(f"{schema_url}&wake_window=60s")
    engine.open().wait()
    base, _, schema = schema_url.partition("?schema=")
    with psycopg.connect(base, autocommit=True) as link:
        link.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(f"{schema}_hints")))
        engine.jobs.insert([job(queue="first")]).wait()
        at_once = next(link.notifies(timeout=10))
        for queue in queues:
            engine.jobs.insert([job(queue=queue)]).wait()
        engine.close().wait()  # what is still to be told is told
        (together,) = link.notifies(timeout=10, stop_after=1)
    assert '"first"' in at_once.payload
    assert all(f'"{queue}"' in together.payload for queue in queues)


def test_a_wake_window_is_a_duration_or_nothing() -> None:
    assert read_address("postgresql://localhost/x").wake_window == 0.004
    assert read_address("postgresql://localhost/x?wake_window=0").wake_window == 0
    with pytest.raises(InvalidOption, match="'soon'"):
        open_engine("postgresql://localhost/x?wake_window=soon")


@pytest.mark.timeout(120)
def test_a_server_that_was_killed_and_is_back_is_found_again() -> None:
    with postgres() as server:
        engine = open_engine(f"{server.url}?patience=2s")
        engine.open().wait()
        before, after = job(), job()
        engine.jobs.insert([before]).wait()
        server.kill()
        with pytest.raises(StoreUnavailable):
            engine.jobs.insert([job()]).wait()
        server.start()
        _again(server, engine, after)
        assert stored(engine, before, after) == [True, True]
        engine.close().wait()


def _again(server: PostgresServer, engine: Engine, wanted: NewJob) -> None:
    """Insert until the engine has seen that the server is back."""
    for _ in range(50):
        try:
            engine.jobs.insert([wanted]).wait()
        except StoreUnavailable:
            continue
        return
    raise AssertionError(f"{server.url} is not found again")


def test_dead_rows_of_jobs_that_have_ended_are_made_free(schema_store: Engine) -> None:
    lease = schema_store.leases.take("worker/1", "me", 600_000).wait()
    assert lease is not None
    left = LEAST
    assert not schema_store.tidy().wait()
    while left > 0:
        lot = [NewJob(id=new_id(), task="a") for _ in range(1_000)]
        schema_store.jobs.insert(lot, fresh_ids=True).wait()
        held = schema_store.jobs.claim(Want(lease, 1_000)).wait().jobs
        schema_store.jobs.settle([judge(job, Done(), job.started_at, 0.5) for job in held]).wait()
        left -= len(held)
    # The server counts what a session has done a moment after it has.
    until(lambda: schema_store.tidy().wait(), seconds=20, what="enough has died")
    assert not schema_store.tidy().wait()
