"""Where one installation keeps what it has: its ledger, its files, its mailboxes; and its day."""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from examples.finance import tables
from examples.finance.believable import ACCOUNTS
from examples.finance.ledger import Ledger
from examples.finance.post_office import PostOffice

_DIGEST: Final = re.compile(r"[0-9a-f]{32}")

ADDRESSES: Final[Mapping[str, str]] = {
    "ada": "ada@finance.example",
    "ben": "ben@finance.example",
}
"""Of the owners of accounts."""


class Place:
    """A folder and a ledger.

    Attributes:
        cache: what can be made again, and is deleted when it is old.
        zone: in which a day begins and ends.
    """

    def __init__(self, folder: Path, ledger: str, now: Callable[[], int], zone: str) -> None:
        """Look at a folder; it is made by `prepare`.

        Args:
            folder: where its files are.
            ledger: URL of its database; empty: a file in the folder.
            now: what time it is, milliseconds UTC.
            zone: in which its days are meant.
        """
        self.folder = folder
        self.ledger = Ledger(ledger or f"sqlite:///{folder}/ledger.db")
        self.post = PostOffice(folder / "mail")
        self.cache = folder / "cache"
        self.backups = folder / "backups"
        self.zone = zone
        self._inbox = folder / "inbox"
        self._now = now

    def prepare(self) -> None:
        """Make what is not there yet; safe twice, and from several processes at once."""
        for path in (self.folder, self._inbox, self.cache, self.backups, self.folder / "mail"):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.ledger.make()
        known = (
            {
                "id": each.id, "number": each.number, "name": each.name, "bank": each.bank,
                "currency": each.currency, "owner": each.owner,
            }
            for each in ACCOUNTS
        )  # fmt: skip
        self.ledger.keep(tables.accounts, known)

    def today(self) -> date:
        """The day that it is."""
        now = datetime.fromtimestamp(self._now() / 1_000, UTC)
        return now.astimezone(ZoneInfo(self.zone)).date()

    def file(self, content: bytes) -> str:
        """Keep a statement that was sent; what it is called from now on.

        The same content is the same file, however often it is sent.
        """
        name = hashlib.blake2b(content, digest_size=16).hexdigest()
        path = self._inbox / name
        if not path.exists():
            unfinished = path.with_name(f".{name}.{secrets.token_hex(4)}")
            unfinished.write_bytes(content)
            unfinished.replace(path)
        return name

    def sent(self, name: str) -> bytes:
        """A statement that was sent.

        Raises:
            FileNotFoundError: nothing of that name was.
        """
        if not _DIGEST.fullmatch(name):
            raise FileNotFoundError(f"{name!r} is no name of a statement")
        return (self._inbox / name).read_bytes()
