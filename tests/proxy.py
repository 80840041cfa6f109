"""A network that can be cut: a TCP proxy of the tests' own, in a thread."""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Literal, Protocol, Self

from tests.wire import Answer, Requests

Mode = Literal["pass", "silent", "mute", "refuse"]

_RESET: Final = struct.pack("ii", 1, 0)
"""Lingering for no time: a connection that is closed so is reset, and what it held is lost."""


class Cuts(Protocol):
    """Something that can be cut."""

    def cut(self) -> None:
        """Reset its connections."""
        ...


class Proxy:
    """Passes bytes on between whoever connects and a port of this machine.

    Attributes:
        mode: `"pass"`; `"silent"`: connections stay open and every byte is swallowed, as where a
            cable is pulled; `"mute"`: what is asked arrives, the answers are swallowed;
            `"refuse"`: new connections are reset.
        instead: bytes of the server, and as many that are passed on in their place.
        deaf_to: part of a statement's text; the answer to the next one that is run with it is
            swallowed whole, then its connection is reset.
        silent_from: part of a statement's text; when the next one with it is asked, the network
            falls silent, before it arrives.
        latency: seconds by which each answer is late, and how much more or less at random.
        rate: bytes a second that pass in each direction of a connection; 0: as many as there are.
        cuts: connections that were reset.
        unheard: answers that did not arrive.
    """

    def __init__(self, port: int) -> None:
        """Lead to this port."""
        self._target = port
        self._dice = random.Random(port)
        self.mode: Mode = "pass"
        self.instead = (b"", b"")
        self.deaf_to = self.silent_from = ""
        self.latency = (0.0, 0.0)
        self.rate = 0
        self.cuts = self.unheard = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._live: set[Cuts] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def url(self, url: str) -> str:
        """The URL of a server as it is reached through here."""
        return url.replace(f":{self._target}/", f":{self.port}/")

    def heal(self) -> None:
        """Let everything pass from now on, as fast as it can."""
        self.mode, self.deaf_to, self.silent_from = "pass", "", ""
        self.latency, self.rate = (0.0, 0.0), 0

    def cut(self) -> None:
        """Reset every connection that there is now."""

        async def cut() -> None:
            for talk in list(self._live):
                talk.cut()

        asyncio.run_coroutine_threadsafe(cut(), self._loop).result(10)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        self._server.close()
        for talk in list(self._live):
            talk.cut()
        # Once their connections are gone, the tasks end by themselves; cancelled, they would be
        # reported as failed.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=5)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "refuse":
            reset(writer)
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            reset(writer)
            return
        talk = Talk(self, writer, back)
        self._live.add(talk)
        try:
            await asyncio.gather(
                self._pass_on(reader, back, talk.asks, "silent"),
                self._pass_on(there, writer, talk.is_unheard, "silent", "mute"),
            )
        finally:
            self._live.discard(talk)

    async def _pass_on(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        swallows: Callable[[bytes], bool],
        *swallowing: Mode,
    ) -> None:
        passage = Passage(self, target)
        is_answer = "mute" in swallowing
        try:
            while some := await source.read(65_536):
                if swallows(some) or self.mode in swallowing:
                    continue
                if is_answer:
                    some = some.replace(*self.instead)
                passage.push(some, self.lateness() if is_answer else 0)
            await passage.end()
        except OSError:
            pass
        finally:
            passage.close()
            target.close()

    def lateness(self) -> float:
        """Seconds by which the next answer is late."""
        usual, swing = self.latency
        return max(usual + self._dice.uniform(-swing, swing), 0)


def reset(writer: asyncio.StreamWriter) -> None:
    own: socket.socket | None = writer.get_extra_info("socket")
    if own is not None and not writer.is_closing():
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()


async def _wait(seconds: float) -> None:
    if seconds > 0:
        await asyncio.sleep(seconds)  # noqa: TID251 - a network takes real time


class Talk:
    """What the two ends of one connection say to each other."""

    def __init__(self, proxy: Proxy, *ends: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._ends = ends
        self._requests = Requests()
        self._unheard: Answer | None = None

    def cut(self) -> None:
        """Reset both ends."""
        self._proxy.cuts += 1
        for writer in self._ends:
            reset(writer)

    def asks(self, some: bytes) -> bool:
        """Listen to the client; nothing that it asks is swallowed, unless the network is silent."""
        texts = self._requests.read(some)
        wanted, last = self._proxy.deaf_to, self._proxy.silent_from
        if any(wanted and wanted in text for text in texts):
            self._proxy.deaf_to = ""
            self._unheard = Answer()
        if any(last and last in text for text in texts):
            self._proxy.silent_from = ""
            self._proxy.mode = "silent"
        return False

    def is_unheard(self, some: bytes) -> bool:
        """Whether the client is not to hear this; with the last of it the connection is cut."""
        if self._unheard is None:
            return False
        if self._unheard.is_whole(some):
            self._proxy.unheard += 1
            self.cut()
        return True


class Passage:
    """One direction of a connection: bytes arrive in order, as late and as slowly as they have to.

    Many may be on their way at once, as on a real line.
    """

    def __init__(self, proxy: Proxy, target: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._target = target
        self._under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._task = asyncio.get_running_loop().create_task(self._deliver())

    def push(self, some: bytes, late: float = 0) -> None:
        """Send bytes on their way, to arrive so many seconds late; none: there are no more."""
        arrives_at = asyncio.get_running_loop().time() + late
        self._under_way.put_nowait((arrives_at, some))

    async def end(self) -> None:
        """Wait until all have arrived."""
        self.push(b"")
        await asyncio.wait({self._task})

    def close(self) -> None:
        """Drop what has not arrived."""
        self._task.cancel()

    async def _deliver(self) -> None:
        clock = asyncio.get_running_loop().time
        with suppress(OSError):
            while True:
                arrives_at, some = await self._under_way.get()
                await _wait(arrives_at - clock())
                if not some:
                    return
                if self._proxy.rate:
                    await _wait(len(some) / self._proxy.rate)
                self._target.write(some)
                await self._target.drain()
