"""Steps are taken the same way from a thread and from async code, errors and all."""

import asyncio
import multiprocessing
from collections.abc import Callable
from typing import Any

import pytest

from tidemill import Tidemill
from tidemill.client.steps import Steps, Walk, ask
from tidemill.core.errors import InvalidOption
from tidemill.loops.call import Immediate
from tidemill.testing.clock import ManualClock


def _broken() -> int:
    raise ValueError("broken")


def walked(left: list[str]) -> Steps[int]:
    try:
        one, two = (yield from ask(Immediate(lambda: 1))), 0
        try:
            yield from ask(Immediate(_broken))
        except ValueError:
            two = yield from ask(Immediate(lambda: 2))
        return one + two
    finally:
        left.append("left")


def lost(left: list[str]) -> Steps[int]:
    try:
        return (yield from ask(Immediate(_broken)))
    finally:
        left.append("left")


async def _await(walk: Walk[int]) -> int:
    return await walk


WAYS: list[Callable[[Walk[int]], int]] = [Walk.wait, lambda walk: asyncio.run(_await(walk))]


@pytest.mark.parametrize("way", WAYS)
def test_answers_and_errors_reach_the_steps(way: Callable[[Walk[int]], int]) -> None:
    left: list[str] = []
    assert way(Walk(walked(left))) == 3
    with pytest.raises(ValueError, match="broken"):
        way(Walk(lost(left)))
    assert left == ["left", "left"]


def test_the_store_is_opened_late_once_and_again_after_closing(clock: ManualClock) -> None:
    app = Tidemill("nonsense://", clock=clock)
    app.close()
    with pytest.raises(InvalidOption, match="names no engine"):
        app.open()
    app = Tidemill("memory://", clock=clock)
    engine = app.open()
    assert app.open() is engine
    app.close()
    app.close()

    async def use() -> Any:
        async with app:
            return await app.aopen()

    assert asyncio.run(use()) is engine


def test_where_jobs_are_kept_may_come_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIDEMILL_URL", raising=False)
    assert Tidemill().url == "sqlite:///tidemill.db"
    monkeypatch.setenv("TIDEMILL_URL", "memory://")
    assert Tidemill().url == "memory://"
    assert Tidemill("sqlite:///x.db").url == "sqlite:///x.db"


@pytest.mark.parametrize("limit", [0, (1 << 20) + 1])
def test_the_payload_limit_has_limits(limit: int) -> None:
    with pytest.raises(InvalidOption):
        Tidemill("memory://", payload_limit=limit)


def _open_in_child(app: Tidemill, before: int, answers: Any) -> None:
    answers.put(id(app.open()) != before)


FORKS = "fork" in multiprocessing.get_all_start_methods()


@pytest.mark.skipif(not FORKS, reason="there is no fork here")
def test_a_forked_process_opens_the_store_anew(clock: ManualClock) -> None:
    fork = multiprocessing.get_context("fork")
    app = Tidemill("memory://", clock=clock)
    answers = fork.SimpleQueue()
    child = fork.Process(target=_open_in_child, args=(app, id(app.open()), answers))
    child.start()
    child.join(timeout=20)
    assert answers.get() is True
