"""A mail server that takes what it is sent and files it, by its addressees, into real mailboxes."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path
from typing import Any, Final

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789@.-_+")


class PostOffice:
    """Maildirs below a folder, one for each address, and a server that fills them.

    Attributes:
        url: where the server takes mail, as `mail.url` has it; empty: it is closed.
    """

    def __init__(self, folder: Path) -> None:
        """Keep mail below this folder."""
        self._folder = folder
        self.url = ""

    def mailbox(self, address: str) -> Path:
        """The Maildir of an address, made if it is not there.

        Raises:
            ValueError: it is no address that could be the name of a folder.
        """
        name = address.lower()
        if not name or not set(name) <= _PLAIN or name.startswith("."):
            raise ValueError(f"{address!r} has no mailbox here")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / name
        Maildir(path, create=True)
        return path

    def put(self, message: EmailMessage | bytes, *addresses: str) -> None:
        """File a mail."""
        for address in addresses:
            Maildir(self.mailbox(address), create=True).add(message)

    def read(self, address: str) -> list[Any]:
        """The mails of an address, the oldest first."""
        box = Maildir(self.mailbox(address), create=False)
        return [box[key] for key in sorted(box.keys())]

    @contextmanager
    def serving(self, port: int = 0) -> Iterator["PostOffice"]:
        """Take mail by SMTP on this machine, until the block ends."""
        from aiosmtpd.controller import Controller  # noqa: PLC0415 - a worker needs no server

        controller = Controller(_Clerk(self), hostname="127.0.0.1", port=port or _free_port())
        controller.start()
        self.url = f"smtp://127.0.0.1:{controller.port}?tls=off"
        try:
            yield self
        finally:
            self.url = ""
            controller.stop()


class _Clerk:
    """Does what the server asks for."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office

    async def handle_RCPT(  # noqa: N802 - its name there
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        try:
            self._office.mailbox(address)
        except ValueError:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        self._office.put(envelope.content, *envelope.rcpt_tos)
        return "250 OK"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
