"""Connections that are kept for a while after an answer, for the next request to the same host."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import httpcore

from tidemill.services.line import Talk

MOST: Final = 200
"""Connections at once."""
_IDLE: Final = 100
"""Connections that rest."""
IDLE_FOR: Final = 15.0
"""Seconds; servers close what rests for longer, often just as it is used again."""

Connect = Callable[[httpcore.Origin, float | None], Awaitable[Talk]]


class KeptLines:
    """Lends connections out, the one that was used last first, and closes what rests too long."""

    def __init__(self, connect: Connect) -> None:
        """Make new ones so."""
        self._connect = connect
        self._room = asyncio.Semaphore(MOST)
        # In the order in which they came to rest, each with whose it is and when that was.
        self._resting: dict[Talk, tuple[httpcore.Origin, float]] = {}
        self._of: dict[tuple[bytes, bytes, int], list[Talk]] = {}

    async def take(self, origin: httpcore.Origin, seconds: float | None) -> Talk:
        """A connection to a host, a new one if none rests; give it back.

        Args:
            origin: scheme, name and port.
            seconds: to wait for room, and to be connected.

        Raises:
            httpcore.PoolTimeout: there are too many connections already.
            httpcore.ConnectError: it could not be reached.
            httpcore.ConnectTimeout: not in time.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._room.acquire()
        except TimeoutError as error:
            raise httpcore.PoolTimeout(f"{MOST} connections are in use") from error
        try:
            return await self._rested(origin) or await self._connect(origin, seconds)
        except BaseException:
            self._room.release()
            raise

    async def give_back(self, origin: httpcore.Origin, connection: Talk) -> None:
        """Keep a connection that can be used again, and close what has rested for too long."""
        self._room.release()
        if not connection.is_idle():
            await connection.aclose()
            return
        now = asyncio.get_running_loop().time()
        self._resting[connection] = origin, now
        self._of.setdefault(_key(origin), []).append(connection)
        while self._resting:
            oldest, (_, since) = next(iter(self._resting.items()))
            if len(self._resting) <= _IDLE and now - since < IDLE_FOR:
                return
            self._forget(oldest)
            await oldest.aclose()

    async def aclose(self) -> None:
        """Close all that rest."""
        while self._resting:
            connection, _ = self._resting.popitem()
            await connection.aclose()
        self._of.clear()

    async def _rested(self, origin: httpcore.Origin) -> Talk | None:
        """One that can be used again."""
        resting = self._of.get(_key(origin))
        while resting:
            connection = resting[-1]
            self._forget(connection)
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    def _forget(self, connection: Talk) -> None:
        origin, _ = self._resting.pop(connection)
        key = _key(origin)
        several = self._of[key]
        several.remove(connection)
        if not several:
            del self._of[key]


def _key(origin: httpcore.Origin) -> tuple[bytes, bytes, int]:
    return origin.scheme, origin.host, origin.port
