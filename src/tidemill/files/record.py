"""What is known of a file, of a link to one, and of when either is to go."""

import re
import secrets
from hashlib import sha256
from typing import Final

from msgspec import Struct

from tidemill.core.errors import InvalidName, InvalidOption
from tidemill.core.instants import Instant

FILE: Final = "file"
"""The kind of record that files are; its key is the tenant, a slash, and the file's id."""

LINK: Final = "file_link"
"""The kind of record that links are; its key is the digest of the token."""

MARK: Final = "file_mark"
"""The kind of record that says when something goes; its key begins with the moment."""

MOST_NAME: Final = 200

_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_PARAMETER: Final = re.compile(
    r'(; ?[a-z0-9-]{1,32}=("[a-zA-Z0-9_ .:/+-]{0,64}"|[a-zA-Z0-9_.:/+-]{1,64}))*'
)
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN: Final = frozenset('/\\:*?"<>|')


class File(Struct, frozen=True, kw_only=True):
    """A file that is kept, as it may be passed on and stored: it holds nothing secret.

    Attributes:
        id: 128 bits of chance, in hexadecimal digits.
        name: what people see, and what a browser saves it as.
        size: in bytes.
        media_type: what it holds, such as `"text/csv"`.
        created_at: when it was begun, milliseconds UTC.
        expires_at: when it is deleted, milliseconds UTC.
        path: where it lies below `files.folder`; it has no part of its name. `Files.where` answers
            the whole of it.
    """

    id: str
    name: str
    size: int
    media_type: str
    created_at: Instant
    expires_at: Instant
    path: str


class Link(Struct, frozen=True):
    """A way to one file, for whoever has the token.

    Attributes:
        file: key of the file's record.
        expires_at: when it leads nowhere any more.
    """

    file: str
    expires_at: Instant


class Mark(Struct, frozen=True):
    """Something that is to go.

    Attributes:
        kind: `FILE` or `LINK`.
        key: of its record.
    """

    kind: str
    key: str


def mark_key(at: Instant, kind: str, key: str) -> str:
    """A key that is in the order of the moments at which things go.

    Example:
        >>> mark_key(1_700_000_000_000, "file", "acme/00ff")
        '001700000000000/file/acme/00ff'
    """
    return f"{at:015d}/{kind}/{key}"


def check_file_name(name: object) -> str:
    """Return a name that a file may have: one that is safe to be saved under, on any system.

    Raises:
        InvalidName: it is empty, longer than 200 characters, a path, or no system's to keep.

    Example:
        >>> check_file_name("Audits, März.csv")
        'Audits, März.csv'
    """
    if (
        not isinstance(name, str)
        or not 1 <= len(name) <= MOST_NAME
        or not name.isprintable()
        or _FORBIDDEN & set(name)
        or name != name.strip(" .")
        or _DEVICES.fullmatch(name)
    ):
        said = repr(name[:80]) if isinstance(name, str) else f"of type {type(name).__name__}"
        raise InvalidName(
            f"file name {said} is not allowed",
            hint="use up to 200 printable characters, no path: no '/', '\\', ':', '*', '?', '\"', "
            "'<', '>', '|', and neither dot nor space at its ends",
        )
    return name


def check_media_type(media_type: object) -> str:
    """Return a media type, with or without parameters.

    Raises:
        InvalidOption: it is none.

    Example:
        >>> check_media_type("text/csv; charset=utf-8")
        'text/csv; charset=utf-8'
    """
    if isinstance(media_type, str):
        found = _TYPE.match(media_type)
        if found and _PARAMETER.fullmatch(media_type, found.end()):
            return media_type
    raise InvalidOption(f"{media_type!r:.80} is no media type", hint='write "text/csv"')


def new_token() -> str:
    """The secret part of a link: 256 bits of chance, of letters that a URL has."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept in place of a token: its SHA-256, in hexadecimal digits."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
