"""How much is asked for follows from room, run times and the mix of jobs."""

from typing import Any

from tidemill import Tidemill
from tidemill.tasks.options import Executor as Kind
from tidemill.worker.slots import Ask, Load, Slots

CAPACITY: dict[Kind, int] = {"async": 100, "thread": 5, "process": 2}


def some_tasks(*kinds: Kind) -> list[Any]:
    app = Tidemill("memory://")
    for number, kind in enumerate(kinds):
        if kind == "async":

            @app.task(name=f"t{number}")
            async def handler() -> None:
                """Awaited."""
        else:

            @app.task(name=f"t{number}", executor=kind)
            def blocking() -> None:
                """Blocks."""

    return list(app.registry)


def loads(**held: int) -> dict[Kind, Load]:
    return {kind: Load(held.get(kind, 0), 0) for kind in CAPACITY}


def test_with_one_kind_all_its_room_is_asked_for() -> None:
    slots = Slots(CAPACITY, some_tasks("async"))
    assert slots.ask(loads()) == Ask(100, 100)
    assert slots.ask({**loads(), "async": Load(97, 0)}) == Ask(3, 3)
    assert slots.ask({**loads(), "async": Load(100, 0)}) is None


def test_without_tasks_nothing_is_asked_for() -> None:
    assert Slots(CAPACITY, []).ask(loads()) is None


def test_quick_jobs_are_fetched_ahead_and_slow_ones_never() -> None:
    slots = Slots(CAPACITY, some_tasks("thread"))
    assert slots.ahead("thread") == 0
    for _ in range(50):
        slots.ended("thread", 0.0001)
    assert slots.ahead("thread") == 500
    slots.ended("thread", 0.001)
    assert 0 < slots.ahead("thread") <= 500
    for _ in range(50):
        slots.ended("thread", 0.1)
    assert slots.ahead("thread") == 1
    for _ in range(50):
        slots.ended("thread", 0.3)
    assert slots.ahead("thread") == 0


def test_lines_are_refilled_at_the_half_mark() -> None:
    slots = Slots(CAPACITY, some_tasks("async"))
    slots.ended("async", 0.00001)
    assert slots.ahead("async") == 500
    assert slots.ask({**loads(), "async": Load(351, 251)}) is None
    assert slots.ask({**loads(), "async": Load(350, 250)}) == Ask(250, 0)


def test_what_begins_at_once_has_a_place_whatever_kind_it_is_of() -> None:
    slots = Slots(CAPACITY, some_tasks("async", "thread"))
    asked = slots.ask({**loads(), "async": Load(98, 0), "thread": Load(1, 0)})
    assert asked
    assert asked.at_once == 2
    slots.ended("async", 0.00001)
    asked = slots.ask({**loads(), "async": Load(120, 20)})
    assert asked
    assert asked.at_once == 0


def test_the_mix_of_kinds_bounds_what_is_asked_for() -> None:
    slots = Slots(CAPACITY, some_tasks("async", "thread"))
    asked = slots.ask(loads())
    assert asked == Ask(10, 5)  # half of them would fill the threads
    for _ in range(20):
        slots.claimed(["thread"] * 10, 0.001)
    asked = slots.ask(loads())
    assert asked == Ask(5, 5)
    for _ in range(40):
        slots.claimed(["async"] * 10, 0.001)
    asked = slots.ask(loads())
    assert asked
    assert asked.limit >= 100


def test_the_tasks_of_a_full_kind_are_left_out_and_only_they() -> None:
    slots = Slots(CAPACITY, some_tasks("thread", "async", "thread"))
    assert slots.ask({**loads(), "thread": Load(5, 0)}) == Ask(100, 100, without=("t0", "t2"))
    assert slots.ask({**loads(), "async": Load(100, 0)}) == Ask(5, 5, without=("t1",))
    assert slots.ask({**loads(), "thread": Load(5, 0), "async": Load(100, 0)}) is None


def test_what_comes_while_a_kind_is_left_out_says_nothing_about_the_mix() -> None:
    slots = Slots(CAPACITY, some_tasks("async", "thread"))
    for _ in range(40):
        assert slots.ask({**loads(), "thread": Load(5, 0)}) == Ask(100, 100, without=("t1",))
        slots.claimed(["async"] * 10, 0.001)
    assert slots.ask(loads()) == Ask(10, 5)
