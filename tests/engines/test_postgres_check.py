"""What is found on a PostgreSQL server, each brought about for real, and what mends it."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any, Final

import psycopg
import pytest
from typer.testing import CliRunner

from tests.engines.places import Place, found, looked
from tests.engines.test_postgres import job
from tests.journeys.crowd import until
from tests.servers import VERSION, PostgresServer, postgres
from tidemill.cli.main import program
from tidemill.core.instants import Instant, millis
from tidemill.core.record import EVENTS, NewEntry
from tidemill.engines import open_engine
from tidemill.engines.health import Durability, Finding, Health
from tidemill.engines.postgres import cleaning, lag
from tidemill.engines.postgres.check import skew
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import SystemClock

SETTINGS: Final = {"track_counts": "on", "autovacuum": "on"}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    settings = {"max_prepared_transactions": 5, "autovacuum_naptime": 3600}
    with postgres(max_connections=40, **settings) as server:
        yield server


@pytest.fixture
def place(server: PostgresServer) -> Iterator[Place]:
    place = Place(server.url)
    with closing(place.admin):
        yield place


@pytest.fixture
def store(place: Place) -> Iterator[Engine]:
    """Open, and by its owner."""
    engine = open_engine(place.url)
    engine.open().wait()
    yield engine
    engine.close().wait()


def test_an_ordinary_user_of_a_sound_server_finds_nothing(place: Place) -> None:
    health = looked(place.url)
    assert health.findings == ()
    assert health.durability is Durability.DURABLE
    assert health.store == f"PostgreSQL {_version(place)} at {place.url}"


def _version(place: Place) -> str:
    ((version,),) = place.admin.execute("SHOW server_version").fetchall()
    assert str(version).startswith(str(VERSION))
    return str(version)


def test_a_superuser_is_noted(place: Place) -> None:
    (finding,) = found(place.root)
    assert "superuser" in finding.what
    assert not finding.grave


# --- How far it can be trusted --------------------------------------------------------------------


@pytest.mark.parametrize(
    "level", ["DATABASE {0}", "ROLE {0}", "ROLE {0} IN DATABASE {0}", "ROLE ALL"]
)
def test_commits_that_are_not_waited_for_are_grave_and_the_remedy_mends_it(
    place: Place, level: str
) -> None:
    target = level.format(place.name)
    place.run(f"ALTER {target} SET synchronous_commit = off")
    try:
        health = looked(place.url)
        (finding,) = health.findings
        assert health.durability is Durability.DURABLE_EXCEPT_POWER_LOSS
        assert finding.grave
        assert finding.remedy.replace('"', "").startswith(f"ALTER {target} SET")
        place.run(finding.remedy.partition(",")[0])
        assert looked(place.url).durability is Durability.DURABLE
    finally:
        place.run(f"ALTER {target} RESET synchronous_commit")


def test_so_are_they_where_the_url_asks_for_it(place: Place) -> None:
    health = looked(f"{place.url}?options=-c%20synchronous_commit%3Doff")
    assert health.durability is Durability.DURABLE_EXCEPT_POWER_LOSS
    assert "out of options= in the URL" in health.findings[0].remedy


@pytest.mark.parametrize("value", ["local", "remote_write", "remote_apply"])
def test_without_a_standby_other_ways_to_commit_are_as_durable(place: Place, value: str) -> None:
    place.run(f"ALTER DATABASE {place.name} SET synchronous_commit = {value}")
    health = looked(place.url)
    assert (health.durability, health.findings) == (Durability.DURABLE, ())


def test_a_server_that_takes_risks_with_its_disk_is_grave() -> None:
    with postgres(fsync="off", full_page_writes="off") as server:
        health = looked(server.url)
    grave = [finding.what for finding in health.findings if finding.grave]
    assert len(grave) == 2
    assert grave[0].startswith("fsync is off (command line)")
    assert grave[1].startswith("full_page_writes is off")
    assert health.durability is Durability.DURABLE_EXCEPT_POWER_LOSS


@pytest.mark.usefixtures("store")
def test_a_user_who_is_set_to_read_only_can_look_and_is_told(place: Place) -> None:
    place.run(f"ALTER ROLE {place.name} SET default_transaction_read_only = on")
    (finding,) = found(place.url)
    assert finding.grave
    assert "default_transaction_read_only is on (user)" in finding.what
    place.run(finding.remedy.partition(",")[0])
    assert found(place.url) == ()


def test_a_database_without_all_letters_is_noted(place: Place) -> None:
    odd = f"{place.name}_odd"
    place.admin.execute(
        f"CREATE DATABASE {odd} OWNER {place.name} TEMPLATE template0 ENCODING 'LATIN1'"
    )
    (finding,) = found(f"{place.url}_odd")
    assert "is kept in LATIN1" in finding.what
    assert not finding.grave


class Apart(SystemClock):
    """This machine's, set wrongly."""

    def __init__(self, by: int) -> None:
        self._by = by

    def now(self) -> Instant:
        return super().now() + self._by


