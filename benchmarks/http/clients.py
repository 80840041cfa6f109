"""Clients that cost as little as they can: requests are bytes, answers are read to their end."""

import asyncio
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from msgspec import Struct


class Answers(Struct, frozen=True):
    """What many clients have seen together.

    Attributes:
        lengths: seconds from each request to the end of its answer.
        seconds: that all of it took.
    """

    lengths: Sequence[float]
    seconds: float


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire; a name of a header has `_` where it has `-`."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines.append("Content-Type: application/json")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> bytes:
    """Send a request and read the answer; its status line."""
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length")
    )
    await reader.readexactly(length)
    return head.split(b"\r\n", 1)[0]


async def storm(
    url: str, make: Callable[[int], bytes], *, clients: int, seconds: float, expect: bytes
) -> Answers:
    """Let so many clients ask one thing after the other, each on a connection of its own.

    Args:
        make: the request of a number, which grows.
        expect: what every status line has to hold.
    """
    place = urlsplit(url)
    lengths: list[float] = []
    numbers = iter(range(1 << 40))
    begun = time.perf_counter()

    async def one() -> None:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        while time.perf_counter() - begun < seconds:
            sent = make(next(numbers))
            asked = time.perf_counter()
            status = await ask(reader, writer, sent)
            lengths.append(time.perf_counter() - asked)
            assert expect in status, status
        writer.close()

    await asyncio.gather(*(one() for _ in range(clients)))
    return Answers(lengths, time.perf_counter() - begun)
