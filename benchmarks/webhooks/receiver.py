"""A receiver in a process of its own: it answers 204 to everything, and checks nothing.

What is measured is the sender.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

HOST: Final = "127.0.0.1"


@contextmanager
def receiving() -> Iterator[str]:
    """A receiver in a process of its own: where it takes webhooks."""
    command = [sys.executable, "-m", __name__]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://{HOST}:{int(process.stdout.readline())}/in"
    finally:
        process.kill()
        process.wait()


class _Receiver(asyncio.Protocol):
    """Answers each request with 204, as soon as all of it is there."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._came = b""

    def data_received(self, data: bytes) -> None:
        self._came += data
        while (end := self._came.find(b"\r\n\r\n")) >= 0:
            head = self._came[:end].lower()
            at = head.index(b"content-length:") + 15
            whole = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
            if len(self._came) < whole:
                return
            self._came = self._came[whole:]
            assert isinstance(self._transport, asyncio.Transport)
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


async def _receive() -> None:
    server = await asyncio.get_running_loop().create_server(_Receiver, HOST, 0, backlog=1_024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_receive())
