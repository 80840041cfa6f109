"""A real mail server of somebody else's: keeps what it has taken, and behaves as it is told to."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

Hook = Callable[[SMTP, str], Awaitable[str | None] | str | None]
"""Is given the server's side of a connection, and an address or nothing; its reply, if any."""


class Kept(NamedTuple):
    """A letter that was taken."""

    sender: str
    to: list[str]
    raw: bytes

    @property
    def letter(self) -> EmailMessage:
        """The letter, read."""
        read = message_from_bytes(self.raw, policy=policy.SMTP)
        assert isinstance(read, EmailMessage)
        return read

    @property
    def text(self) -> str:
        """Its plain text; lines end as in Python."""
        return self._body("plain")

    @property
    def html(self) -> str:
        """The same as HTML."""
        return self._body("html")

    def _body(self, kind: str) -> str:
        found = self.letter.get_body((kind,))
        return "" if found is None else str(found.get_content()).replace("\r\n", "\n")


class _Anywhere(Controller):
    """Listens wherever there is room, which nobody else can take in between."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # it brings no types


class Postbox:
    """One server. Whoever is called nobody is not known to it.

    Attributes:
        port: where it listens, on this machine.
        letters: what it has taken, in order.
        connections: how many there have been.
        on_mail: asked with each sender, before anything else is said.
        on_recipient: asked with each recipient.
        on_data: asked when a letter has come whole, before it is kept.
    """

    def __init__(self, port: int = 0) -> None:
        """Serve from `serving` on, at this port; 0: at one that is free then."""
        self.port = port
        self.letters: list[Kept] = []
        self.connections = 0
        self.on_mail: Hook | None = None
        self.on_recipient: Hook | None = None
        self.on_data: Hook | None = None

    @property
    def url(self) -> str:
        """Where it is, as the settings have it."""
        return f"smtp://127.0.0.1:{self.port}?tls=off"

    @contextmanager
    def serving(self, **options: Any) -> Iterator["Postbox"]:
        """Serve, on a thread of its own; options are those of aiosmtpd's SMTP."""
        controller = _Anywhere(self, hostname="127.0.0.1", port=self.port, **options)
        controller.start()
        self.port = controller.port
        # Those who only look whether it is there have been there by now.
        self.connections = 0
        try:
            yield self
        finally:
            controller.stop()

    async def handle_EHLO(  # noqa: N802 - its name there
        self, _server: Any, session: Any, _envelope: Any, hostname: str, replies: list[str]
    ) -> list[str]:
        """Count connections by their greetings."""
        self.connections += 1
        session.host_name = hostname
        return replies

    async def handle_MAIL(  # noqa: N802 - as above
        self, server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Begin a letter."""
        if reply := await _asked(self.on_mail, server, address):
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - as above
        self, server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Be told for whom it is."""
        if reply := await _asked(self.on_recipient, server, address):
            return reply
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """Take a letter."""
        if reply := await _asked(self.on_data, server, ""):
            return reply
        self.letters.append(Kept(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


async def _asked(hook: Hook | None, server: SMTP, address: str) -> str | None:
    if hook is None:
        return None
    said = hook(server, address)
    return said if said is None or isinstance(said, str) else await said


def hang_up(server: SMTP, _address: str = "") -> None:
    """Go away in the middle of a word."""
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


async def hang(_server: SMTP, _address: str = "") -> str | None:
    """Never say anything again."""
    await asyncio.get_running_loop().create_future()
    return None
