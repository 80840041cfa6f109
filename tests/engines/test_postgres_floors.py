"""Claims that do not read past the dead, and find all the same what has come back before them."""

from collections.abc import Iterator

import pytest

from tidemill.core.change import Move, Reprioritise, Which
from tidemill.core.identity import new_id
from tidemill.core.job import Claim, NewJob
from tidemill.core.lease import Lease
from tidemill.core.limits import KeyLimit
from tidemill.core.outcome import Done
from tidemill.core.rules import QueueRules
from tidemill.core.verdict import judge
from tidemill.core.want import Want
from tidemill.engines import open_engine
from tidemill.engines.postgres.floors import BACK, DEAR, LONGEST, NO_FLOORS, RAREST, SHARE, Floors
from tidemill.engines.protocol import Engine
from tidemill.testing.clock import ManualClock
from tidemill.testing.sample import a_claim

FULL = 3


def claimed(ready_at: int, priority: int = 0, queue: str = "default") -> Claim:
    return a_claim(ready_at=ready_at, priority=priority, queue=queue)


def test_a_floor_lies_a_second_behind_the_first_job_of_its_queue() -> None:
    floors = Floors()
    assert floors.values(10.0) == ([], [], [], -1)
    jobs = [claimed(5_000), claimed(6_000), claimed(7_000, queue="other")]
    assert not floors.learn(jobs, 1, all_that_was_wanted=True)
    assert floors.values(10.5) == (["default", "other"], [0, 0], [5_000 - BACK, 7_000 - BACK], 1)


def test_a_floor_stays_where_it_is_for_jobs_of_a_higher_priority() -> None:
    floors = Floors()
    floors.values(10.0)
    floors.learn([claimed(5_000)], 1, all_that_was_wanted=True)
    floors.learn([claimed(9_000, priority=50)], 1, all_that_was_wanted=True)
    assert floors.values(10.5) == (["default"], [0], [5_000 - BACK], 1)


@pytest.mark.parametrize("case", ["too few", "something came back", "long ago"])
def test_a_floor_is_given_up(case: str) -> None:
    floors = Floors()
    floors.values(10.0)
    floors.learn([claimed(5_000)], 1, all_that_was_wanted=True)
    if case == "too few":
        assert floors.learn([claimed(6_000)], 1, all_that_was_wanted=False)
    elif case == "something came back":
        floors.learn([claimed(6_000, queue="other")], 2, all_that_was_wanted=True)
    names, *_ = floors.values(10.5 if case != "long ago" else 10.1 + LONGEST)
    assert "default" not in names


DEAR_ONE = 10 * DEAR


def test_a_dear_look_from_the_beginning_is_taken_rarely() -> None:
    floors = Floors()
    looks = 0
    for now in range(10, 110):
        if floors.values(float(now)) is NO_FLOORS:
            looks += 1
            floors.took(DEAR_ONE)
        assert not floors.learn([claimed(5_000)], 1, all_that_was_wanted=False)
    assert 10 < looks <= SHARE * 100 / DEAR_ONE + 1


def test_no_look_is_so_dear_that_it_is_never_taken() -> None:
    floors = Floors()
    floors.values(10.0)
    floors.took(3_600.0)
    floors.learn([claimed(5_000)], 1, all_that_was_wanted=False)
    assert floors.values(9.9 + RAREST) is not NO_FLOORS
    assert floors.values(10.1 + RAREST) is NO_FLOORS


def test_where_a_look_is_dear_too_few_jobs_raise_the_floor() -> None:
    floors = Floors()
    floors.values(10.0)
    floors.took(DEAR_ONE)
    floors.learn([claimed(5_000)], 1, all_that_was_wanted=False)
    assert not floors.learn([claimed(9_000)], 1, all_that_was_wanted=False)
    assert not floors.learn([], 1, all_that_was_wanted=False)
    assert floors.values(10.5) == (["default"], [0], [9_000 - BACK], 1)


def test_a_dear_look_that_finds_nothing_leaves_the_floors_as_they_were() -> None:
    floors = Floors()
    floors.values(10.0)
    floors.took(DEAR_ONE)
    floors.learn([claimed(5_000), claimed(6_000, queue="other")], 1, all_that_was_wanted=False)
    assert floors.values(100.0) is NO_FLOORS
    floors.took(DEAR_ONE)
    floors.learn([claimed(2_000)], 1, all_that_was_wanted=False)
    assert floors.values(100.1) == (
        ["default", "other"], [0, 0], [2_000 - BACK, 6_000 - BACK], 1,
    )  # fmt: skip


