"""What was looked up a moment ago, so that many who ask at once make one look at the store."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MOST: Final = 10_000
"""Things that are remembered at once, at most."""


class Remembered(Generic[T]):
    """Looks things up, each of them once in a while however often it is asked for.

    Example:
        >>> async def look() -> int:
        ...     print("looking")
        ...     return 42
        >>> async def ask() -> list[int]:
        ...     answers = Remembered[int](1.0)
        ...     return await asyncio.gather(answers.get("x", look), answers.get("x", look))
        >>> asyncio.run(ask())
        looking
        [42, 42]
    """

    def __init__(self, seconds: float) -> None:
        """Remember nothing yet.

        Args:
            seconds: for which an answer counts.
        """
        self._seconds = seconds
        self._held: dict[str, tuple[float, T]] = {}
        self._going: dict[tuple[str, asyncio.AbstractEventLoop], asyncio.Task[T]] = {}

    async def get(self, name: str, look: Callable[[], Awaitable[T]]) -> T:
        """What is known under a name.

        Args:
            look: asks the store; whoever else wants to know meanwhile waits for the same answer.

        Raises:
            Exception: what `look` raises, to all who wait for it.
        """
        found = self._held.get(name)
        if found is not None and time.monotonic() <= found[0]:
            return found[1]
        place = name, asyncio.get_running_loop()
        going = self._going.get(place)
        if going is None:
            going = self._going[place] = asyncio.create_task(self._ask(place, look))
        # One who waits for it and goes away does not take it from the others.
        return await asyncio.shield(going)

    def forget(self) -> None:
        """Look everything up anew: something has just been changed.

        What is being looked up at this moment may have been read before, and does not count.
        """
        self._held.clear()
        self._going.clear()

    async def _ask(
        self, place: tuple[str, asyncio.AbstractEventLoop], look: Callable[[], Awaitable[T]]
    ) -> T:
        until = time.monotonic() + self._seconds
        try:
            answer = await look()
            if self._is_wanted(place):
                if len(self._held) >= MOST:
                    self._held.clear()
                self._held[place[0]] = (until, answer)
            return answer
        finally:
            if self._is_wanted(place):
                del self._going[place]

    def _is_wanted(self, place: tuple[str, asyncio.AbstractEventLoop]) -> bool:
        return self._going.get(place) is asyncio.current_task()
