"""What many ask for at once is looked up once, and what has been changed is not remembered."""

import asyncio
import time

import pytest

from tidemill.api.remembered import Remembered, by_effort


class Store:
    """Answers slowly, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.value = "first"
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def look(self) -> str:
        self.asked += 1
        self.was_asked.set()
        found = self.value
        await self.may_answer.wait()
        return found


@pytest.fixture
async def store() -> Store:
    return Store()


async def test_many_who_ask_at_once_are_one_look(store: Store) -> None:
    answers = Remembered[str](lambda _: 1.0)
    asking = [asyncio.create_task(answers.get("x", store.look)) for _ in range(50)]
    await store.was_asked.wait()
    store.may_answer.set()
    assert await asyncio.gather(*asking) == ["first"] * 50
    assert store.asked == 1


async def test_what_was_read_before_a_change_is_not_remembered(store: Store) -> None:
    answers = Remembered[str](lambda _: 60.0)
    early = asyncio.create_task(answers.get("x", store.look))
    await store.was_asked.wait()
    store.value = "second"
    answers.forget()
    store.may_answer.set()
    assert await early == "first"
    assert await answers.get("x", store.look) == "second"


async def test_one_who_goes_away_takes_the_answer_from_nobody(store: Store) -> None:
    answers = Remembered[str](lambda _: 1.0)
    first = asyncio.create_task(answers.get("x", store.look))
    await store.was_asked.wait()
    first.cancel()
    second = asyncio.create_task(answers.get("x", store.look))
    store.may_answer.set()
    assert await second == "first"
    assert store.asked == 1


async def test_what_is_quickly_found_counts_for_nobody_else(store: Store) -> None:
    answers = Remembered[str](by_effort)
    store.may_answer.set()
    first = asyncio.create_task(answers.get("x", store.look))
    second = asyncio.create_task(answers.get("x", store.look))
    await asyncio.gather(first, second)
    store.value = "second"
    assert await answers.get("x", store.look) == "second"
    assert store.asked == 3


async def test_a_failure_is_told_to_all_and_not_remembered() -> None:
    answers = Remembered[str](lambda _: 60.0)

    async def fail() -> str:
        raise ConnectionError

    told = await asyncio.gather(*(answers.get("x", fail) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in told] == [ConnectionError] * 3

    async def answer() -> str:
        return "well again"

    assert await answers.get("x", answer) == "well again"


async def test_what_was_asked_before_a_moment_does_not_count_for_who_names_it(store: Store) -> None:
    answers = Remembered[str](lambda _: 60.0)
    early = asyncio.create_task(answers.get("x", store.look))
    await store.was_asked.wait()
    store.value = "second"
    late = asyncio.create_task(answers.get("x", store.look, since=time.monotonic()))
    store.may_answer.set()
    assert (await early, await late) == ("first", "second")
    store.value = "third"
    assert await answers.get("x", store.look) == "second"
    assert await answers.get("x", store.look, since=time.monotonic()) == "third"
    assert store.asked == 3
