"""What comes of handing a letter to a server: its replies, or that there was none."""

from typing import Final

from msgspec import Struct

_FOR_GOOD: Final = 500
_WORST: Final = 400


class Lost(Exception):
    """The line broke, or the server hung up, before it could have taken the letter.

    Attributes:
        reached: whether it had been there at all, ready to take letters.
    """

    def __init__(self, said: str, *, reached: bool) -> None:
        """Say how."""
        super().__init__(said)
        self.reached = reached


class Unsure(Exception):
    """The line broke when the letter was on its way: the server may have taken it, or not."""


class Crowded(Exception):
    """All lines are in use, and none has become free for a while."""


class NoUtf8(Exception):
    """The server takes no addresses in other letters than those of ASCII."""


class Reply(Struct, frozen=True):
    """What a server says.

    Attributes:
        code: three digits.
        words: the rest.
    """

    code: int
    words: str

    @property
    def is_yes(self) -> bool:
        """Whether it takes what it was asked to."""
        return self.code < _WORST

    @property
    def is_later(self) -> bool:
        """Whether it may say something else at another time; from 500 on it is said for good."""
        return _WORST <= self.code < _FOR_GOOD

    def __str__(self) -> str:
        return f"{self.code} {self.words}"[:500].strip()


class Taken(Struct, frozen=True):
    """How a server has answered a letter.

    Attributes:
        whole: what it has said of the letter as a whole.
        refused: what it has said of those for whom it does not take it.
    """

    whole: Reply
    refused: dict[str, Reply]
