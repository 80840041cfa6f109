"""Letters: what may be in one, and the bytes that go to a mail server."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final

from msgspec import Struct

from tidemill.core.errors import InvalidOption

MOST_ADDRESSES: Final = 50
"""People whom one letter goes to, whether the others see them or not."""
MOST_SUBJECT: Final = 500
MOST_BODY: Final = 1_000_000
_MOST_ATTACHED: Final = 20
_MOST_BYTES: Final = 25 << 20

_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"\\()\[\]\x00-\x20\x7f]{1,64}@[A-Za-z0-9.\-]{1,253}")
_ENDS_LINE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What ends a line somewhere, or means something to a terminal; Python folds headers by these."""
_HEADER: Final = re.compile(
    r"X-[A-Z0-9\-]{1,60}|List-(Archive|Help|Id|Owner|Post|Subscribe|Unsubscribe(-Post)?)"
    r"|In-Reply-To|References|Precedence|Importance|Priority|Organization|Feedback-ID",
    re.IGNORECASE,
)
"""Headers that a caller may write. What decides who is written to, and by whom, is not his."""
_TYPE: Final = re.compile(r"(?!message/|multipart/)[a-z]+/[a-z0-9.+\-]{1,100}", re.IGNORECASE)
_ID: Final = re.compile(r"[A-Za-z0-9._\-]{1,100}")
_LONE: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class _Headers(HeaderRegistry):
    """Makes the class of a kind of header once, and not for each letter, as Python's own does."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[Any, Any] = {}

    def __getitem__(self, name: str) -> Any:
        kind = self.registry.get(name.lower(), self.default_class)
        made = self._made.get(kind)
        if made is None:
            made = self._made[kind] = super().__getitem__(name)
        return made


_POLICY: Final = SMTP.clone(cte_type="7bit", header_factory=_Headers())
"""Every server takes it, and none on the way has a reason to write it anew."""
_POLICY_UTF8: Final = _POLICY.clone(utf8=True)


class Attachment(Struct, frozen=True):
    """A file that goes with a letter.

    Attributes:
        name: what it is called, without a folder.
        content: its bytes.
        media_type: what it is, as `text/csv`.
    """

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


class Letter(Struct, frozen=True, kw_only=True):
    """What is written to somebody.

    Attributes:
        id: what tells it apart from all other letters, for its `Message-ID`.
        sender: the address it comes from.
        to: whom it is written to.
        subject: one line.
        text: the body.
        html: the body again, or instead, for those who would rather see that.
        from_name: the sender's name beside the address.
        cc: who else is to see it, and be seen.
        bcc: who else is to see it.
        reply_to: whom to answer, in place of the sender.
        headers: further ones, of those that a caller may write.
        attachments: files that go with it.
    """

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str = ""
    html: str = ""
    from_name: str = ""
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    headers: Mapping[str, str] = {}
    attachments: tuple[Attachment, ...] = ()

    @property
    def message_id(self) -> str:
        """What receivers tell it apart by."""
        return f"<{self.id}@{self.sender.rpartition('@')[2]}>"

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody whom it goes to, each once."""
        return tuple(dict.fromkeys((*self.to, *self.cc, *self.bcc)))

    @property
    def is_ascii(self) -> bool:
        """Whether every server can take its addresses."""
        return all(each.isascii() for each in (self.sender, *self.recipients, *self.reply_to))


def check_address(address: str) -> str:
    """The address, if mail can go there.

    Raises:
        InvalidOption: it is none, or more than one.
    """
    if not _ADDRESS.fullmatch(address):
        raise InvalidOption(
            f"{_shown(address)} is no mail address", hint="write it plainly: zoe@example.org"
        )
    return address


def one_line(text: str) -> str:
    """A text as a line of its own, such as a subject, whatever was between its words."""
    return " ".join(_ENDS_LINE.sub(" ", text).split())[:MOST_SUBJECT]


