"""Account: for whom a server has taken a letter, kept over all attempts of its job."""

from typing import Any

import msgspec
from msgspec import Struct


class Sent(Struct, frozen=True):
    """What came of a letter.

    Attributes:
        message_id: what receivers tell it apart by: the same for all attempts of its job.
        accepted: for whom a server has taken it; it says nothing of who has read it.
        refused: for whom it never will, with what it said.
        size: bytes that were sent.
        digest: SHA-256 of them, of the last time that it was sent.
    """

    message_id: str
    accepted: tuple[str, ...]
    refused: dict[str, str]
    size: int
    digest: str


class Bulk(Struct, frozen=True):
    """What came of many letters.

    Attributes:
        batch: the job that all of them are the batch of.
        letters: how many there are.
        sent: how many were taken for somebody.
        failed: how many were taken for nobody.
        refused: people for whom a letter was not taken, though for others it was.
    """

    batch: str
    letters: int
    sent: int = 0
    failed: int = 0
    refused: int = 0


class Account(Struct):
    """What is left for the next attempt, should there be one."""

    message_id: str = ""
    accepted: list[str] = []
    refused: dict[str, str] = {}
    size: int = 0
    digest: str = ""

    @classmethod
    def of(cls, checkpoint: Any) -> "Account":
        """As an earlier attempt has left it."""
        return cls() if checkpoint is None else msgspec.convert(checkpoint, cls)

    def knows(self, address: str) -> bool:
        """Whether it is decided what becomes of the letter to somebody."""
        return address in self.accepted or address in self.refused

    def add(self, mailed: Any) -> None:
        """Take in what came of an attempt, as the service mail says it."""
        self.message_id, self.size, self.digest = mailed.message_id, mailed.size, mailed.digest
        self.accepted = [*self.accepted, *mailed.accepted]
        self.refused = {**self.refused, **mailed.refused}

    def sent(self) -> Sent:
        """What the job answers in the end."""
        return Sent(
            self.message_id, tuple(self.accepted), dict(self.refused), self.size, self.digest
        )
