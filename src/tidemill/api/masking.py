"""What is not shown to anybody: values under names that secrets usually have.

What is meant to be secret is annotated `Secret` and encrypted. This is for what nobody has
annotated: it is stored in the clear, and only kept from the pages and the logs of programs that
look at jobs over HTTP.
"""

import re
from decimal import Decimal
from typing import Final

import msgspec

from tidemill.tasks.secret import MARK, MASK
from tidemill.tasks.veil import SECRETIVE, veiled

_WORD: Final = re.compile(SECRETIVE.encode(), re.IGNORECASE)
"""One word at one place: whatever the text, it is gone through once."""

_SEALED: Final = MARK.encode()
_ESCAPED: Final = rb"\u"
_MASKED: Final = msgspec.json.encode(MASK)

# Numbers are written again as they were, to the last digit.
_decode: Final = msgspec.json.Decoder(float_hook=Decimal).decode
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def shown(stored: bytes) -> bytes:
    """JSON as it may be shown.

    Example:
        >>> shown(b'{"user":"zoe","db_password":"hunter2"}')
        b'{"user":"zoe","db_password":"***"}'
        >>> shown(b'{"n":1}')
        b'{"n":1}'
    """
    if _SEALED not in stored and _ESCAPED not in stored and not _WORD.search(stored):
        return stored
    try:
        value = _decode(stored)
        seen = veiled(value)
        return stored if seen == value else _encode(seen)
    except RecursionError:
        return _MASKED


def key_shown(key: str | None, *, masked: bool) -> str | None:
    """A key of a job as it may be shown: what makes it so may be an argument."""
    return MASK if masked and key else key


def gate_shown(gate: str, *, masked: bool) -> str:
    """Where a blocked job stands, as it may be shown: the gates of keys have their names.

    Example:
        >>> gate_shown("rate:zoe", masked=True), gate_shown("task:send", masked=True)
        ('rate:***', 'task:send')
    """
    kind, mark, _ = gate.partition(":")
    return f"{kind}:{MASK}" if masked and mark and kind in ("key", "rate") else gate
