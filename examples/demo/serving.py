"""One server: the dashboard of the whole store, and below it what each application serves."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from socket import socket

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from examples.demo.cast import Cast
from tidemill import Tidemill
from tidemill.api.app import create_api
from tidemill.api.serving import configured
from tidemill.loops.clock import Clock


def whole(
    url: str, casts: Mapping[str, Cast], settings: Mapping[str, str], clock: Clock | None = None
) -> Tidemill:
    """The application that looks at all jobs of a store, and knows everybody's tasks."""
    app = Tidemill(url, tenant="", settings=settings, clock=clock)
    for cast in casts.values():
        for task in cast.app.registry:
            app.registry.add(task, own=True)
    return app


@contextmanager
def serving(app: Tidemill, casts: Mapping[str, Cast], port: int) -> Iterator[None]:
    """Serve on a thread of its own until the block ends.

    Args:
        app: the application that looks at all.
        casts: what is served below it, by its name.
        port: on this machine.

    Raises:
        OSError: the port is taken.
    """
    below = [Mount(f"/{name}", cast.api()) for name, cast in casts.items()]
    site = Starlette(routes=[*below, Mount("/", create_api(app))])
    server = _Server(configured(site, "127.0.0.1", port))  # type: ignore[arg-type]  # any ASGI application
    thread = threading.Thread(target=server.run, name="demo-server")
    thread.start()
    try:
        server.known.wait(60)
        if not server.started:
            raise OSError(f"port {port} cannot be listened to: is another demo running?")
        yield
    finally:
        server.should_exit = True
        thread.join()


class _Server(uvicorn.Server):
    """One that says when it listens, or that it does not."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.known = threading.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.known.set()

    def run(self, sockets: list[socket] | None = None) -> None:
        try:
            super().run(sockets)
        except SystemExit:  # it cannot listen, and has said so
            return
        finally:
            self.known.set()
