"""Running the API as a server of its own."""

import asyncio
import gc
import logging
from collections.abc import Callable
from socket import socket
from typing import Any, ClassVar, Final

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from tidemill.access.setup import LIFE, SetUp
from tidemill.access.users import Users
from tidemill.api.app import create_api
from tidemill.api.gate import MOST_HEADERS
from tidemill.app import Tidemill
from tidemill.core.errors import InvalidOption
from tidemill.core.host import is_loopback
from tidemill.core.instants import words

_IDLE: Final = 15
"""Seconds that a connection is kept without a request."""
_LAST_WORDS: Final = 10
"""Seconds that requests under way have when the server is told to stop."""

_log = logging.getLogger("tidemill.server")


def serve(
    app: Tidemill,
    *,
    host: str,
    port: int,
    trusted: str = "",
    certificate: str = "",
    private_key: str = "",
    tell: Callable[[str], object] = print,
) -> None:
    """Serve until told to stop.

    Args:
        app: whose jobs it is about.
        host: the address to listen at; off this machine only once there is an admin.
        port: 0: any that is free.
        trusted: addresses of proxies whose `X-Forwarded-*` headers count, joined by commas.
        certificate: file of the certificate, where TLS is spoken here.
        private_key: file of its key.
        tell: says something to whoever reads the console.

    Raises:
        InvalidOption: it would be reachable from elsewhere without an admin, or without TLS.
    """
    has_admin = Users(app.client).has_admin()
    check_reach(host, has_admin=has_admin, is_safe=bool(certificate or trusted))
    token = "" if has_admin else SetUp(app.client).begin()
    config = configured(create_api(app), host, port, trusted)
    config.ssl_certfile, config.ssl_keyfile = certificate or None, private_key or None
    # What is here now stays: the collector need not go through all of it again and again.
    gc.collect()
    gc.freeze()
    _Server(config, lambda url: tell(greeting(url, token))).run()


def greeting(url: str, token: str = "") -> str:
    """What is said to whoever has started a server.

    Args:
        url: where it is.
        token: what makes the first admin, where there is none.

    Example:
        >>> print(greeting("http://127.0.0.1:8420"))
        tidemill is at http://127.0.0.1:8420 until Ctrl-C
    """
    said = f"tidemill is at {url} until Ctrl-C"
    if not token:
        return said
    return (
        f"{said}\n"
        f"There is no admin yet; for {words(LIFE)} this token makes the first one:\n"
        f"  {token}\n"
        "Open this, and it is filled in:\n"
        f"  {url}/login?setup=true#{token}"
    )


class _Server(uvicorn.Server):
    """Says where it is, once it listens there."""

    def __init__(self, config: uvicorn.Config, tell: Callable[[str], object]) -> None:
        super().__init__(config)
        self._tell = tell

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        # The port may have been chosen just now.
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        scheme = "https" if self.config.is_ssl else "http"
        self._tell(f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}")


class Punctual(H11Protocol):
    """Lets go of whoever does not say in time what they want; left alone, it would wait for ever.

    Attributes:
        slowest_head: seconds in which the headers of a request have to be here.
    """

    slowest_head: ClassVar[float] = 15.0

    def __init__(self, *args: Any, **more: Any) -> None:
        """Take a connection; the server calls this."""
        super().__init__(*args, **more)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as there
        """Somebody has come, who has yet to say a word."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """A part of what they say; it is the whole that has to be here in time."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._forgive()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._forgive()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(
                self.slowest_head, self.timeout_keep_alive_handler
            )

    def _forgive(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def configured(api: FastAPI, host: str, port: int, trusted: str = "") -> uvicorn.Config:
    """How the server is run, wherever: the same for people and for tests, but for TLS.

    Args:
        api: what it serves.
        host: the address to listen at.
        port: 0: any that is free.
        trusted: addresses of proxies whose `X-Forwarded-*` headers count, joined by commas.
    """
    return uvicorn.Config(
        api,
        host=host,
        port=port,
        # Named, for what would be taken where it is installed sets no bounds to headers.
        http=Punctual,
        ws="none",
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted or None,
        server_header=False,
        # What it has to say of its beginning and its end is said by whoever runs it.
        log_level="warning",
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_LAST_WORDS,
        h11_max_incomplete_event_size=MOST_HEADERS,
        log_config=None,
        access_log=False,
    )


def check_reach(host: str, *, has_admin: bool, is_safe: bool) -> None:
    """See to it that nobody elsewhere can come in before somebody here has said who may.

    Raises:
        InvalidOption: they could, or passwords would be readable on their way.
    """
    if is_loopback(host):
        return
    if not has_admin:
        raise InvalidOption(
            f"{host} can be reached from other machines, and there is no admin yet",
            hint="`tidemill users create NAME --role admin` makes the first one",
        )
    if not is_safe:
        raise InvalidOption(
            f"{host} can be reached from other machines, and there is no TLS",
            hint="give --certificate and --private-key, or --trust-proxy and a proxy with TLS",
        )
