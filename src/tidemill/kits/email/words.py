"""What may be written in a call for mail: checked when it is enqueued, and shown as JSON Schema."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

_END: Final = r"$(?!\n)"
"""The end of a text; a plain `$` lets a line end follow in Python."""

_ONE_LINE: Final = rf"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*{_END}"

Address = Annotated[
    str,
    Meta(
        pattern=rf"^[^\s@<>,;:\"\\()\[\]\x00-\x20\x7f]{{1,64}}@[A-Za-z0-9.\-]{{1,253}}{_END}",
        description="a mail address, written plainly: zoe@example.org",
        examples=["zoe@example.org"],
    ),
]
"""A mail address, and nothing but one."""

Server = Annotated[
    str,
    Meta(
        pattern=r"^smtps?://[^/?#\s]",
        description="a mail server: smtps://user:password@mail.example.org, or smtp://...:587",
    ),
]
"""Where a mail server is, as far as its beginning says it."""

Addresses = Annotated[Sequence[Address], Meta(max_length=50)]
Recipients = Annotated[Sequence[Address], Meta(min_length=1, max_length=50)]

Line = Annotated[
    str,
    Meta(pattern=_ONE_LINE, max_length=500, description="one line, without control characters"),
]
"""One line, without anything that ends a line somewhere."""

HeaderName = Annotated[
    str,
    Meta(
        pattern=r"^([Xx]-[A-Za-z0-9\-]{1,60}"
        r"|List-(Archive|Help|Id|Owner|Post|Subscribe|Unsubscribe(-Post)?)"
        rf"|In-Reply-To|References|Precedence|Importance|Priority|Organization|Feedback-ID){_END}",
        description="a header that a caller may write: X-..., List-..., References and the like",
    ),
]
"""A header that a caller may write: none that decides who is written to, and by whom."""

Headers = Annotated[dict[HeaderName, Line], Meta(max_length=20)]

FileName = Annotated[
    str,
    Meta(
        pattern=rf"^[^/\\\x00-\x1f\x7f-\x9f\u2028\u2029]{{1,200}}{_END}",
        description="a file's name, without a folder",
    ),
]
MediaType = Annotated[
    str,
    Meta(
        pattern=rf"^(?!message/|multipart/)[A-Za-z]+/[A-Za-z0-9.+\-]{{1,100}}{_END}",
        description="a media type of one part: text/csv",
    ),
]
Template = Annotated[
    str,
    Meta(
        pattern=rf"^[A-Za-z0-9][A-Za-z0-9_.\-]{{0,99}}{_END}",
        description="a template's name: letters, digits, '_', '-' and '.'",
    ),
]


FileId = Annotated[
    str, Meta(pattern=rf"^[A-Za-z0-9_\-]{{1,100}}{_END}", description="the id of a kept file")
]


class Attachment(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A file that goes with a letter: its bytes, or the id of one that is kept in `files`.

    Attributes:
        name: what the reader sees; empty: as the kept file is called.
        content: its bytes, as base64 in JSON.
        file: the id of a kept file, in place of the bytes.
        media_type: what it is; empty: what the kept file is, or `application/octet-stream`.
    """

    name: FileName | None = None
    content: bytes | None = None
    file: FileId | None = None
    media_type: MediaType | None = None


Attachments = Annotated[Sequence[Attachment], Meta(max_length=20)]
