"""HSE.Digital over HTTP: its own endpoints, and tidemill's API and dashboard below them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from examples.hse import hooks, routes
from examples.hse.system import BELOW, Hse
from tidemill.api.app import create_api, let_in
from tidemill.api.serving import configured


def make_api(hse: Hse) -> FastAPI:
    """All that it serves."""
    own = FastAPI(title="HSE.Digital", docs_url="/docs", redoc_url=None)
    let_in(own, hse.app)
    own.state.hse = hse
    own.include_router(routes.routes)
    own.include_router(hooks.routes)
    own.include_router(hooks.stripe)
    own.mount(BELOW, create_api(hse.app))
    return own


@contextmanager
def serving(hse: Hse, port: int = 0) -> Iterator[str]:
    """Serve on a thread of its own until the block ends; answer where.

    Args:
        hse: what is served.
        port: on this machine; 0: any that is free.

    Raises:
        OSError: the port is taken.
    """
    server = _Server(configured(make_api(hse), "127.0.0.1", port))
    thread = threading.Thread(target=server.run, name="hse-server")
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
