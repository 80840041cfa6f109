"""Whatever is wrong with a server or the way to it: what is said, and that nothing is stored."""

from collections.abc import Iterator
from contextlib import closing
from itertools import count

import psycopg
import pytest

from tests.engines.test_postgres import job, stored
from tests.journeys.crowd import until
from tests.proxy import Proxy
from tests.servers import VERSION, PostgresServer, free_port, postgres, replica
from tidemill.core.errors import (
    InvalidOption,
    StoreError,
    StoreMissing,
    StoreReadOnly,
    StoreUnavailable,
)
from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine

_numbers = count(1)

ROLES = """
CREATE ROLE ada LOGIN PASSWORD 'right';
CREATE ROLE nologin;
CREATE ROLE crowded LOGIN CONNECTION LIMIT 0;
CREATE ROLE stranger LOGIN PASSWORD 'right';
CREATE DATABASE closed ALLOW_CONNECTIONS false;
CREATE DATABASE private;
REVOKE CONNECT ON DATABASE private FROM public;
CREATE DATABASE small CONNECTION LIMIT 0;
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres(max_connections=30) as server:
        _run(server.url, ROLES)
        server.stop()
        server.let_in(
            "host all tests 127.0.0.1/32 trust",
            "host all crowded,nologin,nobody,reader 127.0.0.1/32 trust",
            "host all ada,nologin 127.0.0.1/32 scram-sha-256",
            "host private,small stranger 127.0.0.1/32 scram-sha-256",
        )
        server.start()
        yield server


@pytest.fixture
def url(server: PostgresServer) -> str:
    """Where an empty store of the superuser's is, or will be."""
    return f"{server.url}?schema=refused_{next(_numbers)}"


def _run(url: str, statements: str) -> None:
    with psycopg.connect(url.partition("?")[0], autocommit=True) as connection:
        for statement in filter(None, map(str.strip, statements.split(";"))):
            connection.execute(statement)


def refused(url: str) -> StoreError:
    """Why a store cannot be opened; without the password."""
    engine = open_engine(url)
    with pytest.raises(StoreError) as caught:
        engine.open().wait()
    assert "secret" not in str(caught.value)
    assert caught.value.hint
    return caught.value


def is_refused(engine: Engine) -> StoreError:
    """Why a job was not stored."""
    with pytest.raises(StoreError) as caught:
        engine.jobs.insert([job()]).wait()
    assert caught.value.hint
    return caught.value


# --- The way in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "database", "kind", "said", "hint"),
    [
        ("ada", "postgres", StoreUnavailable, "asks for a password, and none", "URL"),
        ("ada:secret", "postgres", StoreUnavailable, "with this password", "check both"),
        ("nobody", "postgres", StoreUnavailable, "no such user", "CREATE ROLE"),
        ("nologin", "postgres", StoreUnavailable, "may not log in", "ALTER ROLE"),
        ("stranger:secret", "postgres", StoreUnavailable, "from this machine", "pg_hba.conf"),
        ("tests:secret", "nowhere", StoreMissing, "no such database", "createdb"),
        ("tests", "closed", StoreUnavailable, "lets nobody in", "ALLOW_CONNECTIONS"),
        ("stranger:right", "private", StoreUnavailable, "may not enter", "GRANT CONNECT"),
        ("crowded", "postgres", StoreUnavailable, "this user has all", "CONNECTION LIMIT"),
        ("stranger:right", "small", StoreUnavailable, "the database has all", "CONNECTION LIMIT"),
    ],
)
def test_who_is_not_let_in_is_told_why(
    server: PostgresServer, user: str, database: str, kind: type[StoreError], said: str, hint: str
) -> None:
    error = refused(f"postgresql://{user}@127.0.0.1:{server.port}/{database}")
    assert type(error) is kind
    assert said in error.message
    assert hint in error.hint


def test_a_host_that_is_not_there_is_told() -> None:
    error = refused("postgresql://me:secret@nowhere.invalid:5432/x")
    assert "there is no such host" in error.message
    assert "check the host" in error.hint


def test_a_port_where_nobody_listens_is_told() -> None:
    error = refused(f"postgresql://me:secret@127.0.0.1:{free_port()}/x")
    assert "cannot be reached" in error.message
    assert "nobody listens there" in error.message
    assert "host and port" in error.hint


