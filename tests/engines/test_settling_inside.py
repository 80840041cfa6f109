"""Jobs settled in a transaction of the caller's: its effects and their end share one fate."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
import sqlalchemy
import sqlalchemy.orm

from tests.engines.test_postgres_drivers import AWAITED, BLOCKING, Rollback, by_django
from tidemill.core.errors import StoreLocked, WrongTransaction
from tidemill.core.graph import Edge
from tidemill.core.job import Claim, NewJob, Progress
from tidemill.core.limits import KeyLimit
from tidemill.core.note import Note
from tidemill.core.outcome import Done, Outcome
from tidemill.core.query import StatisticsQuery
from tidemill.core.record import EVENTS, NewEntry, job_log
from tidemill.core.state import State
from tidemill.core.verdict import Receipt, Settlement, judge
from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine
from tidemill.testing.conformance.steps import FAIL, LOST, claim, insert, look, start_worker, states
from tidemill.testing.sample import a_job

Begin = Callable[[], AbstractContextManager[Any]]
"""Opens a transaction on the database of the jobs; it commits unless an error leaves it."""

EVER: Final = StatisticsQuery(step="day", from_at=0, before=1 << 42)

PLAIN: Final[dict[str, Any]] = {}
LIMITED: Final[dict[str, Any]] = {"limit": KeyLimit("account", 1)}
KINDS: Final = pytest.mark.parametrize("kind", [PLAIN, LIMITED], ids=["plain", "limited"])


def ended(claimed: Claim, outcome: Outcome | None = None) -> Settlement:
    return judge(claimed, outcome or Done(b"7"), claimed.started_at + 5, dice=0.5)


def held(engine: Engine, *jobs: NewJob) -> list[Claim]:
    """The first of these jobs that one worker is given at once."""
    insert(engine, *jobs)
    return list(claim(engine, start_worker(engine)))


def settle_in(engine: Engine, tx: Any, *settlements: Settlement) -> list[Receipt]:
    return list(engine.jobs.settle(settlements, tx=tx).wait())


# --- On both engines ------------------------------------------------------------------------------


@contextmanager
def by_sqlite3(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


@contextmanager
def by_sqlite_session(path: Path) -> Iterator[sqlalchemy.orm.Session]:
    database = sqlalchemy.create_engine(f"sqlite:///{path}")
    try:
        with sqlalchemy.orm.Session(database) as session, session.begin():
            yield session
    finally:
        database.dispose()


ON_SQLITE: Final = {"sqlite3": by_sqlite3, "sqlite session": by_sqlite_session}


@pytest.fixture(params=[*ON_SQLITE, *BLOCKING, "django"])
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(driver: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    if driver not in ON_SQLITE:
        yield request.getfixturevalue("schema_store")
        return
    engine = open_engine(f"sqlite:///{tmp_path}/jobs.db")
    engine.open().wait()
    yield engine
    engine.close().wait()


@pytest.fixture
def begin(
    driver: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Begin:
    if driver in ON_SQLITE:
        return lambda: ON_SQLITE[driver](tmp_path / "jobs.db")
    url = request.getfixturevalue("postgres_url")
    if driver == "django":
        return lambda: by_django(url, monkeypatch)
    return lambda: BLOCKING[driver](url)


@KINDS
def test_a_job_is_completed_once_the_transaction_is_committed(
    store: Engine, begin: Begin, kind: dict[str, Any]
) -> None:
    (claimed,) = held(store, a_job(**kind))
    with begin() as tx:
        assert settle_in(store, tx, ended(claimed)) == [Receipt.APPLIED]
        assert look(store, claimed.id).state is State.RUNNING
    found = look(store, claimed.id)
    assert (found.state, found.result, found.fence) == (State.COMPLETED, b"7", claimed.fence)
    (told,) = store.records.read(EVENTS).wait()
    assert told.topic == "jobs.completed"
    (counted,) = store.reader.statistics(EVER).wait()
    assert counted.count == 1
    assert store.jobs.settle([ended(claimed, FAIL)]).wait() == (Receipt.ALREADY,)


@KINDS
def test_a_job_runs_on_where_the_transaction_is_rolled_back(
    store: Engine, begin: Begin, kind: dict[str, Any]
) -> None:
    (claimed,) = held(store, a_job(**kind))
    try:
        with begin() as tx:
            assert settle_in(store, tx, ended(claimed)) == [Receipt.APPLIED]
            raise Rollback
    except Rollback:
        pass
    assert look(store, claimed.id).state is State.RUNNING
    assert store.records.read(EVENTS).wait() == ()
    with begin() as tx:
        assert settle_in(store, tx, ended(claimed)) == [Receipt.APPLIED]
    assert look(store, claimed.id).state is State.COMPLETED


def test_what_a_job_has_noted_is_kept_with_its_end(store: Engine, begin: Begin) -> None:
    (claimed,) = held(store, a_job())
    note = Note(claimed, Progress(100.0), None, (NewEntry("info", b'{"message":"done"}'),))
    with begin() as tx:
        assert store.jobs.annotate([note], tx=tx).wait() == (Receipt.APPLIED,)
        assert settle_in(store, tx, ended(claimed)) == [Receipt.APPLIED]
    assert look(store, claimed.id).progress == Progress(100.0)
    (line,) = store.records.read(job_log(claimed.id)).wait()
    assert line.data == b'{"message":"done"}'


def test_those_that_waited_for_its_end_or_its_room_go_on(store: Engine, begin: Begin) -> None:
    first, parked = a_job(**LIMITED), a_job(**LIMITED)
    child = a_job(after=(Edge(first.id),))
    (claimed,) = held(store, first, parked, child)
    assert states(store, [parked, child]) == [State.BLOCKED] * 2
    with begin() as tx:
        settle_in(store, tx, ended(claimed))
    assert states(store, [parked, child]) == [State.WAITING] * 2


@KINDS
def test_who_has_lost_the_job_changes_nothing_and_the_transaction_goes_on(
    store: Engine, begin: Begin, kind: dict[str, Any]
) -> None:
    (stale,) = held(store, a_job(**kind))
    store.jobs.settle([ended(stale, LOST)]).wait()
    (heir,) = claim(store, start_worker(store))
    with begin() as tx:
        assert settle_in(store, tx, ended(stale)) == [Receipt.FENCED]
        assert settle_in(store, tx, ended(heir, Done(b"8"))) == [Receipt.APPLIED]
        assert settle_in(store, tx, ended(heir)) == [Receipt.ALREADY]
    assert look(store, heir.id).result == b"8"


# --- Awaited, on PostgreSQL -----------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("commits", [True, False])
@pytest.mark.parametrize("driver", AWAITED)
async def test_a_job_shares_the_fate_of_an_awaited_transaction(
    schema_store: Engine, postgres_url: str, driver: str, kind: dict[str, Any], *, commits: bool
) -> None:
    (claimed,) = held(schema_store, a_job(**kind))
    try:
        async with AWAITED[driver](postgres_url) as tx:
            assert await schema_store.jobs.settle([ended(claimed)], tx=tx) == (Receipt.APPLIED,)
            if not commits:
                raise Rollback
    except Rollback:
        pass
    expected = State.COMPLETED if commits else State.RUNNING
    assert look(schema_store, claimed.id).state is expected


# --- While it is open, on PostgreSQL --------------------------------------------------------------


@pytest.fixture
def hasty(schema_url: str) -> Iterator[Engine]:
    """An engine that does not wait long for a lock."""
    engine = open_engine(f"{schema_url}&patience=1s")
    engine.open().wait()
    yield engine
    engine.close().wait()


def test_nobody_waits_for_an_open_transaction_that_has_completed_a_plain_job(
    hasty: Engine, postgres_url: str
) -> None:
    """One worker, one task, one minute: all that they could share is shared."""
    jobs = [a_job() for _ in range(4)]
    first, second, third, fourth = held(hasty, *jobs)
    with psycopg.connect(postgres_url) as one, psycopg.connect(postgres_url) as other:
        settle_in(hasty, one, ended(first))
        settle_in(hasty, other, ended(second))
        assert hasty.jobs.settle([ended(third)]).wait() == (Receipt.APPLIED,)
        assert hasty.jobs.settle([ended(fourth, FAIL)]).wait() == (Receipt.APPLIED,)
    assert states(hasty, jobs[:3]) == [State.COMPLETED] * 3
    counted = hasty.reader.statistics(EVER).wait()
    assert sorted(each.count for each in counted) == [1, 3]


def test_others_are_waited_for_only_a_while(hasty: Engine, postgres_url: str) -> None:
    (one,) = held(hasty, a_job(**LIMITED))
    (other,) = held(hasty, a_job(limit=KeyLimit("another", 1)))
    with psycopg.connect(postgres_url) as first, psycopg.connect(postgres_url) as second:
        second.execute("SET lock_timeout = '7s'")
        settle_in(hasty, first, ended(one))
        with pytest.raises(StoreLocked):
            settle_in(hasty, second, ended(other))
        first.commit()
        assert settle_in(hasty, second, ended(other)) == [Receipt.APPLIED]
        assert second.execute("SHOW lock_timeout").fetchone() == ("7s",)
    assert look(hasty, other.id).state is State.COMPLETED


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_transaction_that_does_not_see_others_completes_only_plain_jobs(
    schema_store: Engine, postgres_url: str, level: str
) -> None:
    plain, limited = held(schema_store, a_job(), a_job(**LIMITED))
    with psycopg.connect(postgres_url) as connection:
        connection.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        with pytest.raises(WrongTransaction, match="READ COMMITTED"):
            settle_in(schema_store, connection, ended(limited))
        assert settle_in(schema_store, connection, ended(plain)) == [Receipt.APPLIED]
    assert look(schema_store, plain.id).state is State.COMPLETED
    assert look(schema_store, limited.id).state is State.RUNNING
