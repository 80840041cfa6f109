"""A mail server on this machine that keeps what it is sent, for whoever has none at hand."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from email.parser import BytesParser
from typing import Any, Final, NamedTuple

MOST: Final = 1_000
"""Letters that it keeps, the latest ones."""


class Received(NamedTuple):
    """A letter that has come in."""

    to: tuple[str, ...]
    message: Message

    @property
    def subject(self) -> str:
        """What it is about."""
        return " ".join(str(self.message["Subject"]).split())

    @property
    def text(self) -> str:
        """What it says."""
        for part in self.message.walk():
            if part.get_content_type() == "text/plain":
                said = part.get_payload(decode=True)
                return said.decode() if isinstance(said, bytes) else ""
        return ""


class Mailroom:
    """A mail server.

    Attributes:
        received: what has come in, oldest first.
        refuses: addresses that it knows nobody at.
    """

    def __init__(self, port: int = 0) -> None:
        """Take mail from `serving` on; 0: at any port that is free."""
        self.received: list[Received] = []
        self.refuses: set[str] = set()
        self._is_full = False
        self._port = port or _free_port()

    @property
    def url(self) -> str:
        """Where it is, as `mail.url` has it."""
        return f"smtp://127.0.0.1:{self._port}?tls=off"

    @contextmanager
    def serving(self) -> Iterator["Mailroom"]:
        """Take mail until the block ends."""
        from aiosmtpd.controller import Controller  # noqa: PLC0415 - a worker needs no server

        controller = Controller(self, hostname="127.0.0.1", port=self._port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()

    def fill(self) -> None:
        """Put every letter off, for there is no room."""
        self._is_full = True

    def empty(self) -> None:
        """Take letters again."""
        self._is_full = False

    async def handle_RCPT(  # noqa: N802 - its name there
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Say whether somebody is at an address."""
        if address in self.refuses:
            return "550 nobody here is called so"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """Take a letter."""
        if self._is_full:
            return "452 no room at the moment"
        message = BytesParser().parsebytes(envelope.content)
        self.received.append(Received(tuple(envelope.rcpt_tos), message))
        del self.received[:-MOST]
        return "250 OK"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
