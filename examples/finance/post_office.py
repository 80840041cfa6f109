"""A mail server that takes what it is sent and files it, by its addressees, into real mailboxes."""

from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path
from typing import Any, Final

from examples.stage.mailroom import Mailroom

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789@.-_+")


class PostOffice(Mailroom):
    """Maildirs below a folder, one for each address, and a server that fills them."""

    def __init__(self, folder: Path) -> None:
        """Keep mail below this folder, from `serving` on."""
        super().__init__()
        self._folder = folder

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

    def take(self, to: tuple[str, ...], content: bytes) -> None:
        """File what the server is sent."""
        self.put(content, *to)

    def knows(self, address: str) -> bool:
        """Whether somebody can have that address."""
        try:
            self.mailbox(address)
        except ValueError:
            return False
        return True
