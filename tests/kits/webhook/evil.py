"""Receivers that behave as no server should."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def receiver(behave: Behaviour) -> Iterator[int]:
    """A server at 127.0.0.1 that has each connection be dealt with so; its port."""
    loop = asyncio.new_event_loop()
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)

    async def deal(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await behave(reader, writer)
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(deal, sock=listening))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(_end_all, loop)
        thread.join()
        loop.close()


def _end_all(loop: asyncio.AbstractEventLoop) -> None:
    for each in asyncio.all_tasks(loop):
        each.cancel()
    loop.call_soon(loop.stop)


async def read(reader: asyncio.StreamReader) -> None:
    """Take one request in."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.decode().lower().split("\r\n"):
        if line.startswith("content-length:"):
            length = int(line.partition(":")[2])
    await reader.readexactly(length)


def saying(said: bytes, *, close: bool = True) -> Behaviour:
    """One that says this to each request, whatever HTTP has to say of it."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read(reader)
            writer.write(said)
            await writer.drain()
            if close:
                return

    return behave


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """One that takes a request, and says nothing."""
    await reader.read()


async def slow_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One that lets its headers drip."""
    await read(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One that answers, and lets its body drip."""
    await read(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def endless_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One that answers without an end."""
    await read(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
        await writer.drain()


async def hangs_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """One that is gone as soon as it is there."""


OK: Final = b"HTTP/1.1 200 OK\r\n"
