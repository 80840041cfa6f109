"""A mask in place of what has the name of a secret, wherever values are shown to people."""

import re
from typing import Any, Final

from tidemill.tasks.secret import MARK, MASK

SECRETIVE: Final = (
    r"pass(word|wd|phrase)|secret|token|authorization|api[_-]?key|private[_-]?key|credential"
    r"|cookie|card[_-]?number|cvv|cvc|\bpin\b"
)
"""Words in the names of values that nobody else is to read."""

DEEPEST: Final = 100
"""Lists and objects inside of one another that are looked into."""

_NAME: Final = re.compile(SECRETIVE, re.IGNORECASE)
_LOGIN: Final = re.compile(r"(?<=://)[^/?#\s]*(?=@)")


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


def without_logins(value: Any, depth: int = 0) -> Any:
    """A JSON value with a mask in place of who logs in, and by what, in the URLs that it holds.

    Example:
        >>> without_logins({"crm": "postgresql://app:hunter2@db/crm"})
        {'crm': 'postgresql://***@db/crm'}
    """
    if depth > DEEPEST:
        return MASK
    match value:
        case str():
            return _LOGIN.sub(MASK, value)
        case list():
            return [without_logins(each, depth + 1) for each in value]
        case dict():
            return {name: without_logins(each, depth + 1) for name, each in value.items()}
        case _:
            return value
