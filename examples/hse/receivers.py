"""Stand-ins for others: a mail server, and somebody who takes webhooks from whom they know."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, Final, NamedTuple

from examples.stage.mailroom import Letter, Mailroom
from examples.stage.web import Desk, answering
from tidemill.errors import InvalidOption, SignatureRefused
from tidemill.signatures import verify

MOST: Final = 2_000
"""Posts that are kept, the latest ones."""


class Post(NamedTuple):
    """A webhook that has come in, from whoever knows the secret."""

    id: str
    event: str
    data: Any
    headers: dict[str, str]


class Receivers:
    """They take what they are sent, unless they are told not to.

    Attributes:
        post: the mail server.
        posts: webhooks that have come in.
        refused: how many posts were signed by nobody who may.
        secrets: what webhooks may be signed with.
        unknown: addresses at which nobody is.
        answers: statuses of the posts to come; afterwards each is taken.
        now: the time that they go by, milliseconds; by default the machine's.
    """

    def __init__(self) -> None:
        """Take nothing before `serving`."""
        self.post = Mailroom()
        self.unknown = self.post.unknown
        self.posts: list[Post] = []
        self.refused = 0
        self.secrets: list[str] = []
        self.answers: list[int] = []
        self.now: Callable[[], int] | None = None
        self.host = ""
        self._lock = Lock()

    @property
    def mail(self) -> str:
        """The mail server, as `mail.url` has it."""
        return self.post.url

    @property
    def letters(self) -> list[Letter]:
        """Mail that has come in, oldest first."""
        return self.post.letters

    @property
    def url(self) -> str:
        """Where webhooks are taken."""
        return f"http://{self.host}/hooks"

    def clear(self) -> None:
        """Forget all that has come in, and all that was said."""
        self.post.clear()
        with self._lock:
            self.posts, self.refused = [], 0
            self.secrets, self.answers = [], []

    @contextmanager
    def serving(self) -> Iterator["Receivers"]:
        """Take mail and webhooks until the block ends."""
        with self.post.serving(), answering(partial(_Hooks, self)) as self.host:
            yield self

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


class _Hooks(Desk):
    def __init__(self, receivers: Receivers, *line: Any) -> None:
        self._receivers = receivers
        super().__init__(*line)

    def answer(self) -> None:
        self.say(self._receivers.take(self.told(), self.body()))
