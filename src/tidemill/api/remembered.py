"""What was looked up a moment ago, so that many who ask at once make one look at the store."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

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
    until: float


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
        self._going: dict[tuple[str, asyncio.AbstractEventLoop], asyncio.Task[_Answer[T]]] = {}

    async def get(self, name: str, look: Callable[[], Awaitable[T]]) -> T:
        """What is known under a name.

        Args:
            look: asks the store; whoever else wants to know meanwhile waits for the same answer,
                and asks anew only if that does not last.

        Raises:
            Exception: what `look` raises, to all who wait for it.
        """
        held = self._held.get(name)
        if held is not None and time.monotonic() <= held.until:
            return held.value
        place = name, asyncio.get_running_loop()
        if place not in self._going:
            going = self._going[place] = asyncio.create_task(self._ask(place, look))
            # One who waits for it and goes away does not take it from the others.
            return (await asyncio.shield(going)).value
        answer = await asyncio.shield(self._going[place])
        return answer.value if time.monotonic() <= answer.until else await look()

    def forget(self) -> None:
        """Look everything up anew: something has just been changed.

        What is being looked up at this moment may have been read before, and does not count.
        """
        self._held.clear()
        self._going.clear()

    async def _ask(
        self, place: tuple[str, asyncio.AbstractEventLoop], look: Callable[[], Awaitable[T]]
    ) -> _Answer[T]:
        begun = time.monotonic()
        try:
            value = await look()
            answer = _Answer(value, begun + self._lasts(time.monotonic() - begun))
            if self._is_wanted(place):
                if len(self._held) >= MOST:
                    self._held.clear()
                self._held[place[0]] = answer
            return answer
        finally:
            if self._is_wanted(place):
                del self._going[place]

    def _is_wanted(self, place: tuple[str, asyncio.AbstractEventLoop]) -> bool:
        return self._going.get(place) is asyncio.current_task()


def by_effort(took: float) -> float:
    """What is quickly found counts for nobody else; the rest so long that finding it costs little.

    Example:
        >>> by_effort(0.001), by_effort(0.1), by_effort(5.0)
        (0.0, 2.0, 10.0)
    """
    return 0.0 if took < _QUICK else min(took * _TIMES, _LONGEST)
