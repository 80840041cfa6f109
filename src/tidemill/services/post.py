"""Post: which server takes mail, from whom it comes, and how many lines are kept to it."""

from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from tidemill.core.errors import InvalidOption
from tidemill.core.host import is_loopback
from tidemill.core.instants import Millis

_PLAIN: Final = "tls=off"
_HINT: Final = (
    'write "smtps://user:password@mail.example.org" or "smtp://…:587"; "?tls=off" is for one on '
    "this very machine"
)


class Post(Struct, frozen=True, kw_only=True):
    """How mail leaves the house.

    Attributes:
        url: `smtp://user:password@host:587`, or `smtps://`; empty: it does not.
        sender: the address it comes from.
        connections: lines to the server that a process has at most.
        timeout: for each step of handing a letter over.
        ca: a file of certificates to trust beside those that everybody trusts.
    """

    url: str = ""
    sender: str = ""
    connections: int = 4
    timeout: Millis = 15_000
    ca: str = ""

    def check(self) -> "Post":
        """Answer itself if mail can leave by it.

        Raises:
            InvalidOption: nothing says which server, or from whom.
        """
        if not (self.url and self.sender):
            raise InvalidOption(
                "mail cannot be sent, for nothing says how", hint="set mail.url and mail.sender"
            )
        return self

    @property
    def server(self) -> str:
        """The host and port that its lines lead to."""
        return f"{self.host}:{self.port}"

    @property
    def host(self) -> str:
        """The host that takes it."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return urlsplit(self.url).port or (465 if self.is_wrapped else 587)

    @property
    def is_wrapped(self) -> bool:
        """Whether TLS comes before the first word."""
        return urlsplit(self.url).scheme == "smtps"

    @property
    def is_plain(self) -> bool:
        """Whether the server needs no TLS, as one on this very machine may not."""
        return urlsplit(self.url).query == _PLAIN


def read_url(url: str) -> str:
    """The URL of a mail server, if it is one.

    Raises:
        InvalidOption: it is none, or goes without TLS to another machine.

    Example:
        >>> read_url("smtp://127.0.0.1:2525?tls=off")
        'smtp://127.0.0.1:2525?tls=off'
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise InvalidOption("this is no mail server", hint=_HINT) from None
    known = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.path in ("", "/")
    if not known or parts.query not in ("", _PLAIN):
        # What was written may hold a password, so it is not repeated.
        raise InvalidOption("this is no mail server", hint=_HINT)
    if parts.query and not is_loopback(parts.hostname or ""):
        raise InvalidOption(f"{parts.hostname} is asked without TLS", hint=_HINT)
    return parts.geturl()
