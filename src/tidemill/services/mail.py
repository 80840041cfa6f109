"""How mail leaves the house: letters, and the server that takes them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from tidemill.core.errors import InvalidOption

if TYPE_CHECKING:
    from email.message import EmailMessage

    import aiosmtplib

PATIENCE: Final = 15.0
"""Seconds that a server has for each step."""

MOST_ADDRESSES: Final = 50

_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"\\()\[\]\x00-\x20\x7f]{1,64}@[A-Za-z0-9.\-]{1,253}")
_MOST_SUBJECT: Final = 500


class Post(Struct, frozen=True):
    """How mail leaves the house, as the settings have it.

    Attributes:
        url: `smtp://user:password@host:587`, or `smtps://`; empty: it does not.
        sender: the address it comes from.
    """

    url: str = ""
    sender: str = ""


def check_address(address: str) -> str:
    """The address, if mail can go there.

    Raises:
        InvalidOption: it is none, or more than one.
    """
    if not _ADDRESS.fullmatch(address):
        raise InvalidOption(
            f"{address!r} is no mail address", hint="write it plainly: zoe@example.org"
        )
    return address


def letter(
    sender: str, to: tuple[str, ...], subject: str, body: str, *, id_: str, html: str = ""
) -> "EmailMessage":
    """A letter that nobody is to answer, of one line of subject.

    Args:
        id_: what tells it apart from all other letters.
        html: the body again, for those who would rather see that.
    """
    from email.message import EmailMessage  # noqa: PLC0415 - only who sends mail needs it
    from email.policy import SMTP  # noqa: PLC0415 - as above

    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = " ".join(subject.replace("\0", " ").split())[:_MOST_SUBJECT]
    message["Message-ID"] = f"<{id_}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    if html:
        message.add_alternative(html, subtype="html")
    return message


@asynccontextmanager
async def connected(post: Post) -> AsyncIterator["aiosmtplib.SMTP"]:
    """The server, ready to take letters.

    Raises:
        InvalidOption: nothing says which server, or from whom.
        aiosmtplib.SMTPException: it cannot be reached, or does not let us in.
    """
    import aiosmtplib  # noqa: PLC0415 - only who sends mail needs it

    if not (post.url and post.sender):
        raise InvalidOption(
            "mail cannot be sent, for nothing says how", hint="set mail.url and mail.sender"
        )
    server = urlsplit(post.url)
    wrapped = server.scheme == "smtps"
    smtp = aiosmtplib.SMTP(
        hostname=server.hostname,
        port=server.port or (465 if wrapped else 587),
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        use_tls=wrapped,
        # A password, and whatever is told, is nobody's business on the way.
        start_tls=None if wrapped else not _is_plain(server.query),
        timeout=PATIENCE,
    )
    async with smtp:
        yield smtp


def _is_plain(query: str) -> bool:
    """Whether a URL says that a server needs no TLS, as one on this very machine may not."""
    return query == "tls=off"
