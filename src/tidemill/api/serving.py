"""Running the API as a server of its own."""

import logging
from collections.abc import Callable
from typing import Final

import uvicorn

from tidemill.access.setup import LIFE, SetUp
from tidemill.access.users import Users
from tidemill.api.app import create_api
from tidemill.app import Tidemill
from tidemill.core.errors import InvalidOption
from tidemill.core.host import is_loopback
from tidemill.core.instants import words

MOST_HEADERS: Final = 32 << 10
"""Bytes of headers that a request may have."""

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
    if not has_admin:
        token = SetUp(app.client).begin()
        tell(f"There is no admin yet; for {words(LIFE)} this token makes the first one:\n  {token}")
    config = uvicorn.Config(
        create_api(app),
        host=host,
        port=port,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted or None,
        ssl_certfile=certificate or None,
        ssl_keyfile=private_key or None,
        server_header=False,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_LAST_WORDS,
        h11_max_incomplete_event_size=MOST_HEADERS,
        log_config=None,
        access_log=False,
    )
    uvicorn.Server(config).run()


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
