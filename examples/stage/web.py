"""HTTP of this process, on threads of its own: an application, and stand-ins for third parties."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any, ClassVar, Final

import uvicorn
from starlette.types import ASGIApp

from tidemill.api.serving import configured

_PATIENCE: Final = 60.0
"""Seconds until a server has to listen, or to have said that it cannot."""


@contextmanager
def serving(api: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve an application until the block ends; answer where.

    Args:
        api: what is served.
        port: on this machine; 0: any that is free.

    Raises:
        OSError: the port is taken.
    """
    server = _Server(configured(api, "127.0.0.1", port))  # type: ignore[arg-type]  # any ASGI application
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        server.known.wait(_PATIENCE)
        if not server.started:
            raise OSError(f"port {port} cannot be listened to: does something else run there?")
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
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


class Desk(BaseHTTPRequestHandler):
    """What a stand-in answers with: it keeps lines open, and says nothing on the console."""

    protocol_version = "HTTP/1.1"
    timeout: ClassVar[float] = 30.0

    def do_GET(self) -> None:
        """Be asked for something."""
        self.answer()

    def do_POST(self) -> None:
        """Be told something."""
        self.answer()

    def answer(self) -> None:
        """Answer one request, which `command` and `path` tell of."""
        self.say(404)

    def told(self) -> dict[str, str]:
        """The headers of the request, their names in small letters."""
        return {name.lower(): value for name, value in self.headers.items()}

    def body(self, most: int = 10_000_000) -> bytes:
        """The body of the request, cut where it is larger than that."""
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), most))

    def say(
        self, status: int, body: bytes = b"", kind: str = "application/json", **headers: str
    ) -> None:
        """Answer.

        Args:
            status: of HTTP.
            body: what is said.
            kind: its media type.
            headers: more of them, `Retry_After` for `Retry-After`.
        """
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: whoever puts it on has a screen of their own."""


@contextmanager
def answering(desk: Callable[..., Desk], port: int = 0) -> Iterator[str]:
    """Be a third party until the block ends; answer its host and port, as `services.allow` has it.

    Args:
        desk: makes what answers the requests of one line.
        port: on this machine; 0: any that is free.
    """
    server = _Office(("127.0.0.1", port), desk)
    serve = {"poll_interval": 0.05}
    thread = threading.Thread(target=server.serve_forever, kwargs=serve, name="third-party")
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        server.hang_up()


class _Office(ThreadingHTTPServer):
    """A thread for each line; at the end no line is left open."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *args: Any) -> None:
        self._lines: set[Any] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._lines.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the lines that are open: whoever keeps one would go on being answered."""
        for line in list(self._lines):
            self.shutdown_request(line)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever has gone is told nothing, and neither is the console."""
