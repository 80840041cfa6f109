"""How much is asked for follows from room, run times and the mix of jobs."""

from typing import Any

import pytest

from tidemill import Tidemill
from tidemill.tasks.options import Executor as Kind
from tidemill.worker.slots import Ask, Load, Slots

CAPACITY: dict[Kind, int] = {"async": 100, "thread": 5, "process": 2}


def some_tasks(*kinds: Kind, queue: str = "default") -> list[Any]:
    app = Tidemill("memory://")
    for number, kind in enumerate(kinds):
        if kind == "async":

            @app.task(name=f"t{number}", queue=queue)
            async def handler() -> None:
                """Awaited."""
        else:

            @app.task(name=f"t{number}", queue=queue, executor=kind)
            def blocking() -> None:
                """Blocks."""

    return list(app.registry)


def loads(**held: int) -> dict[Kind, Load]:
    return {kind: Load(held.get(kind, 0), 0) for kind in CAPACITY}


def test_with_one_kind_all_its_room_is_asked_for() -> None:
    slots = Slots(CAPACITY, some_tasks("async"), None)
    assert slots.ask(loads()) == Ask(100, None)
    assert slots.ask({**loads(), "async": Load(97, 0)}) == Ask(3, None)
    assert slots.ask({**loads(), "async": Load(100, 0)}) is None


def test_without_tasks_nothing_is_asked_for() -> None:
    assert Slots(CAPACITY, [], None).ask(loads()) is None


def test_quick_jobs_are_fetched_ahead_and_slow_ones_never() -> None:
    slots = Slots(CAPACITY, some_tasks("thread"), None)
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
    slots = Slots(CAPACITY, some_tasks("async"), None)
    slots.ended("async", 0.00001)
    assert slots.ahead("async") == 500
    assert slots.ask({**loads(), "async": Load(351, 251)}) is None
    assert slots.ask({**loads(), "async": Load(350, 250)}) == Ask(250, None)


def test_the_mix_of_kinds_bounds_what_is_asked_for() -> None:
    slots = Slots(CAPACITY, some_tasks("async", "thread"), None)
    asked = slots.ask(loads())
    assert asked == Ask(10, None)  # half of them would fill the threads
    for _ in range(20):
        slots.claimed([("default", "thread")] * 10, 0.001)
    asked = slots.ask(loads())
    assert asked == Ask(5, None)
    for _ in range(40):
        slots.claimed([("default", "async")] * 10, 0.001)
    asked = slots.ask(loads())
    assert asked
    assert asked.limit >= 100


def test_queues_that_bring_a_full_kind_are_left_alone() -> None:
    tasks = some_tasks("thread", queue="cpu") + some_tasks("async", queue="io")
    slots = Slots(CAPACITY, tasks, None)
    assert slots.ask({**loads(), "thread": Load(5, 0)}) == Ask(100, ("io",))
    slots.heard(["new"])
    slots.claimed([("mixed", "thread"), ("mixed", "async")], 0.001)
    asked = slots.ask({**loads(), "thread": Load(5, 0)})
    assert asked
    assert asked.queues == ("io", "new")
    assert slots.ask({**loads(), "thread": Load(5, 0), "async": Load(100, 0)}) is None


@pytest.mark.parametrize(("queues", "spared"), [(("cpu",), None), (("cpu", "io"), ("io",))])
def test_only_the_workers_own_queues_are_asked(
    queues: tuple[str, ...], spared: tuple[str, ...] | None
) -> None:
    tasks = some_tasks("thread", queue="cpu") + some_tasks("async", queue="io")
    asked = Slots(CAPACITY, tasks, queues).ask({**loads(), "thread": Load(5, 0)})
    assert (asked and asked.queues) == spared