@pytest.mark.parametrize(
    ("by", "said"), [(3_000, "ahead of"), (-3_000, "behind"), (60_000, "ahead of")]
)
def test_a_clock_that_is_apart_is_told(place: Place, by: int, said: str) -> None:
    with place.link() as link:
        assert list(skew(link, SystemClock())) == []
        (finding,) = skew(link, Apart(by))
    assert f"{said} the server's" in finding.what
    assert finding.grave is (by == 60_000)


# --- What keeps the server from cleaning up -------------------------------------------------------


def test_a_transaction_that_rests_on_locks_is_named(place: Place, store: Engine) -> None:
    store.jobs.insert([job()]).wait()
    forgotten = psycopg.connect(place.url, application_name="shop-web")
    with closing(forgotten), place.link() as link:
        assert list(cleaning.old_transactions(link, "tidemill", resting=0)) == []
        forgotten.execute("UPDATE tidemill.job SET rank = 0")
        (finding,) = cleaning.old_transactions(link, "tidemill", resting=0)
        pid = forgotten.info.backend_pid
        assert finding.what.startswith(f"process {pid} of {place.name} (shop-web) idle in trans")
        assert "holds locks on jobs" in finding.what
        assert list(cleaning.old_transactions(link, "tidemill")) == []
        # It is its rest that counts, and not its age, which is told, too.
        forgotten.execute("SELECT pg_sleep(0.5)")
        assert list(cleaning.old_transactions(link, "tidemill", resting=400)) == []
        (finding,) = cleaning.old_transactions(link, "tidemill", resting=0)
        open_for, rested = (millis(each) for each in re.findall(r" for (\d+m?s)[,:]", finding.what))
        assert rested < 400 < open_for
        # What is said to end it does.
        place.run(f"SELECT pg_terminate_backend({pid})")
        until(
            lambda: not list(cleaning.old_transactions(link, "tidemill", resting=0)),
            seconds=10,
            what="the session is ended",
        )


@pytest.mark.usefixtures("store")
def test_a_transaction_that_looks_at_the_past_is_named(place: Place) -> None:
    with psycopg.connect(place.url) as report, place.link() as link:
        report.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        report.execute("SELECT count(*) FROM tidemill.job")
        (finding,) = cleaning.old_transactions(link, "tidemill", long=0)
    assert "keeps the server from cleaning up" in finding.what


@pytest.mark.usefixtures("store")
def test_of_another_users_transaction_nothing_is_seen_and_nothing_breaks(place: Place) -> None:
    with psycopg.connect(place.root) as other, place.link() as link:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("SELECT 1")
        assert list(cleaning.old_transactions(link, "tidemill", long=0)) == []
        place.run(f"GRANT pg_read_all_stats TO {place.name}")
        assert len(list(cleaning.old_transactions(link, "tidemill", long=0))) == 1


@pytest.mark.usefixtures("store")
def test_a_prepared_transaction_that_was_forgotten_is_named(place: Place) -> None:
    with closing(psycopg.connect(place.url)) as connection:
        connection.tpc_begin("it's left")
        connection.execute("SELECT 1")
        connection.tpc_prepare()
    with place.link() as link:
        assert list(cleaning.prepared_transactions(link)) == []
        (finding,) = cleaning.prepared_transactions(link, long=0)
    assert "was prepared" in finding.what
    place.run(finding.remedy.partition(", or ")[2])
    with place.link() as link:
        assert list(cleaning.prepared_transactions(link, long=0)) == []


@pytest.mark.usefixtures("store")
def test_a_slot_that_nobody_reads_is_named(place: Place) -> None:
    slot = f"slot_{place.name}"
    place.run(f"SELECT pg_create_physical_replication_slot('{slot}', true)")
    place.run("CREATE TABLE written AS SELECT generate_series(1, 1000)")
    with place.link() as link:
        assert list(cleaning.forgotten_slots(link)) == []
        (finding,) = cleaning.forgotten_slots(link, much=1_000)
        assert f"the replication slot {slot} is not in use" in finding.what
        place.run(finding.remedy.partition("receiver, or ")[2].partition(";")[0])
        assert list(cleaning.forgotten_slots(link, much=1_000)) == []


def test_dead_rows_far_beyond_the_live_ones_are_told(place: Place, store: Engine) -> None:
    place.run("ALTER TABLE tidemill.job SET (autovacuum_enabled = off)")
    store.jobs.insert([job() for _ in range(600)]).wait()
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("DELETE FROM tidemill.job")
        connection.execute("SELECT pg_stat_force_next_flush()")

    def told() -> list[Finding]:
        with place.link() as link:
            return list(cleaning.leftovers(link, "tidemill", SETTINGS, many=500))

    until(lambda: len(told()) == 2, seconds=10, what="the server has counted")
    off, dead = told()
    assert "autovacuum is off for tidemill.job" in off.what
    assert "600 dead rows beside 0" in dead.what
    place.run(off.remedy)
    place.run(dead.remedy.partition(",")[0])
    until(lambda: not told(), seconds=10, what="it was cleaned")


