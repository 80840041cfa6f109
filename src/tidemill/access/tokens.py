"""Secrets that we hand out: sessions, keys, the first key of the house. None is ever stored."""

import secrets
from hashlib import sha256
from hmac import compare_digest
from typing import Final

_BYTES: Final = 32
"""Of randomness: 256 bits, so that a digest of it needs no salt and no slow hash."""

KEY_MARK: Final = "tm_"
"""What every key for programs begins with, so that scanners of leaked secrets know one."""

_SHOWN: Final = 8
"""Letters of a key that are kept in the clear, by which people tell theirs apart."""


def new_token(mark: str = "") -> str:
    """Make a secret that nobody can guess, of letters that need no quotes anywhere."""
    return mark + secrets.token_urlsafe(_BYTES)


def digest(token: str) -> str:
    """What is stored in place of a secret: its SHA-256, in hexadecimal digits."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def beginning(token: str) -> str:
    """The part of a key that may be shown.

    Example:
        >>> beginning("tm_abcdefghijklmnop")
        'tm_abcdefgh'
    """
    return token[: len(KEY_MARK) + _SHOWN]


def derived(token: str, purpose: str) -> str:
    """Another secret that goes with one, for one purpose; the one cannot be told from it."""
    return digest(f"{purpose}\x1f{token}")


def is_same(one: str, other: str) -> bool:
    """Whether two secrets are equal, told in a time that says nothing of how far they are."""
    return compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())
