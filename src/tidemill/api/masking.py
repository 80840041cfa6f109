"""What is not shown to anybody: values under names that secrets usually have.

What is meant to be secret is annotated `Secret` and encrypted. This is for what nobody has
annotated: it is stored in the clear, and only kept from the pages and the logs of programs that
look at jobs over HTTP.
"""

import re
from typing import Any, Final

import msgspec

from tidemill.tasks.secret import MARK, MASK

_WORDS: Final = (
    r"pass(word|wd|phrase)|secret|token|authorization|api[_-]?key|private[_-]?key|credential"
    r"|cookie|card[_-]?number|cvv|cvc|\bpin\b"
)
_NAME: Final = re.compile(_WORDS, re.IGNORECASE)
_NAMED: Final = re.compile(rb'"[^"]*(' + _WORDS.encode() + rb')[^"]*"\s*:', re.IGNORECASE)
DEEPEST: Final = 100
"""Lists and objects inside of one another that are looked into."""

_SEALED: Final = MARK.encode()
_MASKED: Final = msgspec.json.encode(MASK)


def shown(stored: bytes) -> bytes:
    """JSON as it may be shown.

    Example:
        >>> shown(b'{"user":"zoe","db_password":"hunter2"}')
        b'{"user":"zoe","db_password":"***"}'
        >>> shown(b'{"n":1}')
        b'{"n":1}'
    """
    if _SEALED not in stored and not _NAMED.search(stored):
        return stored
    try:
        return msgspec.json.encode(veiled(msgspec.json.decode(stored)))
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
