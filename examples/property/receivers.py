"""Stand-ins for those who carry messages: a mail server, and a gateway for SMS and push."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

MOST: Final = 1_000
"""Messages that are kept, the latest ones."""


class Message(NamedTuple):
    """Something that somebody was told."""

    channel: str
    to: str
    subject: str
    body: str


class Receivers:
    """They take what they are sent, unless they are told not to.

    Attributes:
        received: what has come in, oldest first.
        refuses: addresses at which nobody is.
        is_down: whether the gateway answers nothing but 503.
    """

    def __init__(self) -> None:
        """Take nothing before `serving`."""
        self.received: list[Message] = []
        self.refuses: set[str] = set()
        self.is_down = False
        self.mail = ""
        self._gateway = ""
        self._lock = threading.Lock()

    @property
    def sms(self) -> str:
        """The gateway for SMS, as apprise has it."""
        return f"json://{self._gateway}/sms/{{to}}"

    @property
    def push(self) -> str:
        """The gateway for messages to devices, as apprise has it."""
        return f"json://{self._gateway}/push/{{to}}"

    def of(self, channel: str, to: str = "") -> list[Message]:
        """What has come in by a channel, for somebody or for anybody."""
        with self._lock:
            meant = [each for each in self.received if each.channel == channel]
        return [each for each in meant if to in ("", each.to)]

    def keep(self, message: Message) -> None:
        """Keep a message; from any thread."""
        with self._lock:
            self.received.append(message)
            del self.received[:-MOST]

    @contextmanager
    def serving(self) -> Iterator["Receivers"]:
        """Take messages until the block ends."""
        with ExitStack() as stack:
            stack.enter_context(self._serve_mail())
            stack.enter_context(self._serve_gateway())
            yield self

    @contextmanager
    def _serve_mail(self) -> Iterator[None]:
        from aiosmtpd.controller import Controller  # noqa: PLC0415 - a worker needs no server

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        controller = Controller(_Letters(self), hostname="127.0.0.1", port=port)
        controller.start()
        self.mail = f"smtp://127.0.0.1:{port}?tls=off"
        try:
            yield
        finally:
            controller.stop()

    @contextmanager
    def _serve_gateway(self) -> Iterator[None]:
        receivers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                _, channel, to = self.path.split("/", 2)
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                taken = not receivers.is_down and unquote(to) not in receivers.refuses
                if taken:
                    words = (told.get("title", ""), told.get("message", ""))
                    receivers.keep(Message(channel, unquote(to), *words))
                self.send_response(200 if taken else 503)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self._gateway = f"127.0.0.1:{server.server_port}"
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Letters:
    """What the mail server does with letters."""

    def __init__(self, receivers: Receivers) -> None:
        self._receivers = receivers

    async def handle_RCPT(  # noqa: N802 - its name there
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Say whether somebody is at an address."""
        if address in self._receivers.refuses:
            return "550 nobody here is called so"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """Take a letter."""
        letter: Any = message_from_bytes(envelope.content, policy=policy.default)
        subject = " ".join(str(letter["subject"]).split())
        for to in envelope.rcpt_tos:
            self._receivers.keep(Message("email", to, subject, letter.get_body().get_content()))
        return "250 OK"
