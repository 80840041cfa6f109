"""What was looked up a moment ago, so that many who ask at once make one look at the store."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, NamedTuple, TypeVar

from msgspec import Struct

T = TypeVar("T")

MOST: Final = 10_000
"""Things that are remembered at once, at most."""

_QUICK: Final = 0.02
_TIMES: Final = 20
_LONGEST: Final = 10.0

Lasting = Callable[[float], float]
"""For how many seconds an answer counts, by how many it took to find."""


class _Answer(Struct, Generic[T], frozen=True):
    value: T
    begun: float
    until: float


class _Going(NamedTuple, Generic[T]):
    task: asyncio.Task[_Answer[T]]
    begun: float


class Remembered(Generic[T]):
    """Looks things up, each of them once in a while however often it is asked for.

    Example:
        >>> async def look() -> int:
        ...     print("looking")
        ...     return 42
        >>> async def ask() -> list[int]:
        ...     answers = Remembered[int](lambda took: 1.0)
        ...     return await asyncio.gather(answers.get("x", look), answers.get("x", look))
        >>> asyncio.run(ask())
        looking
        [42, 42]
    """

    def __init__(self, lasts: Lasting) -> None:
        """Remember nothing yet.

        Args:
            lasts: how long answers count, from when they were asked for.
        """
        self._lasts = lasts
        self._held: dict[str, _Answer[T]] = {}
        self._going: dict[tuple[str, asyncio.AbstractEventLoop], _Going[T]] = {}

    async def get(self, name: str, look: Callable[[], Awaitable[T]], *, since: float = 0.0) -> T:
        """What is known under a name.

        Args:
            look: asks the store; whoever else wants to know meanwhile waits for the same answer,
                and asks anew only if that does not last.
            since: what was asked of the store before, by the monotonic clock, does not count.

        Raises:
            Exception: what `look` raises, to all who wait for it.
        """
        now = time.monotonic()
        held = self._held.get(name)
        if held is not None and since <= held.begun and now <= held.until:
            return held.value
        place = name, asyncio.get_running_loop()
        going = self._going.get(place)
        if going is None or going.begun < since:
            going = _Going(asyncio.create_task(self._ask(place, look, now)), now)
            self._going[place] = going
            # One who waits for it and goes away does not take it from the others.
            return (await asyncio.shield(going.task)).value
        answer = await asyncio.shield(going.task)
        return answer.value if time.monotonic() <= answer.until else await look()

    def forget(self) -> None:
        """Look everything up anew: something has just been changed.

        What is being looked up at this moment may have been read before, and does not count.
        """
        self._held.clear()
        self._going.clear()

    async def _ask(
        self,
        place: tuple[str, asyncio.AbstractEventLoop],
        look: Callable[[], Awaitable[T]],
        begun: float,
    ) -> _Answer[T]:
        try:
            value = await look()
            answer = _Answer(value, begun, begun + self._lasts(time.monotonic() - begun))
            if self._is_wanted(place):
                if len(self._held) >= MOST:
                    self._held.clear()
                self._held[place[0]] = answer
            return answer
        finally:
            if self._is_wanted(place):
                del self._going[place]

    def _is_wanted(self, place: tuple[str, asyncio.AbstractEventLoop]) -> bool:
        going = self._going.get(place)
        return going is not None and going.task is asyncio.current_task()


def by_effort(took: float) -> float:
    """What is quickly found counts for nobody else; the rest so long that finding it costs little.

    Example:
        >>> by_effort(0.001), by_effort(0.1), by_effort(5.0)
        (0.0, 2.0, 10.0)
    """
    return 0.0 if took < _QUICK else min(took * _TIMES, _LONGEST)
