"""Events as they happen, to many browsers: one reader of the log for all who listen here."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Final
from weakref import WeakSet

import msgspec

from tidemill.api.shapes.events import event_out
from tidemill.app import Tidemill
from tidemill.client.events import event_of
from tidemill.core.errors import TidemillError, TooManyRequests
from tidemill.core.event import matches
from tidemill.core.record import EVENTS, Entry
from tidemill.core.signal import Signal

MOST_OF_ONE: Final = 20
"""Streams that one user, or one key, may have open here."""
MOST: Final = 1_000
"""Streams that this process has open."""
MOST_BEHIND: Final = 1_000
"""Events that wait for a slow listener; then it is told to look at everything anew."""
MOST_MADE_UP: Final = 1_000
"""Events that are made up for, for one who comes back."""

_LOOK_EVERY: Final = 1.0
"""Seconds between two looks at the log though no hint came."""
_HEARTBEAT: Final = 15.0
"""Seconds of silence after which a line says that the stream is still there."""
_ASK_EVERY: Final = 5.0
"""Seconds between two looks whether a listener may still listen."""
_PAGE: Final = 500

_RESET: Final = b"event: reset\ndata: {}\n\n"
_BEAT: Final = b": still here\n\n"

_log = logging.getLogger("tidemill")


May = Callable[[], Awaitable[bool]]
"""Asked whether somebody may still listen."""


class Listener:
    """One stream.

    Attributes:
        owner: who listens, as the audit log names them.
        tenant: whose events alone they hear; `None`: everybody's.
        patterns: names of the events that they want.
        masked: whether payloads are kept from them.
    """

    def __init__(
        self, owner: str, tenant: str | None, patterns: tuple[str, ...], *, masked: bool
    ) -> None:
        """Hear nothing yet."""
        self.owner = owner
        self.tenant = tenant
        self.patterns = patterns
        self.masked = masked
        self._waiting: deque[bytes] = deque()
        self._woken = asyncio.Event()

    def wants(self, entry: Entry) -> bool:
        """Whether an event is for them."""
        return self.tenant in (None, entry.tenant) and any(
            matches(pattern, entry.topic) for pattern in self.patterns
        )

    def hear(self, line: bytes) -> None:
        """Take a line to be sent; one who is too slow loses all that waits, and is told so."""
        if len(self._waiting) >= MOST_BEHIND:
            self._waiting.clear()
            self._waiting.append(_RESET)
        else:
            self._waiting.append(line)
        self._woken.set()

    async def next(self, seconds: float) -> bytes:
        """All that waits to be sent, or after so long nothing."""
        if not self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
        self._woken.clear()
        told = b"".join(self._waiting)
        self._waiting.clear()
        return told


class Live:
    """Reads the log of events as it grows, while anybody listens."""

    def __init__(self, app: Tidemill) -> None:
        """Read nothing yet."""
        self._app = app
        self._listeners: set[Listener] = set()
        # Those who were let in; who is gone without a word counts no more.
        self._admitted: WeakSet[Listener] = WeakSet()
        self._reading: asyncio.Task[None] | None = None
        self._position = 0

    def admit(self, listener: Listener) -> None:
        """Let a listener in.

        Raises:
            TooManyRequests: they, or all together, have too many streams open already.
        """
        mine = sum(each.owner == listener.owner for each in self._admitted)
        if mine >= MOST_OF_ONE or len(self._admitted) >= MOST:
            raise TooManyRequests("too many streams are open", hint="close some", wait=30)
        self._admitted.add(listener)

    async def stream(
        self, listener: Listener, after: int | None, may_still: May
    ) -> AsyncIterator[bytes]:
        """What one listener is sent, until they go away or may listen no more.

        Args:
            listener: who listens.
            after: the last event that they have heard; `None`: they begin now.
            may_still: asked now and then whether they may still listen.
        """
        try:
            await self._begin()
            self._listeners.add(listener)
            yield await self._made_up_for(listener, after)
            async for told in self._told(listener, may_still):
                yield told
        finally:
            self._listeners.discard(listener)
            self._admitted.discard(listener)
            if not self._listeners and self._reading is not None:
                self._reading.cancel()
                self._reading = None

    async def _told(self, listener: Listener, may_still: May) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        asked_at = spoken_at = loop.time()
        while True:
            told = await listener.next(_ASK_EVERY)
            now = loop.time()
            if now - asked_at >= _ASK_EVERY:
                if not await may_still():
                    return
                asked_at = now
            if told or now - spoken_at >= _HEARTBEAT:
                spoken_at = now
                yield told or _BEAT

    async def _begin(self) -> None:
        if self._reading is None:
            engine = await self._app.aopen()
            newest = await engine.records.read(EVENTS, limit=1, newest=True)
            self._position = newest[0].position if newest else 0
            self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """Read on, and hand each event to all who want it."""
        engine = await self._app.aopen()
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def hear(signal: Signal) -> None:
            if signal.kind in ("event", "resync"):
                with suppress(RuntimeError):  # the loop has been closed
                    loop.call_soon_threadsafe(woken.set)

        stop = engine.signals.listen(hear)
        try:
            while True:
                woken.clear()
                try:
                    entries = await engine.records.read(EVENTS, after=self._position, limit=_PAGE)
                except TidemillError as error:
                    _log.warning("live events cannot be read now: %s", error)
                    entries = ()
                for entry in entries:
                    self._position = entry.position
                    self._hand_out(entry)
                if len(entries) < _PAGE:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_EVERY):
                            await woken.wait()
        finally:
            stop()

    def _hand_out(self, entry: Entry) -> None:
        lines: dict[bool, bytes] = {}
        for listener in self._listeners:
            if listener.wants(entry):
                if listener.masked not in lines:
                    lines[listener.masked] = _line(entry, masked=listener.masked)
                listener.hear(lines[listener.masked])

    async def _made_up_for(self, listener: Listener, after: int | None) -> bytes:
        """What has happened since one who comes back was here, or that it is too much."""
        if after is None:
            return _BEAT
        engine = await self._app.aopen()
        entries = await engine.records.read(
            EVENTS, after=after, limit=MOST_MADE_UP + 1, tenant=listener.tenant
        )
        if len(entries) > MOST_MADE_UP:
            return _RESET
        # What the reader hands out itself from here on comes behind.
        missed = (each for each in entries if each.position <= self._position)
        lines = [_line(each, masked=listener.masked) for each in missed if listener.wants(each)]
        return b"".join(lines) or _BEAT


def _line(entry: Entry, *, masked: bool) -> bytes:
    """An event as the standard has it: https://html.spec.whatwg.org/#server-sent-events."""
    data = msgspec.json.encode(event_out(event_of(entry), masked=masked))
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (entry.position, entry.topic.encode(), data)
