"""A real HTTP server of somebody else's: keeps what it is sent, and answers as it was told to."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Mapping[str, str]]


class Receiver:
    """One server.

    Attributes:
        url: where it is, without a path.
        got: headers and body of all that was posted to it.
        answers: of the posts to come, in order; afterwards each is answered with 204.
        document: what whoever gets anything is given, as JSON.
    """

    def __init__(self) -> None:
        """Serve from `serving` on."""
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[Answer] = []
        self.document = ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                self._say(status, headers, receiver.document.encode())

            def do_GET(self) -> None:
                self._say(200, {"Content-Type": "application/json"}, receiver.document.encode())

            def _say(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator["Receiver"]:
        """Serve, on a thread of its own."""
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
