"""Events as they happen, to many browsers: one reader of the log for all who listen here."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
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
from tidemill.engines.protocol import Engine

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
_BEAT: Final = b"event: beat\ndata: {}\n\n"
"""A comment would do to keep the line open, but no page in a browser ever hears of one."""

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
        after: the last event that they have heard already, if there is one.
        ended: whether nothing more will be heard.
    """

    def __init__(
        self, owner: str, tenant: str | None, patterns: tuple[str, ...], *, masked: bool
    ) -> None:
        """Hear nothing yet."""
        self.owner = owner
        self.tenant = tenant
        self.patterns = patterns
        self.masked = masked
        self.after = 0
        self.ended = False
        self._waiting: deque[bytes] = deque()
        self._woken = asyncio.Event()

    def wants(self, entry: Entry) -> bool:
        """Whether an event is for them."""
        return (
            entry.position > self.after
            and self.tenant in (None, entry.tenant)
            and any(matches(pattern, entry.topic) for pattern in self.patterns)
        )

    def hear(self, line: bytes) -> None:
        """Take a line to be sent; one who is too slow loses all that waits, and is told so."""
        if len(self._waiting) >= MOST_BEHIND:
            self._waiting.clear()
            self._waiting.append(_RESET)
        else:
            self._waiting.append(line)
        self._woken.set()

    def end(self) -> None:
        """Hear nothing more: whoever reads the stream begins another where this one ended."""
        self.ended = True
        self._woken.set()

    async def next(self, seconds: float) -> bytes:
        """All that waits to be sent, or after so long nothing."""
        if not self._waiting and not self.ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
        self._woken.clear()
        told = b"".join(self._waiting)
        self._waiting.clear()
        return told


class _Reader:
    """Reads the log of events from one position on, for all who hang on it.

    Attributes:
        position: the last event that was handed out.
        listeners: to whom.
    """

    def __init__(self, engine: Engine, position: int) -> None:
        """Begin to read; on the loop that runs."""
        self.position = position
        self.listeners: set[Listener] = set()
        self._engine = engine
        self._left = False
        self._task = asyncio.create_task(self._run())

    @property
    def reads(self) -> bool:
        """Whether there is still anything to be heard from it."""
        return not (self._left or self._task.done())

    def leave(self, listener: Listener) -> None:
        """Hand nothing more to one; without anybody it ends."""
        self.listeners.discard(listener)
        if not self.listeners:
            self._left = True
            self._task.cancel()

    async def _run(self) -> None:
        try:
            await self._read()
        except Exception:  # noqa: BLE001 - whatever it is, nobody waits for what never comes
            _log.exception("live events can be read no more; streams begin anew")
        finally:
            for listener in self.listeners:
                listener.end()

    async def _read(self) -> None:
        """Read on, and hand each event to all who want it."""
        records, signals = self._engine.records, self._engine.signals
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def hear(signal: Signal) -> None:
            if signal.kind in ("event", "resync"):
                with suppress(RuntimeError):  # the loop has been closed
                    loop.call_soon_threadsafe(woken.set)

        stop = signals.listen(hear)
        try:
            while True:
                woken.clear()
                try:
                    entries = await records.read(EVENTS, after=self.position, limit=_PAGE)
                except TidemillError as error:
                    _log.warning("live events cannot be read now: %s", error)
                    entries = ()
                for entry in entries:
                    self.position = entry.position
                    self._hand_out(entry)
                if len(entries) < _PAGE:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_EVERY):
                            await woken.wait()
        finally:
            stop()

    def _hand_out(self, entry: Entry) -> None:
        lines: dict[bool, bytes] = {}
        for listener in self.listeners:
            if listener.wants(entry):
                if listener.masked not in lines:
                    lines[listener.masked] = _line(entry, masked=listener.masked)
                if line := lines[listener.masked]:
                    listener.hear(line)


class Live:
    """Lets many listen to the log of events as it grows; it is read while anybody does."""

    def __init__(self, app: Tidemill) -> None:
        """Read nothing yet."""
        self._app = app
        # Those who were let in; who is gone without a word counts no more.
        self._admitted: WeakSet[Listener] = WeakSet()
        self._reader: _Reader | None = None
        self._beginning = asyncio.Lock()

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
    ) -> AsyncGenerator[bytes, None]:
        """What one listener is sent, until they go away or may listen no more.

        It ends as well when the log can be read no more: who comes back is made up for.

        Args:
            listener: who listens.
            after: the last event that they have heard; `None`: they begin now. Where there is no
                such event yet it was one of another store, of which nothing is known: they are
                told to look at everything anew, and begin now.
            may_still: asked now and then whether they may still listen.
        """
        reader: _Reader | None = None
        try:
            engine = await self._app.aopen()
            newest = 0 if after is None else await _newest(engine)
            reader = await self._begun(engine)
            # In one step: what is up to here is made up for, what comes behind is handed out.
            reader.listeners.add(listener)
            upto = reader.position
            if after is None:
                yield _BEAT
            elif after > newest:
                yield _reset_at(upto)
            else:
                listener.after = after
                yield await _made_up_for(engine, listener, upto)
            async for told in self._told(listener, may_still):
                yield told
        finally:
            self._admitted.discard(listener)
            if reader is not None:
                reader.leave(listener)

    async def _begun(self, engine: Engine) -> _Reader:
        """The reader for all, which reads."""
        async with self._beginning:  # two who come at once would begin two
            if self._reader is None or not self._reader.reads:
                self._reader = _Reader(engine, await _newest(engine))
            return self._reader

    async def _told(self, listener: Listener, may_still: May) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        asked_at = spoken_at = loop.time()
        while not listener.ended:
            told = await listener.next(_ASK_EVERY)
            now = loop.time()
            if now - asked_at >= _ASK_EVERY:
                if not await may_still():
                    return
                asked_at = now
            if told or now - spoken_at >= _HEARTBEAT:
                spoken_at = now
                yield told or _BEAT


async def _newest(engine: Engine) -> int:
    """Where the log of events ends now."""
    newest = await engine.records.read(EVENTS, limit=1, newest=True)
    return newest[0].position if newest else 0


async def _made_up_for(engine: Engine, listener: Listener, upto: int) -> bytes:
    """What has happened since one who comes back was here, or that it is too much."""
    missed = await engine.records.read(
        EVENTS,
        after=listener.after,
        before=upto + 1,
        limit=MOST_MADE_UP + 1,
        tenant=listener.tenant,
    )
    if len(missed) > MOST_MADE_UP:
        return _reset_at(upto)
    lines = [_line(each, masked=listener.masked) for each in missed if listener.wants(each)]
    return b"".join(lines) or _BEAT


def _line(entry: Entry, *, masked: bool) -> bytes:
    """An event as the standard has it: https://html.spec.whatwg.org/#server-sent-events.

    Its name stands in the data: a browser hears of an event with a type only if it waits for just
    that type, and nobody could listen to a pattern.

    Nothing where it cannot be shown: one that is too deep must not keep others from being heard.
    """
    try:
        data = msgspec.json.encode(event_out(event_of(entry), masked=masked))
    except Exception as error:  # noqa: BLE001 - whatever it is, the next one may be well
        _log.warning("the event at %d cannot be shown: %r", entry.position, error)
        return b""
    return b"id: %d\ndata: %b\n\n" % (entry.position, data)


def _reset_at(position: int) -> bytes:
    """The word to look at everything anew, for one who then has heard all up to a position."""
    return b"id: %d\n%b" % (position, _RESET)
