"""Lines of logs on PostgreSQL: where readers stop, whom they wait for, and what many lines take."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import psycopg
import pytest

from tests.servers import postgres
from tidemill.core.errors import StoreUnavailable
from tidemill.core.identity import new_id
from tidemill.core.job import Claim, NewJob
from tidemill.core.note import Note
from tidemill.core.outcome import Done
from tidemill.core.record import EVENTS, NewEntry, job_log
from tidemill.core.verdict import Receipt, judge
from tidemill.core.want import Want
from tidemill.engines import open_engine
from tidemill.engines.postgres import lag
from tidemill.engines.postgres.link import PostgresLink
from tidemill.engines.postgres.session import PsycopgSession
from tidemill.engines.postgres.statements import in_schema
from tidemill.engines.protocol import Engine
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.link import Row, Values
from tidemill.engines.relational.records import append_entries
from tidemill.engines.relational.settling import settle

T = TypeVar("T")

NOW = 1_767_225_600_000
WRAP = 1 << 31
"""Where the numbers of locks begin anew."""

CHATTY = 18
"""Jobs of a thousand lines each, more than an untuned server has room for locks: some 15,000."""


def append(store: Engine, *topics: str, tx: object = None) -> int:
    return store.records.append("own", [NewEntry(topic, b"{}") for topic in topics], tx=tx).wait()


def read(store: Engine, *, newest: bool = False) -> list[str]:
    return [entry.topic for entry in store.records.read("own", newest=newest).wait()]


@pytest.fixture
def schema(schema_url: str) -> str:
    return schema_url.rpartition("=")[2]


@pytest.fixture
def own(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_url) as connection:
        yield connection


@pytest.fixture
def drawn_to(
    schema_store: Engine, own: psycopg.Connection[Any], schema: str
) -> Callable[[int], None]:
    """Let a position have been the last one that was drawn."""
    assert read(schema_store) == []

    def draw(position: int) -> None:
        text = in_schema("SELECT setval('tidemill.entry_position_seq', $1)", schema)
        psycopg.RawCursor(own).execute(text, (position,))
        own.commit()

    return draw


@pytest.mark.parametrize("last", [3, WRAP - 1, 5 * WRAP], ids=str)
@pytest.mark.parametrize("behind", [1, 50_000])
def test_who_begins_to_write_while_the_log_is_read_does_not_make_it_look_empty(
    schema_store: Engine,
    own: psycopg.Connection[Any],
    schema: str,
    drawn_to: Callable[[int], None],
    last: int,
    behind: int,
) -> None:
    drawn_to(last - 2)
    assert append(schema_store, "first", "second") == last
    # As if others had drawn positions after the reader had looked, and this one began then.
    text = "SELECT pg_advisory_xact_lock_shared('tidemill.entry'::regclass::oid::int, $1::int)"
    psycopg.RawCursor(own).execute(in_schema(text, schema), ((last + behind) % WRAP,))
    assert read(schema_store) == ["first", "second"]
    assert read(schema_store, newest=True) == ["second", "first"]


@pytest.mark.parametrize("last", [2, WRAP - 3, WRAP - 1, WRAP], ids=str)
def test_readers_stop_where_the_oldest_writer_began(
    schema_store: Engine,
    postgres_url: str,
    own: psycopg.Connection[Any],
    drawn_to: Callable[[int], None],
    last: int,
) -> None:
    drawn_to(last - 1)
    append(schema_store, "first")
    with psycopg.connect(postgres_url) as other:
        append(schema_store, "slow", "slow too", tx=own)
        append(schema_store, "quick")
        append(schema_store, "later", tx=other)
        assert read(schema_store) == ["first"]
        own.commit()
        assert read(schema_store) == ["first", "slow", "slow too", "quick"]
    assert read(schema_store) == ["first", "slow", "slow too", "quick", "later"]


@pytest.mark.parametrize("last", [5, WRAP - 1])
def test_it_is_the_oldest_writer_that_is_told_to_hold_events_up(
    schema_store: Engine,
    postgres_url: str,
    own: psycopg.Connection[Any],
    schema: str,
    drawn_to: Callable[[int], None],
    last: int,
) -> None:
    drawn_to(last)
    event = NewEntry("invoice.paid", b"{}")
    with psycopg.connect(postgres_url) as other:
        schema_store.records.append(EVENTS, [event], tx=own).wait()
        schema_store.records.append(EVENTS, [event], tx=other).wait()
        schema_store.records.append(EVENTS, [event]).wait()
        with psycopg.connect(postgres_url) as third:
            link = PostgresLink(PsycopgSession(third), schema)
            ((now, _),) = link.rows("moments", (None, None))
            (finding,) = lag.held_events(link, now + 60_000)
        assert f"process {own.info.backend_pid} of tests" in finding.what


class Interrupted(PsycopgSession):
    """A session beside which, after each statement, another one does something."""

    def __init__(
        self, connection: psycopg.Connection[Any], meanwhile: Callable[[], object]
    ) -> None:
        super().__init__(connection)
        self._meanwhile = meanwhile

    def rows(self, text: str, values: Values) -> list[Row]:
        return self._then(super().rows(text, values))

    def run(self, text: str, values: Values = ()) -> int:
        return self._then(super().run(text, values))

    def many(self, text: str, rows: Iterable[Values]) -> int:
        return self._then(super().many(text, rows))

    def _then(self, answer: T) -> T:
        self._meanwhile()
        return answer


@pytest.mark.parametrize("count", [1, 3])
def test_the_position_that_is_answered_is_that_of_ones_own_line(
    schema_store: Engine, own: psycopg.Connection[Any], schema: str, count: int
) -> None:
    session = Interrupted(own, lambda: append(schema_store, "another's"))
    lines = [NewEntry(f"own {number}", b"{}") for number in range(count)]
    position = append_entries(Transaction(PostgresLink(session, schema), NOW, NOW), "own", lines)
    own.commit()
    entries = schema_store.records.read("own").wait()
    assert {entry.topic for entry in entries} == {"another's", *(line.topic for line in lines)}
    assert {entry.position: entry.topic for entry in entries}[position] == lines[-1].topic


def claimed(store: Engine, count: int) -> tuple[Claim, ...]:
    """Jobs at work, each of a tenant of its own."""
    jobs = [NewJob(id=new_id(), task="a", tenant=f"tenant {number}") for number in range(count)]
    store.jobs.insert(jobs).wait()
    lease = store.leases.take("worker/1", "me", 600_000).wait()
    assert lease is not None
    return store.jobs.claim(Want(lease, count)).wait().jobs


def test_events_of_many_tenants_take_one_lock(
    schema_store: Engine, own: psycopg.Connection[Any], schema: str
) -> None:
    ends = [judge(claim, Done(), NOW, 0.5) for claim in claimed(schema_store, 20)]
    settle(Transaction(PostgresLink(PsycopgSession(own), schema), NOW, NOW), ends)
    held = own.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    )
    assert held.fetchone() == (1,)
    own.commit()
    assert len(schema_store.records.read(EVENTS).wait()) == len(ends)


@pytest.mark.timeout(120)
def test_many_jobs_that_say_much_find_room_on_a_server_that_nobody_has_tuned() -> None:
    with postgres(max_connections=100) as server:
        store = open_engine(server.url)
        store.open().wait()
        notes = [
            Note(claim, lines=tuple([NewEntry("info", b"%d" % n) for n in range(1_000)]))
            for claim in claimed(store, CHATTY)
        ]
        assert store.jobs.annotate(notes).wait() == (Receipt.APPLIED,) * CHATTY
        for note in notes:
            entries = store.records.read(job_log(note.claim.id), limit=2_000).wait()
            assert [entry.data for entry in entries] == [line.data for line in note.lines]
        store.close().wait()


def one_by_one(store: Engine, own: psycopg.Connection[Any]) -> None:
    for _ in range(20_000):
        append(store, "one by one", tx=own)


@pytest.mark.timeout(120)
def test_a_transaction_that_takes_too_many_locks_is_told_what_to_do() -> None:
    with postgres(max_connections=10, max_locks_per_transaction=10) as server:
        store = open_engine(server.url)
        store.open().wait()
        with psycopg.connect(server.url) as own:
            with pytest.raises(StoreUnavailable, match="more locks than it has room") as caught:
                one_by_one(store, own)
            own.rollback()
        assert "max_locks_per_transaction" in caught.value.hint
        assert "cannot be reached" not in caught.value.message
        append(store, "at once")
        assert read(store) == ["at once"]
        store.close().wait()
