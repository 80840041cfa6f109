"""PostgreSQL's messages as they pass by: which statement is run, and when it has been answered."""

import struct
from collections.abc import Iterator
from typing import Final

_STARTS: Final = 196_608
"""Code of the message that begins a session; those before it ask how to encrypt."""

_HEAD: Final = struct.Struct("!I")


class Requests:
    """What one client asks for, read from its bytes."""

    def __init__(self) -> None:
        self._rest = b""
        self._has_begun = False
        self._prepared: dict[bytes, str] = {}

    def read(self, some: bytes) -> list[str]:
        """The texts of the statements that are run by these bytes."""
        self._rest += some
        return [text for kind, body in self._messages() if (text := self._statement(kind, body))]

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        """Whole messages; only those that begin a session carry no kind."""
        while True:
            skipped = int(self._has_begun)
            if len(self._rest) < skipped + 4:
                return
            length = _HEAD.unpack_from(self._rest, skipped)[0] + skipped
            if len(self._rest) < length:
                return
            message, self._rest = self._rest[:length], self._rest[length:]
            if self._has_begun:
                yield message[:1], message[5:]
            else:
                self._has_begun = _HEAD.unpack_from(message, 4)[0] == _STARTS

    def _statement(self, kind: bytes, body: bytes) -> str:
        """The text that a message runs, if it runs one."""
        if kind == b"P":
            name, text, _ = body.split(b"\0", 2)
            self._prepared[name] = text.decode()
        elif kind == b"B":
            _, name, _ = body.split(b"\0", 2)
            return self._prepared.get(name, "")
        elif kind == b"Q":
            return body.rstrip(b"\0").decode()
        return ""


class Answer:
    """The server's answer to one request, from its first byte to its last."""

    def __init__(self) -> None:
        self._rest = b""

    def is_whole(self, some: bytes) -> bool:
        """Whether the server is ready for the next request: what was asked is done."""
        self._rest += some
        while len(self._rest) >= 5:
            length = 1 + _HEAD.unpack_from(self._rest, 1)[0]
            if self._rest[:1] == b"Z":
                return True
            if len(self._rest) < length:
                return False
            self._rest = self._rest[length:]
        return False
