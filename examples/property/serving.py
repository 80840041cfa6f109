"""Serving an installation on a thread, for its one command and for tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from examples.property.office import Office
from tidemill.api.serving import configured


@contextmanager
def serving(office: Office, port: int = 0) -> Iterator[str]:
    """Serve until the block ends; answer where.

    Args:
        office: what is served.
        port: on this machine; 0: any that is free.

    Raises:
        OSError: the port is taken.
    """
    server = _Server(configured(office.api(), "127.0.0.1", port))
    thread = threading.Thread(target=server.run, name="property-server")
    thread.start()
    try:
        server.known.wait(30)
        if not server.started:
            raise OSError(f"port {port} cannot be listened to")
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


class _Server(uvicorn.Server):
    """One that says when it listens, or that it does not."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.known = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.known.set()

    def run(self, sockets: Any = None) -> None:
        try:
            super().run(sockets)
        except SystemExit:  # it cannot listen, and has said so
            return
        finally:
            self.known.set()
