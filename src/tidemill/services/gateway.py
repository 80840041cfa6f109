"""A proxy on this machine that a browser of ours goes through: to where it may go, and no further.

A browser resolves names by itself and follows what pages tell it. Behind a proxy it resolves
nothing: each connection it wants, whatever for, is asked of us by name, and goes to the very
address that was looked at.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from tidemill.core.errors import AddressRefused
from tidemill.services.outbound import Lookup, Reach, addresses_of, check_url, port_of, resolve

_HEAD: Final = 64 << 10
_PIECE: Final = 64 << 10
_PATIENCE: Final = 10.0
_DROPPED: Final = (b"proxy-connection:", b"connection:", b"proxy-authorization:")

_REFUSAL: Final = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

_log = logging.getLogger("tidemill.services")


class Gateway:
    """Listens on a port of its own at 127.0.0.1, from `open` to `aclose`."""

    def __init__(self, reach: Reach, lookup: Lookup = addresses_of) -> None:
        """Let through what is in reach."""
        self._reach = reach
        self._lookup = lookup
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        """Begin to listen, once; where that is."""
        if self._server is None:
            self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, limit=_HEAD)
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def aclose(self) -> None:
        """Listen no more, and cut every line."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for line in self._lines:
            line.cancel()
        if self._lines:
            await asyncio.wait(self._lines)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - this is one
        self._lines.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError):
            pass  # the browser is told by the end of its line
        except asyncio.CancelledError:
            pass  # nobody waits for this task but `aclose`, which has asked for it
        finally:
            self._lines.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
        first, _, rest = head.partition(b"\r\n")
        method, target, version = first.decode("ascii").split(" ")
        try:
            if method == "CONNECT":
                host, port = self._named(target)
                begin = b""
            else:
                parts = check_url(target, self._reach)
                host, port = parts.hostname or "", port_of(parts)
                begin = _own_form(method, target, version, rest)
            addresses = await resolve(host, port, self._reach, self._lookup)
            there, out = await self._connected(addresses, port)
        except AddressRefused as refused:
            _log.warning("a browser was not let through: %s", refused)
            writer.write(_REFUSAL)
            await writer.drain()
            return
        try:
            if begin:
                out.write(begin)
            else:
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await _both_ways((reader, out), (there, writer))
        finally:
            out.close()

    def _named(self, target: str) -> tuple[str, int]:
        """The host and the port that a tunnel is asked to, if one may have it."""
        host, _, port = target.rpartition(":")
        host, number = host.strip("[]").lower(), int(port)
        if not self._reach.frees(host, number) and number not in self._reach.ports:
            raise AddressRefused(f"port {number} of {host} is not one for HTTP")
        return host, number

    async def _connected(
        self, addresses: tuple[str, ...], port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        failure = OSError("the name has no address")
        for address in addresses:
            try:
                async with asyncio.timeout(_PATIENCE):
                    return await asyncio.open_connection(address, port)
            except OSError as error:
                failure = error
        raise failure


def _own_form(method: str, target: str, version: str, rest: bytes) -> bytes:
    """A request as the host itself is asked, over a line that is for this one alone."""
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [line for line in rest.split(b"\r\n") if line]
    kept = [line for line in lines if not line.lower().startswith(_DROPPED)]
    first = f"{method} {path} {version}".encode("ascii")
    return b"\r\n".join([first, *kept, b"Connection: close", b"", b""])


Way = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _both_ways(*ways: Way) -> None:
    """Carry what comes from each side to the other, until one of them has ended."""
    tasks = [asyncio.create_task(_carry(*way)) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
