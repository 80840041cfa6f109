"""Stand-ins for those who carry messages: a mail server, and a gateway for SMS and push."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from examples.stage.mailroom import Mailroom
from examples.stage.web import Desk, answering

MOST: Final = 1_000
"""Messages that the gateway keeps, the latest ones."""


class Message(NamedTuple):
    """Something that somebody was told."""

    channel: str
    to: str
    subject: str
    body: str


class Receivers:
    """They take what they are sent, unless they are told not to.

    Attributes:
        post: the mail server.
        unknown: addresses at which nobody is.
        is_down: whether the gateway answers nothing but 503.
    """

    def __init__(self) -> None:
        """Take nothing before `serving`."""
        self.post = Mailroom()
        self.unknown = self.post.unknown
        self.is_down = False
        self._messages: list[Message] = []
        self._gateway = ""
        self._lock = Lock()

    @property
    def mail(self) -> str:
        """The mail server, as `mail.url` has it."""
        return self.post.url

    @property
    def sms(self) -> str:
        """The gateway for SMS, as apprise has it."""
        return f"json://{self._gateway}/sms/{{to}}"

    @property
    def push(self) -> str:
        """The gateway for messages to devices, as apprise has it."""
        return f"json://{self._gateway}/push/{{to}}"

    @property
    def received(self) -> list[Message]:
        """What has come in: letters, and behind them what the gateway has taken, oldest first."""
        letters = [
            Message("email", to, letter.subject, letter.text)
            for letter in list(self.post.letters)
            for to in letter.to
        ]
        with self._lock:
            return letters + self._messages

    def of(self, channel: str, to: str = "") -> list[Message]:
        """What has come in by a channel, for somebody or for anybody."""
        meant = [each for each in self.received if each.channel == channel]
        return [each for each in meant if to in ("", each.to)]

    def clear(self) -> None:
        """Forget all that has come in, and all that was said."""
        self.post.clear()
        with self._lock:
            self._messages.clear()
        self.is_down = False

    def take(self, channel: str, to: str, told: dict[str, Any]) -> bool:
        """Take what the gateway is sent; whether it was taken."""
        if self.is_down or to in self.unknown:
            return False
        with self._lock:
            self._messages.append(
                Message(channel, to, told.get("title", ""), told.get("message", ""))
            )
            del self._messages[:-MOST]
        return True

    @contextmanager
    def serving(self) -> Iterator["Receivers"]:
        """Take messages until the block ends."""
        with self.post.serving(), answering(partial(_Gateway, self)) as self._gateway:
            yield self


class _Gateway(Desk):
    def __init__(self, receivers: Receivers, *line: Any) -> None:
        self._receivers = receivers
        super().__init__(*line)

    def answer(self) -> None:
        _, channel, to = self.path.split("/", 2)
        taken = self._receivers.take(channel, unquote(to), json.loads(self.body()))
        self.say(200 if taken else 503)