def test_a_port_where_nobody_answers_is_told(server: PostgresServer) -> None:
    with Proxy(server.port) as proxy:
        proxy.mode = "silent"
        error = refused(proxy.url(server.url) + "?patience=1s")
    assert "nobody answers there" in error.message
    assert "firewall" in error.hint


def test_encryption_that_cannot_be_had_is_told(server: PostgresServer) -> None:
    error = refused(f"{server.url}?sslmode=require")
    assert "no encryption was agreed on" in error.message
    assert "sslmode=" in error.hint


def test_an_option_that_the_server_does_not_know_is_told(server: PostgresServer) -> None:
    error = refused(f"{server.url}?options=-c%20nonsense%3D1")
    assert "does not know what the URL asks for" in error.message


def test_words_that_nobody_knows_are_passed_on(server: PostgresServer) -> None:
    with Proxy(server.port) as proxy:
        proxy.instead = (b"does not exist", b"nicht vorhanden"[:14])
        error = refused(proxy.url(server.url).replace("/postgres", "/nowhere"))
    assert type(error) is StoreUnavailable
    assert 'cannot be reached: database "nowhere" nicht vorhande' in error.message


@pytest.mark.parametrize("listen", ["yes", "db.example:5432", "postgresql://[::1"])
def test_a_place_to_listen_at_that_is_none_is_refused(listen: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        open_engine(f"postgresql://me:secret@localhost/x?listen={listen}")
    assert "secret" not in str(caught.value)


def test_a_secret_in_a_place_to_listen_at_is_not_shown() -> None:
    for wrong in ("postgresql://me:secret@[::1", "postgresql://[::1?password=secret"):
        with pytest.raises(InvalidOption, match="cannot be read") as caught:
            open_engine(f"postgresql://localhost/x?listen={wrong}")
        assert "secret" not in str(caught.value)


# --- The state of the server ----------------------------------------------------------------------


def test_an_older_server_is_refused(server: PostgresServer) -> None:
    with Proxy(server.port) as proxy:
        ours, older = f"server_version\0{VERSION}.", "server_version\00015."
        proxy.instead = (ours.encode(), older.encode())
        error = refused(proxy.url(server.url))
    assert "is PostgreSQL 15" in error.message
    assert "need PostgreSQL 16 or newer" in error.hint


@pytest.mark.timeout(120)
def test_a_server_that_stops_is_told_and_found_again() -> None:
    with postgres() as server:
        with closing(psycopg.connect(server.url)):
            server.begin_to_stop()
            error = refused(server.url)
        assert "it is starting, or stopping" in error.message
        assert "again" in error.hint
        server.stop()
        server.start()
        engine = open_engine(server.url)
        engine.open().wait()
        engine.close().wait()


@pytest.mark.timeout(120)
def test_a_server_that_is_not_ready_yet_is_told() -> None:
    with postgres() as server, replica(server, refusing="Hot standby", hot_standby="off") as other:
        assert "it is starting, or stopping" in refused(other.url).message


@pytest.mark.timeout(120)
def test_a_replica_can_be_looked_at_and_takes_no_jobs() -> None:
    with postgres() as server:
        store = open_engine(server.url)
        store.open().wait()
        known = job()
        store.jobs.insert([known]).wait()
        store.close().wait()
        with replica(server) as other:
            engine = open_engine(other.url)
            engine.open().wait()
            assert stored(engine, known) == [True]
            error = is_refused(engine)
            assert type(error) is StoreReadOnly
            assert "for it is a replica" in error.message
            assert "name the primary" in error.hint
            grave = [finding for finding in engine.health().wait().findings if finding.grave]
            assert [finding.what.partition(":")[0] for finding in grave] == [
                "this server is a replica"
            ]
            engine.close().wait()
            assert type(refused(f"{other.url}?schema=new")) is StoreReadOnly


@pytest.mark.timeout(120)
def test_a_replica_that_went_away_and_keeps_dead_rows_is_told() -> None:
    with postgres() as server:
        _run(server.url, "SELECT pg_create_physical_replication_slot('follower', true)")
        feedback = {"hot_standby_feedback": "on", "wal_receiver_status_interval": "1s"}
        follows = {"primary_conninfo": f"host=127.0.0.1 port={server.port} user=tests"}
        with replica(server, **feedback, **follows, primary_slot_name="follower"):
            until(lambda: _keeps_rows(server), seconds=30, what="the replica has said what it sees")
        until(lambda: bool(_slots(server)), seconds=10, what="the server sees it gone")
        (what,) = _slots(server)
    assert what.startswith("the replication slot follower is not in use, and keeps dead rows")


def _keeps_rows(server: PostgresServer) -> bool:
    with psycopg.connect(server.url) as connection:
        slot = connection.execute("SELECT xmin IS NOT NULL FROM pg_replication_slots").fetchone()
    assert slot is not None
    return bool(slot[0])


def _slots(server: PostgresServer) -> list[str]:
    engine = open_engine(server.url)
    engine.open().wait()
    whats = [finding.what for finding in engine.health().wait().findings]
    engine.close().wait()
    return [what for what in whats if "slot" in what]


def test_a_server_that_is_full_is_told_at_first_and_in_the_middle_of_work() -> None:
    with postgres(max_connections=8, superuser_reserved_connections=1) as server:
        _run(server.url, "CREATE ROLE ada LOGIN; GRANT CREATE ON DATABASE postgres TO ada")
        url = server.url.replace("tests@", "ada@")
        engine = open_engine(url)
        engine.open().wait()
        engine.jobs.insert([job()]).wait()
        _run(
            server.url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ada'",
        )
        others = [psycopg.connect(server.url) for _ in range(7)]
        try:
            for error in (refused(url), is_refused(engine)):
                assert type(error) is StoreUnavailable
                assert "it is full" in error.message
                assert "max_connections" in error.hint
        finally:
            for other in others:
                other.close()
        after = job()
        until(lambda: _is_stored(engine, after), seconds=10, what="there is room again")
        engine.close().wait()


def _is_stored(engine: Engine, wanted: object) -> bool:
    try:
        engine.jobs.insert([wanted]).wait()  # type: ignore[list-item]  # a job
    except StoreUnavailable:
        return False
    return True


def test_a_session_that_was_ended_while_it_was_idle_costs_no_call(
    server: PostgresServer, url: str
) -> None:
    engine = open_engine(url)
    engine.open().wait()
    for _ in range(3):
        engine.jobs.insert([job()]).wait()
        _run(
            server.url,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'tidemill'",
        )
    engine.jobs.insert([job()]).wait()
    engine.close().wait()


# --- Rights, and what a user is set to ------------------------------------------------------------


def test_a_schema_that_may_not_be_made_is_told(server: PostgresServer) -> None:
    error = refused(f"postgresql://ada:right@127.0.0.1:{server.port}/postgres?schema=new")
    assert type(error) is StoreReadOnly
    assert "may not make the schema" in error.message
    assert "GRANT CREATE ON DATABASE" in error.hint


@pytest.mark.parametrize("granted", ["", "USAGE", "SELECT"])
def test_rights_that_are_missing_are_told_and_nothing_is_stored(
    server: PostgresServer, url: str, granted: str
) -> None:
    owner = open_engine(url)
    owner.open().wait()
    schema = url.partition("schema=")[2]
    if granted:
        _run(server.url, f"GRANT USAGE ON SCHEMA {schema} TO ada")
    if granted == "SELECT":
        _run(server.url, f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO ada")
    theirs = url.replace("tests@", "ada:right@")
    if granted == "SELECT":
        engine = open_engine(theirs)
        engine.open().wait()
        error = is_refused(engine)
        engine.close().wait()
    else:
        error = refused(theirs)
    assert type(error) is StoreReadOnly
    assert "may not do that" in error.message
    assert "grant it rights" in error.hint
    assert owner.reader.counts().wait() == ()
    owner.close().wait()


def test_a_user_who_is_set_to_read_only_is_told(server: PostgresServer) -> None:
    _run(server.url, "CREATE ROLE reader LOGIN; GRANT CREATE ON DATABASE postgres TO reader")
    reader = f"postgresql://reader@127.0.0.1:{server.port}/postgres?schema=of_reader"
    maker = open_engine(reader)
    maker.open().wait()
    maker.close().wait()
    _run(server.url, "ALTER ROLE reader SET default_transaction_read_only = on")
    engine = open_engine(reader)
    engine.open().wait()
    error = is_refused(engine)
    engine.close().wait()
    assert type(error) is StoreReadOnly
    assert "for default_transaction_read_only is on" in error.message
    assert "turn that off" in error.hint
