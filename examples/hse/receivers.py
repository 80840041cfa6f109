"""Stand-ins for others: a mail server, and somebody who takes webhooks from whom they know."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple

from tidemill.errors import InvalidOption, SignatureRefused
from tidemill.signatures import verify

MOST: Final = 2_000
"""Letters and posts that are kept, the latest ones."""


class Letter(NamedTuple):
    """A letter that has come in."""

    to: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(self.message["Subject"]).strip()

    @property
    def text(self) -> str:
        """What it says."""
        body = self.message.get_body(("plain",))
        return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


class Post(NamedTuple):
    """A webhook that has come in, from whoever knows the secret."""

    id: str
    event: str
    data: Any
    headers: dict[str, str]


class Receivers:
    """They take what they are sent, unless they are told not to.

    Attributes:
        letters: mail that has come in, oldest first.
        posts: webhooks that have come in.
        refused: how many posts were signed by nobody who may.
        secrets: what webhooks may be signed with.
        unknown: addresses at which nobody is.
        answers: statuses of the posts to come; afterwards each is taken.
        now: the time that they go by, milliseconds; by default the machine's.
    """

    def __init__(self) -> None:
        """Take nothing before `serving`."""
        self.letters: list[Letter] = []
        self.posts: list[Post] = []
        self.refused = 0
        self.secrets: list[str] = []
        self.unknown: set[str] = set()
        self.answers: list[int] = []
        self.now: Callable[[], int] | None = None
        self.mail = ""
        self.host = ""
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where webhooks are taken."""
        return f"http://{self.host}/hooks"

    def clear(self) -> None:
        """Forget all that has come in, and all that was said."""
        with self._lock:
            self.letters, self.posts, self.refused = [], [], 0
            self.secrets, self.unknown, self.answers = [], set(), []

    @contextmanager
    def serving(self) -> Iterator["Receivers"]:
        """Take mail and webhooks until the block ends."""
        with ExitStack() as stack:
            stack.enter_context(self._serve_mail())
            stack.enter_context(self._serve_hooks())
            yield self

    async def handle_RCPT(  # noqa: N802 - its name there
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Say whether somebody is at an address."""
        if address in self.unknown:
            return "550 nobody here is called so"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """Take a letter."""
        message = message_from_bytes(envelope.content, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        with self._lock:
            self.letters.append(Letter(tuple(envelope.rcpt_tos), message))
            del self.letters[:-MOST]
        return "250 OK"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Take a post; answer its status."""
        with self._lock:
            if self.answers:
                return self.answers.pop(0)
            try:
                at = self.now() if self.now else None
                id_ = verify(self.secrets, headers, body, at=at)
            except (SignatureRefused, InvalidOption):  # the latter where nobody is known yet
                self.refused += 1
                return 401
            told = json.loads(body)
            self.posts.append(Post(id_, told["type"], told["data"], headers))
            del self.posts[:-MOST]
        return 204

    @contextmanager
    def _serve_mail(self) -> Iterator[None]:
        from aiosmtpd.controller import Controller  # noqa: PLC0415 - a worker needs no server

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        controller = Controller(self, hostname="127.0.0.1", port=port)
        controller.start()
        self.mail = f"smtp://127.0.0.1:{port}?tls=off"
        try:
            yield
        finally:
            controller.stop()

    @contextmanager
    def _serve_hooks(self) -> Iterator[None]:
        receivers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receivers.take(told, body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
