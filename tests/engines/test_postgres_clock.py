"""The clock of PostgreSQL's server is set: no lease ends early, none lives on."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress

import pytest

from tests.journeys.crowd import until
from tests.servers import FakeTime, fake_time
from tidemill.core.errors import LeaseLost
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.core.lease import Lease
from tidemill.core.want import Want
from tidemill.engines import open_engine
from tidemill.engines.postgres.engine import PostgresEngine
from tidemill.engines.postgres.watch import (
    DRIFT,
    ClockWasSet,
    ClockWatch,
    Overtaken,
    Reading,
    own_seconds,
)
from tidemill.engines.protocol import Engine
from tidemill.loops.clock import SystemClock

HOUR = 3_600_000
LENGTH = 3_000
"""So short that its end can be waited for: no other clock than real ones is asked."""

NOTHING = nullcontext()
ITS_JUMP = pytest.raises(ClockWasSet)


def reading(wall: int, at: float, *, took: float = 0.01) -> Reading:
    return Reading(wall, at, at + took)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (reading(11_000, 11), NOTHING),
        (reading(15_500, 11), NOTHING),
        (reading(16_500, 11), ITS_JUMP),
        (reading(6_500, 11), NOTHING),
        (reading(4_500, 11), ITS_JUMP),
        (reading(71_000, 11, took=60), NOTHING),
        (reading(11_000, 11, took=60), NOTHING),
        (reading(11_000, 71), ITS_JUMP),
        (reading(86_480_000, 86_410), NOTHING),
        (reading(86_600_000, 86_410), ITS_JUMP),
    ],
    ids=[
        "goes on as ours", "a little ahead", "set forward", "a little behind", "set back",
        "said late", "heard late", "stood still", "drifts for a day", "set, a day later",
    ],
)  # fmt: skip
def test_a_clock_that_is_set_is_told_from_one_that_answers_late(
    second: Reading, said: AbstractContextManager[object]
) -> None:
    watch = ClockWatch()
    watch.look(reading(10_000, 10))
    with said:
        watch.look(second)


def test_who_was_stopped_before_it_heard_does_not_take_that_for_a_jump() -> None:
    watch = ClockWatch()
    watch.look(reading(10_000, 10))
    watch.look(reading(11_000, 11, took=600))
    watch.look(reading(611_500, 611.5))


def test_a_late_answer_that_others_have_overtaken_is_no_jump() -> None:
    watch = ClockWatch()
    watch.look(reading(100_000, 0, took=0))
    watch.look(reading(107_000, 7, took=0))
    watch.look(reading(100_100, 0, took=8))
    watch.look(reading(107_900, 0, took=8))
    watch.look(reading(108_100, 8.1))


def test_of_one_that_was_stopped_after_it_heard_it_is_known_when_it_asked() -> None:
    """Others have looked before it comes to look itself."""
    watch = ClockWatch()
    watch.look(reading(160_000, 60))
    watch.look(reading(100_000, 0))


@pytest.mark.parametrize("wall", [100_100, 100_100 + HOUR, 107_900 - HOUR])
def test_what_was_said_before_or_after_a_jump_that_is_known_is_asked_for_anew(wall: int) -> None:
    """A reading that may be the earlier one tells of no other jump, back again."""
    watch = ClockWatch()
    watch.believe(reading(HOUR + 200_000, 7))
    with pytest.raises(Overtaken):
        watch.look(reading(wall, 0, took=8))
    watch.look(reading(HOUR + 201_100, 8.1))


def test_a_jump_beside_a_late_answer_is_noticed_by_the_next() -> None:
    watch = ClockWatch()
    watch.look(reading(100_000, 0))
    watch.look(reading(100_100, 0.1, took=600))
    with pytest.raises(ClockWasSet) as noticed:
        watch.look(reading(1_000_200, 600.2))
    assert noticed.value.by == pytest.approx(300_000, abs=20)


@pytest.mark.parametrize("seed", range(20))
def test_readings_of_a_clock_that_nobody_sets_agree_in_any_order(seed: int) -> None:
    dice = random.Random(seed)
    watch = ClockWatch()
    rate = 1 + dice.uniform(-1, 1) * DRIFT / 2
    readings = []
    for _ in range(200):
        asked, made, heard = sorted(
            [at := dice.uniform(0, 1_000), at + dice.expovariate(1), at + dice.expovariate(0.1)]
        )
        readings.append(Reading(round(made * rate * 1_000), asked, heard))
    for each in sorted(readings, key=lambda each: each.heard_at + dice.uniform(0, 5)):
        watch.look(each)


@pytest.mark.parametrize("by", [-HOUR, -60_000, 60_000, HOUR])
@pytest.mark.parametrize("seed", range(5))
def test_a_jump_is_noticed_once_and_right_however_the_answers_come(seed: int, by: int) -> None:
    """At second 500 the clock is set; what was asked before may be heard for long after."""
    dice = random.Random(f"{seed}/{by}")
    watch, told = ClockWatch(), []
    waiting = [(at := dice.uniform(0, 1_000), at + dice.expovariate(0.5)) for _ in range(400)]
    for asked, heard in sorted(waiting, key=lambda both: both[1]):
        made = dice.uniform(asked, heard)
        each = Reading(round(made * 1_000) + by * (made > 500), asked, heard)
        with suppress(Overtaken):
            try:
                watch.look(each)
            except ClockWasSet as noticed:
                told.append(noticed.by)
                watch.believe(each)
    assert len(told) == 1
    assert by <= told[0] <= by + 20_000


def test_it_is_told_until_it_is_believed() -> None:
    watch = ClockWatch()
    watch.look(reading(10_000, 10))
    later = reading(HOUR, 11)
    for _ in range(2):
        with pytest.raises(ClockWasSet):
            watch.look(later)
    watch.believe(later)
    watch.look(reading(HOUR + 1_000, 12))


@pytest.fixture
def server_time(postgres_url: str) -> Iterator[FakeTime]:
    """The time of a server of PostgreSQL, as those see it who reach it by the URL of this."""
    with fake_time(postgres_url) as time:
        yield time


@pytest.fixture
def open_one(server_time: FakeTime, schema_url: str) -> Iterator[Callable[[], Engine]]:
    """Opens the store for one more process."""
    opened: list[Engine] = []

    def open_one() -> Engine:
        opened.append(open_engine(server_time.url(schema_url)))
        opened[-1].open().wait()
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.close().wait()


def take(store: Engine, name: str) -> Lease:
    lease = store.leases.take(name, name, LENGTH).wait()
    assert lease is not None
    return lease


def look(store: Engine) -> set[str]:
    return {found.name for found in store.leases.find("worker/").wait()}


def test_who_was_overtaken_asks_until_it_was_not(schema_store: Engine) -> None:
    """As if the answer of another one had come a moment later than all of these are asked."""
    assert isinstance(schema_store, PostgresEngine)
    take(schema_store, "worker/1")
    soon = own_seconds() + 0.3
    schema_store._ground._watch.believe(Reading(SystemClock().now() + HOUR, soon, soon))
    assert look(schema_store) == {"worker/1"}


@pytest.mark.slow
@pytest.mark.parametrize("by", [HOUR, -HOUR, 6_000])
def test_a_lease_lives_on_and_ends_in_time(
    open_one: Callable[[], Engine], server_time: FakeTime, by: int
) -> None:
    holder, other = open_one(), open_one()
    holder.jobs.insert([NewJob(id=new_id(), task="a") for _ in range(3)]).wait()
    lease = take(holder, "worker/1")
    assert len(holder.jobs.claim(Want(lease, 1)).wait().jobs) == 1
    look(other)
    server_time.set_by(by)
    assert other.reader.expired(10).wait() == ()
    assert other.leases.take("worker/1", "other", LENGTH).wait() is None
    assert len(holder.jobs.claim(Want(lease, 1)).wait().jobs) == 1
    holder.jobs.renew(lease, LENGTH, b"{}").wait()
    assert other.reader.expired(10).wait() == ()
    seconds = until(
        lambda: len(other.reader.expired(10).wait()) == 2, seconds=10, what="it is over"
    )
    assert 1.5 < seconds < 4.5
    with pytest.raises(LeaseLost):
        holder.jobs.renew(lease, LENGTH, b"{}").wait()


@pytest.mark.slow
@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_the_lease_of_one_who_never_comes_back_ends_in_time(
    open_one: Callable[[], Engine], server_time: FakeTime, by: int
) -> None:
    dead, other = open_one(), open_one()
    take(dead, "worker/1")
    assert look(other) == {"worker/1"}
    server_time.set_by(by)
    assert look(other) == {"worker/1"}
    seconds = until(lambda: not look(other), seconds=10, what="it is over")
    assert 1.5 < seconds < 4.5


def test_many_notice_and_one_moves(
    open_one: Callable[[], Engine], server_time: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    stores = [open_one() for _ in range(4)]
    take(stores[0], "worker/1")
    for _ in range(2):
        assert [look(store) for store in stores] == [{"worker/1"}] * 4
        server_time.set_by(30_000)
    told = [record.getMessage() for record in caplog.records if "clock was set" in record.message]
    assert len(told) == 1
    assert "set by +30 s" in told[0]
    assert "1 leases" in told[0]
