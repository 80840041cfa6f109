"""A mail server on this machine that keeps what it is sent, for whoever has none at hand."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Lock
from typing import Any, Final, NamedTuple

MOST: Final = 2_000
"""Letters that it keeps, the latest ones."""


class Letter(NamedTuple):
    """A letter that has come in."""

    to: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """What it is about."""
        return " ".join(str(self.message["Subject"]).split())

    @property
    def text(self) -> str:
        """What it says."""
        body = self.message.get_body(("plain",))
        return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


class Mailroom:
    """A mail server.

    Attributes:
        letters: what has come in, oldest first.
        unknown: addresses at which it knows nobody.
        is_full: whether it puts every letter off, for there is no room.
        url: where it is, as `mail.url` has it; empty: it is closed.
    """

    def __init__(self) -> None:
        """Take mail from `serving` on."""
        self.letters: list[Letter] = []
        self.unknown: set[str] = set()
        self.is_full = False
        self.url = ""
        self._lock = Lock()

    def clear(self) -> None:
        """Forget all that has come in, and all that was said."""
        with self._lock:
            self.letters.clear()
        self.unknown.clear()
        self.is_full = False

    @contextmanager
    def serving(self) -> Iterator["Mailroom"]:
        """Take mail until the block ends."""
        from aiosmtpd.controller import Controller  # noqa: PLC0415 - a worker needs no server

        controller = Controller(self, hostname="127.0.0.1", port=_free_port())
        controller.start()
        self.url = f"smtp://127.0.0.1:{controller.port}?tls=off"
        try:
            yield self
        finally:
            self.url = ""
            controller.stop()

    def take(self, to: tuple[str, ...], content: bytes) -> None:
        """Keep a letter."""
        message = message_from_bytes(content, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        with self._lock:
            self.letters.append(Letter(to, message))
            del self.letters[:-MOST]

    def knows(self, address: str) -> bool:
        """Whether somebody is at an address."""
        return address not in self.unknown

    async def handle_RCPT(  # noqa: N802 - its name there
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Say whether somebody is at an address."""
        if not self.knows(address):
            return "550 nobody here is called so"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """Take a letter."""
        if self.is_full:
            return "452 no room at the moment"
        self.take(tuple(envelope.rcpt_tos), envelope.content)
        return "250 OK"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
