"""What a worker and its child processes say to each other, and how it is framed on a socket."""

import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from tidemill.core import outcome as outcomes
from tidemill.core.job import Claim, Progress
from tidemill.core.note import Note
from tidemill.core.outcome import Outcome
from tidemill.core.record import NewEntry
from tidemill.worker.run import Stop

_LENGTH: Final = struct.Struct(">I")
_PIECE: Final = 1 << 16
_MOST_PIECES: Final = 64
"""More than a socket holds, so that the last words of a dead child are all heard; and an end, so
that one who never stops talking does not keep us from answering."""


class Hello(Struct, tag=True, frozen=True):
    """The first word to a child: where its modules are.

    Attributes:
        path: `sys.path` of the worker.
        argv: `sys.argv` of the worker, which a program may read while it is imported.
        python_path: `PYTHONPATH` as handlers should see it; the child was started with another.
        main: file of the program that was started, in case tasks are declared in it.
        main_module: its name, if it was started as a module.
        app: `"package.module:app"`, or `None`: look into the module of the task's function.
    """

    path: list[str]
    argv: list[str]
    python_path: str | None
    main: str | None
    main_module: str | None
    app: str | None


class Start(Struct, tag=True, frozen=True):
    """Run this job.

    Attributes:
        module: where the task's function was written.
        memory: bytes that it may use beyond those that the child has already.
    """

    claim: Claim
    module: str
    memory: int | None


class Halt(Struct, tag=True, frozen=True):
    """The running job should stop."""

    why: Stop


class Said(Struct, tag=True, frozen=True):
    """The running job has noted something."""

    progress: Progress | None
    checkpoint: bytes | None
    lines: tuple[NewEntry, ...]

    def note(self, claim: Claim) -> Note:
        """The same as a note of that job."""
        return Note(claim, self.progress, self.checkpoint, self.lines)


class Ended(Struct, tag=True, frozen=True):
    """The running job has ended.

    Attributes:
        kind: which outcome it came to.
        outcome: its fields.
        last: whether the child takes no more jobs.
    """

    kind: str
    outcome: msgspec.Raw
    last: bool

    @classmethod
    def of(cls, outcome: Outcome, *, last: bool) -> "Ended":
        """Write an outcome down."""
        return cls(type(outcome).__name__, msgspec.Raw(msgspec.json.encode(outcome)), last)

    def read(self) -> Outcome:
        """The outcome that was written down."""
        read: Outcome = msgspec.json.decode(self.outcome, type=getattr(outcomes, self.kind))
        return read


ToChild = Hello | Start | Halt
ToWorker = Said | Ended

_encode: Final = msgspec.json.Encoder().encode


class Channel:
    """One end of the socket between a worker and a child: JSON, each message behind its length."""

    def __init__(self, end: socket.socket, kind: Any) -> None:
        """Speak over this socket; messages of this type are expected from it."""
        self.socket = end
        self._lock = threading.Lock()
        self._decode = msgspec.json.Decoder(kind).decode
        self._pieces = bytearray()

    def send(self, message: ToChild | ToWorker) -> None:
        """Say something; from any thread.

        Raises:
            OSError: the other end is gone.
        """
        payload = _encode(message)
        with self._lock:
            self.socket.sendall(_LENGTH.pack(len(payload)) + payload)

    def drain(self) -> bool:
        """Take in what has come, without waiting; whether the other end is still there."""
        for _ in range(_MOST_PIECES):
            try:
                piece = self.socket.recv(_PIECE, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not piece:
                return False
            self._pieces += piece
        return True

    def listen(self) -> Iterator[Any]:
        """Wait for messages, each as it comes, until the other end is gone."""
        while True:
            try:
                piece = self.socket.recv(_PIECE)
            except OSError:
                return
            if not piece:
                return
            self._pieces += piece
            yield from self.messages()

    def messages(self) -> Iterator[Any]:
        """The messages that have come whole, each once.

        Raises:
            msgspec.MsgspecError: what came is no message.
        """
        while len(self._pieces) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._pieces)
            end = _LENGTH.size + length
            if len(self._pieces) < end:
                return
            payload = bytes(self._pieces[_LENGTH.size : end])
            del self._pieces[:end]
            yield self._decode(payload)

    def close(self) -> None:
        """Hang up."""
        self.socket.close()
