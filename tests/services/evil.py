"""Receivers that behave as no server should."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

Behaviour = Callable[[socket.socket], None]

OK: Final = b"HTTP/1.1 200 OK\r\n"

_MOMENT: Final = 0.02
"""Seconds between two drops; a receiver has no clock of ours."""


@contextmanager
def receiver(behave: Behaviour) -> Iterator[int]:
    """A server at 127.0.0.1 that has each connection be dealt with so; its port."""
    lines: list[tuple[socket.socket, threading.Thread]] = []
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)

    def deal(line: socket.socket) -> None:
        with suppress(OSError, EOFError):
            behave(line)
        line.close()

    def accept() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=deal, args=(line,), daemon=True)
            lines.append((line, thread))
            thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join()
        for line, thread in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            thread.join()


def read(line: socket.socket) -> None:
    """Take one request in."""
    came = b""
    while (end := came.find(b"\r\n\r\n")) < 0:
        came += _some(line)
    at = came.lower().index(b"content-length:") + 15
    whole = end + 4 + int(came[at:].split(b"\r\n", 1)[0])
    while len(came) < whole:
        came += _some(line)


def saying(said: bytes) -> Behaviour:
    """One that says this to a request, whatever HTTP has to say of it, and hangs up."""

    def behave(line: socket.socket) -> None:
        read(line)
        line.sendall(said)

    return behave


def saying_to_each(said: bytes, *, behind: bytes) -> Behaviour:
    """One that answers each request, and says more behind its answer."""

    def behave(line: socket.socket) -> None:
        while True:
            read(line)
            line.sendall(said + behind)

    return behave


def dripping(begin: bytes, drop: bytes) -> Behaviour:
    """One that begins to answer, and lets the rest drip."""

    def behave(line: socket.socket) -> None:
        read(line)
        line.sendall(begin)
        while True:
            line.sendall(drop)
            threading.Event().wait(_MOMENT)

    return behave


def endless(line: socket.socket) -> None:
    """One that answers, and does not come to an end."""
    read(line)
    line.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        line.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")


def silent(line: socket.socket) -> None:
    """One that takes whatever comes, and says nothing."""
    while True:
        _some(line)


def waiting(until: threading.Event) -> Behaviour:
    """One that takes its time, until something has happened."""

    def behave(line: socket.socket) -> None:
        read(line)
        until.wait(30)
        line.sendall(OK + b"Content-Length: 0\r\nConnection: close\r\n\r\n")

    return behave


def hangs_up(_line: socket.socket) -> None:
    """One that is gone as soon as it is there."""


def _some(line: socket.socket) -> bytes:
    if came := line.recv(65_536):
        return came
    raise EOFError