def checked(letter: Letter) -> Letter:
    """The letter, if it can be sent.

    Raises:
        InvalidOption: a part of it makes no sense, or would become another part.
    """
    _check_people(letter)
    _check_line("subject", letter.subject)
    _check_line("from_name", letter.from_name)
    if not _ID.fullmatch(letter.id):
        raise InvalidOption(f"{_shown(letter.id)} is no id for a letter", hint="use a job's id")
    for name, value in letter.headers.items():
        if not _HEADER.fullmatch(name):
            raise InvalidOption(
                f"the header {_shown(name)} is not for a caller to write",
                hint="write X-..., List-..., References, In-Reply-To or Precedence",
            )
        _check_line(name, value)
    if max(len(letter.text), len(letter.html)) > MOST_BODY:
        raise InvalidOption("a body is too long", hint=f"up to {MOST_BODY:,} characters")
    _check_attachments(letter.attachments)
    return letter


def written(letter: Letter, at: datetime) -> bytes:
    """A letter that has been checked, as it goes to a server, nobody of `bcc` in it.

    Args:
        letter: what is written.
        at: when it is sent.

    Raises:
        InvalidOption: a text that cannot be sent.
    """
    message = EmailMessage(policy=_POLICY if letter.is_ascii else _POLICY_UTF8)
    try:
        message["From"] = _address(letter.sender, letter.from_name)
        message["To"] = _listed(letter.to)
        if letter.cc:
            message["Cc"] = _listed(letter.cc)
        if letter.reply_to:
            message["Reply-To"] = _listed(letter.reply_to)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = letter.message_id
        message["Auto-Submitted"] = "auto-generated"
        for name, value in letter.headers.items():
            message[name] = value
        _fill(message, letter)
        raw = message.as_bytes()
    except (MessageError, ValueError, UnicodeError) as error:
        raise InvalidOption(f"a letter cannot be written: {error}"[:500]) from None
    if _LONE.search(raw):
        raise InvalidOption("a letter cannot be written: it has half the end of a line")
    return raw


def _fill(message: EmailMessage, letter: Letter) -> None:
    if letter.text or not letter.html:
        message.set_content(letter.text)
        if letter.html:
            message.add_alternative(letter.html, subtype="html")
    else:
        message.set_content(letter.html, subtype="html")
    for each in letter.attachments:
        maintype, _, subtype = each.media_type.lower().partition("/")
        message.add_attachment(each.content, maintype=maintype, subtype=subtype, filename=each.name)


def _listed(addresses: tuple[str, ...]) -> tuple[Address, ...]:
    return tuple(map(_address, addresses))


def _address(address: str, name: str = "") -> Address:
    username, _, domain = address.rpartition("@")
    return Address(name, username, domain)


def _check_people(letter: Letter) -> None:
    for address in (letter.sender, *letter.to, *letter.cc, *letter.bcc, *letter.reply_to):
        check_address(address)
    if not letter.to:
        raise InvalidOption("a letter is to nobody", hint="give at least one address")
    for several in (letter.recipients, letter.reply_to):
        if len(several) > MOST_ADDRESSES:
            raise InvalidOption(
                f"a letter is to {len(several):,} people",
                hint=f"to {MOST_ADDRESSES} at most; write to more of them one by one",
            )


def _check_line(what: str, line: str) -> None:
    if _ENDS_LINE.search(line) or len(line) > MOST_SUBJECT:
        raise InvalidOption(
            f"{what} of a letter is {_shown(line)}",
            hint=f"one line of up to {MOST_SUBJECT} letters, without control characters",
        )


def _check_attachments(attachments: tuple[Attachment, ...]) -> None:
    if len(attachments) > _MOST_ATTACHED:
        raise InvalidOption(
            f"{len(attachments)} files are attached", hint=f"up to {_MOST_ATTACHED}"
        )
    for each in attachments:
        _check_line("an attachment's name", each.name)
        if not each.name.strip(". ") or "/" in each.name or "\\" in each.name:
            raise InvalidOption(
                f"an attachment is called {_shown(each.name)}",
                hint="give a file's name, without a folder",
            )
        if not _TYPE.fullmatch(each.media_type):
            raise InvalidOption(
                f"an attachment is of the type {_shown(each.media_type)}",
                hint="write it as text/csv; application/octet-stream will do for anything",
            )
    size = sum(len(each.content) for each in attachments)
    if size > _MOST_BYTES:
        raise InvalidOption(
            f"{size:,} bytes are attached", hint=f"up to {_MOST_BYTES:,}; send a link to more"
        )


def _shown(value: object) -> str:
    said = repr(value)
    return said if len(said) <= 80 else f"{said[:80]}..."
