"""Hints on PostgreSQL: how much fits into one, who waits for whom, and the end of it all."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue

import psycopg
import pytest

from tests.engines.test_postgres import job
from tests.journeys.crowd import until
from tests.listening import listening
from tests.proxy import Proxy
from tidemill.core.errors import StoreUnavailable
from tidemill.core.graph import Edge
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.core.signal import RESYNC, Signal
from tidemill.engines import open_engine
from tidemill.engines.postgres.engine import PostgresEngine
from tidemill.engines.postgres.ground import PostgresGround
from tidemill.engines.postgres.server import Server, read_address
from tidemill.engines.postgres.signals import MOST_BYTES, letter
from tidemill.engines.protocol import Engine
from tidemill.testing.conformance.lifecycle import VERBS

LAST = Signal("work", frozenset({"last"}))


# --- What fits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["{:0128}", "{:0100}日本", '"{:0126}"'], ids=ascii)
@pytest.mark.parametrize("most", [57, 100])
def test_a_letter_that_the_server_would_refuse_names_nobody(
    postgres_url: str, name: str, most: int
) -> None:
    whole: set[bool] = set()
    with psycopg.connect(postgres_url) as connection:
        for count in range(50, most):
            names = frozenset([name.format(number) for number in range(count)])
            told = letter(new_id(), [Signal("work", names), Signal("event"), Signal("work")])
            connection.execute("SELECT pg_notify('somewhere', %s)", (told,))
            kinds = [
                (each["kind"], len(each.get("names", ()))) for each in json.loads(told)["signals"]
            ]
            whole.add(kinds == [("work", count), ("event", 0), ("work", 0)])
            if kinds[0][1] != count:
                assert kinds == [("work", 0), ("event", 0)]
                assert count * len(name.format(0).encode()) > MOST_BYTES * 0.9
    assert True in whole
    assert (False in whole) is (most == 100)


def test_queues_of_long_names_are_told_to_others(schema_store: Engine, schema_url: str) -> None:
    other = open_engine(schema_url)
    other.open().wait()
    heard = listening(other)
    schema_store.jobs.insert([job(queue=f"{number:0128}") for number in range(100)]).wait()
    assert heard.get(timeout=10) == Signal("work")
    other.close().wait()


# --- Who waits ------------------------------------------------------------------------------------


def test_who_begins_to_listen_waits_for_no_server(
    schema_url: str, schema_store: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither for its answer, nor do others wait who have something to tell meanwhile."""
    heard = listening(schema_store)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"postgresql://tests@127.0.0.1:{silent.getsockname()[1]}/postgres"
        engine = open_engine(f"{schema_url}&listen={where}")
        engine.open().wait()
        engine.signals.listen(lambda _: None)
        assert "no hints are heard" not in caplog.text  # as is said when it is given up
        engine.jobs.insert([job(queue="mail")]).wait()
        assert heard.get(timeout=10) == Signal("work", frozenset({"mail"}))
        until(lambda: "no hints are heard" in caplog.text, seconds=20, what="it is given up")
    engine.close().wait()


def test_what_happens_as_soon_as_one_listens_is_not_missed(
    schema_url: str, schema_store: Engine, postgres_url: str
) -> None:
    with Proxy(int(psycopg.conninfo.conninfo_to_dict(postgres_url)["port"] or 0)) as network:
        network.latency = (0.2, 0.0)
        engine = open_engine(f"{schema_url}&listen={network.url(postgres_url)}")
        engine.open().wait()
        heard: SimpleQueue[Signal] = SimpleQueue()
        engine.signals.listen(heard.put)
        schema_store.jobs.insert([job(queue="mail")]).wait()
        assert heard.get(timeout=10) in {RESYNC, Signal("work", frozenset({"mail"}))}
        engine.close().wait()


# --- The end --------------------------------------------------------------------------------------


def left_over() -> list[str]:
    return [
        each.name
        for each in threading.enumerate()
        if each.name.startswith("tidemill-postgres") and each not in _known
    ]


_known: set[threading.Thread] = set()


@pytest.fixture(autouse=True)
def _look_at_own_threads_only() -> Iterator[None]:
    _known.update(threading.enumerate())
    yield
    _known.clear()


