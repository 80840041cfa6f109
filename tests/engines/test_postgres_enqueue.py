"""Enqueueing from SQL: what triggers and programs in other languages ask for are jobs like any."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import psycopg
import pytest
from msgspec.structs import replace

from tests.docs.pages import blocks
from tests.engines.test_postgres_drivers import heard_elsewhere
from tests.house.source import ROOT
from tests.journeys.crowd import until
from tidemill import Retry, Tidemill
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob, Snapshot
from tidemill.core.state import State
from tidemill.core.unique import unique
from tidemill.engines.protocol import Engine

DAY: Final = 86_400_000
PAGE: Final = ROOT / "docs" / "howto" / "sql.md"
SCHEMA: Final = "from_sql"


@pytest.fixture
def url(postgres_url: str) -> Iterator[str]:
    """Where an empty store is, in a schema that is not called as ours usually is."""
    yield f"{postgres_url}?schema={SCHEMA}"
    with psycopg.connect(postgres_url) as connection:
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


@pytest.fixture
def app(url: str) -> Iterator[Tidemill]:
    with Tidemill(url) as app:
        yield app


@pytest.fixture
def engine(app: Tidemill) -> Engine:
    return app.open()


@pytest.fixture
def sql(engine: Engine, postgres_url: str) -> Iterator[psycopg.Connection]:
    """A plain connection of some program's own, beside a store that is there."""
    assert engine.traits.name == "postgres"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


def call(sql: psycopg.Connection, arguments: str) -> str:
    row = sql.execute(f"SELECT {SCHEMA}.enqueue({arguments})").fetchone()
    assert row
    return str(row[0])


def found(engine: Engine, id_: str) -> Snapshot:
    (snapshot,) = engine.reader.get([id_]).wait()
    assert snapshot
    return snapshot


def alike(one: Snapshot, **known: Any) -> Snapshot:
    """A job without what no two have in common."""
    times = {"id": "", "created_at": 0, "ready_at": 0}
    return replace(one, args=json.dumps(json.loads(one.args)).encode(), **times | known)


def test_what_is_not_said_is_as_from_python(engine: Engine, sql: psycopg.Connection) -> None:
    mine = NewJob(id=new_id(), task="mail.send")
    engine.jobs.insert([mine]).wait()
    theirs = call(sql, "'mail.send'")
    assert alike(found(engine, theirs)) == alike(found(engine, mine.id))


def test_what_is_said_is_as_from_python(
    app: Tidemill, engine: Engine, sql: psycopg.Connection
) -> None:
    @app.task(name="mail.send")
    def send(user_id: int, template: str = "") -> None: ...

    mine = send.using(
        queue="email",
        priority=50,
        key="welcome-42",
        tenant="acme",
        tags=["a", 'quoted "b"', "a"],
        attempts=7,
        timeout=None,
        expires="2h",
        source="job:1",
    ).enqueue(42, template="Zoë")
    app.jobs.cancel(mine.id)  # its key is free now
    theirs = call(
        sql,
        """'mail.send', '{"user_id": 42, "template": "Zoë"}', queue => 'email', priority => 50,
        key => 'welcome-42', tenant => 'acme', tags => ARRAY['a', 'quoted "b"', 'a'],
        attempts => 7, timeout => NULL, expires => '2 hours', source => 'job:1'""",
    )
    one, other = found(engine, mine.id), found(engine, theirs)
    assert other.state is State.WAITING
    assert other.expires_at is not None
    assert other.expires_at - other.created_at == 7_200_000
    ended = {"state": None, "finished_at": None, "reason": "", "expires_at": None}
    assert alike(other, **ended) == alike(one, **ended)
    assert [job.id for job in app.jobs.find(tags=['quoted "b"'], states=["waiting"])] == [theirs]
    assert "email" in {rules.queue for rules in app.queues.rules() if hasattr(rules, "queue")}


def test_ids_are_uuids_of_version_7_that_grow(sql: psycopg.Connection) -> None:
    before = new_id()
    ids = [call(sql, "'a'") for _ in range(50)]
    ids = [before, *ids, new_id()]
    assert [UUID(each).version for each in ids] == [7] * len(ids)
    assert [str(UUID(each)) for each in ids] == ids
    assert [each[:13] for each in ids] == sorted(each[:13] for each in ids)


