"""A connection to one address, as httpcore uses one: on asyncio alone, with little around it."""

import asyncio
import select
import ssl
from typing import Any, Final

import httpcore

_MUCH: Final = 1 << 18
"""Bytes that have come and were not read yet, after which the sender is made to wait."""
_PACKET: Final = 1 << 16
"""Bytes that are gathered before they are sent: a request leaves in one piece if it is short."""


async def connect(
    address: str, port: int, seconds: float | None, context: ssl.SSLContext | None, name: str
) -> "Line":
    """Connect to an address, by TLS where there is a context.

    Args:
        address: of the host; no name.
        port: of it.
        seconds: that it may take, the handshake included; `None`: as long as it takes.
        context: whom to trust; `None`: without TLS.
        name: whose certificate is asked for.

    Raises:
        httpcore.ConnectError: it could not be reached, or does not come to terms.
        httpcore.ConnectTimeout: not in time.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            _, line = await loop.create_connection(
                Line,
                address,
                port,
                ssl=context,
                server_hostname=name if context else None,
            )
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"{name} could not be reached in time") from error
    except OSError as error:
        raise httpcore.ConnectError(str(error) or type(error).__name__) from error
    return line


class Talk(httpcore.AsyncHTTP11Connection):
    """HTTP over one connection, which is of no use any more once its server has said too much.

    Whatever comes behind an answer would be taken for the next one, which is somebody else's.
    """

    def is_idle(self) -> bool:
        """Whether another request may be sent."""
        said, _ = self._h11_state.trailing_data
        return super().is_idle() and not said


class Line(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """One connection, for whoever sends a request and then reads the answer.

    What is written leaves when something is read, or when it is much.
    """

    def __init__(self) -> None:
        """Wait to be connected."""
        self._transport: asyncio.Transport
        self._came = bytearray()
        self._unsent = bytearray()
        self._over = False
        self._error: Exception | None = None
        self._held_up = False
        self._waiting: asyncio.Future[None] | None = None

    # --- What asyncio tells ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP and TLS have these
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what has come until it is read."""
        self._came += data
        if len(self._came) > _MUCH:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """Nothing more will come; the transport closes itself."""
        self._over = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by either side."""
        self._over = True
        self._error = exc
        self._wake()

    def pause_writing(self) -> None:
        """The other side does not keep up."""
        self._held_up = True

    def resume_writing(self) -> None:
        """It does again."""
        self._held_up = False
        self._wake()

    # --- What httpcore asks for ---

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's own word
        """What has come, once there is something; empty: nothing more will.

        Raises:
            httpcore.ReadTimeout: nothing came in time.
            httpcore.ReadError: the connection broke.
        """
        self._send()
        if not self._came and not self._over:
            try:
                async with asyncio.timeout(timeout):
                    await self._wait()
            except TimeoutError as error:
                raise httpcore.ReadTimeout("nothing came in time") from error
        if not self._came:
            if self._error is not None:
                raise httpcore.ReadError(str(self._error)) from self._error
            return b""
        taken = bytes(self._came[:max_bytes])
        del self._came[:max_bytes]
        if not self._over:
            self._transport.resume_reading()
        return taken

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        """Send something, at the latest when an answer is waited for.

        Raises:
            httpcore.WriteTimeout: the other side did not take it in time.
            httpcore.WriteError: the connection broke.
        """
        self._unsent += buffer
        if len(self._unsent) < _PACKET:
            return
        self._send()
        try:
            async with asyncio.timeout(timeout):
                while self._held_up and not self._over:
                    await self._wait()
        except TimeoutError as error:
            raise httpcore.WriteTimeout("it was not taken in time") from error
        if self._over:
            raise httpcore.WriteError("the connection is closed")

    async def aclose(self) -> None:
        """Close it; what was not sent is forgotten."""
        self._over = True
        self._transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """Whether something has come that nobody has asked for, or the end: it is done for."""
        if info == "is_readable":
            # What the event loop has not seen yet counts, too: a server closes at any time.
            return self._over or bool(self._came) or self._is_readable()
        return self._transport.get_extra_info(info)

    def _is_readable(self) -> bool:
        number = self._transport.get_extra_info("socket").fileno()
        if number < 0:
            return True
        looking = select.poll()
        looking.register(number, select.POLLIN)
        return bool(looking.poll(0))

    def _send(self) -> None:
        if self._unsent and not self._over:
            self._transport.write(bytes(self._unsent))
        self._unsent.clear()

    async def _wait(self) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
