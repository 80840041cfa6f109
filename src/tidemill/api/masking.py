"""What is not shown to anybody: values under names that secrets usually have.

What is meant to be secret is annotated `Secret` and encrypted. This is for what nobody has
annotated: it is stored in the clear, and only kept from the pages and the logs of programs that
look at jobs over HTTP.
"""

import re
from decimal import Decimal
from typing import Any, Final

import msgspec

from tidemill.tasks.secret import MARK, MASK

_WORDS: Final = (
    r"pass(word|wd|phrase)|secret|token|authorization|api[_-]?key|private[_-]?key|credential"
    r"|cookie|card[_-]?number|cvv|cvc|\bpin\b"
)
_NAME: Final = re.compile(_WORDS, re.IGNORECASE)
_WORD: Final = re.compile(_WORDS.encode(), re.IGNORECASE)
"""One word at one place: whatever the text, it is gone through once."""
DEEPEST: Final = 100
"""Lists and objects inside of one another that are looked into."""

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


def veiled(value: Any, depth: int = 0) -> Any:
    """A JSON value with a mask in place of what has the name of a secret, or is one.

    What lies deeper than anybody looks is masked as well: it cannot be walked without an end.
    """
    if depth > DEEPEST:
        return MASK
    if isinstance(value, list):
        return [veiled(each, depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    if MARK in value:
        return MASK
    return {
        name: MASK if _NAME.search(name) and each not in (None, "") else veiled(each, depth + 1)
        for name, each in value.items()
    }


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