def test_a_job_is_due_when_it_is_said_to_be(engine: Engine, sql: psycopg.Connection) -> None:
    late = found(engine, call(sql, "'a', delay => '1 day'"))
    assert (late.state, late.ready_at - late.created_at) == (State.SCHEDULED, DAY)
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    at_that = found(engine, call(sql, f"'a', due_at => '{at.isoformat()}'"))
    assert (at_that.state, at_that.ready_at) == (State.SCHEDULED, at.timestamp() * 1_000)
    past = found(engine, call(sql, "'a', due_at => '2001-01-01'"))
    assert (past.state, past.ready_at) == (State.WAITING, past.created_at)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("NULL", "22023", "task name NULL"),
        ("'no such name!'", "22023", "task name 'no such name!' is not allowed"),
        ("'a', queue => ''", "22023", "queue name '' is not allowed"),
        ("'a', queue => E'a\\nb'", "22023", "queue name"),
        ("'a', tenant => 'a b'", "22023", "tenant name 'a b'"),
        ("'a', tags => ARRAY['x', '']", "22023", "tag '' is not allowed"),
        ("'a', tags => ARRAY['x', NULL]", "22023", "tag NULL is not allowed"),
        ("'a', key => E'a\\tb'", "22023", "unique key"),
        ("'a', source => repeat('x', 256)", "22023", "source"),
        ("'a', priority => 101", "22023", "priority = 101 is not possible"),
        ("'a', attempts => 0", "22023", "attempts = 0 is not possible"),
        ("'a', delay => '-1 second'", "22023", "delay = '-00:00:01' is not possible"),
        ("'a', timeout => '1001 years'", "22023", "timeout"),
        ("'a', delay => '1s', due_at => now()", "22023", "both delay and due_at"),
        ("'a', on_duplicate => 'replace'", "22023", "on_duplicate = 'replace' is not known"),
        ("'a', '[1, 2]'", "22023", "args is of type array"),
        ("'a', '7'", "22023", "args is of type number"),
        ("'a', jsonb_build_object('a', repeat('x', 262144))", "54000", "262153 bytes"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(
    engine: Engine, sql: psycopg.Connection, arguments: str, code: str, said: str
) -> None:
    with pytest.raises(psycopg.Error) as error:
        call(sql, arguments)
    assert error.value.sqlstate == code
    assert said in str(error.value)
    assert error.value.diag.message_hint
    assert engine.reader.counts().wait() == ()


def test_one_key_is_held_by_one_job_whoever_asks(app: Tidemill, sql: psycopg.Connection) -> None:
    @app.task(name="a")
    def a() -> None: ...

    first = call(sql, "'a', key => 'k'")
    assert call(sql, "'a', key => 'k'") == first
    assert a.using(key="k").enqueue().id == first
    assert call(sql, "'a', key => 'k', tenant => 'acme'") != first
    with pytest.raises(psycopg.errors.UniqueViolation, match=first):
        call(sql, "'a', key => 'k', on_duplicate => 'reject'")
    app.jobs.cancel(first)
    windowed = a.using(key="k", unique=unique(window="1h")).enqueue()
    app.jobs.cancel(windowed.id)
    assert call(sql, "'a', key => 'k'") == windowed.id


def test_who_asks_for_a_key_that_is_just_being_stored_waits_and_meets_it(
    sql: psycopg.Connection, postgres_url: str
) -> None:
    answers: list[str] = []
    with psycopg.connect(postgres_url) as first:
        id_ = call(first, "'a', key => 'k'")
        second = threading.Thread(target=lambda: answers.append(call(sql, "'a', key => 'k'")))
        second.start()
        waiting = "SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
        pid = (sql.info.backend_pid,)
        until(
            lambda: bool(first.execute(waiting, pid).fetchall()),
            seconds=20,
            what="the second waits for the first",
        )
    second.join(20)
    assert answers == [id_]


def test_a_trigger_asks_for_a_job_and_a_worker_runs_it(
    app: Tidemill, sql: psycopg.Connection
) -> None:
    greeted: list[tuple[int, str]] = []

    @app.task(name="shop.greet")
    def greet(id: int, name: str) -> str:  # noqa: A002 - named as the column
        greeted.append((id, name))
        return name

    sql.execute(
        f"""
        CREATE TEMPORARY TABLE customer (id integer, name text);
        CREATE FUNCTION pg_temp.greet() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM {SCHEMA}.enqueue('shop.greet', to_jsonb(new), key => 'greet-' || new.id);
            RETURN NULL;
        END $$;
        CREATE TRIGGER customer_is_greeted AFTER INSERT ON customer
        FOR EACH ROW EXECUTE FUNCTION pg_temp.greet();
        """
    )
    with sql.transaction(force_rollback=True):
        sql.execute("INSERT INTO customer VALUES (1, 'Nobody')")
    sql.execute("INSERT INTO customer VALUES (2, 'Ann'), (3, 'Bob'), (2, 'Ann again')")
    run(app)
    assert sorted(greeted) == [(2, "Ann"), (3, "Bob")]


def test_an_unknown_task_and_wrong_arguments_are_the_workers_to_refuse(
    app: Tidemill, engine: Engine, sql: psycopg.Connection
) -> None:
    @app.task(name="shop.greet", retry=Retry.never())
    def greet(name: str) -> None: ...

    unknown = call(sql, "'nowhere', attempts => 1")
    wrong = call(sql, "'shop.greet', '{\"nam\": 7}'")
    run(app)
    for id_, said in ((unknown, "nowhere"), (wrong, "unexpected argument 'nam'")):
        job = found(engine, id_)
        assert job.state is State.FAILED
        assert job.error is not None
        assert said in job.error.message


def run(app: Tidemill) -> None:
    assert asyncio.run(app.worker().run_until_idle()).clean


async def test_it_can_be_called_with_values_that_are_sent_apart(
    app: Tidemill, postgres_url: str
) -> None:
    await app.aopen()
    connection = await asyncpg.connect(postgres_url)
    id_ = await connection.fetchval(
        f"SELECT {SCHEMA}.enqueue($1, $2, delay => $3, tags => $4)",
        "mail.send",
        '{"user_id": 42}',
        timedelta(hours=1),
        ["a"],
    )
    await connection.close()
    (job,) = await app.open().reader.get([id_])
    assert job
    assert (job.state, job.tags, job.args) == (State.SCHEDULED, ("a",), b'{"user_id": 42}')


def test_workers_are_woken_on_request_with_the_commit(sql: psycopg.Connection, url: str) -> None:
    with heard_elsewhere(url) as rung:
        with sql.transaction():
            call(sql, "'a', wake => true")
            assert not rung.is_set()
        assert rung.wait(10)


# --- The page -------------------------------------------------------------------------------------


def of_the_page(word: str) -> str:
    """The block of the page that has this word, for our schema."""
    (text,) = [text for language, text, _ in blocks(PAGE) if language == "sql" and word in text]
    return text.replace("tidemill", SCHEMA)


def test_what_the_page_shows_is_so(app: Tidemill, engine: Engine, sql: psycopg.Connection) -> None:
    welcomed: list[int] = []

    @app.task(name="shop.welcome")
    def welcome(user_id: int) -> None:
        welcomed.append(user_id)

    sql.execute("SET search_path = pg_temp, public")
    sql.execute(of_the_page("'10 minutes'"))
    sql.execute(
        of_the_page("CREATE TRIGGER")
        .replace("CREATE TABLE", "CREATE TEMPORARY TABLE")
        .replace("welcome_customer()", "pg_temp.welcome_customer()")
    )
    sql.execute("INSERT INTO customer VALUES (7, 'ann@example.com')")
    run(app)
    assert sorted(welcomed) == [7, 42]
    (count,) = engine.reader.counts().wait()
    assert (count.queue, count.state, count.count) == ("email", State.SCHEDULED, 1)


def test_the_table_of_the_page_is_the_functions_own(sql: psycopg.Connection) -> None:
    told = re.findall(r"^\| `(\w+)` \| `([\w\[\]]+)` \|", PAGE.read_text(), re.MULTILINE)
    row = sql.execute(
        "SELECT pg_get_function_identity_arguments('from_sql.enqueue'::regproc)"
    ).fetchone()
    assert row
    shown = row[0].replace("timestamp with time zone", "timestamptz")
    assert [f"{name} {kind}" for name, kind in told] == shown.split(", ")


def test_a_user_with_few_rights_may_enqueue_and_no_more(
    engine: Engine, sql: psycopg.Connection
) -> None:
    sql.execute(of_the_page("GRANT"))
    try:
        sql.execute("SET ROLE clerk")
        first = call(sql, "'a', '{\"b\": 1}', key => 'k', tags => ARRAY['t'], wake => true")
        assert call(sql, "'a', key => 'k'") == first
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql.execute("SELECT args FROM from_sql.job")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql.execute("DELETE FROM from_sql.job")
    finally:
        sql.execute("RESET ROLE; DROP OWNED BY clerk; DROP ROLE clerk")
    assert found(engine, first).state is State.WAITING
