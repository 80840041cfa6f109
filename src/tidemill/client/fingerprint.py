"""What makes two failures the same: the task, the error, where it was raised, what it says."""

import hashlib
import re
from typing import Final

from tidemill.core.error_info import ErrorInfo

LONGEST: Final = 500
"""Characters of a message that are compared."""

_FRAME: Final = re.compile(
    r'^[ |+]{0,40}File "(?P<file>[^"\n]{1,1000})", line \d{1,9}, in (?P<name>[^\n]{1,200})$',
    re.MULTILINE,
)
_FOREIGN: Final = re.compile(r"/(site|dist)-packages/|/lib/python\d|/tidemill/|^<")
_PARTS: Final = re.compile(
    r"""
    (?P<address>
        \b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s'"<>]+     # of a page
        | [\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+   # of a mailbox
        | \b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b          # of a machine
        | \b0x[0-9A-Fa-f]+\b                            # in memory
    )
    | (?P<text>
        "[^"\n]*" | `[^`\n]*` | “[^”\n]*” | (?<!\w)'[^'\n]*'(?!\w)
    )
    | (?P<number>
        (?<![\w-])-?\d+(?:[.,]\d+)*(?![\w-])
    )
    | (?P<id>
        \b(?=[A-Za-z_-]*\d)\w[\w-]{7,}
    )
    | (?P<digits>\d+)
    """,
    re.VERBOSE,
)
"""What differs from job to job; what stands first is tried first."""


def gist(message: str) -> str:
    """What a message says, whichever job it was about.

    Example:
        >>> gist("no answer from https://acme.test/h/7 in 30 s")
        'no answer from <address> in <number> s'
        >>> gist("order 'A-17' of 01939d2c-7b1a-7e3f-9c58-0a4e6f2b9d10 is late")
        'order <text> of <id> is late'
    """
    return _PARTS.sub(_stand_in, message[:LONGEST])


def place(error: ErrorInfo) -> str:
    r"""Where an error was raised: the innermost frame that is no library's; empty: nobody knows.

    Lines move from version to version, and so do the folders that programs are put into: neither
    is part of it.

    Example:
        >>> place(ErrorInfo("E", "x", 'File "/srv/4.1/shop/mail.py", line 88, in send\nE: x'))
        'shop/mail.py in send'
    """
    said = error.traceback
    end = said.rfind(error.message) if error.message else -1
    # What the error says may look like a frame, and is none.
    frames = [
        (found["file"].replace("\\", "/"), found["name"])
        for found in _FRAME.finditer(said[:end] if end >= 0 else said)
    ]
    own = [frame for frame in frames if not _FOREIGN.search(frame[0])]
    if not frames:
        return ""
    file, name = (own or frames)[-1]
    return f"{'/'.join(file.split('/')[-2:])} in {name}"


def fingerprint(task: str, error: ErrorInfo) -> str:
    """A short name for all failures that are the same.

    Example:
        >>> one = fingerprint("send", ErrorInfo("TimeoutError", "no answer in 30 s"))
        >>> one == fingerprint("send", ErrorInfo("TimeoutError", "no answer in 31 s"))
        True
        >>> len(one)
        16
    """
    parts = "\0".join((task, error.kind, place(error), gist(error.message)))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def _stand_in(found: re.Match[str]) -> str:
    kind = found.lastgroup
    return "<number>" if kind == "digits" else f"<{kind}>"
