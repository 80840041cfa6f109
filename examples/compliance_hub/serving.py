"""The hub over HTTP: its own endpoints, and tidemill's API and dashboard below `/tidemill`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from examples.compliance_hub.api import routes
from examples.compliance_hub.hub import Hub
from examples.compliance_hub.pace import PER_MINUTE, Pace
from examples.compliance_hub.work import BELOW
from tidemill.api.app import create_api, let_in
from tidemill.api.serving import configured


def make_api(hub: Hub, per_minute: int = PER_MINUTE) -> Starlette:
    """All that the hub serves.

    Args:
        hub: what is served.
        per_minute: requests that one caller of the hub's own endpoints has.
    """
    own = FastAPI(title="RTO Compliance Hub", version="1", docs_url="/docs", redoc_url=None)
    let_in(own, hub.app)
    own.state.pace = Pace(per_minute)
    own.include_router(routes)
    return Starlette(routes=[Mount(BELOW, create_api(hub.app)), Mount("/", own)])


@contextmanager
def serving(hub: Hub, port: int = 0, *, per_minute: int = PER_MINUTE) -> Iterator[str]:
    """Serve on a thread of its own until the block ends; answer where.

    Args:
        hub: what is served.
        port: on this machine; 0: any that is free.
        per_minute: as `make_api` has it.

    Raises:
        OSError: the port is taken.
    """
    server = _Server(configured(make_api(hub, per_minute), "127.0.0.1", port))  # type: ignore[arg-type]  # any ASGI application
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        server.ready.wait(30)
        if not server.started:
            raise OSError(f"port {port} cannot be listened to")
        listening = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{listening}"
    finally:
        server.should_exit = True
        thread.join()


class _Server(uvicorn.Server):
    """Says when it listens, or that it will not."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    def run(self, sockets: list[socket] | None = None) -> None:
        try:
            super().run(sockets)
        except SystemExit:  # what it ends with where it cannot listen
            return
        finally:
            self.ready.set()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()
