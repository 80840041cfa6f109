"""A network that can be cut: a TCP proxy of the tests' own, in a thread."""

import asyncio
import socket
import struct
import threading
from types import TracebackType
from typing import Final, Literal, Self

Mode = Literal["pass", "silent", "mute", "refuse"]

_RESET: Final = struct.pack("ii", 1, 0)
"""Lingering for no time: a connection that is closed so is reset, and what it held is lost."""


class Proxy:
    """Passes bytes on between whoever connects and a port of this machine.

    Attributes:
        mode: `"pass"`; `"silent"`: connections stay open and every byte is swallowed, as where a
            cable is pulled; `"mute"`: what is asked arrives, the answers are swallowed;
            `"refuse"`: new connections are reset.
        cuts: connections that were reset.
        swallowed: bytes that did not arrive.
    """

    def __init__(self, port: int) -> None:
        """Lead to this port."""
        self._target = port
        self.mode: Mode = "pass"
        self.cuts = self.swallowed = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._live: set[asyncio.StreamWriter] = set()
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
        """Let everything pass from now on."""
        self.mode = "pass"

    def cut(self) -> None:
        """Reset every connection that there is now."""

        async def cut() -> None:
            for writer in list(self._live):
                self._reset(writer)
                self.cuts += 1

        asyncio.run_coroutine_threadsafe(cut(), self._loop).result(10)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        self._server.close()
        for writer in list(self._live):
            self._reset(writer)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "refuse":
            self._reset(writer)
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            self._reset(writer)
            return
        self._live |= {writer, back}
        try:
            await asyncio.gather(
                self._pass_on(reader, back, "silent"),
                self._pass_on(there, writer, "silent", "mute"),
            )
        finally:
            self._live -= {writer, back}

    async def _pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *swallowing: Mode
    ) -> None:
        try:
            while some := await source.read(65_536):
                if self.mode in swallowing:
                    self.swallowed += len(some)
                    continue
                target.write(some)
                await target.drain()
        except OSError:
            pass
        finally:
            target.close()

    def _reset(self, writer: asyncio.StreamWriter) -> None:
        own: socket.socket | None = writer.get_extra_info("socket")
        if own is not None and not writer.is_closing():
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()