@contextmanager
def the_lock(url: str) -> Iterator[psycopg.Connection]:
    """Have the store's lock."""
    pen = PostgresGround(Server(read_address(url)), None, lambda _: None)._pen
    with psycopg.connect(url.partition("?")[0]) as own:
        own.execute("SELECT pg_advisory_xact_lock(%s)", (pen,))
        yield own


def connections(postgres_url: str, name: str, *, waiting: bool = False) -> int:
    """How many connections there are of this application."""
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
    with psycopg.connect(postgres_url) as connection:
        ((found,),) = connection.execute(
            f"{count} AND wait_event = 'advisory'" if waiting else count, (name,)
        ).fetchall()
    return int(found)


async def test_what_ends_while_it_is_closed_is_told_and_leaves_nothing_behind(
    schema_url: str, postgres_url: str
) -> None:
    listener = open_engine(schema_url)
    await listener.open()
    heard = await asyncio.to_thread(listening, listener)
    _known.update(threading.enumerate())
    engine = open_engine(f"{schema_url}&application_name=closing")
    assert isinstance(engine, PostgresEngine)
    await engine.open()
    parent = NewJob(id=new_id(), task="a", queue="last")
    child = NewJob(id=new_id(), task="a", queue="last", after=(Edge(parent.id),))

    def is_held_up() -> bool:
        return connections(postgres_url, "closing", waiting=True) == 1

    with the_lock(schema_url) as lock:
        storing = asyncio.ensure_future(engine.jobs.insert([parent, child]))
        await asyncio.to_thread(until, is_held_up, seconds=10, what="it waits for the lock")
        closing = asyncio.ensure_future(engine.close())
        await asyncio.to_thread(until, lambda: not engine._is_open, seconds=10, what="it closes")
        lock.commit()
        await closing
    assert all(stored.created for stored in await storing)
    assert left_over() == []
    until(lambda: not connections(postgres_url, "closing"), seconds=10, what="all are gone")
    assert await asyncio.to_thread(heard.get, timeout=10) == LAST
    await listener.close()


def test_what_is_told_while_it_falls_silent_does_not_silence_it_for_ever(
    schema_store: Engine, schema_url: str
) -> None:
    engine = open_engine(schema_url)
    engine.open().wait()
    listening(engine)
    heard = listening(schema_store)
    is_held_up, goes_on = threading.Event(), threading.Event()

    def hold_up(signal: Signal) -> None:
        if signal.kind == "control":
            is_held_up.set()
            goes_on.wait(20)

    engine.signals.listen(hold_up)
    engine.signals.send(Signal("event"))
    assert heard.get(timeout=10) == Signal("event")
    schema_store.signals.send(Signal("control"))
    assert is_held_up.wait(10)
    notifiers = [each for each in threading.enumerate() if each.name.endswith("-notifier")]
    with ThreadPoolExecutor(1) as thread:
        closing = thread.submit(engine.close().wait)
        until(
            lambda: not all(each.is_alive() for each in notifiers), seconds=10, what="it is silent"
        )
        engine.signals.send(Signal("event"))
        goes_on.set()
        closing.result(20)
    engine.open().wait()
    engine.signals.send(LAST)
    until(lambda: heard.get(timeout=10) == LAST, seconds=10, what="it is heard again")
    engine.close().wait()


def test_whoever_listens_before_it_is_opened_again_hears_others(
    schema_store: Engine, schema_url: str
) -> None:
    engine = open_engine(schema_url)
    engine.open().wait()
    engine.close().wait()
    heard: SimpleQueue[Signal] = SimpleQueue()
    engine.signals.listen(heard.put)
    assert left_over() == []
    engine.open().wait()
    assert heard.get(timeout=10) == RESYNC
    schema_store.signals.send(LAST)
    assert heard.get(timeout=10) == LAST
    engine.close().wait()


@pytest.mark.parametrize("was_open", [True, False])
async def test_what_is_awaited_after_the_end_is_refused_and_makes_no_thread(
    schema_url: str, *, was_open: bool
) -> None:
    engine = open_engine(schema_url)
    if was_open:
        await engine.open()
        await engine.reader.counts()
        assert left_over()
        await engine.close()
    for verb in VERBS.values():
        with pytest.raises(StoreUnavailable, match="is not open"):
            await verb(engine)
    with pytest.raises(StoreUnavailable, match="is not open"):
        await engine.tidy()
    engine.signals.send(LAST)
    assert left_over() == []
