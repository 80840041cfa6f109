"""Users and databases whose defaults are not ours: everything is done all the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg
import pytest

from tests.engines.test_postgres import job
from tests.engines.test_postgres_side_by_side import claim, settle
from tests.listening import listening
from tests.servers import VERSION, role
from tidemill.core.record import EVENTS, NewEntry
from tidemill.core.signal import Signal
from tidemill.core.state import State
from tidemill.core.verdict import Receipt
from tidemill.engines import open_engine
from tidemill.engines.protocol import Engine

_numbers = count(1)

SETTINGS = {
    "search_path": "''",
    "DateStyle": "'SQL, DMY'",
    "IntervalStyle": "sql_standard",
    "TimeZone": "'Australia/Lord_Howe'",
    "client_encoding": "LATIN1",
    "bytea_output": "escape",
    "statement_timeout": "'150ms'",
    "lock_timeout": "'100ms'",
    "idle_in_transaction_session_timeout": "'1ms'",
}


@pytest.fixture(params=["repeatable read", "serializable"])
def odd_url(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[str]:
    """An empty store of a user with defaults that nobody would wish for."""
    settings = {"default_transaction_isolation": f"'{request.param}'", **SETTINGS}
    with psycopg.connect(postgres_url) as connection:
        version = connection.info.server_version
    if version >= 170_000:
        settings["transaction_timeout"] = "'100ms'"
    if version < 190_000:
        settings["standard_conforming_strings"] = "off"
    with role(postgres_url, *(f"{name} = {value}" for name, value in settings.items())) as url:
        yield f"{url}?schema=odd_{next(_numbers)}"


@pytest.fixture
def store(odd_url: str) -> Iterator[Engine]:
    engine = open_engine(odd_url)
    engine.open().wait()
    yield engine
    engine.close().wait()


def test_many_work_at_once(store: Engine, odd_url: str) -> None:
    engines = [open_engine(odd_url) for _ in range(5)]
    batches = [[job() for _ in range(60)] for _ in engines]

    def work(number: int) -> int:
        engine = engines[number]
        engine.open().wait()
        engine.jobs.insert(batches[number]).wait()
        settled = 0
        while jobs := claim(engine, 7, f"worker/{number}"):
            settled += settle(engine, jobs).count(Receipt.APPLIED)
        engine.close().wait()
        return settled

    with ThreadPoolExecutor(len(engines)) as threads:
        assert sum(threads.map(work, range(len(engines)))) == 300
    assert {each.state for each in store.reader.counts().wait()} <= {State.COMPLETED}


def test_a_schema_is_made_by_several_at_once(odd_url: str) -> None:
    engines = [open_engine(odd_url) for _ in range(4)]
    with ThreadPoolExecutor(len(engines)) as threads:
        list(threads.map(lambda engine: engine.open().wait(), engines))
    for engine in engines:
        engine.close().wait()


def test_what_has_to_wait_waits_as_long_as_the_url_says(store: Engine, odd_url: str) -> None:
    """The user's limits are a tenth of a second; another transaction holds the same id longer."""
    wanted = job()
    store.jobs.insert([job()]).wait()
    # Said in the transaction, it could come too late for a server that waits for 1 ms.
    rests = "-c idle_in_transaction_session_timeout=0"
    ends = "-c transaction_timeout=0" if VERSION >= 17 else ""
    with (
        psycopg.connect(odd_url.partition("?")[0], options=f"{rests} {ends}") as other,
        ThreadPoolExecutor(1) as thread,
    ):
        store.jobs.insert([wanted], tx=other).wait()
        waiting = thread.submit(store.jobs.insert([wanted]).wait)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        other.commit()
        (answer,) = waiting.result(timeout=10)
    assert not answer.created


def test_every_letter_is_kept(store: Engine) -> None:
    wanted = job(queue="日本", tags=("Ж",), args='{"a":"š\\\\"}'.encode())
    store.jobs.insert([wanted]).wait()
    (found,) = store.reader.get([wanted.id]).wait()
    assert found is not None
    assert (found.queue, found.tags, found.args) == ("日本", ("Ж",), wanted.args)


def test_events_are_read_and_hints_are_heard(store: Engine, odd_url: str) -> None:
    other = open_engine(odd_url)
    other.open().wait()
    heard = listening(other)
    store.records.append(EVENTS, [NewEntry("invoice.paid", b"{}")]).wait()
    assert heard.get(timeout=10) == Signal("event")
    assert [entry.topic for entry in other.records.read(EVENTS).wait()] == ["invoice.paid"]
    assert [finding for finding in other.health().wait().findings if finding.grave] == []
    other.close().wait()