def test_what_came_back_counts_however_dear_a_look_is() -> None:
    floors = Floors()
    floors.values(10.0)
    floors.took(DEAR_ONE)
    floors.learn([claimed(5_000)], 1, all_that_was_wanted=False)
    floors.learn([claimed(6_000, queue="other")], 2, all_that_was_wanted=False)
    assert floors.values(10.5) == (["other"], [0], [6_000 - BACK], 2)


def test_a_floor_that_was_given_up_does_not_outlive_what_came_back() -> None:
    floors = Floors()
    floors.values(10.0)
    floors.took(DEAR_ONE)
    floors.learn([claimed(5_000)], 1, all_that_was_wanted=False)
    assert floors.values(100.0) is NO_FLOORS
    for _ in range(2):
        floors.learn([], 2, all_that_was_wanted=False)
    assert floors.values(100.1) is NO_FLOORS


@pytest.fixture
def store(schema_url: str, clock: ManualClock) -> Iterator[Engine]:
    """An open engine on PostgreSQL that goes by a clock of ours."""
    engine = open_engine(schema_url, clock=clock)
    engine.open().wait()
    yield engine
    engine.close().wait()


@pytest.fixture
def lease(store: Engine) -> Lease:
    taken = store.leases.take("worker/1", "me", 360_000_000).wait()
    assert taken is not None
    return taken


def claim(store: Engine, lease: Lease, limit: int = FULL) -> list[str]:
    return [job.id for job in store.jobs.claim(Want(lease, limit)).wait().jobs]


def fill(store: Engine, clock: ManualClock, lots: int) -> None:
    """Lots of jobs, a minute between them."""
    for _ in range(lots):
        store.jobs.insert([NewJob(id=new_id(), task="a") for _ in range(FULL)]).wait()
        clock.advance("1m")


def test_what_is_parked_and_let_go_is_found_before_the_floor(
    store: Engine, clock: ManualClock, lease: Lease
) -> None:
    limit = KeyLimit("key", 1)
    first, parked = (
        NewJob(id=new_id(), task="a", limit=limit),
        NewJob(id=new_id(), task="a", limit=limit),
    )
    store.jobs.insert([first, parked]).wait()
    (runs,) = store.jobs.claim(Want(lease, 2)).wait().jobs
    assert runs.id == first.id
    clock.advance("1m")
    fill(store, clock, 8)
    for _ in range(20):  # until the shorter way is tried again
        fill(store, clock, 1)
        assert parked.id not in claim(store, lease)
    store.jobs.settle([judge(runs, Done(), clock.now(), 0.5)]).wait()
    assert claim(store, lease)[0] == parked.id


def test_what_is_given_a_floors_priority_is_found_before_it(
    store: Engine, clock: ManualClock, lease: Lease
) -> None:
    low = NewJob(id=new_id(), task="a", priority=-50)
    store.jobs.insert([low]).wait()
    clock.advance("1m")
    fill(store, clock, 8)
    for _ in range(4):
        assert low.id not in claim(store, lease)
    store.jobs.change(Which(ids=(low.id,)), Reprioritise(0)).wait()
    assert claim(store, lease)[0] == low.id


def test_what_is_moved_into_a_queue_is_found_before_its_floor(
    store: Engine, clock: ManualClock, lease: Lease
) -> None:
    moved = NewJob(id=new_id(), task="a", queue="other")
    store.jobs.insert([moved]).wait()
    store.jobs.rule(QueueRules(queue="other", paused=True)).wait()
    clock.advance("1m")
    fill(store, clock, 8)
    for _ in range(4):
        assert moved.id not in claim(store, lease)
    store.jobs.change(Which(ids=(moved.id,)), Move("default")).wait()
    assert claim(store, lease)[0] == moved.id


def test_a_higher_priority_is_found_at_once(
    store: Engine, clock: ManualClock, lease: Lease
) -> None:
    fill(store, clock, 4)
    claim(store, lease)
    claim(store, lease)
    urgent = NewJob(id=new_id(), task="a", priority=50)
    store.jobs.insert([urgent]).wait()
    assert claim(store, lease)[0] == urgent.id


def test_the_last_jobs_are_found_though_a_claim_gets_too_few(
    store: Engine, clock: ManualClock, lease: Lease
) -> None:
    fill(store, clock, 2)
    assert len(claim(store, lease)) == FULL
    assert len(claim(store, lease)) == FULL
    assert claim(store, lease) == []