@pytest.mark.parametrize("name", ["autovacuum", "track_counts"])
@pytest.mark.usefixtures("store")
def test_cleaning_that_is_off_for_all_is_told(place: Place, name: str) -> None:
    place.run(f"ALTER SYSTEM SET {name} = off")
    place.run("SELECT pg_reload_conf()")
    try:
        until(lambda: bool(found(place.url)), seconds=10, what="the server reads it")
        (finding,) = found(place.url)
        assert finding.what.startswith(f"{name} is off: what jobs leave")
        first, _, second = finding.remedy.partition("; ")
        place.run(first)
        place.run(second)
        until(lambda: not found(place.url), seconds=10, what="the server reads it again")
    finally:
        place.run(f"ALTER SYSTEM RESET {name}")
        place.run("SELECT pg_reload_conf()")


# --- What makes workers and handlers wait ---------------------------------------------------------


@pytest.mark.parametrize("whose", ["ROLE", "DATABASE"])
@pytest.mark.usefixtures("store")
def test_a_limit_that_is_nearly_reached_is_told(place: Place, whose: str) -> None:
    place.run(f"ALTER {whose} {place.name} CONNECTION LIMIT 4")
    with place.link() as link, closing(psycopg.connect(place.url)):
        assert list(lag.little_room(link, place.name, place.name)) == []
        with closing(psycopg.connect(place.url)), closing(psycopg.connect(place.url)):
            (finding,) = lag.little_room(link, place.name, place.name)
    assert finding.what.startswith("4 of the 4 connections that the ")
    place.run(finding.remedy)
    with place.link() as link:
        assert list(lag.little_room(link, place.name, place.name)) == []


def test_a_server_that_is_nearly_full_is_told() -> None:
    with postgres(max_connections=12, superuser_reserved_connections=1) as server:
        engine = open_engine(server.url)
        with closing(psycopg.connect(server.url, autocommit=True)) as first:
            engine.open().wait()
            with ExitStack() as others:
                for _ in range(8):
                    others.enter_context(closing(psycopg.connect(server.url)))
                _until_counted(first, 9)
                full = _of_the_server(engine.health().wait())
            _until_counted(first, 1)
            room = _of_the_server(engine.health().wait())
            engine.close().wait()
    (what,) = full
    assert "10 of the 11 connections that the server may have" in what
    assert room == []


def _of_the_server(health: Health) -> list[str]:
    """What is said of the connections that the server may have."""
    return [finding.what for finding in health.findings if "max_conn" in finding.remedy]


def _until_counted(session: psycopg.Connection[Any], connections: int) -> None:
    """Wait until the server counts so many: one that is closed is counted a moment longer."""
    counted = "SELECT sum(numbackends) FROM pg_stat_database"
    until(
        lambda: session.execute(counted).fetchone() == (connections,),
        seconds=10,
        what=f"{connections} connections are counted",
    )


def test_events_held_back_by_a_transaction_are_told_with_whose_it_is(
    place: Place, store: Engine
) -> None:
    event = NewEntry("invoice.paid", b"{}")
    with psycopg.connect(place.root, application_name="importer") as other, place.link() as link:
        store.records.append(EVENTS, [event], tx=other).wait()
        store.records.append(EVENTS, [event, event]).wait()
        ((now, _),) = link.rows("moments", (None, None))
        assert list(lag.held_events(link, now)) == []
        (finding,) = lag.held_events(link, now + 60_000)
        assert finding.what.startswith("2 events are stored that no handler hears yet, the first ")
        assert f"process {other.info.backend_pid} of tests" in finding.what
        other.commit()
        assert list(lag.held_events(link, now + 60_000)) == []


# --- What a person sees ---------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["doctor"], ["engine", "check"]])
@pytest.mark.usefixtures("store")
def test_commands_say_what_is_found_and_end_badly_if_it_is_grave(
    place: Place, command: list[str]
) -> None:
    well = _typed(*command, "--url", place.url)
    assert (well.exit_code, "All is well." in well.stdout) == (0, True)
    place.run(f"ALTER ROLE {place.name} SET synchronous_commit = off")
    ill = _typed(*command, "--url", place.url)
    assert ill.exit_code == 1
    assert "grave: synchronous_commit is off (user)" in ill.stdout
    told = json.loads(_typed(*command, "--url", place.url, "--json").stdout)
    assert told["health"]["durability"] == "durable-except-power-loss"
    assert told["findings"][0]["grave"]


def _typed(*words: str) -> Any:
    return CliRunner().invoke(program, words)
