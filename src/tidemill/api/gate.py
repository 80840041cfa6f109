"""What every request passes before anything else, and what every answer says to browsers."""

import asyncio
import re
from collections.abc import MutableMapping
from ipaddress import IPv6Address
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tidemill.api import problems
from tidemill.client.tracing import carried, context_of
from tidemill.core.identity import new_id

MOST_BODY: Final = 2 << 20
"""Bytes that a body may have."""
MOST_HEADERS: Final = 32 << 10
"""Bytes of headers that a request may have."""
MOST_TARGET: Final = 16 << 10
"""Bytes that its path and its query may have together."""
SLOWEST_BODY: Final = 30.0
"""Seconds in which a body has to be here."""

_AROUND: Final = 4
"""Bytes that a header has beside its name and its value."""

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._\-]{8,64}")
_HOST: Final = re.compile(r"([A-Za-z0-9.\-]{1,253}|\[([0-9A-Fa-f:.]{2,45})\])(:\d{1,5})?")

POLICY: Final = "Content-Security-Policy"

HEADERS: Final = {
    POLICY: (
        "default-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none';"
        " frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What every answer says to browsers, unless it says otherwise itself."""
_WRITTEN: Final = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class Gate:
    """Middleware around the whole of it, routes that are not ours included."""

    def __init__(
        self, app: ASGIApp, most_body: int = MOST_BODY, slowest_body: float = SLOWEST_BODY
    ) -> None:
        """Stand before this application."""
        self._app = app
        self._most_body = most_body
        self._slowest_body = slowest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request = given if _REQUEST_ID.fullmatch(given) else new_id()
        state = scope.setdefault("state", {})
        state["request"] = request

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", ())
                said = {name for name, _ in own}
                message["headers"] = [
                    *own,
                    *(each for each in _WRITTEN if each[0] not in said),
                    (b"x-request-id", request.encode()),
                ]
                # Nobody who hears of a change asks before it is known to have been made.
                if (answered := state.get("answered")) is not None:
                    answered()
            await send(message)

        limited = _Limited(receive, self._most_body, self._slowest_body)
        wrong = self._wrong_with(scope, headers)
        if wrong is None:
            # Whatever the request enqueues is part of its caller's trace.
            carried.set(context_of(headers))
            await self._app(scope, limited, say)
        else:
            await problems.of_http(Request(scope), wrong)(scope, limited, say)

    def _wrong_with(self, scope: Scope, headers: Headers) -> HTTPException | None:
        """What is wrong with the form of a request, before its body."""
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > MOST_TARGET:
            return HTTPException(414, f"the URL is longer than {MOST_TARGET:,} bytes")
        # A server sees to that only where they come in parts.
        if sum(len(name) + len(value) + _AROUND for name, value in scope["headers"]) > MOST_HEADERS:
            return HTTPException(431, f"the headers are larger than {MOST_HEADERS:,} bytes")
        if not _names_a_host(headers.get("host", "")):
            return HTTPException(400, "the Host header names no host")
        written = scope.get("raw_path", b"").lower()
        if b"%2f" in written or b"%5c" in written:
            return HTTPException(400, "the path hides a slash")
        if "//" in scope["path"]:
            return HTTPException(400, "the path has an empty part")
        length = headers.get("content-length")
        if length is not None and "transfer-encoding" in headers:
            # Whoever passed this on may have gone by the other one of them, and what is behind the
            # body for one of us is the next request for the other.
            return HTTPException(
                400, "the length of the body is told in two ways", headers={"Connection": "close"}
            )
        if length is not None and (not length.isdigit() or int(length) > self._most_body):
            return HTTPException(413, f"the body is larger than {self._most_body:,} bytes")
        if headers.get("content-encoding", "identity") != "identity":
            return HTTPException(415, "the body is packed; send it as it is")
        return None


def _names_a_host(written: str) -> bool:
    """Whether it is a name or an address, with or without a port."""
    found = _HOST.fullmatch(written)
    if found is None or found[2] is None:
        return found is not None
    try:
        IPv6Address(found[2])
    except ValueError:
        return False
    return True


class _Limited:
    """Receives a body that is no larger and no slower than it may be."""

    __slots__ = ("_ends_at", "_left", "_receive", "_slowest")

    def __init__(self, receive: Receive, most: int, slowest: float) -> None:
        self._receive = receive
        self._left = most
        self._slowest = slowest
        self._ends_at: float | None = None

    async def __call__(self) -> MutableMapping[str, Any]:
        loop = asyncio.get_running_loop()
        if self._ends_at is None:
            self._ends_at = loop.time() + self._slowest
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, f"the body was not here after {self._slowest:g} s") from None
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise HTTPException(413, "the body is larger than it may be")
            if not message.get("more_body"):
                self._ends_at = float("inf")  # from here on one waits for the caller to go away
        return message
