"""Where requests leave the house: each goes to the very address that was looked at."""

import asyncio
import ssl
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import httpcore
import httpx

from tidemill.core.errors import AnswerTooLarge, ServiceError
from tidemill.core.instants import Millis, words
from tidemill.services.kept_lines import IDLE_FOR, KeptLines
from tidemill.services.line import Talk, connect
from tidemill.services.outbound import Lookup, Reach, addresses_of, resolve

_COURTESY: Final = 2.0
"""Seconds for the beginning of an answer whose status is all that counts."""
_FRAMING: Final = ("Content-Encoding", "Content-Length", "Transfer-Encoding")
_GZIP: Final = zlib.MAX_WBITS | 16


class Outlet:
    """Sends requests, over connections that are kept for a while and belong to a host by name.

    A name is resolved when a connection is made, and there alone; whatever asks comes through it.
    """

    def __init__(
        self,
        reach: Reach,
        *,
        ca: str = "",
        lookup: Lookup = addresses_of,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; nothing is connected.

        Args:
            reach: where requests may go.
            ca: a file of certificates to trust beside those that everybody trusts.
            lookup: what names stand for.
            context: whom to trust, if somebody has made up their mind before.
        """
        if context is None:
            context = httpx.create_ssl_context(trust_env=False)
            if ca:
                context.load_verify_locations(ca)
            context.set_alpn_protocols(["http/1.1"])
        self._context = context
        self._reach = reach
        self._lookup = lookup
        self._lines = KeptLines(self._connect)

    def within(self, reach: Reach) -> "Outlet":
        """One that goes so far and no further, with connections of its own.

        A connection is found again by the name of its host: one to an inner host, made for those
        who may ask it, must not serve those who may not.
        """
        return Outlet(reach, lookup=self._lookup, context=self._context)

    async def send(
        self,
        request: httpx.Request,
        most: int | None,
        *,
        patience: Millis | None = None,
        cut: bool = False,
    ) -> httpx.Response:
        """Send one request, and read its answer.

        Args:
            request: with its body in memory; its time-outs are in its extensions, as httpx has it.
            most: bytes that the answer may have, packed and unpacked; `None`: it is not read.
            patience: how long all of it may take; `None`: as long as its time-outs allow.
            cut: whether its status is all that counts, and so many bytes of it will do: whatever is
                wrong with the rest of it is no failure.

        Raises:
            AddressRefused: its host may not be asked.
            AnswerTooLarge: there is more of the answer.
            httpx.TransportError: it could not be sent, or not be answered.
        """
        try:
            async with asyncio.timeout(None if patience is None else patience / 1_000) as time:
                return await self._sent(request, most, time if cut else None)
        except TimeoutError:
            said = f"{request.url.host} has not answered within {words(patience or 0)}"
            raise httpx.ReadTimeout(said, request=request) from None
        except _FAILURES as error:
            raise _translated(error, request) from error

    async def aclose(self) -> None:
        """Let go of every connection."""
        await self._lines.aclose()

    async def _sent(
        self, request: httpx.Request, most: int | None, time: asyncio.Timeout | None
    ) -> httpx.Response:
        """Send a request and read its answer; with its time given, only as far as there is some."""
        written = _written(request)
        origin, seconds = written.url.origin, written.extensions["timeout"].get("connect")
        line = await self._lines.take(origin, seconds)
        try:
            answer = await line.handle_async_request(written)
            try:
                if most is None:
                    body = b""
                elif time is None:
                    body = await _read(answer, request, most)
                else:
                    time.reschedule(None)  # It has answered in time; the rest is short of its own.
                    body = await _beginning(answer, most)
            finally:
                await answer.aclose()
        finally:
            await self._lines.give_back(origin, line)
        headers = httpx.Headers(answer.headers)
        # The body is as it was before it was packed and framed; HEAD asks for no more than that.
        for name in () if request.method == "HEAD" else _FRAMING:
            headers.pop(name, None)
        return httpx.Response(answer.status, headers=headers, content=body, request=request)

    async def _connect(self, origin: httpcore.Origin, seconds: float | None) -> Talk:
        """Connect to one of the addresses of a host that were looked at.

        The name stays with the request, and TLS asks for its certificate.

        Raises:
            AddressRefused: the host may not be asked.
            httpcore.ConnectError: it could not be reached.
            httpcore.ConnectTimeout: it could not be reached in time.
        """
        host, context = origin.host.decode(), self._context if origin.scheme == b"https" else None
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in await self._look(host, origin.port, seconds):
            try:
                line = await connect(address, origin.port, seconds, context, host)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return Talk(origin, line, IDLE_FOR)
        raise failure

    async def _look(self, host: str, port: int, seconds: float | None) -> tuple[str, ...]:
        try:
            async with asyncio.timeout(seconds):
                return await resolve(host, port, self._reach, self._lookup)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} could not be looked up in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} could not be looked up: {error}") from error


_FAILURES: Final = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


def _translated(error: Exception, request: httpx.Request) -> httpx.TransportError:
    """The error as users of httpx know it; the two libraries name them alike."""
    kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
    return kind(str(error) or type(error).__name__, request=request)


def _written(request: httpx.Request) -> httpcore.Request:
    url = request.url
    timeouts: Mapping[str, Any] = request.extensions.get("timeout", {})
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.read(),
        extensions={"timeout": timeouts},
    )


async def _read(answer: httpcore.Response, request: httpx.Request, most: int) -> bytes:
    """The body, unpacked piece by piece, so that what is small on its way cannot grow unseen."""
    unpack, is_whole = _unpacker(httpx.Headers(answer.headers).get("Content-Encoding", ""))
    body, came = bytearray(), 0
    try:
        async for piece in answer.aiter_stream():
            came += len(piece)
            # One byte more than there is room for tells that there is more.
            body += unpack(piece, most - len(body) + 1)
            if max(came, len(body)) > most:
                raise AnswerTooLarge(
                    f"the answer of {request.url.host} is longer than {most:,} bytes",
                    hint="ask for less of it, or give the call a larger `most`",
                )
    except zlib.error as error:
        raise ServiceError(f"{request.url.host} answers what cannot be unpacked") from error
    if not is_whole():
        raise ServiceError(f"{request.url.host} ends its answer in the middle")
    return bytes(body)


async def _beginning(answer: httpcore.Response, most: int) -> bytes:
    """The first bytes of a body, as far as they come, come soon, and make sense."""
    body = bytearray()
    with suppress(*_FAILURES, TimeoutError, zlib.error, ServiceError):
        unpack, _ = _unpacker(httpx.Headers(answer.headers).get("Content-Encoding", ""))
        async with asyncio.timeout(_COURTESY):
            async for piece in answer.aiter_stream():
                body += unpack(piece, most - len(body))
                if len(body) >= most:
                    break
    return bytes(body)


def _unpacker(packed_as: str) -> tuple[Callable[[bytes, int], bytes], Callable[[], bool]]:
    """What unpacks at most so many bytes of a piece, and what says whether all has come."""
    if packed_as in ("", "identity"):
        return lambda piece, room: piece[:room], lambda: True
    if packed_as not in ("gzip", "x-gzip"):
        raise ServiceError(f"an answer is packed as {packed_as[:80]!r}, which was not asked for")
    unpacking: Any = zlib.decompressobj(_GZIP)
    began = False

    def unpack(piece: bytes, room: int) -> bytes:
        nonlocal began
        began = True
        unpacked: bytes = unpacking.decompress(piece, room)
        return unpacked

    return unpack, lambda: unpacking.eof or not began


def timeouts(connect: float, read: float) -> dict[str, Any]:
    """What a request's extensions say of how long to wait, in seconds.

    Args:
        connect: to be connected, the name's address included, and for room among connections.
        read: for each piece that is sent or received.
    """
    return {
        "timeout": {"connect": connect, "pool": connect, "read": read, "write": read},
    }
